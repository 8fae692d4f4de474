/** Every dialect's own samples: what comes of them is what they say, and nothing else (EDG-8). */
import { describe, expect, test } from "vitest";
import type { Decoded } from "../../../../edge-agent/devices/profiles/profile.ts";
import { PROFILES } from "../../../../edge-agent/devices/profiles/registry.ts";
import type { ExpectedPart, Sample } from "../../../../edge-agent/devices/profiles/sample.ts";
import { matchesTopic } from "../../../../edge-agent/devices/topic-filter.ts";
import { listenerFor, samplesOf } from "../../../helpers/dialects.ts";

const TABLES = await Promise.all(PROFILES.filter(({ strict }) => !strict).map(async (profile) => ({ profile, samples: await samplesOf(profile) })));

describe.each(TABLES)("$profile.title", ({ profile, samples }) => {
	test.each(samples.map((sample) => [sample.about, sample] as const))("%s", (_, sample) => {
		const made = listenerFor(profile, sample);
		const parts = made.hear(sample.topic, sample.payload);
		expect(parts?.map((part, index) => simplified(part, sample.expect?.[index])) ?? null).toEqual(sample.expect?.map(complete) ?? null);
		expect(made.sent.map(({ topic }) => topic)).toEqual(sample.sends ?? []);
	});

	test("its filters let its samples through, and each topic is somebody's", () => {
		for (const { topic, base = profile.base ?? "", addresses = [], expect: expected } of samples as readonly Sample[]) {
			if (expected === null || expected.length === 0) continue;
			expect([topic, profile.topics(base, addresses).some((filter) => matchesTopic(filter, topic))]).toEqual([topic, true]);
			expect([topic, profile.owner(topic, base) === undefined]).toEqual([topic, false]);
		}
	});
});

const complete = (part: ExpectedPart): ExpectedPart => ({ readings: {}, events: [], ...part });

/** What a decoder said, in a sample's words, as far as the sample speaks of it. */
function simplified(part: Decoded, expected: ExpectedPart | undefined): ExpectedPart {
	const status = part.events.find((event) => event.type === "status");
	const events = part.events.filter((event) => event.type !== "status");
	const times = [...new Set([...part.readings, ...part.events].map(({ ts }) => ts))];
	const wanted = expected?.events ?? [];
	return {
		device: part.device,
		readings: Object.fromEntries(
			part.readings.map(({ channel, value, unit }) => [channel, unit !== undefined && typeof value === "number" ? ([value, unit] as const) : value]),
		),
		events: events.map((event, index) => only(event, Object.keys(wanted[index] ?? event))),
		...(status?.type === "status" && { status: status.status }),
		...(expected?.ts !== undefined && { ts: times.length === 1 ? (times[0] ?? null) : (Number.NaN as number) }),
		...(part.unusableClock !== undefined && { unusableClock: part.unusableClock }),
		...(part.readings.some(({ historical }) => historical) && { historical: part.readings.every(({ historical }) => historical) }),
		...(part.refusal !== null && { refused: part.refusal.reason }),
		...(part.numbers !== undefined && { numbers: part.numbers }),
		...(part.channels !== undefined && { announces: part.channels }),
		...((expected?.info !== undefined || part.info !== undefined) && { info: part.info ?? {} }),
	};
}

function only(event: object, keys: readonly string[]): object {
	return Object.fromEntries(keys.map((key) => [key, (event as Record<string, unknown>)[key]]));
}
