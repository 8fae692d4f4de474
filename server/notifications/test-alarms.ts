import { randomBytes, randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { schedule } from "node-cron";
import type { Alarm, Page } from "../../contracts/api.ts";
import type { TestAlarm } from "../../contracts/notifications.ts";
import type { AlarmService } from "../alarms/alarm-service.ts";
import type { OwnCondition } from "../alarms/own-conditions.ts";
import type { Audit } from "../audit/audit.ts";
import { type Actor, SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf, isoOf, msOf } from "../platform/database/instants.ts";
import { AppError, conflict, notFound } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { Rounds } from "../platform/rounds.ts";
import { momentAt } from "../platform/zoned-time.ts";
import type { WorldSource } from "../site/world-source.ts";
import { TEST_RULE } from "./page.ts";
import type { Proof } from "./proof-page.ts";

interface TestTables {
	test_alarms: { id: string; at: Date; by: string; deadline: Date; state: TestAlarm["state"] };
	test_alarm_proofs: { test: string; person: string; token: string | null; sent_at: Date; confirmed_at: Date | null };
	test_alarm_schedule: { one: boolean; cron: string; next_at: Date };
}
export interface TestAlarmOptions {
	world: WorldSource;
	database: Database;
	alarms: Pick<AlarmService, "report" | "list" | "acknowledge">;
	audit: Audit;
	clock: Clock;
	logger: Logger;
	/** The first time (Unix ms) at which a schedule is due after `now`. */
	nextRun?: (cron: string, timeZone: string, now: number) => number | null;
}

const LOOK_EVERY = 1000;
/** How long receivers have where nobody has set a schedule, ms. */
const CONFIRM_WITHIN = 30 * 60_000;
const SHOWN = 100;

/**
 * Test alarms (ALM-10): a real alarm by schedule goes the way of all alarms to those on duty, who confirm by a link that it reached them.
 * The schedule's next time is stored, so that one that fell into a downtime is made up for.
 */
export class TestAlarms {
	readonly #options: TestAlarmOptions;
	readonly #rounds: Rounds;
	#missed: { person: string; at: number }[] = [];

	constructor(options: TestAlarmOptions) {
		this.#options = options;
		const { logger } = options;
		this.#rounds = new Rounds({ look: () => this.look(), every: LOOK_EVERY, logger, failed: "test alarms could not be looked after; trying again" });
	}

	/** After the alarms. */
	async start(): Promise<void> {
		await this.#refresh();
		this.#rounds.start();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		await this.#rounds.stop();
	}

	/** Starts what is due and ends what has run out. */
	async look(): Promise<void> {
		await this.#lookAtSchedule();
		const now = this.#options.clock.now();
		const over = await this.#tables()
			.selectFrom("test_alarms")
			.selectAll()
			.where("state", "=", "running")
			.where("deadline", "<=", dateOf(now))
			.execute();
		for (const { id } of over) await this.#end(id);
	}

	/** Starts one now. Throws AppError 409 `test-running`. */
	async begin(actor: Actor): Promise<string> {
		const { world, database, clock, audit, alarms } = this.#options;
		const now = clock.now();
		const id = randomUUID();
		const within = world.current().site.notifications.testAlarm?.confirmWithin ?? CONFIRM_WITHIN;
		await database.transaction<TestTables, void>(async (transaction) => {
			await sql`select pg_advisory_xact_lock(hashtext('watchroom test alarm'))`.execute(transaction);
			const running = await transaction.selectFrom("test_alarms").select("id").where("state", "=", "running").executeTakeFirst();
			if (running) throw conflict("test-running", "A test alarm is under way.");
			await transaction
				.insertInto("test_alarms")
				.values({ id, at: dateOf(now), by: actor.username, deadline: dateOf(now + within), state: "running" })
				.execute();
			await audit.record(transaction, { tag: "change", operation: "test-alarm.begin", actor, object: { type: "test-alarm", id }, result: "ok" });
		});
		await alarms.report({ rule: TEST_RULE, subject: "test", active: true, at: now, message: "Test alarm: confirm by the link that it reached you" });
		return id;
	}

	/** In the transaction that makes the notifications: who is told has a link of their own. */
	async told(transaction: AnyTransaction, people: readonly string[], now: number): Promise<void> {
		const tables = transaction as unknown as Kysely<TestTables>;
		const test = await tables.selectFrom("test_alarms").select("id").where("state", "=", "running").orderBy("at", "desc").limit(1).executeTakeFirst();
		if (!test) return;
		await tables
			.insertInto("test_alarm_proofs")
			.values(
				[...new Set(people)].map((person) => ({
					test: test.id,
					person,
					token: randomBytes(24).toString("base64url"),
					sent_at: dateOf(now),
					confirmed_at: null,
				})),
			)
			.onConflict((conflict) => conflict.doNothing())
			.execute();
	}

	/** The token of a person's link for the test that is running; `null` when it was used, or none is running. */
	async tokenOf(person: string): Promise<string | null> {
		const row = await this.#tables()
			.selectFrom("test_alarm_proofs")
			.innerJoin("test_alarms", "test_alarms.id", "test_alarm_proofs.test")
			.select("token")
			.where("person", "=", person)
			.where("confirmed_at", "is", null)
			.where("state", "=", "running")
			.orderBy("at", "desc")
			.limit(1)
			.executeTakeFirst();
		return row?.token ?? null;
	}

	/** Whose link it is, and whether it was used. Throws AppError 404 `unknown-link`. */
	async proof(token: string): Promise<Proof> {
		const row = await this.#tables()
			.selectFrom("test_alarm_proofs")
			.innerJoin("test_alarms", "test_alarms.id", "test_alarm_proofs.test")
			.select(["person", "at", "confirmed_at"])
			.where("token", "=", token)
			.executeTakeFirst();
		if (!row) throw unknownLink();
		const { timeZone } = this.#options.world.current().site;
		return { person: row.person, at: msOf(row.at), confirmedAt: msOf(row.confirmed_at), timeZone };
	}

	/** Uses the link; `false`: it was used before. Throws AppError 404 `unknown-link`. */
	async confirm(token: string): Promise<boolean> {
		const { clock, database, audit } = this.#options;
		const test = await database.transaction<TestTables, string | null>(async (transaction) => {
			const row = await transaction
				.updateTable("test_alarm_proofs")
				.set({ confirmed_at: dateOf(clock.now()) })
				.where("token", "=", token)
				.where("confirmed_at", "is", null)
				.returning(["test", "person"])
				.executeTakeFirst();
			if (!row) return null;
			const detail = { person: row.person };
			await audit.record(transaction, {
				tag: "change",
				operation: "test-alarm.confirm",
				actor: { address: null, typedName: row.person },
				object: { type: "test-alarm", id: row.test },
				result: "ok",
				detail,
			});
			return row.test;
		});
		if (test === null) {
			await this.proof(token);
			return false;
		}
		const open = await this.#tables()
			.selectFrom("test_alarm_proofs")
			.select("person")
			.where("test", "=", test)
			.where("confirmed_at", "is", null)
			.execute();
		if (open.length === 0) await this.#end(test);
		else await this.#refresh();
		return true;
	}

	/** The newest first. */
	async list(): Promise<TestAlarm[]> {
		const tests = await this.#tables().selectFrom("test_alarms").selectAll().orderBy("at", "desc").orderBy("id", "desc").limit(SHOWN).execute();
		if (tests.length === 0) return [];
		const proofs = await this.#tables()
			.selectFrom("test_alarm_proofs")
			.selectAll()
			.where(
				"test",
				"in",
				tests.map(({ id }) => id),
			)
			.orderBy("person")
			.execute();
		return tests.map(({ id, at, by, deadline, state }) => ({
			id,
			at: at.toISOString(),
			by,
			deadline: deadline.toISOString(),
			state,
			proofs: proofs
				.filter(({ test }) => test === id)
				.map(({ person, sent_at, confirmed_at }) => ({ person, sentAt: sent_at.toISOString(), confirmedAt: isoOf(msOf(confirmed_at)) })),
		}));
	}

	/** Throws AppError 404. */
	async get(id: string): Promise<TestAlarm> {
		const found = (await this.list()).find((test) => test.id === id);
		if (!found) throw notFound("test alarm", id);
		return found;
	}

	/** Whom the last test did not reach, for alarms. */
	conditions(): OwnCondition[] {
		const { timeZone } = this.#options.world.current().site;
		return this.#missed.map(({ person, at }) => ({
			rule: "test-alarm-missed",
			subject: person,
			holds: true,
			onDelay: 0,
			offDelay: 0,
			message:
				person === NOBODY
					? `The test alarm of ${momentAt(at, timeZone)} reached nobody`
					: `${person} did not confirm the test alarm of ${momentAt(at, timeZone)}`,
		}));
	}

	async #lookAtSchedule(): Promise<void> {
		const { world, clock, database, nextRun = nextRunByCron } = this.#options;
		const { notifications, timeZone } = world.current().site;
		const cron = notifications.testAlarm?.schedule;
		const stored = await this.#tables().selectFrom("test_alarm_schedule").selectAll().executeTakeFirst();
		if (cron === undefined) {
			if (stored) await this.#tables().deleteFrom("test_alarm_schedule").execute();
			return;
		}
		const now = clock.now();
		const due = stored?.cron === cron && msOf(stored.next_at) <= now;
		if (stored?.cron === cron && !due) return;
		const next = nextRun(cron, timeZone, now);
		if (next === null) return;
		// Of several servers that look at once, one has moved the time on.
		const mine = await database.transaction<TestTables, boolean>(async (transaction) => {
			await sql`select pg_advisory_xact_lock(hashtext('watchroom test alarm schedule'))`.execute(transaction);
			const before = await transaction.selectFrom("test_alarm_schedule").selectAll().executeTakeFirst();
			const values = { cron, next_at: dateOf(next) };
			await transaction
				.insertInto("test_alarm_schedule")
				.values({ one: true, ...values })
				.onConflict((on) => on.column("one").doUpdateSet(values))
				.execute();
			return before?.cron === cron && msOf(before.next_at) <= now;
		});
		if (!due || !mine) return;
		await this.begin(SYSTEM).catch((error: unknown) => {
			if (!(error instanceof AppError) || error.code !== "test-running") throw error;
		});
	}

	/** Passed when everybody who was told has confirmed. The alarm itself has done its work then. */
	async #end(id: string): Promise<void> {
		const { alarms } = this.#options;
		const proofs = await this.#tables().selectFrom("test_alarm_proofs").select("confirmed_at").where("test", "=", id).execute();
		const passed = proofs.length > 0 && proofs.every(({ confirmed_at }) => confirmed_at !== null);
		const state = passed ? "passed" : "missed";
		const ended = await this.#tables()
			.updateTable("test_alarms")
			.set({ state })
			.where("id", "=", id)
			.where("state", "=", "running")
			.executeTakeFirst();
		if (ended.numUpdatedRows === 0n && !passed) return;
		if (ended.numUpdatedRows === 0n) await this.#tables().updateTable("test_alarms").set({ state }).where("id", "=", id).execute();
		const { items }: Page<Alarm> = await alarms.list({ rule: TEST_RULE, acknowledged: false }, { limit: 1, after: null });
		for (const alarm of items)
			await alarms
				.acknowledge(alarm.id, { comment: passed ? "Every receiver has confirmed." : "Not every receiver has confirmed." }, SYSTEM)
				.catch((error: unknown) => {
					if (!(error instanceof AppError) || error.status !== 409) throw error;
				});
		await this.#refresh();
	}

	/** Whom the last test that is over did not reach. A late confirmation counts. */
	async #refresh(): Promise<void> {
		const last = await this.#tables()
			.selectFrom("test_alarms")
			.select(["id", "at", "state"])
			.where("state", "<>", "running")
			.orderBy("at", "desc")
			.limit(1)
			.executeTakeFirst();
		if (!last || last.state === "passed") {
			this.#missed = [];
			return;
		}
		const proofs = await this.#tables().selectFrom("test_alarm_proofs").select(["person", "confirmed_at"]).where("test", "=", last.id).execute();
		const people = proofs.length === 0 ? [NOBODY] : proofs.filter(({ confirmed_at }) => confirmed_at === null).map(({ person }) => person);
		this.#missed = people.map((person) => ({ person, at: msOf(last.at) }));
	}

	#tables() {
		return this.#options.database.tables<TestTables>();
	}
}

/** Subject of the alarm on a test that went to nobody. No username begins so. */
const NOBODY = "_nobody";
const unknownLink = () => new AppError("unknown-link", 404, "This link is not known.");

function nextRunByCron(cron: string, timeZone: string): number | null {
	const task = schedule(cron, () => undefined, { timezone: timeZone });
	const next = task.getNextRun();
	void task.destroy();
	return next === null ? null : next.getTime();
}
