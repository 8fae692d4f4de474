/** Door controllers as real ones speak (EDG-8): uhppoted and esp-rfid. */
import { expect, test } from "vitest";
import { cardOfUid } from "../../../../edge-agent/devices/profiles/card-uid.ts";
import { espRfid } from "../../../../edge-agent/devices/profiles/esp-rfid.ts";
import type { Decoded } from "../../../../edge-agent/devices/profiles/profile.ts";
import { uhppoted } from "../../../../edge-agent/devices/profiles/uhppoted.ts";
import { listener } from "../../../helpers/dialects.ts";
import { bytesOf, REAL_SAMPLES_EXIST, type RealSample, realSamples, report } from "../../../helpers/real-samples.ts";

const isUhppoted = ({ topic }: RealSample) => topic?.startsWith("uhppoted/") ?? false;

function partsOf(sample: RealSample): readonly Decoded[] {
	const topic = sample.topic ?? "";
	// Installations give esp-rfid a topic of their own.
	const base = topic.replace(/\/(?:sync|send|tag)$/, "");
	return (
		(isUhppoted(sample) ? listener(uhppoted, { timeZone: "America/Los_Angeles" }) : listener(espRfid, { base })).hear(topic, bytesOf(sample)) ?? []
	);
}

type Expected = Record<string, unknown>;

/** What of an expected event is not among the decoded; `null`: all of it is. */
function problemOf(expected: Expected, parts: readonly Decoded[]): string | null {
	const events = parts.flatMap((part) => part.events);
	switch (expected.kind) {
		case "access": {
			const found = events.find((event) => event.type === "access");
			if (found?.type !== "access") return "no access event";
			const number =
				found.card === null ? null : found.card.format === "H10301" ? found.card.facility * 100_000 + found.card.number : found.card.number;
			if (expected.card_number !== undefined && number !== expected.card_number) return `card ${number}`;
			if (typeof expected.uid === "string" && JSON.stringify(found.card) !== JSON.stringify(cardOfUid(expected.uid)))
				return `card ${JSON.stringify(found.card)}`;
			if (expected.granted !== undefined && (found.result === "granted") !== expected.granted) return found.result;
			if (expected.event_id !== undefined && found.seq !== expected.event_id) return `event ${found.seq}`;
			if (typeof expected.door === "number" && found.door !== String(expected.door)) return `door ${found.door}`;
			if (expected.direction !== undefined && found.direction !== expected.direction) return `direction ${found.direction}`;
			// Their clocks are those of California, whose abbreviations Date knows.
			if (typeof expected.device_time === "string" && found.ts !== Date.parse(expected.device_time)) return `at ${found.ts}`;
			return expected.device_time_s !== undefined && found.ts !== Number(expected.device_time_s) * 1000 ? `at ${found.ts}` : null;
		}
		case "device_log":
			// The second report of a swipe: the same key as the first one's.
			return events.some((event) => event.type === "access" && event.key !== undefined) ? null : "not told as the swipe that it is";
		case "door_open":
			return events.some((event) => event.type === "door" && event.state === "open") ? null : "no open door";
		case "tamper":
			return events.some((event) => event.type === "door" && event.state === "tamper") ? null : "no tampering";
		default: {
			const channel = expected.kind === "audit_log_cleared" ? "log-cleared" : String(expected.kind);
			return parts.some(({ readings }) => readings.some((reading) => reading.channel === channel && reading.value === true)) ? null : `no ${channel}`;
		}
	}
}

function problemsOf(sample: RealSample): string[] {
	const parts = partsOf(sample);
	const { events = [], status = [], reject, device_time_valid: valid } = sample.expect;
	if (reject !== undefined) return parts.every(({ refusal }) => refusal !== null) && parts.length > 0 ? [] : ["not refused"];
	const clock = parts.find(({ unusableClock }) => unusableClock !== undefined);
	return [
		...(events as Expected[]).map((event) => problemOf(event, parts)),
		...status.map(({ device, online }) =>
			parts.some((part) => part.device === device && part.events.some((event) => event.type === "status" && (event.status === "online") === online))
				? null
				: `no status of ${device}`,
		),
		valid === false && clock === undefined ? "a time since its start is taken for a date" : null,
	].filter((problem) => problem !== null);
}

test.skipIf(!REAL_SAMPLES_EXIST)("every real message of a door controller comes out as its record says", () => {
	const samples = realSamples("access_control");
	const problems = new Map(samples.map((sample) => [sample.id, problemsOf(sample)]));
	report("uhppoted, esp-rfid", problems, samples.length);
	expect([...problems].filter(([, found]) => found.length > 0)).toEqual([]);
});
