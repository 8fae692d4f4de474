import fc from "fast-check";
import { expect, test } from "vitest";
import type { AlarmRecord } from "../../../server/alarms/alarm.ts";
import type { AlarmEffect } from "../../../server/alarms/alarm-effect.ts";
import { AlarmEngine } from "../../../server/alarms/alarm-engine.ts";
import { LINGER } from "../../../server/alarms/causes.ts";
import { OWN_RULES } from "../../../server/alarms/own-rules.ts";
import { worldOf } from "../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

const low = { kind: "limit", level: "low", limit: 100, priority: "high" };
const feedLost = { ...low, id: "feed-lost", name: "Feed lost", on: { deviceKind: "power-meter" }, priority: "critical" };
const upsOff = { ...low, id: "ups-off", name: "UPS off", on: { deviceKind: "ups" } };
const pduDead = { ...low, id: "pdu-dead", name: "PDU dead", on: { deviceKind: "pdu" } };
const silent = { id: "silent", name: "Silent", kind: "no-data", on: { deviceKind: ["pdu", "ups", "power-meter"] }, priority: "low", after: "20s" };
const explains = (...rules: string[]) => [{ rules, where: "feed" }];

const device = (id: string, kind: string, feed: string, agent = "a") => ({
	id,
	kind,
	feed,
	agent,
	points: [{ id: "v", kind: kind === "pdu" ? "power" : "voltage" }],
});
const siteOf = (rules: object[]) => ({
	id: "s",
	name: "S",
	timeZone: "UTC",
	agents: [
		{ id: "a", name: "A" },
		{ id: "b", name: "B" },
	],
	rooms: [
		{
			id: "hall",
			name: "Hall",
			kind: "data-hall",
			plan: { x: 0, y: 0, width: 5, depth: 5 },
			devices: [
				device("feed-a", "power-meter", "A"),
				device("ups-a", "ups", "A"),
				device("pdu-a1", "pdu", "A"),
				device("pdu-a2", "pdu", "A"),
				device("pdu-b1", "pdu", "B", "b"),
			],
		},
	],
	rules,
});

function engineOf(...rules: object[]) {
	const world = worldOf(siteOf(rules));
	let count = 0;
	const start = () => {
		const engine = new AlarmEngine(() => `id${++count}`);
		return engine;
	};
	let engine = start();
	engine.load([], [], world, T0);
	const kept = new Map<string, AlarmRecord>();
	const story: string[] = [];
	const note = (effects: AlarmEffect[]) => {
		for (const effect of effects)
			if (effect.type === "transition") {
				kept.set(effect.alarm.id, effect.alarm);
				story.push(`${effect.transition.kind} ${effect.alarm.point}`);
			}
	};
	const self = {
		records: () => [...kept.values()],
		/** Transitions since it was asked last. */
		story: () => story.splice(0),
		read: (id: string, value: number, seconds: number) => {
			const ts = T0 + seconds * SECOND;
			note(engine.evaluate([{ point: `${id}:v`, ts, receivedAt: ts, value, quality: "good" }], ts));
		},
		tick: (seconds: number, unheard: string[] = []) => note(engine.tick(T0 + seconds * SECOND, unheard)),
		offline: (agent: string, active: boolean, seconds: number) => {
			const rule = OWN_RULES.get("agent-offline");
			if (!rule) throw new Error("no such rule");
			note(engine.report(rule, { subject: agent, active, at: T0 + seconds * SECOND, message: "" }, "s", T0 + seconds * SECOND));
		},
		act: (point: string, kind: "acknowledged" | "shelved" | "unshelved", seconds: number) => {
			const now = T0 + seconds * SECOND;
			const found = engine.act(self.alarm(point).id, { kind, by: "ann", comment: null, shelf: { until: now + 60 * MINUTE, oneShot: false } }, now);
			if (typeof found === "string") throw new Error(found);
			note(found);
		},
		alarm: (point: string) => {
			const alarm = [...kept.values()].find((one) => one.point === point);
			if (!alarm) throw new Error(`no alarm on ${point}`);
			return alarm;
		},
		/** The point of the alarm that explains another. */
		causeOf: (point: string) => {
			const { causeId } = self.alarm(point);
			return causeId === null ? null : (kept.get(causeId)?.point ?? "unknown");
		},
		symptoms: (point: string) => engine.alarms.symptomsOf(self.alarm(point).id),
		restart: (seconds: number) => {
			engine = start();
			note(engine.load([...kept.values()], [], world, T0 + seconds * SECOND));
		},
	};
	return self;
}

const feed = { ...feedLost, explains: explains("pdu-dead") };

test("what follows from a cause in the same place is raised under it, and nothing elsewhere", () => {
	const { read, causeOf, symptoms, story } = engineOf(feed, pduDead);
	read("feed-a", 0, 0);
	for (const pdu of ["pdu-a1", "pdu-a2", "pdu-b1"]) read(pdu, 0, 10);
	expect(["pdu-a1:v", "pdu-a2:v", "pdu-b1:v"].map(causeOf)).toEqual(["feed-a:v", "feed-a:v", null]);
	expect(symptoms("feed-a:v")).toBe(2);
	expect(story()).toEqual(["raised feed-a:v", "raised pdu-a1:v", "raised pdu-a2:v", "raised pdu-b1:v"]);
});

test("symptoms that came before their cause are folded under it, within the window", () => {
	const { read, causeOf, story } = engineOf(feed, pduDead);
	read("pdu-a1", 0, 0);
	read("pdu-a2", 0, 100);
	read("feed-a", 0, 200);
	expect(["pdu-a1:v", "pdu-a2:v"].map(causeOf)).toEqual([null, "feed-a:v"]);
	expect(story().slice(2)).toEqual(["raised feed-a:v", "folded pdu-a2:v"]);
});

test("what begins long after its cause is something else", () => {
	const { read, causeOf } = engineOf(feed, pduDead);
	read("feed-a", 0, 0);
	read("pdu-a1", 0, 16 * 60);
	expect(causeOf("pdu-a1:v")).toBeNull();
});

test("symptoms that outlive their cause come forward; those that return with it don't", () => {
	const { read, tick, causeOf, story, act } = engineOf(feed, pduDead);
	read("feed-a", 0, 0);
	read("pdu-a1", 0, 10);
	read("pdu-a2", 0, 10);
	read("feed-a", 230, 100);
	read("pdu-a2", 500, 110);
	act("pdu-a2:v", "acknowledged", 115);
	story();
	tick(100 + LINGER / SECOND - 1);
	expect([causeOf("pdu-a1:v"), causeOf("pdu-a2:v")]).toEqual(["feed-a:v", null]);
	tick(100 + LINGER / SECOND);
	expect(causeOf("pdu-a1:v")).toBeNull();
	expect(story()).toEqual(["came-forward pdu-a1:v"]);
	tick(500);
	expect(story()).toEqual([]);
});

test("what is gone with its cause stays under it while that is in the list, and comes forward when that leaves", () => {
	const { read, tick, restart, causeOf, story, act } = engineOf(feed, pduDead);
	read("feed-a", 0, 0);
	read("pdu-a1", 0, 10);
	read("pdu-a2", 0, 10);
	read("feed-a", 230, 100);
	read("pdu-a1", 500, 101);
	read("pdu-a2", 500, 101);
	tick(1000);
	restart(1001);
	tick(2000);
	expect(["pdu-a1:v", "pdu-a2:v"].map(causeOf)).toEqual(["feed-a:v", "feed-a:v"]);
	read("pdu-a2", 0, 2001);
	expect(causeOf("pdu-a2:v")).toBeNull();
	story();
	act("feed-a:v", "acknowledged", 2010);
	tick(2011);
	expect(story()).toEqual(["acknowledged feed-a:v", "came-forward pdu-a1:v"]);
});

test("a cause that comes again before that keeps its symptoms", () => {
	const { read, tick, causeOf } = engineOf(feed, pduDead);
	read("feed-a", 0, 0);
	read("pdu-a1", 0, 10);
	read("feed-a", 230, 100);
	read("feed-a", 0, 110);
	tick(1000);
	expect(causeOf("pdu-a1:v")).toBe("feed-a:v");
});

test("nothing is hidden under what is hidden: a cause that is shelved explains nothing until it is back", () => {
	const { read, tick, act, causeOf, story } = engineOf(feed, pduDead);
	read("feed-a", 0, 0);
	read("pdu-a1", 0, 10);
	act("feed-a:v", "shelved", 20);
	tick(21);
	expect(causeOf("pdu-a1:v")).toBeNull();
	read("pdu-a2", 0, 30);
	expect(causeOf("pdu-a2:v")).toBeNull();
	story();
	act("feed-a:v", "unshelved", 40);
	expect(["pdu-a1:v", "pdu-a2:v"].map(causeOf)).toEqual(["feed-a:v", "feed-a:v"]);
	expect(story()).toEqual(["unshelved feed-a:v", "folded pdu-a1:v", "folded pdu-a2:v"]);
});

test("a chain stands under its first cause, in whatever order it was found", () => {
	const ups = { ...upsOff, explains: explains("pdu-dead") };
	const feedOfUps = { ...feedLost, explains: explains("ups-off") };
	const { read, causeOf, symptoms, story } = engineOf(feedOfUps, ups, pduDead);
	read("ups-a", 0, 0);
	read("pdu-a1", 0, 1);
	expect(causeOf("pdu-a1:v")).toBe("ups-a:v");
	story();
	read("feed-a", 0, 2);
	expect(story()).toEqual(["raised feed-a:v", "folded ups-a:v", "folded pdu-a1:v"]);
	read("pdu-a2", 0, 3);
	expect(["ups-a:v", "pdu-a1:v", "pdu-a2:v"].map(causeOf)).toEqual(["feed-a:v", "feed-a:v", "feed-a:v"]);
	expect([symptoms("feed-a:v"), symptoms("ups-a:v")]).toEqual([3, 0]);
});

test("when the first cause is over, what the second one explains stands under that", () => {
	const ups = { ...upsOff, explains: explains("pdu-dead") };
	const { read, tick, causeOf, story } = engineOf({ ...feedLost, explains: explains("ups-off") }, ups, pduDead);
	read("feed-a", 0, 0);
	read("ups-a", 0, 1);
	read("pdu-a1", 0, 2);
	read("feed-a", 230, 3);
	story();
	tick(3 + LINGER / SECOND);
	expect(["ups-a:v", "pdu-a1:v"].map(causeOf)).toEqual([null, "ups-a:v"]);
	expect(story().sort()).toEqual(["came-forward ups-a:v", "folded pdu-a1:v"]);
});

test("two that explain each other don't fold each other away", () => {
	const { read, causeOf } = engineOf({ ...feedLost, explains: explains("ups-off") }, { ...upsOff, explains: explains("feed-lost") });
	read("ups-a", 0, 0);
	read("feed-a", 0, 1);
	expect(["ups-a:v", "feed-a:v"].map(causeOf)).toEqual([null, "ups-a:v"]);
});

test("first out: what is silent behind an agent that is offline stands under the agent's alarm, whichever came first", () => {
	const { tick, offline, causeOf, symptoms } = engineOf(silent);
	tick(20);
	offline("a", true, 30);
	expect(symptoms("watchroom:a")).toBe(4);
	expect([causeOf("feed-a:v"), causeOf("pdu-b1:v")]).toEqual(["watchroom:a", null]);
	offline("b", true, 35);
	expect(causeOf("pdu-b1:v")).toBe("watchroom:b");
});

test("first out: while an agent isn't heard nothing behind it is silent before the agent's alarm says so, nor at once when it is back", () => {
	const { read, tick, offline, causeOf, symptoms, story } = engineOf(silent);
	const all = (seconds: number) => {
		for (const id of ["feed-a", "ups-a", "pdu-a1", "pdu-a2", "pdu-b1"]) read(id, 500, seconds);
	};
	all(0);
	for (let now = 1; now <= 30; now++) tick(now, now > 5 ? ["a"] : []);
	expect(story(), "of the other agent alone").toEqual(["raised pdu-b1:v"]);
	tick(31);
	all(32);
	expect(story(), "it was away for a moment").toEqual(["returned pdu-b1:v"]);
	for (let now = 33; now <= 60; now++) {
		if (now === 58) offline("a", true, now);
		tick(now, ["a"]);
	}
	expect(symptoms("watchroom:a")).toBe(0);
	for (let now = 61; now <= 70; now++) tick(now, ["a"]);
	expect(symptoms("watchroom:a")).toBe(4);
	expect([causeOf("feed-a:v"), story()[0]]).toEqual(["watchroom:a", "raised pdu-b1:v"]);
});

test("who stands under whom outlives a restart, and so does the time at which it comes forward", () => {
	const { read, tick, restart, causeOf, symptoms } = engineOf(feed, pduDead);
	read("feed-a", 0, 0);
	read("pdu-a1", 0, 10);
	restart(20);
	tick(21);
	expect([causeOf("pdu-a1:v"), symptoms("feed-a:v")]).toEqual(["feed-a:v", 1]);
	read("feed-a", 230, 30);
	restart(40);
	tick(1000);
	expect(causeOf("pdu-a1:v")).toBeNull();
});

test("a flood of symptoms is one statement of its cause each, not more", () => {
	const { read, story } = engineOf(feed, pduDead);
	read("pdu-a1", 0, 0);
	read("pdu-a2", 0, 0);
	story();
	read("feed-a", 0, 1);
	read("feed-a", 0, 2);
	expect(story()).toEqual(["raised feed-a:v", "folded pdu-a1:v", "folded pdu-a2:v"]);
});

const happening = fc.record({
	what: fc.constantFrom("feed-a", "ups-a", "pdu-a1", "pdu-a2", "shelve", "unshelve", "acknowledge", "restart", "wait"),
	value: fc.constantFrom(0, 500),
	seconds: fc.integer({ min: 1, max: 40 }),
});
const everybody = ["feed-lost", "ups-off", "pdu-dead"];
test("whatever comes and goes: nobody stands under themselves, what is put aside hides nothing for long, and in the end what outlives its cause is forward", () => {
	fc.assert(
		fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
			const self = engineOf(
				{ ...feedLost, explains: explains(...everybody) },
				{ ...upsOff, explains: explains(...everybody) },
				{ ...pduDead, explains: explains(...everybody) },
			);
			let now = 0;
			for (const { what, value, seconds } of happenings) {
				now += seconds;
				const someone = self.records()[seconds % Math.max(1, self.records().length)];
				if (what === "restart") self.restart(now);
				else if (what === "wait") now += 100;
				else if (what === "shelve" && someone && !someone.shelved) self.act(someone.point, "shelved", now);
				else if (what === "unshelve" && someone?.shelved) self.act(someone.point, "unshelved", now);
				else if (what === "acknowledge" && someone && !someone.acknowledged) self.act(someone.point, "acknowledged", now);
				else if (!["shelve", "unshelve", "acknowledge"].includes(what)) self.read(what, value, now);
				if (seconds % 3 === 0) self.tick(now);
				const byId = new Map(self.records().map((alarm) => [alarm.id, alarm]));
				for (const alarm of byId.values()) {
					const chain = new Set([alarm.id]);
					for (let up = alarm.causeId; up !== null; up = byId.get(up)?.causeId ?? null) {
						expect(chain.has(up), "a circle").toBe(false);
						chain.add(up);
					}
				}
			}
			self.tick(now + LINGER / SECOND);
			self.tick(now + LINGER / SECOND + 1);
			const byId = new Map(self.records().map((alarm) => [alarm.id, alarm]));
			for (const { causeId, active } of byId.values()) {
				const cause = causeId === null ? null : byId.get(causeId);
				if (cause === null) continue;
				expect(cause).toMatchObject({ shelved: false, suppressed: false, outOfService: false });
				expect(cause?.active || (!active && !cause?.acknowledged)).toBe(true);
			}
			for (const { id, point } of byId.values()) expect(self.symptoms(point)).toBe([...byId.values()].filter(({ causeId }) => causeId === id).length);
		}),
		{ numRuns: 300 },
	);
});
