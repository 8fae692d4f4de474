/** Variables of Network UPS Tools over MQTT: one JSON object per UPS, or one topic per variable. All values are text. */
import type { PointKind } from "../../../contracts/kinds.ts";
import type { DeviceMessage } from "../device-source.ts";
import {
	A_NUMBER,
	A_VALUE,
	addUnread,
	isObject,
	type JsonObject,
	numberOf,
	objectOf,
	own,
	readingOf,
	remembered,
	said,
	textOf,
	wordOf,
} from "./payload.ts";
import { type Decoded, type DecodedReading, type Profile, refused, type Unread } from "./profile.ts";
import { isUnheard, UPS_WORDS, upsState, upsWords } from "./ups-state.ts";

type Meaning = readonly [kind: PointKind | null, unit: string];
/** By the last part of a name (NUT developer guide, "Variables"), whatever stands in front: `input.L1.voltage`, `outlet.6.current`. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
	voltage: ["voltage", "V"],
	current: ["current", "A"],
	frequency: ["frequency", "Hz"],
	realpower: ["power", "W"],
	power: ["apparent-power", "VA"],
	powerfactor: ["power-factor", "1"],
	load: ["load", "%"],
	charge: ["charge", "%"],
	runtime: ["runtime", "s"],
	temperature: ["temperature", "C"],
	humidity: ["humidity", "%"],
	efficiency: [null, "%"],
};
const WORD_CHANNELS = UPS_WORDS.map((word) => [word, `ups.status.${word}`] as const);
const STATUS_CHANNELS = ["ups.status", ...WORD_CHANNELS.map(([, channel]) => channel)];
const CONTACT = /^ambient\.(?:\d+\.)?contacts\.\d+\.status$/;
/** Of the daemon, and what a device is rather than what it measures. */
const NO_READING = /^(?:driver|server)\.|\.(?:mfr|model|serial|firmware|id|type|vendorid|productid|part|macaddr|aux|description|date)$/;
const INFO: readonly (readonly [variable: string, word: string])[] = [
	["device.mfr", "vendor"],
	["device.model", "model"],
	["device.serial", "serial"],
	["device.type", "type"],
	["device.location", "location"],
	["ups.mfr", "vendor"],
	["ups.model", "model"],
	["ups.serial", "serial"],
	["ups.firmware", "firmware"],
];

export const nut: Profile = {
	id: "nut",
	title: "NUT (Network UPS Tools)",
	base: "nut",
	topics: (base) => [`${base}/#`],
	owner: (topic, base) => topic.slice(base.length + 1).split("/", 1)[0] || undefined,
	decoder:
		({ base }) =>
		(message) =>
			decode(message, message.topic.slice(base.length + 1)),
	page: {
		about:
			"NUT itself has no MQTT: bridges publish its variables, all of a UPS as one JSON object to `nut/{ups}`, or each to a topic of its own, `nut/{ups}/battery.charge` or `nut/{ups}/battery/charge`. UPSs and PDUs alike.",
		address:
			"The UPS's name in NUT, the topic's level after the base. UPSs of several NUT servers that have one name need bridges with different bases: below the same base their topics are the same, and nothing tells them apart. With the bases `nut-a` and `nut-b` at the agent, `nut-a/ups` and `nut-b/ups` are their addresses.",
		channels: [
			["`battery.charge`, `battery.runtime`, `battery.voltage`", "`{variable}` as NUT names it: %, s, V"],
			["`input.voltage`, `output.current`, `input.frequency`, `input.L1.voltage`", "V, A, Hz"],
			["`ups.load`, `ups.realpower`, `ups.power`, `outlet.6.realpower`", "%, W, VA, W"],
			["`ambient.temperature`, `ambient.humidity`", "°C, %RH"],
			["`ambient.contacts.1.status`", "`opened` or `closed`; say with `values` which of them is which state of the point"],
			[
				"`ups.status`",
				"the worst that its words say: `off` (OFF), `low-battery` (OB with LB or FSD), `on-battery` (OB), `bypass`, `fault` (FSD, OVER, RB, ALARM), `online` (OL, also with LB: it recharges). A rule on `on-battery` should name `low-battery`, too",
			],
			["`ups.status.OB`, `.LB`, `.RB`, `.CHRG`, …", "each word by itself: true or false"],
		],
		ignores: [
			"an empty `ups.status`, and `WAIT`: no state at all",
			"`battery.temperature` 0: a probe that isn't fitted",
			"`ambient.*` where `ambient.present` is `no`",
			"`driver.*` and `server.*`",
		],
		example: `- id: ups-b
  kind: ups
  profile: nut
  address: EATON5P1550
  points:
    - { id: charge, kind: charge, source: battery.charge, interval: 60s }
    - { id: runtime, kind: runtime, source: battery.runtime, interval: 60s }
    - { id: state, kind: ups-state, type: state, states: [online, on-battery, low-battery, bypass, "off", fault], source: ups.status, interval: 60s }`,
	},
};

function decode(message: DeviceMessage, below: string): readonly Decoded[] {
	const [device = "", ...name] = below.split("/");
	if (device === "" || message.payload.length === 0) return [];
	if (name.length === 0) {
		const read = objectOf(message, device);
		return "refusal" in read ? read.refusal : [ofVariables(device, flattened(read.body))];
	}
	const text = textOf(message);
	if (text === null) return refused(device, "too-large", "expected a short text");
	return [ofVariables(device, new Map([[name.join("."), text.trim()]]))];
}

/** Bridges that nest what NUT separates by dots: `{"battery":{"charge":"100"}}`. */
function flattened(body: JsonObject, prefix = "", depth = 0, into = new Map<string, unknown>()): Map<string, unknown> {
	for (const [key, value] of Object.entries(body))
		if (!isObject(value)) into.set(`${prefix}${key}`, value);
		else if (depth < 5) flattened(value, `${prefix}${key}.`, depth + 1, into);
	return into;
}

function ofVariables(device: string, variables: ReadonlyMap<string, unknown>): Decoded {
	const readings: DecodedReading[] = [];
	const unread: Unread[] = [];
	const hasNoProbe = variables.get("ambient.present") === "no";
	for (const [name, value] of variables) {
		if (name === "ups.status") addStatus(readings, value, unread);
		else if (!(hasNoProbe && name.startsWith("ambient."))) addVariable(readings, name, value, unread);
	}
	doubtTotal(readings);
	const info: Record<string, string> = {};
	for (const [variable, word] of INFO) {
		const value = wordOf(variables.get(variable));
		if (value !== null) info[word] ??= value;
	}
	return said(device, { readings, ...(unread.length > 0 && { unread }), ...(Object.keys(info).length > 0 && { info }) });
}

/** By name; `null`: it is no measurement. */
const meaningOf = remembered((name): Meaning | undefined | null =>
	NO_READING.test(name) ? null : own(MEANINGS, name.slice(name.lastIndexOf(".") + 1)),
);

function addVariable(readings: DecodedReading[], name: string, value: unknown, unread: Unread[]): void {
	const meaning = meaningOf(name);
	if (meaning === null) return;
	const number = numberOf(value);
	if (number !== null) {
		if (name !== "battery.temperature" || number !== 0) readings.push(readingOf(name, number, meaning?.[0] ?? null, meaning?.[1]));
		return;
	}
	const word = meaning || typeof value !== "string" ? null : wordOf(value, 64);
	if (word !== null) readings.push(readingOf(name, word, CONTACT.test(name) ? "contact" : null));
	else addUnread(unread, name, value, meaning ? A_NUMBER : A_VALUE);
}

function addStatus(readings: DecodedReading[], value: unknown, unread: Unread[]): void {
	const words = typeof value === "string" ? upsWords(value) : null;
	if (words === null || !UPS_WORDS.some((word) => words.has(word))) {
		if (typeof value === "string" && isUnheard(value)) return;
		for (const channel of STATUS_CHANNELS) addUnread(unread, channel, value, "words of NUT, such as OL CHRG");
		return;
	}
	const state = upsState(words);
	if (state !== null) readings.push(readingOf("ups.status", state, "ups-state"));
	for (const [word, channel] of WORD_CHANNELS) readings.push(readingOf(channel, words.has(word)));
}

/** Some drivers of PDUs scale the outlets' total wrongly: it can't be much more than what comes in. */
function doubtTotal(readings: readonly DecodedReading[]): void {
	const valueAt = (wanted: string) => readings.find(({ channel }) => channel === wanted)?.value;
	const [total, input] = [valueAt("outlet.current"), valueAt("input.current")];
	if (typeof total !== "number" || typeof input !== "number" || total <= 2 * input + 1) return;
	for (const reading of readings) if (reading.channel === "outlet.current") reading.quality = "uncertain";
}
