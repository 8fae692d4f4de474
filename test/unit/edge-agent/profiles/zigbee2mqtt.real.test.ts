/** Zigbee2MQTT as real gateways speak it (EDG-8). */
import { expect, test } from "vitest";
import { zigbee2mqtt } from "../../../../edge-agent/devices/profiles/zigbee2mqtt.ts";
import { listener } from "../../../helpers/dialects.ts";
import { bytesOf, missingReadings, REAL_SAMPLES_EXIST, type RealSample, realSamples, report } from "../../../helpers/real-samples.ts";

function problemsOf(sample: RealSample): string[] {
	const topic = sample.topic ?? "";
	const base = topic.split("/", 1)[0] ?? "";
	const parts = listener(zigbee2mqtt, { base, addresses: ["a device"] }).hear(topic, bytesOf(sample)) ?? [];
	const { readings = [], status = [], events = [], missing = [], reject } = sample.expect;
	const decoded = parts.flatMap((part) => part.readings);
	const states = parts.flatMap((part) =>
		part.events.map((event) => ({ device: part.device, online: event.type === "status" && event.status === "online" })),
	);
	return [
		...missingReadings(readings, parts).map((reading) => `no reading ${reading}`),
		// A button's word is a reading here.
		...(sample.expect.readings?.length === 0 && decoded.some(({ channel }) => channel !== "action" && channel !== "click")
			? [`${decoded.length} readings made up`]
			: []),
		...missing.filter((name) => decoded.some(({ channel }) => channel === name)).map((name) => `a reading of ${String(name)}`),
		...status
			.filter(({ device, online }) => online !== undefined && !states.some((state) => state.device === device && state.online === online))
			.map(({ device }) => `no status of ${device}`),
		...(status.some(({ device, online }) => device === "bridge" && online === false) && states.length < 2
			? ["the devices behind it are not offline"]
			: []),
		...(sample.expect.status?.length === 0 && states.length > 0 ? ["a status made up"] : []),
		...events
			.filter(({ kind, device, action }) => {
				const part = parts.find((one) => one.device === device);
				if (kind === "button") return !part?.readings.some(({ channel, value }) => (channel === "action" || channel === "click") && value === action);
				return String(kind).startsWith("device_") && part?.info?.event !== kind;
			})
			.map(({ kind }) => `no ${String(kind)}`),
		...(reject !== undefined && !parts.some(({ refusal }) => refusal) ? ["not refused"] : []),
		...(typeof sample.expect.device_time === "string" && decoded.some(({ ts }) => ts !== Date.parse(String(sample.expect.device_time)))
			? ["another device time"]
			: []),
	];
}

test.skipIf(!REAL_SAMPLES_EXIST)("every real message comes out as its record says", () => {
	const samples = realSamples("zigbee2mqtt");
	const problems = new Map(samples.map((sample) => [sample.id, problemsOf(sample)]));
	report("Zigbee2MQTT", problems, samples.length);
	expect([...problems].filter(([, found]) => found.length > 0)).toEqual([]);
});
