import { describe, expect, test } from "vitest";
import type { QualityMetric } from "../../../contracts/alarm-quality.ts";
import type { Priority } from "../../../contracts/kinds.ts";
import { alarmQuality, type Occurrence } from "../../../server/alarms/quality/alarm-quality.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = { from: 0, to: 24 * HOUR };

const one = (raisedAt: number, more: Partial<Occurrence> = {}): Occurrence => {
	const alarm = more.alarm ?? "a";
	const common = { alarm, rule: "hot", point: "sensor:temperature", message: "hot", priority: "low" as Priority };
	return {
		...common,
		raisedAt,
		listedAt: raisedAt,
		annunciatedAt: raisedAt,
		returnedAt: raisedAt + 10 * MINUTE,
		acknowledgedAt: null,
		responseTimeMs: null,
		...more,
	};
};
const many = (count: number, make: (place: number) => Occurrence) => Array.from({ length: count }, (_, place) => make(place));
const figure = (occurrences: Occurrence[], metric: QualityMetric, window = DAY) =>
	alarmQuality(occurrences, window).figures.find((found) => found.metric === metric);

describe("alarm quality (ISA-18.2, clause 16)", () => {
	const cases: { rule: string; occurrences: Occurrence[]; metric: QualityMetric; value: number | null; met: boolean | null }[] = [
		{
			rule: "144 a day are one in 10 minutes",
			occurrences: many(144, (place) => one(place * 10 * MINUTE)),
			metric: "average-per-10-minutes",
			value: 1,
			met: true,
		},
		{
			rule: "more than that are too many",
			occurrences: many(288, (place) => one(place * 5 * MINUTE)),
			metric: "average-per-10-minutes",
			value: 2,
			met: false,
		},
		{
			rule: "the peak is that of the worst 10 minutes",
			occurrences: many(11, (place) => one(HOUR + place * SECOND)),
			metric: "peak-per-10-minutes",
			value: 11,
			met: false,
		},
		{
			rule: "ten at most are still read",
			occurrences: many(10, (place) => one(HOUR + place * SECOND)),
			metric: "peak-per-10-minutes",
			value: 10,
			met: true,
		},
		{
			rule: "periods above ten are counted",
			occurrences: many(22, (place) => one((place % 2) * HOUR + place * SECOND)),
			metric: "periods-above-10",
			value: 2 / 144,
			met: false,
		},
		{ rule: "a quiet day has no period above ten", occurrences: [], metric: "periods-above-10", value: 0, met: true },
		{
			rule: "three of one alarm in a minute chatter",
			occurrences: [one(0), one(30 * SECOND), one(MINUTE)],
			metric: "chattering",
			value: 1,
			met: false,
		},
		{
			rule: "three in more than a minute don't",
			occurrences: [one(0), one(30 * SECOND), one(MINUTE + 1)],
			metric: "chattering",
			value: 0,
			met: true,
		},
		{
			rule: "three of three alarms don't",
			occurrences: ["a", "b", "c"].map((alarm) => one(0, { alarm })),
			metric: "chattering",
			value: 0,
			met: true,
		},
		{ rule: "gone within a minute is fleeting", occurrences: [one(0, { returnedAt: 59 * SECOND })], metric: "fleeting", value: 1, met: false },
		{
			rule: "but not if somebody had acknowledged it",
			occurrences: [one(0, { returnedAt: 59 * SECOND, acknowledgedAt: 20 * SECOND })],
			metric: "fleeting",
			value: 0,
			met: true,
		},
		{
			rule: "what chatters isn't counted as fleeting too",
			occurrences: [0, 1, 2].map((at) => one(at * SECOND, { returnedAt: at * SECOND + 500 })),
			metric: "fleeting",
			value: 0,
			met: true,
		},
		{ rule: "active for a day and more is stale", occurrences: [one(-HOUR, { returnedAt: null })], metric: "stale", value: 1, met: true },
		{
			rule: "stale counts where it was so at any time of the window",
			occurrences: [one(-30 * HOUR, { returnedAt: HOUR })],
			metric: "stale",
			value: 1,
			met: true,
		},
		{
			rule: "five of them are too many",
			occurrences: many(5, (place) => one(-HOUR, { alarm: `${place}`, returnedAt: null })),
			metric: "stale",
			value: 5,
			met: false,
		},
		{ rule: "what ended before the window isn't its", occurrences: [one(-50 * HOUR, { returnedAt: -HOUR })], metric: "stale", value: 0, met: true },
		{ rule: "a day to the very ms isn't", occurrences: [one(0, { returnedAt: null })], metric: "stale", value: 0, met: true },
		{ rule: "shares of few alarms aren't told", occurrences: many(99, (place) => one(place)), metric: "share-low", value: null, met: null },
		{
			rule: "80 of 100 low is as it should be",
			occurrences: many(100, (place) => one(place, { priority: place < 80 ? "low" : "medium" })),
			metric: "share-low",
			value: 0.8,
			met: true,
		},
		{
			rule: "critical and high count together",
			occurrences: many(100, (place) => one(place, { priority: place < 6 ? "critical" : place < 12 ? "high" : "low" })),
			metric: "share-high",
			value: 0.12,
			met: false,
		},
		{
			rule: "the ten worst make up no more than a share",
			occurrences: many(400, (place) => one(place, { alarm: `${place % 200}` })),
			metric: "top-10-share",
			value: 20 / 400,
			met: true,
		},
		{
			rule: "one that makes most of all is found",
			occurrences: many(400, (place) => one(place, { alarm: place < 200 ? "bad" : `${place}` })),
			metric: "top-10-share",
			value: 209 / 400,
			met: false,
		},
		{
			rule: "time in flood is a share of the window",
			occurrences: many(500, (place) => one(place * 100)),
			metric: "time-in-flood",
			value: (49_500 + 10 * MINUTE) / DAY.to,
			met: true,
		},
	];
	test.each(cases)("$metric: $rule", ({ occurrences, metric, value, met }) => {
		const found = figure(occurrences, metric);
		expect(found?.met).toBe(met);
		if (value === null) expect(found?.value).toBeNull();
		else expect(found?.value).toBeCloseTo(value, 3);
	});

	test("only what was raised in the window counts into its rates", () => {
		const { alarms } = alarmQuality([one(-1), one(0), one(DAY.to - 1), one(DAY.to)], DAY);
		expect(alarms).toBe(2);
	});

	test("the rates count what called on the operator: neither what was put aside nor a symptom under its cause", () => {
		const found = alarmQuality(
			[
				one(0, { alarm: "cause" }),
				...many(500, (place) => one(place, { alarm: `symptom ${place}`, annunciatedAt: null })),
				...many(20, (place) => one(place, { alarm: "shelved", listedAt: null, annunciatedAt: null })),
			],
			DAY,
		);
		expect(found).toMatchObject({ alarms: 1, raised: 521, folded: 500, aside: 20 });
		const value = (metric: QualityMetric) => found.figures.find((one) => one.metric === metric)?.value;
		expect(value("peak-per-10-minutes")).toBe(1);
		expect(value("chattering")).toBe(0);
		expect(found.offenders).toEqual([expect.objectContaining({ alarm: "cause" })]);
	});

	test("a flood counts symptoms under their cause too, and says how many were shown; what is put aside makes none", () => {
		const symptoms = many(500, (place) => one(place * 100, { alarm: `symptom ${place}`, annunciatedAt: null }));
		const found = alarmQuality([one(0, { alarm: "cause" }), ...symptoms], DAY);
		expect(found.floods).toEqual([{ from: 0, to: 49_500 + 10 * MINUTE, alarms: 501, annunciated: 1, peak: 501 }]);
		const aside = many(500, (place) => one(place * 100, { listedAt: null, annunciatedAt: null }));
		expect(alarmQuality(aside, DAY).floods).toEqual([]);
	});

	test("what comes forward, or comes back into the list, counts from then on", () => {
		const shelved = one(-HOUR, { alarm: "shelved", returnedAt: null, listedAt: HOUR, annunciatedAt: HOUR, acknowledgedAt: HOUR + MINUTE });
		const forward = one(0, { alarm: "symptom", returnedAt: null, annunciatedAt: 2 * HOUR });
		const found = alarmQuality([shelved, forward, one(0, { alarm: "later", annunciatedAt: DAY.to })], DAY);
		expect(found).toMatchObject({ alarms: 2, raised: 2, folded: 0, acknowledgement: { acknowledged: 1, medianMs: MINUTE } });
	});

	test("time to acknowledge: median, 90 %, and who was late by the rule's response time, open ones too", () => {
		const occurrences = [
			...many(9, (place) => one(0, { alarm: `${place}`, acknowledgedAt: (place + 1) * MINUTE, responseTimeMs: 5 * MINUTE })),
			one(0, { alarm: "open", responseTimeMs: 5 * MINUTE }),
			one(0, { alarm: "without" }),
			one(DAY.to - MINUTE, { alarm: "fresh", responseTimeMs: 5 * MINUTE }),
		];
		expect(alarmQuality(occurrences, DAY).acknowledgement).toEqual({ acknowledged: 9, medianMs: 5 * MINUTE, p90Ms: 9 * MINUTE, late: 5 });
	});

	test("the worst offenders are named, most frequent first", () => {
		const occurrences = [...many(5, (place) => one(place * 10 * SECOND, { alarm: "chatters" })), one(0, { alarm: "once", returnedAt: SECOND })];
		expect(alarmQuality(occurrences, DAY).offenders).toEqual([
			expect.objectContaining({ alarm: "chatters", count: 5, chattering: 5, fleeting: 0, share: 5 / 6 }),
			expect.objectContaining({ alarm: "once", count: 1, chattering: 0, fleeting: 1 }),
		]);
	});
});
