/** Telegraf as real agents speak it (EDG-8). */
import { expect, test } from "vitest";
import { telegraf } from "../../../../edge-agent/devices/profiles/telegraf.ts";
import { listener } from "../../../helpers/dialects.ts";
import { bytesOf, missingReadings, REAL_SAMPLES_EXIST, type RealSample, realSamples, report } from "../../../helpers/real-samples.ts";

interface Expected {
	metric?: { name: string; tags: Record<string, string>; fields: Record<string, unknown>; ts_ms: number | null };
	metrics?: Expected["metric"][];
	status?: readonly { state?: string; flags?: readonly string[] }[];
}

function problemsOf(sample: RealSample): string[] {
	const parts = listener(telegraf).hear(sample.topic ?? "", bytesOf(sample)) ?? [];
	const { readings = [], missing = [] } = sample.expect;
	const { metric, metrics = [metric], status = [] } = sample.expect as Omit<RealSample["expect"], "status"> & Expected;
	const decoded = parts.flatMap((part) => part.readings);
	return [
		...missingReadings(readings, parts).map((reading) => `no reading ${reading}`),
		...(sample.expect.readings?.length === 0 && decoded.length > 0 ? [`${decoded.length} readings made up`] : []),
		...(sample.expect.reject !== undefined && !parts.some(({ refusal }) => refusal) ? ["not refused"] : []),
		...missing.filter((name) => decoded.some(({ channel }) => channel.includes(String(name)))).map((name) => `a reading of ${String(name)}`),
		...metrics.flatMap((one) =>
			one
				? decoded.filter(({ channel, ts }) => channel.startsWith(`${one.name}.`) && ts !== one.ts_ms).map(({ channel, ts }) => `${channel} at ${ts}`)
				: [],
		),
		...status.filter(({ state }) => state !== undefined && !decoded.some(({ value }) => value === state)).map(({ state }) => `no state ${state}`),
		...status
			.filter(({ flags = [] }) => flags.includes("ONLINE") && !decoded.some(({ kind, value }) => kind === "ups-state" && value === "online"))
			.map(() => "not online"),
	];
}

test.skipIf(!REAL_SAMPLES_EXIST)("every real message comes out as its record says", () => {
	const samples = realSamples("telegraf");
	const problems = new Map(samples.map((sample) => [sample.id, problemsOf(sample)]));
	report("Telegraf", problems, samples.length);
	expect([...problems].filter(([, found]) => found.length > 0)).toEqual([]);
});
