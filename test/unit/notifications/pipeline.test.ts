/** The stages from an alarm to its notifications, with a clock that stands still: inhibit, de-duplicate, group, route, escalate (ALM-7). Long since one world in memory plays every story. */
import { expect, test } from "vitest";
import { DUTY_PLACES, type DutyPlace } from "../../../contracts/duty-plan.ts";
import { notificationPolicySchema } from "../../../contracts/notification-policy.ts";
import type { FedAlarm } from "../../../server/alarms/alarm-feed.ts";
import { closing, inhibition, newPage, type Page, pageKey, TEST_RULE } from "../../../server/notifications/page.ts";
import { type Draft, type Group, step } from "../../../server/notifications/pipeline.ts";

const T0 = 1_769_000_000_000;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const policy = notificationPolicySchema.parse({
	groupWait: "20s",
	criticalWait: "2s",
	groupInterval: "5min",
	repeatInterval: "1h",
	escalateAfter: { high: "30min" },
});
const alarm = (id: string, more: Partial<FedAlarm> = {}): FedAlarm => ({
	id,
	rule: "hot",
	ruleName: "Hot",
	point: `d:${id}`,
	site: "s",
	room: "hall",
	rack: null,
	priority: "high",
	active: true,
	acknowledged: false,
	latched: false,
	shelved: false,
	suppressed: false,
	outOfService: false,
	causeId: null,
	occurrence: 1,
	raisedAt: T0,
	clearedAt: null,
	value: 40,
	unit: "°C",
	message: `${id} is hot`,
	cause: "",
	consequence: "",
	action: "",
	responseTimeMs: null,
	momentary: false,
	...more,
});

/** Pages, groups and alarms in memory, stepped as the service steps them. */
function world(duty: Partial<Record<DutyPlace, string[]>> = { first: ["ann"], second: ["bob"], "shift-lead": ["lea"] }, leads: string[] = []) {
	const pages = new Map<string, Page>();
	const groups = new Map<string, Group>();
	const alarms = new Map<string, FedAlarm>();
	const reached = new Map<string, (string | null)[]>();
	const self = {
		now: T0,
		policy,
		duty,
		pages,
		alarms,
		receivers: {} as Record<string, string[]>,
		/** Whether messages arrive. */
		arrives: true,
		/** Somebody acknowledges an occurrence, and that was followed. */
		answered(id: string, occurrence: number) {
			const page = pages.get(pageKey(id, occurrence));
			if (page) pages.set(pageKey(id, occurrence), { ...page, reason: "acknowledged" });
		},
		/** An alarm is raised, or what is given of it changes. */
		happens(one: FedAlarm) {
			alarms.set(one.id, one);
			const key = pageKey(one.id, one.occurrence);
			for (const [name, page] of pages) if (page.alarm === one.id && page.state !== "closed") pages.set(name, { ...page, dueAt: self.now });
			if (!pages.has(key)) pages.set(key, newPage(one.id, one.occurrence, self.now));
		},
		/** Lets time pass and does what is due; to whom something was said. */
		after(ms: number): Draft[] {
			self.now += ms;
			const said: Draft[] = [];
			for (let rounds = 0; rounds < 5; rounds++) {
				const dueGroups = new Set([...groups.values()].filter(({ dueAt }) => dueAt !== null && dueAt <= self.now).map(({ key }) => key));
				const repeating = new Set([...pages.values()].filter(({ repeatAt }) => repeatAt !== null && repeatAt <= self.now).map(({ group }) => group));
				const due = [...pages.values()].filter(
					({ dueAt, repeatAt, state, group }) =>
						(dueAt !== null && dueAt <= self.now) ||
						((state === "waiting" || state === "returned") && group !== null && dueGroups.has(group)) ||
						(dueAt !== null && repeatAt !== null && repeatAt <= self.now + policy.repeatInterval / 2 && repeating.has(group)),
				);
				if (due.length === 0) break;
				const onDuty = new Map(DUTY_PLACES.map((place) => [place, self.duty[place] ?? []]));
				const outcome = step({
					now: self.now,
					policy: self.policy,
					pages: due,
					before: new Map(
						due.flatMap(({ state, alarm, occurrence }) => {
							const before = state === "new" ? pages.get(pageKey(alarm, occurrence - 1)) : undefined;
							return before ? [[alarm, before]] : [];
						}),
					),
					alarms,
					groups,
					callable: { onDuty, leads },
					receivers: (rule) => self.receivers[rule] ?? [],
					reached,
				});
				for (const page of outcome.pages) pages.set(pageKey(page.alarm, page.occurrence), page);
				for (const { page, before } of outcome.continued)
					reached.set(pageKey(page.alarm, page.occurrence), reached.get(pageKey(before.alarm, before.occurrence)) ?? []);
				for (const group of outcome.groups) groups.set(group.key, group);
				for (const draft of self.arrives ? outcome.drafts : [])
					for (const one of draft.alarms) {
						const key = pageKey(one.id, one.occurrence);
						reached.set(key, [...new Set([...(reached.get(key) ?? []), draft.person])]);
					}
				said.push(...outcome.drafts);
			}
			return said;
		},
		state: (id: string, occurrence = 1) => pages.get(pageKey(id, occurrence)),
	};
	return self;
}
const told = (drafts: readonly Draft[]) =>
	drafts.map(({ kind, person, alarms }) => `${kind} ${person ?? "webhook"}: ${alarms.map(({ id }) => id).join(" ")}`);

test.each([
	["shelved", { shelved: true }, "shelved"],
	["suppressed by design", { suppressed: true }, "suppressed"],
	["out of service", { outOfService: true }, "out-of-service"],
	["a symptom of an open cause", { causeId: "c" }, "symptom"],
	["none of it", {}, null],
] as const)("stage 1, inhibit: %s", (_, more, expected) => {
	expect(inhibition(alarm("a", more))).toBe(expected);
});

test.each([
	["waits for an answer while it is active", {}, null],
	["is answered by its acknowledgement", { acknowledged: true }, "acknowledged"],
	["is over when the condition is", { active: false }, "over"],
	["of something that happened waits although it has returned", { active: false, momentary: true }, null],
	["that is latched waits although it has returned", { active: false, latched: true }, null],
	["ends with its occurrence", { occurrence: 2 }, "superseded"],
] as const)("an occurrence %s", (_, more, expected) => {
	expect(closing(newPage("a", 1, T0), alarm("a", more))).toBe(expected);
});

test("alarms of one room go out together after the group's wait, once for each receiver", () => {
	const given = world();
	given.happens(alarm("a"));
	given.after(0);
	expect(given.after(10 * SECOND)).toEqual([]);
	given.happens(alarm("b"));
	given.happens(alarm("c", { room: "dock" }));
	given.after(0);
	expect(told(given.after(10 * SECOND))).toEqual(["raised ann: a b", "raised webhook: a b"]);
	expect(told(given.after(10 * SECOND))).toEqual(["raised ann: c", "raised webhook: c"]);
});

test("a critical alarm takes its group along after a short wait", () => {
	const given = world();
	given.happens(alarm("a"));
	given.happens(alarm("b", { priority: "critical" }));
	given.after(0);
	const drafts = given.after(2 * SECOND);
	expect(told(drafts)).toEqual(["raised ann: b a", "raised webhook: b a"]);
	expect(drafts[0]?.priority).toBe("critical");
});

test("what comes after a group went out waits for the group's interval, unless it is critical", () => {
	const given = world();
	given.happens(alarm("a"));
	given.after(0);
	given.after(20 * SECOND);
	given.happens(alarm("b"));
	expect(given.after(4 * MINUTE)).toEqual([]);
	given.happens(alarm("c", { priority: "critical" }));
	given.after(0);
	expect(told(given.after(2 * SECOND))[0]).toBe("raised ann: c b");
});

test("the same occurrence is one page, however often it is told of; the next one is another, and goes on where nobody has answered it", () => {
	const given = world();
	given.happens(alarm("a"));
	given.happens(alarm("a"));
	given.after(0);
	expect(given.after(20 * SECOND)).toHaveLength(2);
	given.happens(alarm("a", { occurrence: 2 }));
	expect(given.after(0)).toEqual([]);
	expect(given.state("a")).toMatchObject({ state: "closed", reason: "superseded" });
	expect(given.state("a", 2)).toMatchObject({ state: "paged", pagedAt: given.state("a")?.pagedAt });
	expect(given.after(29 * MINUTE)).toEqual([]);
	expect(told(given.after(MINUTE))).toEqual(["escalated bob: a", "escalated webhook: a"]);
});

test("what is over before its group goes out is said to nobody", () => {
	const given = world();
	given.happens(alarm("a"));
	given.after(10 * SECOND);
	given.happens(alarm("a", { active: false, clearedAt: T0 + 12 * SECOND }));
	expect(given.after(10 * SECOND)).toEqual([]);
	expect(given.state("a")).toMatchObject({ state: "closed", reason: "over", pagedAt: null });
});

test("a symptom is held while its cause is open, and comes forward when it outlives it", () => {
	const given = world();
	given.happens(alarm("cause", { priority: "critical" }));
	for (let at = 0; at < 500; at++) given.happens(alarm(`symptom-${at}`, { causeId: "cause" }));
	given.after(0);
	expect(told(given.after(20 * SECOND))).toEqual(["raised ann: cause", "raised webhook: cause"]);
	expect(given.state("symptom-7")).toMatchObject({ state: "held", reason: "symptom" });
	given.happens(alarm("cause", { active: false }));
	given.happens(alarm("symptom-7"));
	given.after(0);
	expect(told(given.after(5 * MINUTE)).filter((line) => line.startsWith("raised"))).toEqual(["raised ann: symptom-7", "raised webhook: symptom-7"]);
});

test("who was told of alarms is told once, together, when they are over, whether somebody has answered or not", () => {
	const given = world();
	for (const id of ["a", "b", "c"]) given.happens(alarm(id, { responseTimeMs: 10 * MINUTE }));
	given.after(0);
	given.after(20 * SECOND);
	expect(told(given.after(10 * MINUTE))).toEqual(["escalated bob: a b c", "escalated webhook: a b c"]);
	given.duty = { first: ["zoe"] };
	given.happens(alarm("a", { acknowledged: true }));
	expect(given.after(MINUTE)).toEqual([]);
	expect(given.state("a")).toMatchObject({ state: "answered", reason: "acknowledged" });
	given.happens(alarm("a", { acknowledged: true, active: false }));
	given.after(0);
	given.happens(alarm("b", { active: false }));
	given.after(10 * SECOND);
	expect(told(given.after(10 * SECOND))).toEqual(["resolved ann: a b", "resolved webhook: a b", "resolved bob: a b"]);
	given.happens(alarm("b", { active: false, acknowledged: true }));
	expect(given.after(MINUTE)).toEqual([]);
	expect(given.state("b")).toMatchObject({ state: "closed", reason: "over" });
	given.happens(alarm("c", { active: false }));
	expect(given.after(3 * MINUTE)).toEqual([]);
	expect(told(given.after(2 * MINUTE)), "not sooner than the group's interval").toEqual([
		"resolved ann: c",
		"resolved webhook: c",
		"resolved bob: c",
	]);
});

test("that it is over is said of nothing that came again meanwhile, nor while it is latched", () => {
	const given = world();
	given.happens(alarm("a"));
	given.happens(alarm("b"));
	given.after(0);
	given.after(20 * SECOND);
	given.happens(alarm("a", { active: false }));
	given.happens(alarm("b", { active: false, latched: true, acknowledged: true }));
	given.after(10 * SECOND);
	given.happens(alarm("a", { occurrence: 2 }));
	expect(given.after(MINUTE)).toEqual([]);
	given.happens(alarm("b", { active: false, acknowledged: true }));
	given.after(0);
	expect(told(given.after(20 * SECOND))).toEqual(["resolved ann: b", "resolved webhook: b"]);
});

test("where the site names no channel for it, nobody is told that something is over", () => {
	const given = world();
	given.policy = { ...policy, resolved: [] };
	given.happens(alarm("a"));
	given.after(0);
	given.after(20 * SECOND);
	given.happens(alarm("a", { active: false }));
	expect(given.after(MINUTE)).toEqual([]);
	expect(given.state("a")).toMatchObject({ state: "closed", reason: "over" });
});

test("what is shelved after people were told calls nobody else until it is not any more", () => {
	const given = world();
	given.happens(alarm("a"));
	given.after(0);
	given.after(20 * SECOND);
	given.happens(alarm("a", { shelved: true }));
	expect(given.after(40 * MINUTE)).toEqual([]);
	given.happens(alarm("a"));
	expect(told(given.after(0))).toEqual(["escalated bob: a", "escalated webhook: a"]);
});

test("nobody answers: the second and then the shift lead are called when the response time has passed again, and all are told again", () => {
	const given = world();
	given.happens(alarm("a", { responseTimeMs: 10 * MINUTE }));
	given.after(0);
	expect(told(given.after(20 * SECOND))[0]).toBe("raised ann: a");
	expect(given.after(10 * MINUTE - 1)).toEqual([]);
	expect(told(given.after(1))).toEqual(["escalated bob: a", "escalated webhook: a"]);
	given.duty = { ...given.duty, "shift-lead": ["max"] };
	expect(told(given.after(10 * MINUTE))).toEqual(["escalated max: a", "escalated webhook: a"]);
	expect(given.after(59 * MINUTE)).toEqual([]);
	expect(told(given.after(MINUTE))).toEqual(["repeated ann: a", "repeated bob: a", "repeated max: a", "repeated webhook: a"]);
	given.happens(alarm("a", { acknowledged: true }));
	expect(given.after(24 * 60 * MINUTE)).toEqual([]);
});

test("repetitions of one group come together", () => {
	const given = world();
	given.happens(alarm("a", { responseTimeMs: 99 * MINUTE }));
	given.after(0);
	given.after(20 * SECOND);
	given.happens(alarm("b", { responseTimeMs: 99 * MINUTE }));
	given.after(0);
	given.after(20 * MINUTE);
	expect(told(given.after(40 * MINUTE))).toEqual(["repeated ann: a b", "repeated webhook: a b"]);
});

test("where the rule gives no response time the priority's counts", () => {
	const given = world();
	given.happens(alarm("a"));
	given.after(0);
	given.after(20 * SECOND);
	expect(given.after(29 * MINUTE)).toEqual([]);
	expect(told(given.after(MINUTE))[0]).toBe("escalated bob: a");
});

test("a server that was down at the moment of escalation catches up at once, with the roster of now", () => {
	const given = world();
	given.happens(alarm("a", { responseTimeMs: 10 * MINUTE }));
	given.after(0);
	given.after(20 * SECOND);
	given.duty = { first: ["zoe"], second: ["cid"], "shift-lead": ["max"] };
	expect(told(given.after(25 * MINUTE)).filter((line) => !line.includes("webhook"))).toEqual(["escalated cid: a", "escalated max: a"]);
});

test("places that nobody holds are passed over; where nobody is on duty at all, those who lead shifts are called", () => {
	const second = world({ second: ["bob"] });
	second.happens(alarm("a"));
	second.after(0);
	expect(told(second.after(20 * SECOND))[0]).toBe("raised bob: a");
	const nobody = world({}, ["lea", "max"]);
	nobody.happens(alarm("a"));
	nobody.after(0);
	expect(told(nobody.after(20 * SECOND))).toEqual(["raised lea: a", "raised max: a", "raised webhook: a"]);
	expect(nobody.state("a")).toMatchObject({ step: 2, escalateAt: null });
});

test("a rule's receivers, places or people, are told besides, once each", () => {
	const given = world();
	given.receivers = { hot: ["second", "eve", "ann"] };
	given.happens(alarm("a"));
	given.after(0);
	expect(told(given.after(20 * SECOND))).toEqual(["raised ann: a", "raised bob: a", "raised eve: a", "raised webhook: a"]);
});

test("a rule's receivers are told again while nobody answers; an escalation is for the next place alone", () => {
	const given = world();
	given.receivers = { hot: ["eve"] };
	given.happens(alarm("a", { responseTimeMs: 99 * MINUTE }));
	given.after(0);
	given.after(20 * SECOND);
	expect(told(given.after(60 * MINUTE))).toEqual(["repeated ann: a", "repeated eve: a", "repeated webhook: a"]);
	expect(told(given.after(39 * MINUTE))).toEqual(["escalated bob: a", "escalated webhook: a"]);
});

test("a test alarm goes to everybody on duty, alone, and neither escalates nor repeats", () => {
	const given = world();
	given.happens(alarm("a", { room: "" }));
	given.happens(alarm("t", { rule: TEST_RULE, room: "", active: false, momentary: true, responseTimeMs: MINUTE }));
	given.after(0);
	expect(told(given.after(20 * SECOND)).filter((line) => line.endsWith(": t"))).toEqual(
		["ann", "bob", "lea", "webhook"].map((person) => `raised ${person}: t`),
	);
	expect(given.after(20 * MINUTE)).toEqual([]);
});

/** An alarm that comes for 10 s and goes for 10 s, told of at most until somebody answers. */
function flapping(of: ReturnType<typeof world>, cycles: number, more: Partial<FedAlarm>, first = 1): string[] {
	const said: string[] = [];
	for (let occurrence = first; occurrence < first + cycles; occurrence++)
		for (const active of [true, false]) {
			of.happens(alarm("a", { ...more, occurrence, active, clearedAt: active ? null : of.now }));
			said.push(...told(of.after(0)), ...told(of.after(10 * SECOND)));
		}
	return said;
}

test("an alarm that comes and goes faster than its response time goes up the chain all the same, and nobody hears of each time", () => {
	const said = flapping(world(), 30, { priority: "critical", responseTimeMs: MINUTE });
	expect(said.filter((one) => one.startsWith("escalated") && !one.includes("webhook"))).toEqual(["escalated bob: a", "escalated lea: a"]);
	// 30 times in 10 minutes; that it is over is told once in the 5 minutes of a group at most.
	expect(said.filter((one) => one === "raised ann: a").length).toBeLessThanOrEqual(3);
});

test("one that comes and goes faster than its group waits is told of when the group has waited since it came first", () => {
	expect(flapping(world(), 3, {}).slice(0, 2)).toEqual(["raised ann: a", "raised webhook: a"]);
});

test("who was told that it comes and goes is told when it is over at last", () => {
	const of = world();
	const said = flapping(of, 4, { priority: "critical" });
	expect([...said, ...told(of.after(10 * MINUTE))].slice(-2)).toEqual(["resolved ann: a", "resolved webhook: a"]);
});

test("what was told to be over and comes again soon is told to all who knew of it, and the chain goes on from its first call", () => {
	const of = world();
	const more = { priority: "critical", responseTimeMs: 10 * MINUTE } as const;
	of.happens(alarm("a", more));
	of.after(10 * SECOND);
	expect(told(of.after(10 * MINUTE))).toEqual(["escalated bob: a", "escalated webhook: a"]);
	of.happens(alarm("a", { ...more, active: false, clearedAt: of.now }));
	of.after(0);
	expect(told(of.after(MINUTE)).sort()).toEqual(["resolved ann: a", "resolved bob: a", "resolved webhook: a"]);
	of.happens(alarm("a", { ...more, occurrence: 2 }));
	expect([...told(of.after(0)), ...told(of.after(10 * SECOND))].sort()).toEqual(["raised ann: a", "raised bob: a", "raised webhook: a"]);
	expect(told(of.after(9 * MINUTE))).toEqual(["escalated lea: a", "escalated webhook: a"]);
});

test.each<[what: string, between: (of: ReturnType<typeof world>) => void]>([
	["somebody answered", (of) => of.happens(alarm("a", { priority: "critical", active: false, acknowledged: true, clearedAt: of.now }))],
	["came long ago", (of) => void of.after(2 * 60 * MINUTE)],
])("an alarm that comes again after %s begins its chain anew", (_, between) => {
	const of = world();
	of.happens(alarm("a", { priority: "critical" }));
	of.after(10 * SECOND);
	of.happens(alarm("a", { priority: "critical", active: false, clearedAt: of.now }));
	of.after(0);
	between(of);
	of.after(0);
	of.happens(alarm("a", { priority: "critical", occurrence: 2 }));
	of.after(0);
	expect(told(of.after(10 * SECOND))).toEqual(["raised ann: a", "raised webhook: a"]);
	expect(of.state("a", 2)).toMatchObject({ step: 0, pagedAt: of.now });
});

test("of an event that happens again people are told again, and the chain goes on", () => {
	const of = world();
	const more = { priority: "critical", momentary: true, active: false, responseTimeMs: MINUTE } as const;
	const said = Array.from({ length: 4 }, (_, at) => {
		of.happens(alarm("a", { ...more, occurrence: at + 1 }));
		return [...told(of.after(0)), ...told(of.after(20 * SECOND))];
	}).flat();
	expect(said.filter((one) => one === "raised ann: a")).toHaveLength(4);
	expect(said).toContain("escalated bob: a");
});

test("one that comes again under a rule that calls somebody else is told to them, too", () => {
	const of = world();
	of.happens(alarm("a", { priority: "critical" }));
	of.after(10 * SECOND);
	of.happens(alarm("a", { priority: "critical", active: false, clearedAt: of.now }));
	of.after(0);
	of.receivers = { hot: ["kim"] };
	of.happens(alarm("a", { priority: "critical", occurrence: 2 }));
	expect([...told(of.after(0)), ...told(of.after(10 * SECOND))]).toContain("raised kim: a");
	expect(of.state("a", 2)).toMatchObject({ pagedAt: of.state("a")?.pagedAt });
});

test("what is over and has reached nobody goes on calling as what isn't over, until somebody has heard of it or answers", () => {
	const of = world();
	of.arrives = false;
	const more = { priority: "critical", responseTimeMs: 10 * MINUTE } as const;
	of.happens(alarm("a", more));
	of.after(0);
	of.after(2 * SECOND);
	of.happens(alarm("a", { ...more, active: false, clearedAt: of.now }));
	expect(of.after(MINUTE)).toEqual([]);
	expect(of.state("a")).toMatchObject({ state: "paged", reason: null });
	of.arrives = true;
	expect(told(of.after(9 * MINUTE))).toEqual(["escalated bob: a", "escalated webhook: a"]);
	expect(told(of.after(10 * SECOND)), "only those who heard of it, in their turn").toEqual([]);
	expect(told(of.after(20 * SECOND))).toEqual(["resolved bob: a", "resolved webhook: a"]);
	expect(of.after(60 * MINUTE)).toEqual([]);
});

test("an answer ends it for what is over and has reached nobody", () => {
	const of = world();
	of.arrives = false;
	of.happens(alarm("a", { priority: "critical" }));
	of.after(0);
	of.after(2 * SECOND);
	of.happens(alarm("a", { priority: "critical", active: false, clearedAt: of.now }));
	of.after(MINUTE);
	of.happens(alarm("a", { priority: "critical", active: false, acknowledged: true, clearedAt: of.now }));
	expect([...of.after(0), ...of.after(MINUTE), ...of.after(24 * 60 * MINUTE)]).toEqual([]);
	expect(of.state("a")).toMatchObject({ state: "closed", reason: "acknowledged" });
});

test.each([
	["was still called for", false],
	["was told to be over", true],
])("an occurrence that comes right after somebody answered the one before begins a page of its own, where that %s", (_, over) => {
	const of = world();
	const more = { priority: "critical", responseTimeMs: MINUTE } as const;
	of.happens(alarm("a", more));
	of.after(0);
	of.after(2 * SECOND);
	if (over) {
		of.happens(alarm("a", { ...more, active: false, clearedAt: of.now }));
		of.after(0);
		of.after(30 * SECOND);
	}
	// Return, acknowledgement and the new occurrence fall between two looks.
	of.answered("a", 1);
	of.happens(alarm("a", { ...more, occurrence: 2 }));
	expect([...told(of.after(0)), ...told(of.after(2 * SECOND))]).toEqual(["raised ann: a", "raised webhook: a"]);
	expect(of.state("a")).toMatchObject({ state: "closed" });
	expect(of.state("a", 2)).toMatchObject({ step: 0, pagedAt: of.now });
	expect(of.after(MINUTE - 1)).toEqual([]);
	expect(told(of.after(1))).toEqual(["escalated bob: a", "escalated webhook: a"]);
});
