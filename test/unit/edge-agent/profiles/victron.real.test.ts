/** Victron as real GX devices speak it (EDG-8). */
import { expect, test } from "vitest";
import { victron } from "../../../../edge-agent/devices/profiles/victron.ts";
import { listener } from "../../../helpers/dialects.ts";
import { bytesOf, missingReadings, REAL_SAMPLES_EXIST, type RealSample, realSamples, report } from "../../../helpers/real-samples.ts";

function problemsOf(sample: RealSample): string[] {
	const { readings = [] } = sample.expect;
	const parts = listener(victron).hear(sample.topic ?? "", bytesOf(sample)) ?? [];
	return [
		// The records name devices without the portal that they stand behind.
		...missingReadings(readings, parts, (part, device) => part.device.endsWith(`/${device}`)).map((reading) => `no reading ${reading}`),
		...(readings.length === 0 && parts.some((part) => part.readings.length > 0) ? ["readings made up"] : []),
	];
}

test.skipIf(!REAL_SAMPLES_EXIST)("every real message comes out as its record says", () => {
	const samples = realSamples("victron");
	const problems = new Map(samples.map((sample) => [sample.id, problemsOf(sample)]));
	report("Victron", problems, samples.length);
	expect([...problems].filter(([, found]) => found.length > 0)).toEqual([]);
});
