/**
 * Telegraf, in JSON or line protocol: the way by which SNMP PDUs, UPSs and servers' sensors come. One message may hold metrics of several
 * devices. A channel is `{measurement}.{field}`, with the tags that tell one row of a table from another.
 */
import type { DeviceMessage } from "../device-source.ts";
import { type DeviceTime, epochTime, NO_TIME } from "./device-time.ts";
import { parseLine } from "./line-protocol.ts";
import { A_NUMBER, A_VALUE, addUnread, isObject, jsonOf, numberOf, said, textOf, wordOf } from "./payload.ts";
import { type Decoded, type DecodedReading, type Profile, refused, type Unread } from "./profile.ts";
import { type FieldMeaning, meaningOf, meaningOfUnit } from "./telegraf-fields.ts";
import { upsNames } from "./ups-names.ts";
import { isUnheard, upsFlags, upsState, upsWords } from "./ups-state.ts";

interface Metric {
	name: string;
	tags: Readonly<Record<string, unknown>>;
	fields: Readonly<Record<string, unknown>>;
	time: DeviceTime;
}

/** Tags that name a device that is no UPS, the first that is there. */
const DEVICE_TAGS = ["agent_host", "source", "server", "host"] as const;
/** Tags that tell rows apart, in this order; beside them every tag that ends in "index", as SNMP's tables have. */
const ROW_TAGS = [
	"outlet",
	"inlet",
	"phase",
	"line",
	"bank",
	"port",
	"socket",
	"chip",
	"feature",
	"sensor",
	"name",
	"entity_id",
	"device",
	"cpu",
	"path",
];
/** A state that is a tag: the value of a channel with the tag's name. Redfish's own `state` only says whether a sensor is there. */
const STATE_TAG = /^(?!chassis_)(?:.*_)?(?:status|status_desc|health|health_rollup|state)$/;
/** What a device says of itself. */
const INFO_TAGS = ["model", "serial", "firmware", "sysName", "sysDescr", "location"] as const;
/** Lines of a text in line protocol. */
const TEXT_LINES = 20;
/** Redfish: the sensor is there and doesn't measure. */
const ABSENT = new Set(["Disabled", "Absent", "UnavailableOffline"]);

export const telegraf: Profile = {
	id: "telegraf",
	title: "Telegraf (JSON and line protocol)",
	base: "telegraf",
	topics: (base) => [`${base}/#`],
	// One Telegraf speaks for many devices.
	owner: () => null,
	decoder: (context) => {
		const nameOf = upsNames((address) => context.isListed(address));
		return (message) => decode(message, context.base, nameOf);
	},
	page: {
		about:
			'`[[outputs.mqtt]]` with `data_format = "influx"` or `"json"`, one metric or a batch a message. With JSON leave `json_timestamp_units` as you like: s, ms, µs and ns are told apart by their size.',
		address:
			"The first of the tags `ups_name`, `agent_host`, `source`, `server`, `host`; without any the topic's level after the base (`telegraf/{host}/{plugin}`). Where several NUT servers call their UPSs the same, `{ups_name}@{serial}` (or `{ups_name}@{host}`, the tag or the topic's level, where they have no serial number) tells them apart: while UPSs of several serial numbers speak, none is taken for `{ups_name}` alone, and each is listed as seen until it is configured so. UPSs of one name without serial numbers behind one Telegraf can't be told apart: let a processor make their names different.",
		channels: [
			["`upsd.battery_charge_percent`", "`{measurement}.{field}`: number, boolean or text"],
			["`pdu.power_watts[outlet=3]`", `a row of a table: with the tags \`${ROW_TAGS.join("`, `")}\` in this order, then those that end in "index"`],
			[
				"`apcupsd.status`, `ipmi_sensor.status_desc[name=psu_1]`",
				"a state that is a tag: tags named, or ending in, `status`, `status_desc`, `health`, `health_rollup`, `state`",
			],
			["`upsd.ups_state`", "state of a UPS, of `status_flags` or `ups.status`: `online`, `on-battery`, `low-battery`, `bypass`, `off`, `fault`"],
			["`ipmi_sensor.value[name=fan_1]`", "in the unit that the tag `unit` says"],
		],
		ignores: [
			"thresholds and other metrics of a Redfish sensor that is `Disabled` or `Absent`",
			"values beside `status` `COMMLOST`: the UPS isn't heard, and they are zeros",
			"`value` of an IPMI sensor without unit: its meaning is in `status_desc`",
			'units of UPS-MIB and PowerNet-MIB objects in tenths (`upsBatteryVoltage`, `rPDU…`): let Telegraf divide them (`conversion = "float(1)"`) and name them `battery_voltage`, so that points are proposed for them',
		],
		example: `- id: ups-a
  kind: ups
  profile: telegraf
  address: name1
  points:
    - { id: charge, kind: charge, source: upsd.battery_charge_percent, interval: 60s }
    - { id: runtime, kind: runtime, source: upsd.time_left_ns, interval: 60s }
    - { id: state, kind: ups-state, type: state, states: [online, on-battery, low-battery, bypass, "off", fault], source: upsd.ups_state, interval: 60s }`,
	},
};

/** What a metric is about. */
type DeviceOf = (tags: Metric["tags"]) => string;

function decode(message: DeviceMessage, base: string, nameOf: ReturnType<typeof upsNames>): readonly Decoded[] {
	const below = base === "" ? message.topic : message.topic.slice(base.length + 1);
	const topicHost = below.split("/", 1)[0] || "telegraf";
	const deviceOf: DeviceOf = (tags) => {
		const ups = wordOf(tags.ups_name);
		if (ups !== null) return nameOf(ups, { serial: wordOf(tags.serial), host: wordOf(tags.host) ?? topicHost }, message.receivedAt);
		return DEVICE_TAGS.map((tag) => wordOf(tags[tag])).find((word) => word !== null) ?? topicHost;
	};
	const text = textOf(message);
	if (text === null) return refused(topicHost, "too-large", "expected at most 64 KiB");
	const first = text.trimStart()[0];
	if (first === undefined) return [];
	return first === "{" || first === "[" ? ofJson(message, topicHost, deviceOf) : ofLines(text, topicHost, deviceOf);
}

function ofJson(message: DeviceMessage, topicHost: string, deviceOf: DeviceOf): readonly Decoded[] {
	const parsed = jsonOf(message);
	if ("reason" in parsed) return refused(topicHost, parsed.reason, parsed.detail);
	const { json } = parsed;
	const list = isObject(json) && Array.isArray(json.metrics) ? json.metrics : Array.isArray(json) ? json : [json];
	const metrics = list.map(metricOf);
	const parts = partsOf(
		metrics.filter((metric) => metric !== null),
		deviceOf,
	);
	const wrong = metrics.indexOf(null);
	return wrong < 0 ? parts : [...parts, ...refused(topicHost, "wrong-shape", `metrics[${wrong}]: expected name, tags, fields and timestamp`)];
}

function metricOf(metric: unknown): Metric | null {
	if (!isObject(metric) || typeof metric.name !== "string" || metric.name === "" || !isObject(metric.fields)) return null;
	const time = metric.timestamp === undefined ? NO_TIME : epochTime(numberOf(metric.timestamp) ?? Number.NaN);
	return { name: metric.name, tags: isObject(metric.tags) ? metric.tags : {}, fields: metric.fields, time };
}

function ofLines(text: string, topicHost: string, deviceOf: DeviceOf): readonly Decoded[] {
	const metrics: Metric[] = [];
	let wrong: number | null = null;
	const lines = text.split("\n");
	for (let index = 0; index < lines.length; index++) {
		const first = index + 1;
		let line = (lines[index] ?? "").trim();
		if (line === "" || line.startsWith("#")) continue;
		let parsed = parseLine(line);
		// A text may go on over lines, such as a device's description.
		for (let more = index + 1; parsed === "unfinished" && more < lines.length && more - index <= TEXT_LINES; more++) {
			line += `\n${lines[more]}`;
			parsed = parseLine(line);
			if (parsed !== "unfinished") index = parsed === null ? index : more;
		}
		if (parsed === null || parsed === "unfinished") wrong ??= first;
		else metrics.push({ ...parsed, time: parsed.time === null ? NO_TIME : ofInteger(parsed.time) });
	}
	const parts = partsOf(metrics, deviceOf);
	return wrong === null
		? parts
		: [...parts, ...refused(topicHost, "wrong-shape", `line ${wrong}: expected JSON or \`measurement,tag=value field=value time\``)];
}

/** ns are more than a number holds: they are cut to ms before they become one. */
function ofInteger(time: bigint): DeviceTime {
	return epochTime(time > 10n ** 17n ? Number(time / 1_000_000n) : Number(time));
}

/** One part per device, in the order in which they appear. */
function partsOf(metrics: readonly Metric[], deviceOf: DeviceOf): Decoded[] {
	const parts = new Map<string, { readings: DecodedReading[]; unread: Unread[]; info: Record<string, string>; time: DeviceTime }>();
	for (const metric of metrics) {
		const device = deviceOf(metric.tags);
		const part = parts.get(device) ?? { readings: [], unread: [], info: {}, time: NO_TIME };
		parts.set(device, part);
		for (const tag of INFO_TAGS) {
			const word = wordOf(metric.tags[tag] ?? metric.fields[tag]);
			if (word !== null) part.info[tag] = word;
		}
		if (metric.time.unusable !== null) part.time = metric.time;
		addReadings(metric, part.readings, part.unread);
	}
	return [...parts].map(([device, { readings, unread, info, time }]) =>
		said(device, {
			readings,
			...(unread.length > 0 && { unread }),
			...(Object.keys(info).length > 0 && { info }),
			...(time.unusable !== null && { unusableClock: time.unusable }),
		}),
	);
}

function addReadings({ name, tags, fields, time: { ts } }: Metric, readings: DecodedReading[], unread: Unread[]): void {
	const isRedfish = name.startsWith("redfish_");
	const row = rowOf(tags);
	const add = (channel: string, value: DecodedReading["value"], { kind, unit }: FieldMeaning) =>
		readings.push({ channel: `${name}.${channel}${row}`, ts, value, quality: null, kind, ...(unit !== undefined && { unit }) });
	// A daemon that has lost its UPS tells zeros for what it doesn't know.
	const isUnheardUps = typeof tags.status === "string" && "status_flags" in fields && isUnheard(tags.status);
	if (!(isRedfish && ABSENT.has(String(tags.state))))
		for (const field of Object.keys(fields)) {
			if (isUnheardUps && field !== "status_flags") continue;
			if (isRedfish && field.includes("_threshold_")) continue;
			const meaning = field === "value" && name === "ipmi_sensor" ? valueMeaning(tags, String(tags.name)) : meaningOf(field);
			if (meaning === null) continue;
			const value = saidBy(fields[field], meaning);
			if (value === null) addUnread(unread, `${name}.${field}${row}`, fields[field], meaning.unit === undefined ? A_VALUE : A_NUMBER);
			else add(field, value, typeof value === "number" ? meaning : { kind: null });
		}
	for (const tag of Object.keys(tags)) {
		const state = STATE_TAG.test(tag) && !(isRedfish && tag.endsWith("state")) ? wordOf(tags[tag], 64) : null;
		if (state !== null && !Object.hasOwn(fields, tag)) add(tag, state, { kind: null });
	}
	const state = stateOfUps(tags, fields);
	if (state !== null) add("ups_state", state, { kind: "ups-state" });
}

/** `null`: without a unit an IPMI sensor measures nothing. */
function valueMeaning(tags: Metric["tags"], sensor: string): FieldMeaning | null {
	if (typeof tags.unit !== "string") return null;
	const meaning = meaningOfUnit(tags.unit) ?? { kind: null };
	return tags.unit === "percent" && /fan/i.test(sensor) ? { ...meaning, kind: "fan-speed" } : meaning;
}

/** Numbers also as text, where the field is known to be a number; else a short text is a state. */
function saidBy(value: unknown, { unit }: FieldMeaning): DecodedReading["value"] | null {
	if (typeof value === "number") return Number.isFinite(value) ? value : null;
	if (typeof value === "boolean") return value;
	return unit === undefined ? (typeof value === "string" ? wordOf(value, 64) : null) : numberOf(value);
}

/** apcupsd's tag, NUT's variable or the flags of both; `null`: it is no UPS, or says nothing of its state. */
function stateOfUps(tags: Metric["tags"], fields: Metric["fields"]): string | null {
	const flags = fields.status_flags;
	const words = typeof flags === "number" && typeof tags.status === "string" ? tags.status : (fields["ups.status"] ?? fields.ups_status ?? null);
	if (typeof words === "string") {
		const known = upsWords(words);
		return known && upsState(known);
	}
	return typeof flags === "number" && Number.isInteger(flags) && flags >= 0 ? upsState(upsFlags(flags)) : null;
}

function rowOf(tags: Metric["tags"]): string {
	let row = "";
	for (const tag of ROW_TAGS) if (Object.hasOwn(tags, tag)) row = withTag(row, tag, tags[tag]);
	for (const tag of Object.keys(tags)) if (/index$/i.test(tag)) row = withTag(row, tag, tags[tag]);
	return row === "" ? "" : `[${row}]`;
}

function withTag(row: string, tag: string, value: unknown): string {
	const word = wordOf(value, 64);
	return word === null ? row : row === "" ? `${tag}=${word}` : `${row},${tag}=${word}`;
}
