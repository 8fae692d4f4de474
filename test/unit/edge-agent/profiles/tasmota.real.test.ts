/** Tasmota as real devices speak it (EDG-8). */
import { expect, test } from "vitest";
import { cardOfUid } from "../../../../edge-agent/devices/profiles/card-uid.ts";
import { tasmota } from "../../../../edge-agent/devices/profiles/tasmota.ts";
import { listener } from "../../../helpers/dialects.ts";
import { bytesOf, missingReadings, REAL_SAMPLES_EXIST, type RealSample, realSamples, report } from "../../../helpers/real-samples.ts";

/** FullTopics of the records that aren't the usual one. */
const baseOf = (topic: string) => (topic.startsWith("piegn/") ? "piegn/%prefix%/%topic%" : "");

function problemsOf(sample: RealSample): string[] {
	const topic = sample.topic ?? "";
	const parts = listener(tasmota, { base: baseOf(topic) }).hear(topic, bytesOf(sample)) ?? [];
	const { readings = [], events = [], status = [], reject, missing = [] } = sample.expect;
	const decoded = parts.flatMap((part) => part.readings);
	const cards = parts.flatMap((part) => part.events.flatMap((event) => (event.type === "access" ? [event.card] : [])));
	return [
		...missingReadings(readings, parts).map((reading) => `no reading ${reading}`),
		// A relay's state is a reading here, and stands under `status` or nowhere in the records.
		...(sample.expect.readings?.length === 0 && decoded.some(({ channel }) => !channel.startsWith("POWER"))
			? [`${decoded.length} readings made up`]
			: []),
		...missing.filter((name) => decoded.some(({ channel }) => channel.includes(String(name)))).map((name) => `a reading of ${String(name)}`),
		...events
			.filter(({ kind }) => kind === "card_read")
			.filter(({ uid, raw_serial: raw }) => {
				const wanted =
					typeof uid === "number" ? cardOfUid(String(uid), "decimal") : cardOfUid(typeof uid === "string" ? uid : String(raw).slice(2, 10));
				return !cards.some((card) => card?.number === wanted?.number && card?.facility === wanted?.facility);
			})
			.map(({ uid }) => `no card ${String(uid)}`),
		...status
			.filter(({ device, online }) => online !== undefined && !parts.some((part) => part.device === device && saysOnline(part.events, online)))
			.map(({ device }) => `no status of ${device}`),
		...(reject !== undefined && !parts.some(({ refusal }) => refusal) ? ["not refused"] : []),
	];
}

const saysOnline = (events: readonly { type: string; status?: string }[], online: boolean) =>
	events.some(({ type, status }) => type === "status" && status === (online ? "online" : "offline"));

test.skipIf(!REAL_SAMPLES_EXIST)("every real message comes out as its record says", () => {
	const samples = realSamples("tasmota");
	const problems = new Map(samples.map((sample) => [sample.id, problemsOf(sample)]));
	report("Tasmota", problems, samples.length);
	expect([...problems].filter(([, found]) => found.length > 0)).toEqual([]);
});
