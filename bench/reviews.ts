/**
 * A monthly review of 2,000 holders with 5,000 grants over a million access events, on an embedded PostgreSQL with fsync on.
 *   npm run bench -- reviews [--holders 2000] [--events 1000000] [--runs 5]
 * `usage`: the events of 90 days counted for all items. `start`: usage, snapshot, hints, hash, assignment, all written in one transaction.
 * `page`: 500 items with names; `items`: all of them, page after page. `attest`: 2,000 items together. `submit`: what was attested. One JSON line each.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { accessMigrations } from "../server/access/access-migrations.ts";
import { registerMigrations } from "../server/access/register/register-migrations.ts";
import { EmbeddedPostgres } from "../server/platform/database/embedded-postgres.ts";
import { PostgresDatabase } from "../server/platform/database/postgres-database.ts";
import { silentLogger } from "../server/platform/logger.ts";
import { reviewsMigrations } from "../server/reviews/reviews-migrations.ts";
import { fillEvents, reviewer, reviewParts } from "../test/helpers/review-world.ts";
import { temporaryDirectory } from "../test/helpers/temporary-directory.ts";

const DAY = 86_400_000;
const NOW = Date.parse("2026-11-30T23:30:00Z");

/** See the head of the file. */
export async function run(args: string[]): Promise<void> {
	const { values } = parseArgs({
		args,
		options: {
			holders: { type: "string", default: "2000" },
			events: { type: "string", default: "1000000" },
			runs: { type: "string", default: "5" },
		},
	});
	const runs = Number(values.runs);
	const directory = await temporaryDirectory("bench-reviews");
	const server = new EmbeddedPostgres({ directory: join(directory.path, "postgres"), logger: silentLogger() });
	const database = new PostgresDatabase({ server, logger: silentLogger() });
	await database.start();
	try {
		await database.migrate({ ...accessMigrations, ...registerMigrations, ...reviewsMigrations });
		const size = { holders: Number(values.holders), zones: 20, until: NOW };
		const { access, campaigns, reviews, register, clock } = await reviewParts(database, size, NOW - 40 * DAY);
		await fillEvents(database, size, Number(values.events));
		const rita = reviewer("rita");
		clock.time = NOW - 31 * DAY;
		await campaigns.look();
		clock.time = NOW;
		await measure("usage", runs, () => access.usage(NOW - 90 * DAY, NOW));
		await measure("start", 1, () => campaigns.begin("access", rita));
		const [review] = await reviews.list(rita);
		if (!review) throw new Error("no review has been started");
		await measure("page", runs, () => reviews.items(review.id, {}, { limit: 500, after: 0 }, rita));
		const all = async () => {
			const items = [];
			for (let after: number | null = 0; after !== null; ) {
				const page: Awaited<ReturnType<typeof reviews.items>> = await reviews.items(review.id, {}, { limit: 500, after }, rita);
				items.push(...page.items);
				after = page.nextCursor === null ? null : (page.items.at(-1)?.number ?? null);
			}
			return items;
		};
		await measure("items", runs, all);
		const mine = (await all()).filter(({ risk, decidable }) => risk === "low" && decidable).slice(0, 2000);
		await measure("attest", 1, () => reviews.attest(review.id, { items: mine.map(({ id, version }) => ({ item: id, version })) }, rita), mine.length);
		await measure("submit", 1, () => reviews.submit(review.id, rita), mine.length);
		await register.stop();
	} finally {
		await database.stop();
		await directory.remove();
	}
}

/** Prints median and slowest of `runs`, ms. */
async function measure(what: string, runs: number, work: () => Promise<unknown>, items?: number): Promise<void> {
	const times: number[] = [];
	for (let i = 0; i < runs; i++) {
		const from = performance.now();
		await work();
		times.push(performance.now() - from);
	}
	times.sort((one, other) => one - other);
	console.log(
		JSON.stringify({
			bench: "reviews",
			what,
			runs,
			...(items !== undefined && { items }),
			p50: Math.round(times[runs >> 1] ?? 0),
			max: Math.round(times.at(-1) ?? 0),
			unit: "ms",
		}),
	);
}
