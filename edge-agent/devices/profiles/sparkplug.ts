/**
 * Sparkplug B 3.0. An edge node speaks for itself and for devices behind it: births name their metrics, data may carry their aliases only, and
 * all messages of a node share one sequence. Without the births (after a restart, a gap, an unknown alias) the node is asked for them.
 */
import type { PointKind, Quality } from "../../../contracts/kinds.ts";
import type { DeviceMessage } from "../device-source.ts";
import { millisecondsTime } from "./device-time.ts";
import { isObject, said, statusOf } from "./payload.ts";
import { type Decode, type Decoded, type DecodedReading, type DecoderContext, type Profile, refused } from "./profile.ts";
import { type Metric, metricValue, readPayload, rebirthRequest, type SparkplugPayload } from "./sparkplug-payload.ts";

/** Births of large nodes are longer than other messages. */
const LONGEST = 1024 * 1024;
/** Edge nodes, devices of each, and metrics of all that are remembered; of what is beyond, only named metrics are understood. */
const [NODES, DEVICES, METRICS] = [2_000, 1_000, 200_000];
/** A node is asked for its births at most this often, ms; all of them together so many times. */
const [ASK_EVERY, ASKED_AT_MOST] = [10_000, 200];

/** What a birth says of a metric. */
interface Definition {
	name: string;
	datatype: number;
	kind: PointKind | null;
	unit: string | null;
	/** It is about the node, not about what it measures. */
	control: boolean;
}
/** An edge node's own metrics, or a device's. `unknown`: neither birth nor death has been heard. */
interface Part {
	state: "unknown" | "born" | "dead";
	names: Map<string, Definition>;
	aliases: Map<number, Definition>;
}
interface EdgeNode {
	own: Part;
	devices: Map<string, Part>;
	/** Of the last message. */
	seq: number;
	/** No message is missing since the birth. */
	complete: boolean;
	/** Of the birth: tells which death is this session's. */
	bdSeq: number | null;
	askedAt: number;
}

const TYPES = new Set(["NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH"]);

export const sparkplug: Profile = {
	id: "sparkplug",
	title: "Sparkplug B",
	base: null,
	topics: () => ["spBv1.0/+/+/+", "spBv1.0/+/+/+/+", "spBv1.0/STATE/+", "STATE/+"],
	owner: (topic) => {
		const [first, group = "", type = ""] = topic.split("/");
		// An edge node speaks for its devices. Commands come from the agent alone.
		return first === "STATE" || group === "STATE" || TYPES.has(type) ? null : undefined;
	},
	decoder,
	page: {
		about:
			"Edge nodes of Ignition, Node-RED, Cirrus Link, HiveMQ Edge and others. The agent follows births, deaths (`bdSeq`) and the sequence of each edge node, and asks for a rebirth (`NCMD`, `Node Control/Rebirth`) when it has missed something: after its own restart, at a gap, at an unknown alias; each node at most every 10 s. After a gap values are `uncertain` until the node's next birth. So they are before the first one, which alone makes a node or device online. An `NDEATH` takes the node and all its devices offline, each until its own birth.",
		address: "Group and edge node, `G1/E1`, or group, edge node and device, `G1/E1/D1`. A host application (`STATE`) is known by its id.",
		channels: [
			[
				"the metric's name, e.g. `Temperature`, `Inputs/A`",
				"number, boolean or text of at most 64 characters; its unit where the birth has a property `engUnit`",
			],
			["metrics with a property `Quality`", "192 good, 500 uncertain, 0 bad"],
			["metrics with `is_historical`", "go to the history and never become live values"],
			["Int64 and UInt64", "numbers up to 2⁵³; beyond that there is no value, since it couldn't be said exactly"],
		],
		ignores: [
			"`bdSeq`, `Node Control/…`, `Device Control/…`; `Properties/…`, which are shown with a device that isn't configured",
			"data sets, templates, bytes, arrays and dates",
			"commands (`NCMD`, `DCMD`)",
		],
		example: `- id: hall-a-supply
  kind: temperature-sensor
  profile: sparkplug
  address: G1/E1/D1
  points:
    - { id: supply, kind: temperature, source: "Supply/Temperature", interval: 60s }`,
	},
};

function decoder(context: DecoderContext): Decode {
	const nodes = new Map<string, EdgeNode>();
	let metrics = 0;
	let window = { from: 0, asked: 0 };

	function nodeAt(address: string): EdgeNode {
		const known = nodes.get(address);
		if (known) return known;
		// The one that was heard of first makes room; when it speaks again, it is asked for its births.
		const [eldest] = nodes;
		if (nodes.size >= NODES && eldest) {
			for (const part of [eldest[1].own, ...eldest[1].devices.values()]) forget(part, "unknown");
			nodes.delete(eldest[0]);
		}
		const node: EdgeNode = { own: newPart(), devices: new Map(), seq: 0, complete: false, bdSeq: null, askedAt: Number.NEGATIVE_INFINITY };
		nodes.set(address, node);
		return node;
	}

	function partOf(node: EdgeNode, device: string | undefined): Part {
		if (device === undefined) return node.own;
		const known = node.devices.get(device);
		if (known) return known;
		const [eldest] = node.devices;
		if (node.devices.size >= DEVICES && eldest) {
			forget(eldest[1], "unknown");
			node.devices.delete(eldest[0]);
		}
		const part = newPart();
		node.devices.set(device, part);
		return part;
	}

	function ask(address: string, node: EdgeNode, now: number): void {
		if (now - node.askedAt < ASK_EVERY && now >= node.askedAt) return;
		if (now - window.from >= ASK_EVERY || now < window.from) window = { from: now, asked: 0 };
		if (++window.asked > ASKED_AT_MOST) return;
		node.askedAt = now;
		const [group, edge] = address.split("/");
		context.send(`spBv1.0/${group}/NCMD/${edge}`, rebirthRequest(now));
	}

	function forget(part: Part, state: Part["state"]): void {
		metrics -= part.names.size;
		part.names.clear();
		part.aliases.clear();
		part.state = state;
	}

	/** Learns what a birth names. */
	function learn(part: Part, payload: SparkplugPayload): void {
		forget(part, "born");
		for (const metric of payload.metrics) {
			if (metric.name === null || metrics >= METRICS) continue;
			const definition = definitionOf(metric.name, metric);
			if (!part.names.has(metric.name)) metrics++;
			part.names.set(metric.name, definition);
			if (metric.alias !== null) part.aliases.set(metric.alias, definition);
		}
	}

	/** Follows the sequence that all messages of a node share; a repeated message is no gap. */
	function follow(address: string, node: EdgeNode, { seq: said }: SparkplugPayload, now: number): void {
		const seq = said ?? 0;
		if (node.own.state !== "born" || (seq !== ((node.seq + 1) & 255) && seq !== node.seq)) {
			node.complete = false;
			ask(address, node, now);
		} else if (!node.complete) ask(address, node, now);
		node.seq = seq;
	}

	/** A node's death is the death of all its devices, also of those that have said nothing since the agent started. */
	function nodeDeath(address: string, node: EdgeNode, payload: SparkplugPayload): readonly Decoded[] {
		const bdSeq = bdSeqOf(payload);
		// The last will of a session that is over came late: this one lives.
		if (node.own.state === "born" && node.bdSeq !== null && bdSeq !== null && bdSeq !== node.bdSeq) return [];
		for (const known of context.addresses()) if (known.startsWith(`${address}/`)) partOf(node, known.slice(address.length + 1));
		forget(node.own, "dead");
		node.complete = false;
		return [statusOf(address, false), ...devicesGone(address, node)];
	}

	function nodeBirth(address: string, node: EdgeNode, payload: SparkplugPayload): readonly Decoded[] {
		const bdSeq = bdSeqOf(payload);
		const isNewSession = node.own.state !== "unknown" && bdSeq !== null && bdSeq !== node.bdSeq;
		const gone = isNewSession ? devicesGone(address, node) : [];
		if (!isNewSession) for (const part of node.devices.values()) if (part.state === "born") forget(part, "unknown");
		learn(node.own, payload);
		node.bdSeq = bdSeq;
		node.seq = payload.seq ?? 0;
		node.complete = true;
		return [birthOf(address, node.own, payload), ...gone];
	}

	function devicesGone(address: string, node: EdgeNode): Decoded[] {
		const gone: Decoded[] = [];
		for (const [device, part] of node.devices) {
			if (part.state !== "dead") gone.push(statusOf(`${address}/${device}`, false));
			forget(part, "dead");
		}
		return gone;
	}

	return (message) => {
		const levels = message.topic.split("/");
		const [first, group = "", type = "", edge = "", device] = levels;
		if (first === "STATE" && levels.length === 2) return hostState(message, group);
		if (first !== "spBv1.0") return null;
		if (group === "STATE" && levels.length === 3) return hostState(message, type);
		if (!TYPES.has(type) || edge === "" || device === "" || type.startsWith("D") !== (device !== undefined)) return [];
		const address = `${group}/${edge}`;
		const about = device === undefined ? address : `${address}/${device}`;
		const read = payloadOf(message, about);
		if ("refusal" in read) return read.refusal;
		const { payload } = read;
		const node = nodeAt(address);
		const { receivedAt } = message;
		if (type === "NBIRTH") return nodeBirth(address, node, payload);
		if (type === "NDEATH") return nodeDeath(address, node, payload);
		follow(address, node, payload, receivedAt);
		const part = partOf(node, device);
		if (type === "DDEATH") {
			forget(part, "dead");
			return [statusOf(about, false)];
		}
		if (type === "DBIRTH") {
			learn(part, payload);
			return [birthOf(about, part, payload)];
		}
		// What is dead has nothing to say before its birth.
		if (part.state !== "born") ask(address, node, receivedAt);
		if (part.state === "dead") return [];
		const isCertain = part.state === "born" && node.complete;
		const data = dataOf(about, part, payload, isCertain, () => ask(address, node, receivedAt));
		return [part.state === "born" ? data : { ...data, unborn: true }];
	};
}

const newPart = (): Part => ({ state: "unknown", names: new Map(), aliases: new Map() });

function payloadOf({ payload }: DeviceMessage, device: string): { payload: SparkplugPayload } | { refusal: readonly Decoded[] } {
	if (payload.length > LONGEST) return { refusal: refused(device, "too-large", `expected at most ${LONGEST} bytes, got ${payload.length}`) };
	try {
		return { payload: readPayload(payload) };
	} catch (error) {
		const why = error instanceof Error ? error.message : "unreadable";
		return { refusal: refused(device, "wrong-shape", `expected a Sparkplug B payload: ${why}`) };
	}
}

/** `{"online","timestamp"}`, before 3.0 ONLINE or OFFLINE. */
function hostState({ topic, payload }: DeviceMessage, host: string): readonly Decoded[] | null {
	const text = payload.length <= 1_000 ? payload.toString("utf8").trim() : "?";
	if (host === "" || text === "") return [];
	if (text === "ONLINE" || text === "OFFLINE") return [statusOf(host, text === "ONLINE")];
	try {
		const body: unknown = JSON.parse(text);
		if (isObject(body) && typeof body.online === "boolean")
			return [statusOf(host, body.online, typeof body.timestamp === "number" ? millisecondsTime(body.timestamp).ts : null)];
	} catch {
		// Said below.
	}
	return topic.startsWith("STATE/") ? null : refused(host, "wrong-shape", "expected online, true or false, or ONLINE or OFFLINE");
}

function bdSeqOf({ metrics }: SparkplugPayload): number | null {
	const metric = metrics.find(({ name }) => name === "bdSeq");
	const value = metric ? metricValue(metric, metric.datatype) : null;
	return typeof value === "number" ? value : null;
}

/** What a birth says: the values of all metrics, and what the node says of itself. */
function birthOf(device: string, part: Part, payload: SparkplugPayload): Decoded {
	const decoded = dataOf(device, part, payload, true, () => {});
	const info = payload.metrics.flatMap(({ name, text }) =>
		name?.startsWith("Properties/") && text && text.length <= 200 ? [[name, text] as const] : [],
	);
	return {
		...decoded,
		events: [{ type: "status", status: "online", ts: null }],
		...(info.length > 0 && { info: Object.fromEntries(info.slice(0, 20)) }),
	};
}

/** `unknown` is called for an alias that no birth has named. */
function dataOf(device: string, part: Part, payload: SparkplugPayload, isCertain: boolean, unknown: () => void): Decoded {
	const readings: DecodedReading[] = [];
	const sent = payload.timestamp === null ? null : millisecondsTime(payload.timestamp);
	let unusable = null;
	for (const metric of payload.metrics) {
		const definition = meantBy(part, metric);
		if (definition === undefined) unknown();
		if (definition === undefined || definition.control) continue;
		const value = metricValue(metric, metric.datatype === 0 ? definition.datatype : metric.datatype);
		if (value === null) continue;
		const time = metric.timestamp === null || metric.timestamp === payload.timestamp ? sent : millisecondsTime(metric.timestamp);
		unusable = time?.unusable ?? unusable;
		const reading: DecodedReading = {
			channel: definition.name,
			ts: time?.ts ?? null,
			value,
			quality: qualityOf(metric.quality, isCertain),
			kind: definition.kind,
		};
		const unit = metric.unit ?? definition.unit;
		if (unit !== null) reading.unit = unit;
		if (metric.historical) reading.historical = true;
		readings.push(reading);
	}
	return unusable === null ? said(device, { readings }) : said(device, { readings, unusableClock: unusable });
}

/** `undefined`: an alias that nobody has named. A name says enough, also without a birth. */
function meantBy(part: Part, metric: Metric): Definition | undefined {
	if (metric.name !== null && metric.name !== "") return part.names.get(metric.name) ?? definitionOf(metric.name, metric);
	return metric.alias === null ? undefined : part.aliases.get(metric.alias);
}

function definitionOf(name: string, { datatype, unit }: Metric): Definition {
	return { name, datatype, unit, kind: kindOf(name), control: CONTROL.test(name) };
}
const CONTROL = /^(?:bdSeq$|Node Control\/|Device Control\/|Properties\/)/;

/** Ignition's codes are those of OPC: 192 and above good, 64 and above uncertain; 500 is stale. */
function qualityOf(code: number | null, isCertain: boolean): Quality | null {
	if (code !== null && code < 64) return "bad";
	if (!isCertain || (code !== null && (code < 192 || code >= 256))) return "uncertain";
	return code === null ? null : "good";
}

/** What a metric's name speaks of, for who puts the device into the site file. */
const WORDS: readonly (readonly [RegExp, PointKind])[] = [
	[/power[ _]?factor|cos[ _]?phi/i, "power-factor"],
	[/dew[ _]?point/i, "dew-point"],
	[/temp(?:erature)?(?![a-z])/i, "temperature"],
	[/humidity/i, "humidity"],
	[/voltage|volts(?![a-z])/i, "voltage"],
	[/current(?![a-z])|amps(?![a-z])/i, "current"],
	[/apparent[ _]?power/i, "apparent-power"],
	[/power(?![a-z])/i, "power"],
	[/energy/i, "energy"],
	[/frequency/i, "frequency"],
	[/pressure/i, "pressure"],
	[/co2/i, "co2"],
];
function kindOf(name: string): PointKind | null {
	return WORDS.find(([words]) => words.test(name.slice(name.lastIndexOf("/") + 1)))?.[1] ?? null;
}
