/**
 * The dialects' decoders alone: messages a second of one core (processor time, so that others on the machine don't count), and as a part of
 * what the bare JSON.parse or protobuf read of the same payloads makes in the same run. Then what the native dialect costs through the whole
 * intake, alone and beside all others that nobody uses. Arguments: `[--seconds 1] [--only sparkplug]`.
 */
import { parseArgs } from "node:util";
import type { DeviceList } from "../contracts/uplink.ts";
import { DeviceDirectory } from "../edge-agent/devices/device-directory.ts";
import type { DeviceMessage } from "../edge-agent/devices/device-source.ts";
import { Dialects } from "../edge-agent/devices/dialects.ts";
import { Intake } from "../edge-agent/devices/intake.ts";
import { native } from "../edge-agent/devices/profiles/native.ts";
import type { Profile } from "../edge-agent/devices/profiles/profile.ts";
import { PROFILES } from "../edge-agent/devices/profiles/registry.ts";
import { sparkplugPayload } from "../edge-agent/devices/profiles/sparkplug.samples.ts";
import { sparkplug } from "../edge-agent/devices/profiles/sparkplug.ts";
import { DATATYPE, readPayload } from "../edge-agent/devices/profiles/sparkplug-payload.ts";
import { type Listener, listener, listenerFor, RECEIVED, samplesOf } from "../test/helpers/dialects.ts";

interface Work {
	messages: (DeviceMessage & { listener: Listener })[];
	/** What nobody can do without. */
	bare: (payload: Buffer) => unknown;
}

const message = (topic: string, payload: string | Buffer): DeviceMessage => ({
	topic,
	payload: Buffer.from(payload),
	receivedAt: RECEIVED,
	retained: false,
});

/** Messages of ten metrics by alias, numbered on and on. */
function sparkplugWork(): Work {
	const numbers = Array.from({ length: 10 }, (_, index) => index);
	const birth = numbers.map((alias) => ({ name: `Rack ${alias}/Temperature`, alias, type: DATATYPE.Double, value: 20, unit: "°C" }));
	const data = numbers.map((alias) => ({ alias, at: RECEIVED - 100, type: DATATYPE.Double, value: 20 + alias / 8 }));
	const edge = listener(sparkplug);
	edge.hear("spBv1.0/hall/NBIRTH/edge", sparkplugPayload(birth, 0, RECEIVED));
	return {
		messages: Array.from({ length: 256 }, (_, index) => ({
			...message("spBv1.0/hall/NDATA/edge", sparkplugPayload(data, (index + 1) & 255, RECEIVED)),
			listener: edge,
		})),
		bare: readPayload,
	};
}

/** A dialect's own samples that come out as readings, events or announcements; in JSON, unless it has none. */
async function workOf(profile: Profile): Promise<Work> {
	if (profile.id === "sparkplug") return sparkplugWork();
	const said = (await samplesOf(profile)).filter(({ expect }) =>
		expect?.some(({ readings, events, announces, refused }) => refused === undefined && (readings ?? events ?? announces) !== undefined),
	);
	const json = said.filter(({ payload }) => isJson(payload.toString()));
	const used = json.length > 0 ? json : said;
	return {
		messages: used.map((sample) => ({ ...message(sample.topic, sample.payload), listener: listenerFor(profile, sample) })),
		bare: json.length > 0 ? (payload) => JSON.parse(payload.toString("utf8")) as unknown : (payload) => payload.toString("utf8"),
	};
}

function isJson(text: string): boolean {
	try {
		return typeof JSON.parse(text) === "object";
	} catch {
		return false;
	}
}

/** Calls a second of processor time. */
function rate<T>(seconds: number, messages: readonly T[], call: (message: T) => unknown): number {
	const run = (until: number) => {
		const from = process.threadCpuUsage().user;
		let calls = 0;
		let used = 0;
		while (used < until) {
			for (let round = 0; round < 20; round++) for (const one of messages) call(one);
			calls += 20 * messages.length;
			used = process.threadCpuUsage().user - from;
		}
		return (calls / used) * 1e6;
	};
	run(seconds * 0.3e6);
	return run(seconds * 1e6);
}

function intakeOf(profiles: readonly Profile[]): Intake {
	const directory = new DeviceDirectory();
	const list: DeviceList = {
		version: "bench",
		site: "bench",
		devices: Array.from({ length: 100 }, (_, index) => ({
			id: `d${index}`,
			kind: "temperature-sensor" as const,
			profile: "native",
			doors: [],
			points: [{ point: "inlet", type: "number" as const, states: null, range: null }],
		})),
	};
	directory.replace(list);
	const dialects = new Dialects(profiles, directory);
	dialects.replace(list);
	return new Intake({ directory, dialects, store: { add: (_readings, _events, _marks, settle) => settle() }, refusals: { add: () => {} } });
}

export async function run(args: string[]): Promise<void> {
	const { values } = parseArgs({ args, options: { seconds: { type: "string", default: "1" }, only: { type: "string" } } });
	const seconds = Number(values.seconds);
	for (const profile of PROFILES) {
		if (profile.strict || (values.only !== undefined && values.only !== profile.id)) continue;
		const { messages, bare } = await workOf(profile);
		if (messages.length === 0) continue;
		const bareRate = rate(seconds, messages, ({ payload }) => bare(payload));
		const decodeRate = rate(seconds, messages, ({ listener: one, topic, payload }) => one.hear(topic, payload));
		const bytes = Math.round(messages.reduce((sum, { payload }) => sum + payload.length, 0) / messages.length);
		console.log(
			JSON.stringify({
				dialect: profile.id,
				bytes,
				messagesPerSecond: Math.round(decodeRate),
				ofBareRead: Number((decodeRate / bareRate).toFixed(2)),
			}),
		);
	}
	if (values.only !== undefined) return;
	const readings = Array.from({ length: 100 }, (_, index) => message(`watchroom/d${index}/inlet`, `{"ts":${RECEIVED - 1},"value":23.5}`));
	const settle = () => {};
	const [alone, beside] = [intakeOf([native]), intakeOf(PROFILES)];
	// In turn, and the best of each: other work on the machine slows one round of one of them.
	let [one, all] = [0, 0];
	for (let round = 0; round < 8; round++) {
		one = Math.max(
			one,
			rate(seconds / 4, readings, (reading) => alone.take(reading, settle)),
		);
		all = Math.max(
			all,
			rate(seconds / 4, readings, (reading) => beside.take(reading, settle)),
		);
	}
	console.log(
		JSON.stringify({
			native: "through the intake",
			alone: Math.round(one),
			besideAllDialects: Math.round(all),
			ratio: Number((all / one).toFixed(2)),
		}),
	);
}
