/** Sparkplug B as real edge nodes speak it (EDG-8). */
import { expect, test } from "vitest";
import { sparkplug } from "../../../../edge-agent/devices/profiles/sparkplug.ts";
import { readPayload } from "../../../../edge-agent/devices/profiles/sparkplug-payload.ts";
import { listener } from "../../../helpers/dialects.ts";
import { bytesOf, missingReadings, REAL_SAMPLES_EXIST, type RealSample, realSamples, report } from "../../../helpers/real-samples.ts";

interface SparkplugExpected {
	sparkplug?: { metrics: { name?: string; alias?: number; dt?: number; ts?: number }[]; seq?: number; ts?: number };
	action?: string;
	online?: boolean;
	host?: string;
	readings_without_birth?: RealSample["expect"]["readings"];
	info?: Record<string, string>;
}

/** Each message for a decoder that has heard nothing before. */
function problemsOf(sample: RealSample): string[] {
	const wanted = sample.expect as RealSample["expect"] & SparkplugExpected;
	const { status = [], info = {}, action = "", host, online } = wanted;
	const heard = listener(sparkplug, { addresses: status.map(({ device }) => device) });
	const parts = heard.hear(sample.topic ?? "", bytesOf(sample)) ?? [];
	const readings = wanted.readings_without_birth ?? wanted.readings ?? [];
	const states = [...status, ...(host === undefined ? [] : [{ device: host, online: online ?? true }])];
	return [
		...missingReadings(readings, parts).map((reading) => `no reading ${reading}`),
		...(readings.length === 0 && parts.some((part) => part.readings.length > 0) ? ["readings made up"] : []),
		...states
			.filter(
				(state) =>
					!parts.some(
						({ device, events }) =>
							device === state.device && events.some((event) => event.type === "status" && (event.status === "online") === state.online),
					),
			)
			.map(({ device }) => `no status of ${device}`),
		...Object.entries(info).flatMap(([key, value]) => (parts[0]?.info?.[key] === value ? [] : [`no ${key}`])),
		...(action.includes("request rebirth") && heard.sent.length !== 1 ? ["no rebirth requested"] : []),
		...fieldProblems(sample, wanted.sparkplug),
	];
}

/** Whether the payload is read as the record has it, field by field. */
function fieldProblems(sample: RealSample, wanted: SparkplugExpected["sparkplug"]): string[] {
	if (!wanted) return [];
	const { metrics, seq, timestamp } = readPayload(bytesOf(sample));
	const read = metrics.map(({ name, alias, datatype, timestamp: ts }) => ({ name, alias, dt: datatype, ts }));
	const listed = wanted.metrics.map(({ name = null, alias = null, dt = 0, ts = null }) => ({ name, alias, dt, ts }));
	return [
		...(JSON.stringify(read) === JSON.stringify(listed) ? [] : [`metrics ${JSON.stringify(read)}`]),
		...(seq === (wanted.seq ?? null) ? [] : [`seq ${seq}`]),
		...(wanted.ts === undefined || timestamp === wanted.ts ? [] : [`timestamp ${timestamp}`]),
	];
}

test.skipIf(!REAL_SAMPLES_EXIST)("every real message comes out as its record says", () => {
	const samples = realSamples("sparkplug");
	const problems = new Map(samples.map((sample) => [sample.id, problemsOf(sample)]));
	report("Sparkplug B", problems, samples.length);
	expect([...problems].filter(([, found]) => found.length > 0)).toEqual([]);
});
