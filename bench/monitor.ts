/**
 * What the look at access events costs, on an embedded PostgreSQL with fsync on.
 *   npm run bench -- monitor [--events 20000] [--batch 100] [--doors 40] [--holders 1000]
 * The same events, five a second by their own time, are recorded without the monitor and then, in a database of their own, with it, until
 * every one has been looked at. One event in twenty is denied. One JSON line.
 */
import { parseArgs } from "node:util";
import { sql } from "kysely";
import type { UplinkAccessEvent } from "../contracts/uplink.ts";
import { accessMigrations } from "../server/access/access-migrations.ts";
import { AccessService } from "../server/access/access-service.ts";
import { AccessMonitor } from "../server/access/monitor/access-monitor.ts";
import { monitorMigrations } from "../server/access/monitor/monitor-migrations.ts";
import { EmbeddedPostgres } from "../server/platform/database/embedded-postgres.ts";
import { PostgresDatabase } from "../server/platform/database/postgres-database.ts";
import { silentLogger } from "../server/platform/logger.ts";
import { recordedActs } from "../test/helpers/actors.ts";
import { registerOf } from "../test/helpers/register.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../test/helpers/small-world.ts";
import { temporaryDirectory } from "../test/helpers/temporary-directory.ts";

const START = Date.parse("2026-11-23T09:00:00Z");
const BETWEEN = 200;
const DENIED_EVERY = 20;

/** See the head of the file. */
export async function run(args: string[]): Promise<void> {
	const { values } = parseArgs({
		args,
		options: {
			events: { type: "string", default: "20000" },
			batch: { type: "string", default: "100" },
			doors: { type: "string", default: "40" },
			holders: { type: "string", default: "1000" },
		},
	});
	const [events, batch, doors, holders] = [values.events, values.batch, values.doors, values.holders].map(Number);
	if (!events || !batch || !doors || !holders) throw new Error("expected numbers above 0");
	const site = siteOf(doors, holders);
	const all = Array.from({ length: events }, (_, index) => swipe(index, doors, holders));
	const plain = await recorded(site, all, batch, false);
	const monitored = await recorded(site, all, batch, true);
	const perSecond = ({ ms }: { ms: number }) => Math.round((events * 1000) / ms);
	console.log(
		JSON.stringify({
			bench: "monitor",
			events,
			batch,
			doors,
			holders,
			fsync: true,
			plainPerSecond: perSecond(plain),
			monitoredPerSecond: perSecond(monitored),
			ratio: Math.round((plain.ms / monitored.ms) * 100) / 100,
			findings: monitored.findings,
		}),
	);
}

async function recorded(site: unknown, events: readonly UplinkAccessEvent[], batch: number, monitored: boolean) {
	const directory = await temporaryDirectory("bench-monitor");
	const database = new PostgresDatabase({
		server: new EmbeddedPostgres({ directory: directory.path, logger: silentLogger() }),
		logger: silentLogger(),
	});
	await database.start();
	try {
		await database.migrate({ ...accessMigrations, ...monitorMigrations });
		const world = worldSource(site);
		const register = registerOf(world.current().site);
		const clock = settableClock(START);
		const realtime = recordingRealtime();
		const access = new AccessService({ world, database, realtime, clock, register: () => register });
		const monitor = new AccessMonitor({
			database,
			register: () => register,
			site: () => "s",
			uncertain: () => [],
			counts: { accessCounts: () => [], reportCounted: async () => undefined },
			report: async () => {},
			realtime,
			audit: recordedActs().audit,
			clock,
			logger: silentLogger(),
			every: null,
		});
		await access.start();
		if (monitored) access.onRecorded(() => monitor.wake());
		const started = performance.now();
		for (let at = 0; at < events.length; at += batch) {
			const part = events.slice(at, at + batch);
			clock.time = part.at(-1)?.receivedAt ?? START;
			await access.record(part, false);
		}
		if (monitored) {
			await monitor.look();
			// Waits for a look that was under way.
			await monitor.stop();
		}
		const ms = performance.now() - started;
		const { rows } = await sql<{ left: number }>`SELECT count(*)::int AS left FROM access_events WHERE NOT judged`.execute(database.tables());
		if (monitored && rows[0]?.left !== 0) throw new Error(`${rows[0]?.left} events were not looked at`);
		return { ms, findings: realtime.events.filter(({ event }) => event === "finding").length };
	} finally {
		await database.stop();
		await directory.remove();
	}
}

/** One hall with many doors, a card for everybody. */
function siteOf(doors: number, holders: number) {
	const site = smallSite();
	const [door] = site.doors;
	return {
		...site,
		doors: Array.from({ length: doors }, (_, index) => ({ ...door, id: `d${index}`, name: `Door ${index}` })),
		holders: Array.from({ length: holders }, (_, index) => ({
			id: `h${index}`,
			name: `Holder ${index}`,
			role: "employee",
			card: cardOf(index),
			zones: ["hall"],
		})),
	};
}

const cardOf = (index: number) => ({ format: "H10301", facility: 1 + Math.floor(index / 60_000), number: 1 + (index % 60_000) });

function swipe(index: number, doors: number, holders: number): UplinkAccessEvent {
	const ts = START + index * BETWEEN;
	const reason = index % DENIED_EVERY === 0 ? "denied-passback" : "granted";
	return {
		type: "access",
		device: "r1",
		ts,
		receivedAt: ts,
		seq: index + 1,
		door: `d${index % doors}`,
		direction: "in",
		method: "card",
		card: cardOf((index * 7) % holders),
		fingerprint: null,
		result: reason === "granted" ? "granted" : "denied",
		reason,
	};
}
