/** LoRaWAN devices as ChirpStack and The Things Stack pass them on (EDG-8). */
import { expect, test } from "vitest";
import { chirpstack } from "../../../../edge-agent/devices/profiles/chirpstack.ts";
import type { DecodedReading } from "../../../../edge-agent/devices/profiles/profile.ts";
import { thingsStack } from "../../../../edge-agent/devices/profiles/things-stack.ts";
import { listener } from "../../../helpers/dialects.ts";
import {
	bytesOf,
	type ExpectedReading,
	missingReadings,
	REAL_SAMPLES_EXIST,
	type RealSample,
	realSamples,
	report,
} from "../../../helpers/real-samples.ts";

interface Record {
	ts_ms: number;
	readings?: readonly ExpectedReading[];
}

function problemsOf(sample: RealSample): string[] {
	const profile = sample.expect.network === "tts3" ? thingsStack : chirpstack;
	const parts = listener(profile).hear(sample.topic ?? "", bytesOf(sample)) ?? [];
	const decoded = parts.flatMap((part) => part.readings);
	const { readings = [], missing = [], device, events = [] } = sample.expect;
	const records = (sample.expect.records ?? []) as readonly Record[];
	const joined = events.some(({ kind }) => kind === "device_joined");
	return [
		...missingReadings(readings, parts).map((reading) => `no reading ${reading}`),
		...records.flatMap((record, index) => recordProblems(record, index > 0, decoded, parts[0]?.device ?? "")),
		...missing.filter((name) => decoded.some(({ channel }) => channel === name)).map((name) => `a value of ${String(name)}`),
		...(readings.length === 0 && decoded.length > 0 ? [`${decoded.length} readings made up`] : []),
		...(parts[0]?.device === device ? [] : [`device ${parts[0]?.device}`]),
		...(joined && !parts[0]?.events.some(({ type }) => type === "status") ? ["no status"] : []),
	];
}

/** The first record is now, the others tell of the past. */
function recordProblems({ ts_ms, readings = [] }: Record, isPast: boolean, decoded: readonly DecodedReading[], device: string): string[] {
	const ofTime = decoded.filter(({ ts, historical }) => ts === ts_ms && (historical === true) === isPast);
	return missingReadings(readings, [{ device, readings: ofTime, events: [], refusal: null }]).map((reading) => `no reading ${reading} at ${ts_ms}`);
}

test.skipIf(!REAL_SAMPLES_EXIST)("every real message comes out as its record says", () => {
	const samples = realSamples("lorawan");
	const problems = new Map(samples.map((sample) => [sample.id, problemsOf(sample)]));
	report("LoRaWAN", problems, samples.length);
	expect([...problems].filter(([, found]) => found.length > 0)).toEqual([]);
});
