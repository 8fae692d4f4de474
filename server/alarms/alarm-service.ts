import { randomUUID } from "node:crypto";
import { ALARM_TRANSITIONS, type Alarm, type AlarmSummary, type AlarmTransition, type Page } from "../../contracts/api.ts";
import type { Priority } from "../../contracts/kinds.ts";
import type { Reading } from "../../contracts/reading.ts";
import type { Rule } from "../../contracts/rules.ts";
import type { World } from "../../contracts/world.ts";
import type { Audit } from "../audit/audit.ts";
import type { LedgerAppender } from "../ledger/ledger-entry.ts";
import type { Actor } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import { AppError, conflict, notFound } from "../platform/errors.ts";
import type { HealthCheck } from "../platform/health.ts";
import { pageOfRows } from "../platform/http/paging.ts";
import type { Logger } from "../platform/logger.ts";
import type { Realtime } from "../platform/realtime-port.ts";
import type { WorldSource } from "../site/world-source.ts";
import { type AlarmRecord, alarmView, type TransitionKind, transitionView } from "./alarm.ts";
import type { AlarmEffect } from "./alarm-effect.ts";
import { AlarmEngine, type EngineStats } from "./alarm-engine.ts";
import { type AlarmFilter, type AlarmPosition, AlarmStore, type TransitionPosition } from "./alarm-store.ts";
import { summaryOf } from "./alarm-summary.ts";
import { CommitQueue } from "./commit-queue.ts";
import { type OperatorAct, recordActs, refusal, shelfFor } from "./operator-act.ts";
import type { NotedRule, OwnReport } from "./own-alarm.ts";
import { START_GRACE } from "./own-conditions.ts";
import { OWN_RULES } from "./own-rules.ts";
import { type AccessCount, accessCounts } from "./rules/rule-selection.ts";

export interface AlarmServiceOptions {
	world: WorldSource;
	database: Database;
	/** Where people's acts are recorded besides. */
	audit: Audit;
	ledger: LedgerAppender;
	realtime: Realtime;
	clock: Clock;
	logger: Logger;
	/** Newest reading of a point, unless it is stale. Points that no rule has watched begin with it. */
	newest?: (point: string) => Reading | null;
	/** Agents of the site that aren't heard now; none where it isn't given. */
	unheard?: () => readonly string[];
	/** ms between two ticks: 1,000 where it isn't given; `null`: whoever built this calls `tick`. */
	tickEvery?: number | null;
	/** Transitions that may wait for the database; 20,000 where it isn't given. */
	queueLimit?: number;
	/** ms between two tries to record while the database is down, for the first and at most. */
	retry?: { first: number; most: number };
}
/** For /metrics. */
export interface AlarmStats extends EngineStats {
	/** Alarms not in state "normal". */
	open: Record<Priority, number>;
	active: Record<Priority, number>;
	/** Transitions recorded since the start. */
	transitions: Record<TransitionKind, number>;
	/** Readings taken while marked late. */
	lateReadings: number;
	/** Transitions waiting for the database. */
	waiting: number;
	/** From evaluation to commit, of the newest commit, ms. */
	commitLagMs: number;
}
export interface RuleView {
	rule: Rule;
	/** Points that it watches. */
	points: number;
}

const DAY = 86_400_000;
/** How long a person waits for what they did to be recorded, ms. */
const PATIENCE = 5000;

/** The alarms: evaluates readings, records what changes, and tells the dashboards afterwards. */
export class AlarmService {
	readonly #options: AlarmServiceOptions;
	readonly #store: AlarmStore;
	readonly #engine = new AlarmEngine(randomUUID);
	readonly #queue: CommitQueue<AlarmEffect>;
	readonly #counts = Object.fromEntries(ALARM_TRANSITIONS.map((kind) => [kind, 0])) as Record<TransitionKind, number>;
	#lateReadings = 0;
	#commitLagMs = 0;
	#timer: NodeJS.Timeout | undefined;
	#started = false;
	#accessCounts: { world: World | null; counts: AccessCount[] } = { world: null, counts: [] };

	constructor(options: AlarmServiceOptions) {
		this.#options = options;
		this.#store = new AlarmStore(options.database, (transaction, acts) => recordActs(options, transaction, acts));
		this.#queue = new CommitQueue({
			commit: (effects) => this.#store.commit(effects),
			committed: (effects) => this.#committed(effects),
			logger: options.logger,
			limit: options.queueLimit ?? 20_000,
			...(options.retry && { retry: options.retry }),
		});
	}

	/** Loads the recorded alarms and begins the watch. MUST come before the first reading. */
	async start(): Promise<void> {
		const { world, clock, newest, tickEvery = 1000 } = this.#options;
		const { alarms, runs } = await this.#store.load();
		this.#queue.add(this.#engine.load(alarms, runs, world.current(), clock.now(), START_GRACE));
		world.onChange((next) => {
			if (this.#started) this.#queue.add(this.#engine.watch(next, clock.now(), newest && { newest }));
		});
		this.#started = true;
		if (tickEvery !== null) this.#timer = setInterval(() => this.tick(), tickEvery);
	}

	/** Idempotent. Records what still waits, if the database takes it. */
	async stop(): Promise<void> {
		this.#started = false;
		clearInterval(this.#timer);
		await this.#queue.stop();
	}

	/**
	 * Evaluates readings before it returns; resolves once everything evaluated so far is committed and published. While the database
	 * is down it stays pending and evaluation goes on. Readings evaluated before, live or late, change nothing; back-filled ones
	 * never change the live alarm unless they are the newest of their point (late-cursor.ts), so `late` only counts.
	 * Rejects with AppError `alarms-full` (503), with nothing evaluated, when too many transitions wait.
	 */
	evaluate(readings: readonly Reading[], late: boolean): Promise<void> {
		// Not an async function: that would hold the readings until the database is back.
		if (this.#queue.full) return Promise.reject(new AppError("alarms-full", 503, "Too many alarm transitions wait for the database."));
		if (late) this.#lateReadings += readings.length;
		this.#queue.add(this.#engine.evaluate(readings, this.#options.clock.now()));
		return this.#queue.settled();
	}

	/** Lets delays run out and notices silence. */
	tick(): void {
		const { clock, unheard } = this.#options;
		if (!this.#queue.full) this.#queue.add(this.#engine.tick(clock.now(), unheard?.()));
	}

	/**
	 * Takes note of one of the server's own conditions (own-rules.ts); saying the same again changes nothing. Taken into account before
	 * it returns; resolves once committed and published, and stays pending while the database is down. A rejection that nobody waits
	 * for does no harm. Throws AppError `alarms-stopped` (503) before the start and after the stop, RangeError for an unknown rule or a
	 * subject that is no id.
	 */
	report(report: OwnReport): Promise<void> {
		const done = this.#report(report);
		done.catch(() => undefined);
		return done;
	}

	/** The rules that count access events; whoever looks at those reports what they count by {@link reportCounted}. */
	accessCounts(): readonly AccessCount[] {
		const world = this.#options.world.current();
		if (this.#accessCounts.world !== world) this.#accessCounts = { world, counts: accessCounts(world) };
		return this.#accessCounts.counts;
	}

	/** Takes note that a rule on access events has counted so many; as {@link report}. Nothing where the rule is gone meanwhile. */
	async reportCounted(id: string, report: Omit<OwnReport, "rule" | "active">): Promise<void> {
		const found = this.accessCounts().find(({ rule }) => rule.id === id)?.rule;
		if (found) await this.#note({ ...found, responseTime: found.responseTime ?? null, momentary: true }, { ...report, active: true });
	}

	async #report(report: OwnReport): Promise<void> {
		const rule = OWN_RULES.get(report.rule);
		if (!rule) throw new RangeError(`there is no rule ${report.rule} of the server's own`);
		await this.#note(rule, report);
	}

	async #note(rule: NotedRule, report: Omit<OwnReport, "rule">): Promise<void> {
		if (!this.#started) throw new AppError("alarms-stopped", 503, "The alarms are stopped.");
		const { world, clock } = this.#options;
		// Also when the queue is full: these are few, and nobody would send them again.
		this.#queue.add(this.#engine.report(rule, report, world.current().site.id, clock.now()));
		await this.#queue.settled();
	}

	/**
	 * Acknowledges the newest occurrence. Throws like {@link AlarmService.act}: AppError `already-acknowledged` (409), and
	 * `newer-occurrence` (409) where `occurrence` is not the newest.
	 */
	acknowledge(id: string, seen: { comment?: string | undefined; occurrence?: number | undefined }, actor: Actor): Promise<Alarm> {
		return this.act(id, { kind: "acknowledged", by: actor.username, comment: seen.comment ?? null }, actor, seen.occurrence);
	}

	/**
	 * Acknowledges several alarms, each for itself: those that were, and why the others weren't. Resolves once all of it is committed.
	 * Throws AppError `database-unavailable` (503).
	 */
	async acknowledgeMany(
		seen: readonly { id: string; occurrence: number }[],
		comment: string | null,
		actor: Actor,
	): Promise<{ id: string; code: string | null }[]> {
		const items = seen.map(({ id, occurrence }) => {
			try {
				this.#act(id, { kind: "acknowledged", by: actor.username, comment }, actor, occurrence);
				return { id, code: null };
			} catch (error) {
				if (error instanceof AppError && error.status < 500) return { id, code: error.code };
				throw error;
			}
		});
		await this.#queue.settledWithin(PATIENCE);
		return items;
	}

	/**
	 * Shelves an alarm for `minutes`, at most as long as the site allows. What is shelved can't be shelved again before it has come back,
	 * so that no repetition makes it longer. Throws like {@link AlarmService.act}, and AppError `invalid-request` (400) for too long a time.
	 */
	async shelve(id: string, wish: { reason: string; minutes?: number | undefined; oneShot: boolean }, actor: Actor): Promise<Alarm> {
		const { world, clock } = this.#options;
		const shelf = shelfFor(wish, world.current().site.alarms.longestShelve, clock.now());
		return this.act(id, { kind: "shelved", by: actor.username, comment: wish.reason, shelf }, actor);
	}

	/**
	 * Does what a person wants done to an alarm, and resolves to it once that is committed, with its audit line and ledger entry. Of
	 * several at once that exclude each other, one succeeds.
	 * Throws AppError `not-found` (404), a code of operator-act.ts (409), `database-unavailable` (503).
	 */
	async act(id: string, act: OperatorAct, actor: Actor, occurrence?: number): Promise<Alarm> {
		const alarm = this.#act(id, act, actor, occurrence);
		await this.#queue.settledWithin(PATIENCE);
		return this.#view(alarm);
	}

	/** The alarm as it is then, not yet committed. */
	#act(id: string, act: OperatorAct, actor: Actor, occurrence: number | undefined): AlarmRecord {
		if (this.#queue.failing) throw new AppError("database-unavailable", 503, "That can't be recorded at the moment.");
		const known = this.#engine.alarms.byId(id);
		if (known && occurrence !== undefined && known.occurrence !== occurrence)
			throw conflict("newer-occurrence", `Alarm ${id} has come again since occurrence ${occurrence}.`);
		const effects = this.#engine.act(id, act, this.#options.clock.now());
		const alarm = this.#engine.alarms.byId(id);
		if (effects === "unknown" || !alarm) throw notFound("alarm", id);
		if (typeof effects === "string") throw refusal(act.kind, effects);
		this.#queue.add(effects.map((effect) => (effect.type === "transition" ? { ...effect, actor } : effect)));
		return alarm;
	}

	/** How many alarms there are of each kind now. */
	summary(): AlarmSummary {
		return summaryOf(this.#engine.alarms.open());
	}

	/** Newest occurrence first. */
	async list(filter: AlarmFilter, page: { limit: number; after: AlarmPosition | null }): Promise<Page<Alarm>> {
		const rows = await this.#store.list(filter, page.after, page.limit + 1);
		return pageOfRows(
			rows,
			page.limit,
			(alarm) => this.#view(alarm),
			({ raisedAt, id }): AlarmPosition => ({ raisedAt, id }),
		);
	}

	/** Throws AppError `not-found` (404). */
	async get(id: string): Promise<Alarm> {
		const alarm = await this.#store.find(id);
		if (!alarm) throw notFound("alarm", id);
		return this.#view(alarm);
	}

	/** An alarm's transitions, the newest recorded first. Throws AppError `not-found` (404). */
	async transitions(alarm: string, page: { limit: number; before: number | null }): Promise<Page<AlarmTransition>> {
		await this.get(alarm);
		const rows = await this.#store.transitionsOfAlarm(alarm, page.before, page.limit + 1);
		return pageOfRows(
			rows,
			page.limit,
			({ transition }) => transitionView(transition),
			({ id }) => id,
		);
	}

	/** A point's transitions in [from, to), Unix ms, by event time, oldest first; without `from` the day before `to`, without `to` until now. */
	async transitionsOfPoint(
		point: string,
		{ from, to = this.#options.clock.now() + 1 }: { from?: number | undefined; to?: number | undefined },
		page: { limit: number; after: TransitionPosition | null },
	): Promise<Page<AlarmTransition>> {
		const rows = await this.#store.transitionsOfPoint(point, { from: from ?? to - DAY, to }, page.after, page.limit + 1);
		return pageOfRows(
			rows,
			page.limit,
			({ transition }) => transitionView(transition),
			({ id, transition }): TransitionPosition => ({ at: transition.at, id }),
		);
	}

	/** The rules in use. */
	rules(): RuleView[] {
		const counts = this.#engine.pointsByRule();
		for (const { rule, doors } of this.accessCounts()) counts.set(rule.id, doors.size);
		return this.#options.world.current().site.rules.map((rule) => ({ rule, points: counts.get(rule.id) ?? 0 }));
	}

	stats(): AlarmStats {
		const none = (): Record<Priority, number> => ({ critical: 0, high: 0, medium: 0, low: 0 });
		const [open, active] = [none(), none()];
		for (const alarm of this.#engine.alarms.open()) {
			open[alarm.priority]++;
			if (alarm.active) active[alarm.priority]++;
		}
		const { waiting } = this.#queue;
		return {
			...this.#engine.stats(),
			transitions: { ...this.#counts },
			open,
			active,
			lateReadings: this.#lateReadings,
			waiting,
			commitLagMs: this.#commitLagMs,
		};
	}

	readonly health: HealthCheck = {
		name: "alarms",
		check: () => {
			const { waiting, failing } = this.#queue;
			if (failing) return { status: "degraded", detail: `${waiting} transitions wait for the database` };
			const stats = this.#engine.stats();
			return { status: "ok", detail: `${stats.tracks} rules on ${stats.points} points` };
		},
	};

	#committed(effects: readonly AlarmEffect[]): void {
		const { realtime, clock } = this.#options;
		for (const effect of effects) {
			if (effect.type !== "transition" && effect.type !== "reworded") continue;
			if (effect.type === "transition") {
				this.#counts[effect.transition.kind]++;
				this.#commitLagMs = clock.now() - effect.transition.recordedAt;
			}
			realtime.publish(effect.alarm.site, "alarm", this.#view(effect.alarm));
		}
	}

	#view(alarm: AlarmRecord): Alarm {
		return alarmView(alarm, this.#engine.alarms.symptomsOf(alarm.id));
	}
}
