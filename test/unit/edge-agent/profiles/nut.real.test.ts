/** NUT's variables as real UPSs say them (EDG-8). */
import { expect, test } from "vitest";
import { nut } from "../../../../edge-agent/devices/profiles/nut.ts";
import { listener } from "../../../helpers/dialects.ts";
import { bytesOf, missingReadings, REAL_SAMPLES_EXIST, type RealSample, realSamples, report } from "../../../helpers/real-samples.ts";

interface Status {
	flags?: readonly string[];
	on_battery?: boolean;
	low_battery?: boolean;
}

function problemsOf(sample: RealSample): string[] {
	const parts = listener(nut).hear(sample.topic ?? "", bytesOf(sample)) ?? [];
	const { readings = [], missing = [], reject } = sample.expect;
	const { status = [] } = sample.expect as Omit<RealSample["expect"], "status"> & { status?: readonly Status[] };
	const decoded = parts.flatMap((part) => part.readings);
	// The words of ups.status are readings here.
	const measured = decoded.filter(({ channel }) => !channel.startsWith("ups.status"));
	const words = decoded.filter(({ channel, value }) => channel.startsWith("ups.status.") && value === true).map(({ channel }) => channel.slice(11));
	const state = decoded.find(({ channel }) => channel === "ups.status")?.value;
	return [
		...missingReadings(readings, parts).map((reading) => `no reading ${reading}`),
		...(sample.expect.readings?.length === 0 && measured.length > 0 ? [`${measured.length} readings made up`] : []),
		...missing.filter((name) => measured.some(({ channel }) => channel === name)).map((name) => `a reading of ${String(name)}`),
		...status.flatMap(({ flags = [], on_battery: onBattery, low_battery: lowBattery }) => [
			...(flags.toSorted().join(" ") === words.toSorted().join(" ") ? [] : [`words ${words.join(" ")}, not ${flags.join(" ")}`]),
			...(onBattery === false && (state === "on-battery" || state === "low-battery") ? [`${state}, though not on battery`] : []),
			...(onBattery === true && state === "online" ? ["online, though on battery"] : []),
			...(onBattery === true && lowBattery === true && state !== "low-battery" ? [`${String(state)}, though its battery is low`] : []),
		]),
		...(parts.some((part) => part.events.length > 0) ? ["a status made up"] : []),
		...(reject !== undefined && !parts.some(({ refusal }) => refusal) ? ["not refused"] : []),
	];
}

test.skipIf(!REAL_SAMPLES_EXIST)("every real message comes out as its record says", () => {
	const samples = realSamples("nut");
	const problems = new Map(samples.map((sample) => [sample.id, problemsOf(sample)]));
	report("NUT", problems, samples.length);
	expect([...problems].filter(([, found]) => found.length > 0)).toEqual([]);
});
