/** Ruuvi as real gateways and tags speak it (EDG-8). */
import { expect, test } from "vitest";
import { ruuvi, ruuviValues } from "../../../../edge-agent/devices/profiles/ruuvi.ts";
import { listener } from "../../../helpers/dialects.ts";
import { bytesOf, missingReadings, REAL_SAMPLES_EXIST, type RealSample, realSamples, report } from "../../../helpers/real-samples.ts";

function problemsOf(sample: RealSample): string[] {
	const { readings = [], decoded, device_time_s: seconds } = sample.expect as RealSample["expect"] & { decoded?: object; device_time_s?: number };
	// Bytes of a tag, without a gateway around them.
	if (sample.topic === null) {
		const values = Object.fromEntries(Object.entries(decoded ?? {}).filter(([, value]) => value !== null));
		return JSON.stringify(sorted(ruuviValues(bytesOf(sample)) ?? {})) === JSON.stringify(sorted(values))
			? []
			: [JSON.stringify(ruuviValues(bytesOf(sample)))];
	}
	const parts = listener(ruuvi).hear(sample.topic, bytesOf(sample)) ?? [];
	const said = parts.flatMap((part) => part.readings);
	return [
		...missingReadings(readings, parts).map((reading) => `no reading ${reading}`),
		...(readings.length === 0 && said.length > 0 ? ["readings made up"] : []),
		...(seconds !== undefined && said.some(({ ts }) => ts !== seconds * 1000) ? ["another device time"] : []),
	];
}
const sorted = (values: object) => Object.entries(values).toSorted(([a], [b]) => a.localeCompare(b));

test.skipIf(!REAL_SAMPLES_EXIST)("every real message comes out as its record says", () => {
	const samples = realSamples("ruuvi");
	const problems = new Map(samples.map((sample) => [sample.id, problemsOf(sample)]));
	report("Ruuvi", problems, samples.length);
	expect([...problems].filter(([, found]) => found.length > 0)).toEqual([]);
});
