/** Shelly as real devices speak it (EDG-8). */
import { expect, test } from "vitest";
import { shelly } from "../../../../edge-agent/devices/profiles/shelly.ts";
import { listener } from "../../../helpers/dialects.ts";
import { bytesOf, missingReadings, REAL_SAMPLES_EXIST, type RealSample, realSamples, report } from "../../../helpers/real-samples.ts";

function problemsOf(sample: RealSample): string[] {
	const parts = listener(shelly).hear(sample.topic ?? "", bytesOf(sample)) ?? [];
	const {
		readings = [],
		status = [],
		info,
		device_time_s: seconds,
	} = sample.expect as RealSample["expect"] & {
		info?: Record<string, string>;
		device_time_s?: number;
	};
	const decoded = parts.flatMap((part) => part.readings);
	return [
		...missingReadings(readings, parts).map((reading) => `no reading ${reading}`),
		...(decoded.length > readings.length && readings.length === 0 ? [`${decoded.length} readings made up`] : []),
		...status
			.filter(
				({ device, online }) =>
					!parts.some(
						(part) => part.device === device && part.events.some((event) => event.type === "status" && (event.status === "online") === online),
					),
			)
			.map(({ device }) => `no status of ${device}`),
		...(info?.model !== undefined && parts[0]?.info?.model !== info.model ? ["no model"] : []),
		...(seconds !== undefined && decoded.some(({ ts }) => ts !== Math.round(seconds * 1000)) ? ["another device time"] : []),
	];
}

test.skipIf(!REAL_SAMPLES_EXIST)("every real message comes out as its record says", () => {
	const samples = realSamples("shelly");
	const problems = new Map(samples.map((sample) => [sample.id, problemsOf(sample)]));
	report("Shelly", problems, samples.length);
	expect([...problems].filter(([, found]) => found.length > 0)).toEqual([]);
});
