/**
 * Shelly, Gen1 and Gen2+. Gen1 sends a bare text per topic; Gen2+ sends JSON-RPC notifications, of which NotifyStatus tells only
 * what has changed. Nothing is taken from a component or field that isn't in the tables below.
 */
import type { PointKind } from "../../../contracts/kinds.ts";
import type { DeviceMessage } from "../device-source.ts";
import { clockOf, type DeviceTime, NO_TIME, secondsTime } from "./device-time.ts";
import {
	A_NUMBER,
	addUnread,
	booleanOf,
	infoOf,
	isObject,
	type JsonObject,
	numberOf,
	objectOf,
	own,
	readingOf,
	said,
	statusOf,
	textOf,
	wordOf,
	YES_OR_NO,
} from "./payload.ts";
import { type Decode, type Decoded, type DecodedReading, type Profile, refused, type Unread } from "./profile.ts";

type Field = readonly [path: string, kind: PointKind | null, unit: string];

const ELECTRICAL: readonly Field[] = [
	["apower", "power", "W"],
	["voltage", "voltage", "V"],
	["current", "current", "A"],
	["freq", "frequency", "Hz"],
	["pf", "power-factor", "1"],
	["aenergy.total", "energy", "Wh"],
	["ret_aenergy.total", "energy", "Wh"],
	// The temperature of the switch's chip, not of the room.
	["temperature.tC", null, "C"],
];
const phase = (name: string): readonly Field[] => [
	[`${name}voltage`, "voltage", "V"],
	[`${name}current`, "current", "A"],
	[`${name}act_power`, "power", "W"],
	[`${name}aprt_power`, "apparent-power", "VA"],
	[`${name}pf`, "power-factor", "1"],
	[`${name}freq`, "frequency", "Hz"],
];
const phaseEnergy = (name: string): readonly Field[] => [
	[`${name}total_act_energy`, "energy", "Wh"],
	[`${name}total_act_ret_energy`, "energy", "Wh"],
];

/** Numbers by type of component (Shelly API docs, "Components and Services"). */
const NUMBERS: Readonly<Record<string, readonly Field[]>> = {
	switch: ELECTRICAL,
	light: ELECTRICAL,
	cover: [...ELECTRICAL, ["current_pos", null, "%"]],
	pm1: ELECTRICAL,
	em1: phase(""),
	em1data: phaseEnergy(""),
	em: [...phase("a_"), ...phase("b_"), ...phase("c_"), ["n_current", "current", "A"], ...phase("total_")],
	emdata: [...phaseEnergy("a_"), ...phaseEnergy("b_"), ...phaseEnergy("c_"), ["total_act", "energy", "Wh"], ["total_act_ret", "energy", "Wh"]],
	temperature: [["tC", "temperature", "C"]],
	humidity: [["rh", "humidity", "%"]],
	voltmeter: [["voltage", "voltage", "V"]],
	illuminance: [["lux", null, "lx"]],
	input: [["percent", null, "%"]],
	devicepower: [
		["battery.percent", "charge", "%"],
		["battery.V", "voltage", "V"],
	],
};
/** Yes or no, by type of component. */
const BOOLEANS: Readonly<Record<string, readonly (readonly [path: string, kind: PointKind | null])[]>> = {
	switch: [["output", "switch-state"]],
	light: [["output", "switch-state"]],
	input: [["state", null]],
	smoke: [["alarm", "smoke"]],
	flood: [["alarm", "leak"]],
	devicepower: [["external.present", null]],
};
/** Gen1: the topic's end, with `#` for the channel's number. */
const GEN1: Readonly<Record<string, readonly [kind: PointKind | null, unit: string | null]>> = {
	"relay/#": ["switch-state", null],
	"input/#": [null, null],
	"relay/#/power": ["power", "W"],
	"relay/#/energy": ["energy", "Wmin"],
	"emeter/#/power": ["power", "W"],
	"emeter/#/voltage": ["voltage", "V"],
	"emeter/#/current": ["current", "A"],
	"emeter/#/pf": ["power-factor", "1"],
	"emeter/#/total": ["energy", "Wh"],
	"emeter/#/total_returned": ["energy", "Wh"],
	"emeter/#/reactive_power": [null, "var"],
	temperature: [null, "C"],
	overtemperature: [null, null],
	voltage: ["voltage", "V"],
	"sensor/temperature": ["temperature", "C"],
	"sensor/humidity": ["humidity", "%"],
	"sensor/battery": ["charge", "%"],
	"sensor/flood": ["leak", null],
	"sensor/smoke": ["smoke", null],
	"sensor/state": ["contact", null],
	"sensor/tilt": [null, "°"],
	"sensor/vibration": [null, null],
	"sensor/lux": [null, "lx"],
	"ext_temperature/#": ["temperature", "C"],
	"ext_humidity/#": ["humidity", "%"],
};
const GEN1_TOPIC =
	/^shellies\/(.+?)\/(online|relay\/\d+(?:\/(?:power|energy))?|input\/\d+|emeter\/\d+\/\w+|sensor\/\w+|ext_(?:temperature|humidity)\/\d+|temperature|overtemperature|voltage)$/;
const GEN2_TOPIC = /^(.+?)\/(events\/rpc|online|status\/[\w:]+)$/;

export const shelly: Profile = {
	id: "shelly",
	title: "Shelly (Gen1, Gen2 and later)",
	base: "",
	topics: (base) =>
		base === ""
			? ["shellies/#", ...["+", "+/+", "+/+/+", "+/+/+/+"].flatMap((prefix) => [`${prefix}/events/rpc`, `${prefix}/online`, `${prefix}/status/+`])]
			: [`${base}/#`],
	owner: (topic) => {
		const prefix = (GEN1_TOPIC.exec(topic) ?? GEN2_TOPIC.exec(topic))?.[1];
		return topic === "shellies/announce" ? null : prefix === undefined ? undefined : addressOf(prefix);
	},
	decoder: () => decoder(),
	page: {
		about:
			"Gen1: *Internet & Security*, *Advanced*, enable MQTT. Gen2 and later: *Settings*, *MQTT*, with *RPC status notifications* or *generic status updates* on. Both report to the agent's broker without further settings.",
		address:
			"The `src` of a Gen2 device (`shellyplus1pm-4417939341dc`), the id in the topics of a Gen1 device (`shelly1-8CAAB5`). A custom MQTT prefix is known by its notifications.",
		channels: [
			["`switch:0.output`, `relay/0`", "on or off"],
			["`switch:0.apower`, `em1:0.act_power`, `em:0.total_act_power`", "power, W; negative where a clamp sits the wrong way round"],
			["`switch:0.voltage`, `.current`, `.freq`, `.pf`", "V, A, Hz, 1"],
			["`switch:0.aenergy.total`", "energy, Wh"],
			["`temperature:0.tC`, `humidity:0.rh`", "°C, %RH"],
			["`switch:0.temperature.tC`", "the device's own chip: never a room temperature"],
			["`smoke:0.alarm`, `flood:0.alarm`, `input:0.state`", "true or false"],
			["`devicepower:0.battery.percent`", "%; no measurement (bad) while there is external power: a device that always has it needs no such point"],
		],
		ignores: ["`sys`, `wifi`, `cloud`, `ble` and `mqtt`: the device's own affairs", "`by_minute` energies, which repeat"],
		example: `- id: A03-plug
  kind: power-meter
  profile: shelly
  address: shellyplugsg3-8cbfea9bd0e8
  points:
    - { id: power, kind: power, source: "switch:0.apower", interval: 60s }
    - { id: on, kind: switch-state, type: boolean, source: "switch:0.output", interval: 60s }`,
	},
};

/** `shellies/` in front is the usual prefix of Gen1, however often it was typed. */
function addressOf(prefix: string): string {
	return prefix.replace(/^(?:shellies\/)+(?=.)/, "");
}

/** Devices of which something is remembered. */
const REMEMBERED = 10_000;

function decoder(): Decode {
	/** Identity by MQTT prefix, learned from notifications. */
	const identities = new Map<string, string>();
	/** What runs on external power, by device and component: what has changed is told without it. */
	const powered = new Set<string>();
	const identityOf = (prefix: string) => identities.get(prefix) ?? addressOf(prefix);
	return (message) => {
		const { topic } = message;
		if (topic === "shellies/announce") return announcement(message);
		const gen2 = GEN2_TOPIC.exec(topic);
		if (gen2?.[2] === "events/rpc") return weighed(notification(message, gen2[1] ?? "", identities), powered);
		if (gen2?.[2] === "online") return online(message, identityOf(gen2[1] ?? ""));
		if (gen2?.[2]?.startsWith("status/")) return weighed(status(message, identityOf(gen2[1] ?? ""), gen2[2].slice("status/".length)), powered);
		const gen1 = GEN1_TOPIC.exec(topic);
		if (gen1) return bareText(message, addressOf(gen1[1] ?? ""), gen1[2] ?? "");
		// Commands, the device's own info and whatever a later firmware adds below shellies/.
		return topic.startsWith("shellies/") ? [] : null;
	};
}

function online(message: DeviceMessage, device: string): readonly Decoded[] | null {
	const text = textOf(message)?.trim();
	if (text === "") return [];
	// Other dialects say "online" too, in their own words.
	return text === "true" || text === "false" ? [statusOf(device, text === "true")] : null;
}

function announcement(message: DeviceMessage): readonly Decoded[] {
	const read = objectOf(message, "shellies");
	if ("refusal" in read) return read.refusal;
	const { id, model, mac, ip, fw_ver } = read.body;
	const device = wordOf(id);
	return device === null ? [] : [said(device, { info: infoOf({ model, mac, ip, fw_ver }) })];
}

function notification(message: DeviceMessage, prefix: string, identities: Map<string, string>): readonly Decoded[] {
	const read = objectOf(message, addressOf(prefix));
	if ("refusal" in read) return read.refusal;
	const { src, method, params } = read.body;
	const device = wordOf(src);
	if (device === null) return refused(addressOf(prefix), "wrong-shape", "src: expected the device's id");
	if (identities.size < REMEMBERED) identities.set(prefix, device);
	if ((method !== "NotifyStatus" && method !== "NotifyFullStatus") || !isObject(params)) return [said(device, {})];
	const time = typeof params.ts === "number" ? secondsTime(params.ts) : NO_TIME;
	const readings: DecodedReading[] = [];
	const unread: Unread[] = [];
	for (const component of Object.keys(params)) addComponent(component, params[component], time, readings, unread);
	const sys = isObject(params.sys) ? infoOf({ mac: params.sys.mac }) : {};
	return [said(device, { readings, ...(unread.length > 0 && { unread }), ...clockOf(time), ...(Object.keys(sys).length > 0 && { info: sys }) })];
}

function status(message: DeviceMessage, device: string, component: string): readonly Decoded[] | null {
	const type = component.split(":", 1)[0] ?? "";
	if (!Object.hasOwn(NUMBERS, type) && !Object.hasOwn(BOOLEANS, type)) return message.topic.includes("shell") ? [] : null;
	const read = objectOf(message, device);
	if ("refusal" in read) return read.refusal;
	const readings: DecodedReading[] = [];
	const unread: Unread[] = [];
	addComponent(component, read.body, NO_TIME, readings, unread);
	return [said(device, { readings, ...(unread.length > 0 && { unread }) })];
}

function addComponent(component: string, fields: unknown, { ts }: DeviceTime, readings: DecodedReading[], unread: Unread[]): void {
	if (!isObject(fields)) return;
	const type = component.split(":", 1)[0] ?? "";
	for (const [path, kind, unit] of own(NUMBERS, type) ?? []) {
		const told = at(fields, path);
		if (told === undefined) continue;
		const value = numberOf(told);
		if (value === null) addUnread(unread, `${component}.${path}`, told, A_NUMBER);
		else readings.push(readingOf(`${component}.${path}`, value, kind, unit, ts));
	}
	for (const [path, kind] of own(BOOLEANS, type) ?? []) {
		const value = at(fields, path);
		if (typeof value === "boolean") readings.push(readingOf(`${component}.${path}`, value, kind, undefined, ts));
		else if (value !== undefined) addUnread(unread, `${component}.${path}`, value, YES_OR_NO);
	}
}

/** Nothing to be proposed. */
const NO_BATTERY = { quality: "bad", kind: null } as const;
/** Without a battery inside its charge says nothing: on external power it is no measurement. */
function weighed<T extends readonly Decoded[] | null>(parts: T, powered: Set<string>): T {
	for (const { device, readings } of parts ?? [])
		for (const kind of ["external.present", "battery.percent"])
			for (const reading of readings) {
				if (!reading.channel.startsWith("devicepower:") || !reading.channel.endsWith(`.${kind}`)) continue;
				const key = `${device} ${reading.channel.slice(0, -kind.length)}`;
				if (kind === "battery.percent" && powered.has(key)) Object.assign(reading, NO_BATTERY);
				else if (reading.value === true && powered.size < REMEMBERED) powered.add(key);
				else if (reading.value === false) powered.delete(key);
			}
	return parts;
}

function bareText(message: DeviceMessage, device: string, path: string): readonly Decoded[] {
	const meaning = own(GEN1, path.replace(/\/\d+(?=\/|$)/, "/#"));
	if (!meaning) return [];
	const text = textOf(message);
	if (text === null) return refused(device, "too-large", "expected a short text");
	const [kind, unit] = meaning;
	const value = unit === null ? (path === "sensor/state" ? contactOf(text) : booleanOf(text)) : numberOf(text);
	if (value === null) return NOT_KNOWN.has(text.trim()) ? [] : notUnderstood(device, path, unit);
	if (typeof value === "number" && isNotKnown(value, unit)) return [];
	return [said(device, { readings: [readingOf(path, value, kind, unit ?? undefined)] })];
}

/** An overloaded relay says neither on nor off; a contact or a vibration sensor may not know. */
const NOT_KNOWN: ReadonlySet<string> = new Set(["", "overpower", "unknown", "-1"]);
/** 999 is Shelly's word for no probe, -1 of what is never negative that it isn't known. */
function isNotKnown(value: number, unit: string | null): boolean {
	return value === 999 ? unit === "C" || unit === "%" : value === -1 && (unit === "%" || unit === "°" || unit === "lx");
}

function notUnderstood(device: string, path: string, unit: string | null): readonly Decoded[] {
	return refused(device, "wrong-type", `${path}: expected ${unit === null ? "on or off, 1 or 0" : "a number"}`);
}

/** True: open. */
function contactOf(text: string): boolean | null {
	return text === "open" ? true : text === "close" ? false : null;
}

/** `aenergy.total` of a component; `undefined`: it isn't there. */
function at(fields: JsonObject, path: string): unknown {
	let value: unknown = fields;
	for (const key of path.split(".")) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
	return value;
}
