/** A month in accelerated time: 2,000 holders, 5,000 grants, 40 doors, a million events; every figure is counted again from the raw events. */
import { createHash } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ReviewDecision, ReviewItem } from "../../../contracts/reviews.ts";
import { accessMigrations } from "../../../server/access/access-migrations.ts";
import { monitorMigrations } from "../../../server/access/monitor/monitor-migrations.ts";
import { registerMigrations } from "../../../server/access/register/register-migrations.ts";
import { reportSchema } from "../../../server/reviews/review-report.ts";
import { reviewsMigrations } from "../../../server/reviews/reviews-migrations.ts";
import { actorWith } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { fillEvents, reviewer, reviewParts } from "../../helpers/review-world.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const DAY = 86_400_000;
/** 00:30 on 1 December in Berlin. */
const START = Date.parse("2026-11-30T23:30:00Z");
const SIZE = { holders: 2000, zones: 20, until: START };
const EVENTS = 1_000_000;
const [rita, ralf] = [reviewer("rita"), reviewer("ralf")];
const manager = actorWith(["reviews.sign-off", "reviews.manage", "reviews.read", "access.personal", "access.card-numbers"], { id: "manager" });

let db: TestDatabase;
let parts: Awaited<ReturnType<typeof reviewParts>>;

beforeAll(async () => {
	db = await testDatabase({ ...accessMigrations, ...registerMigrations, ...monitorMigrations, ...reviewsMigrations });
	parts = await reviewParts(db.database, SIZE, START - 40 * DAY);
	await fillEvents(db.database, SIZE, EVENTS);
}, 300_000);
afterAll(async () => {
	await parts.campaigns.stop();
	await parts.register.stop();
	await db.drop();
});

interface Counted {
	granted: number;
	denied: number;
	outOfHours: number;
	last: number;
	doors: Map<string, number>;
}

/** Counts the raw events by holder and zone, with nothing of the product's: the local hour is asked of Intl for each hour that occurs. */
async function countEvents(): Promise<Map<string, Counted>> {
	const counted = new Map<string, Counted>();
	const outside = new Map<number, boolean>();
	const format = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Berlin", weekday: "short", hour: "2-digit", hourCycle: "h23" });
	const isOutside = (ts: number) => {
		const hour = Math.floor(ts / 3_600_000);
		let known = outside.get(hour);
		if (known === undefined) {
			const [day = "", local = ""] = format.format(ts).split(/[ ,]+/);
			known = day === "Sat" || day === "Sun" || Number(local) < 6 || Number(local) >= 20;
			outside.set(hour, known);
		}
		return known;
	};
	for (let after = 0, more = true; more; ) {
		const { rows } = await sql<{ id: number; holder: string; door: string; result: string; ts: Date }>`
			SELECT id, holder, door, result, ts FROM access_events WHERE id > ${after} ORDER BY id LIMIT 50000`.execute(db.database.tables());
		for (const { holder, door, result, ts } of rows) {
			const at = ts.getTime();
			if (at <= START - 90 * DAY || at > START) continue;
			const zone = Number(door.slice("door-".length)) >> 1;
			const key = `${holder}/zone-${zone}`;
			const own = counted.get(key) ?? { granted: 0, denied: 0, outOfHours: 0, last: 0, doors: new Map<string, number>() };
			counted.set(key, own);
			own.doors.set(door, (own.doors.get(door) ?? 0) + (result === "granted" ? 1 : 0));
			if (result === "granted") {
				own.granted += 1;
				own.last = Math.max(own.last, at);
				if (zone % 2 === 0 && isOutside(at)) own.outOfHours += 1;
			} else own.denied += 1;
		}
		more = rows.length > 0;
		after = Number(rows.at(-1)?.id ?? 0);
	}
	return counted;
}

test("a month runs from its start by itself to the last confirmation, and every figure of its report is that of the raw events", async () => {
	const { clock, reviews, campaigns, closing, acts, register, controllers } = parts;
	// The review of November, so that something is unchanged since in December.
	clock.time = Date.parse("2026-10-31T23:30:00Z");
	await campaigns.look();
	clock.time = START;
	await campaigns.start();
	const review = await waitFor(
		"December's review",
		async () => (await reviews.list(rita)).find(({ period, subject }) => period === "2026-12" && subject === "access"),
		120_000,
		100,
	);
	const { id } = review;
	const all: ReviewItem[] = [];
	for (let after: number | null = 0; after !== null; ) {
		const page = await reviews.items(id, {}, { limit: 500, after }, rita);
		all.push(...page.items);
		after = page.nextCursor === null ? null : (page.items.at(-1)?.number ?? null);
	}
	expect(all).toHaveLength(5000);

	// What the reviewers do, and when: this list is what the report is counted from.
	const done: { item: ReviewItem; by: string; at: number; decision: ReviewDecision; block: boolean }[] = [];
	for (const by of [rita, ralf]) {
		const mine = all.filter(({ assignee }) => assignee?.id === by.id);
		const low = mine.filter(({ risk }) => risk === "low");
		for (let from = 0; from < low.length; from += 1000) {
			clock.time += 20_000;
			const block = low.slice(from, from + 1000);
			await reviews.attest(id, { items: block.map(({ id: item, version }) => ({ item, version })) }, by);
			for (const item of block) done.push({ item, by: by.id, at: clock.time, decision: "keep", block: true });
		}
		for (const [place, item] of mine.filter(({ risk }) => risk !== "low").entries()) {
			// A break of half an hour now and then, which is no time per decision.
			clock.time += place % 200 === 199 ? 1_800_000 : 3000 + (place % 5) * 1000;
			const decision: ReviewDecision = place % 20 === 3 ? "revoke" : place % 33 === 5 ? "change" : "keep";
			const change = decision === "change" ? { until: new Date(START + 60 * DAY).toISOString(), schedule: null } : undefined;
			await reviews.decide(id, item.id, { decision, reason: "as the script says", version: item.version, ...(change && { change }) }, by);
			done.push({ item, by: by.id, at: clock.time, decision, block: false });
		}
		await reviews.submit(id, by);
	}
	clock.time += 60_000;
	await closing.signOff(id, manager);
	expect((await reviews.get(id, rita)).state).toBe("remediating");
	controllers.confirmedAt = clock.time + 5000;
	clock.time += 10_000;
	await closing.look();
	await closing.look();
	expect((await reviews.get(id, rita)).state).toBe("closed");

	const { rows } = await sql<{
		body: string;
		hash: string;
	}>`SELECT body, hash FROM review_reports WHERE review = ${id} ORDER BY id DESC LIMIT 1`.execute(db.database.tables());
	const [kept] = rows;
	if (!kept) throw new Error("no report");
	expect(createHash("sha256").update(kept.body).digest("hex")).toBe(kept.hash);
	expect(acts.entries.findLast(({ type }) => type === "review.closed")?.data.hash).toBe(kept.hash);
	const report = reportSchema.parse(JSON.parse(kept.body));

	// Usage, item by item.
	const counted = await countEvents();
	const usage = report.items.map(({ holder, grant, usage: used }) => {
		const raw = counted.get(`${holder?.id}/${grant?.zone}`);
		const doors = [...(raw?.doors ?? [])].sort(([one], [other]) => (one < other ? -1 : 1)).map(([door, granted]) => ({ door, granted }));
		const expected = {
			lastUsedAt: raw?.last ? new Date(raw.last).toISOString() : null,
			granted: raw?.granted ?? 0,
			denied: raw?.denied ?? 0,
			outOfHours: raw?.outOfHours ?? 0,
			doors,
		};
		return { item: `${holder?.id}/${grant?.zone}`, used, expected };
	});
	expect(
		usage.filter(
			({ used, expected }) =>
				JSON.stringify(used, Object.keys(expected).concat("door")) !== JSON.stringify(expected, Object.keys(expected).concat("door")),
		),
	).toEqual([]);
	expect(usage.reduce((sum, { used }) => sum + (used?.granted ?? 0) + (used?.denied ?? 0), 0)).toBe(
		[...counted.values()].reduce((sum, { granted, denied }) => sum + granted + denied, 0),
	);

	// Decisions, figures and quality, from what was done.
	const byItem = new Map(done.map((one) => [one.item.id, one]));
	expect(
		report.items.filter(({ id: item, decision, decidedBy, decidedAt, block }) => {
			const one = byItem.get(item);
			return !one || one.decision !== decision || one.by !== decidedBy?.id || new Date(one.at).toISOString() !== decidedAt || one.block !== block;
		}),
	).toEqual([]);
	const of = (decision: ReviewDecision) => done.filter((one) => one.decision === decision).length;
	const blocks = done.filter(({ block }) => block).length;
	expect(blocks).toBeGreaterThan(1000);
	expect(report.review.figures).toEqual({
		items: 5000,
		decided: done.length,
		submitted: done.length,
		kept: of("keep"),
		revoked: of("revoke"),
		changed: of("change"),
		attested: blocks,
		risky: all.filter(({ risk }) => risk === "risky").length,
		unassigned: 0,
		confirmed: of("revoke") + of("change"),
		unconfirmed: 0,
		reopened: 0,
	});
	const gaps = ["rita", "ralf"].flatMap((by) => {
		const times = [...new Set(done.flatMap((one) => (one.by === by ? one.at : [])))];
		return times.slice(1).map((at, place) => (at - (times[place] ?? 0)) / 1000);
	});
	const sittings = gaps.filter((gap) => gap <= 600).sort((one, other) => one - other);
	expect(report.review.quality).toMatchObject({
		secondsPerDecision: sittings[Math.floor(sittings.length / 2)],
		shareAttested: blocks / done.length,
		shareKept: of("keep") / done.length,
	});

	// What was taken is gone from the register, and nothing else.
	const now = register.current();
	const ended = [...now.grants.values()].filter(({ endReason }) => endReason === "review").map((grant) => grant.id);
	expect(ended.sort()).toEqual(done.flatMap(({ item, decision }) => (decision === "revoke" ? (item.grant?.id ?? []) : [])).sort());
}, 600_000);
