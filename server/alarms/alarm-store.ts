import { type Kysely, type SelectQueryBuilder, sql, type Transaction } from "kysely";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf } from "../platform/database/instants.ts";
import type { AlarmRecord, TransitionRecord } from "./alarm.ts";
import type { AlarmEffect } from "./alarm-effect.ts";
import type { AlarmState } from "./alarm-life-cycle.ts";
import { type AlarmTables, alarmOf, alarmRow, lateRunOf, lateRunRow, transitionOf, transitionRow } from "./alarm-rows.ts";
import type { LateRun } from "./late-cursor.ts";
import type { RecordedAct } from "./operator-act.ts";

/** What a list of alarms is narrowed to; every property given must match. */
export interface AlarmFilter {
	/** Only alarms that are not in state "normal". */
	open?: boolean;
	active?: boolean | undefined;
	acknowledged?: boolean | undefined;
	latched?: boolean | undefined;
	shelved?: boolean | undefined;
	suppressed?: boolean | undefined;
	outOfService?: boolean | undefined;
	/** The alarm that explains them. */
	causeId?: string | undefined;
	state?: AlarmState | undefined;
	priority?: string | undefined;
	point?: string | undefined;
	room?: string | undefined;
	rule?: string | undefined;
}
/** Where the next page begins: after this alarm. */
export interface AlarmPosition {
	raisedAt: number;
	id: string;
}
/** Where the next page of a point's transitions begins: after this one. */
export interface TransitionPosition {
	at: number;
	id: number;
}
type LateOver = Extract<AlarmEffect, { type: "late-over" }>;

type RecordActs = (transaction: AnyTransaction, acts: readonly RecordedAct[]) => Promise<void>;

/** Columns of the filter's properties that are compared as they are. */
const COLUMNS = {
	active: "active",
	acknowledged: "acknowledged",
	latched: "latched",
	shelved: "shelved",
	suppressed: "suppressed",
	outOfService: "out_of_service",
	causeId: "cause_id",
	state: "state",
	priority: "priority",
	point: "point",
	room: "room",
	rule: "rule",
} as const;

/** Rows of one INSERT: PostgreSQL takes 65,535 parameters. */
const ROWS = 500;

/** The alarms' tables. */
export class AlarmStore {
	readonly #database: Database;
	readonly #recordActs: RecordActs;

	/** `recordActs` writes what remains of people's acts elsewhere, in the transaction that records them. */
	constructor(database: Database, recordActs: RecordActs) {
		this.#database = database;
		this.#recordActs = recordActs;
	}

	/** Every alarm that has ever been, and the back-filled runs that are not over. */
	async load(): Promise<{ alarms: AlarmRecord[]; runs: LateRun[] }> {
		const tables = this.#database.tables<AlarmTables>();
		const [alarms, runs] = [
			await tables.selectFrom("alarms").selectAll().execute(),
			await tables.selectFrom("alarm_late_runs").selectAll().execute(),
		];
		return { alarms: alarms.map(alarmOf), runs: runs.map(lateRunOf) };
	}

	/** Records effects in one transaction. Idempotent: the same effects again change nothing. Effects MUST come in their order. */
	async commit(effects: readonly AlarmEffect[]): Promise<void> {
		const alarms = new Map<string, AlarmRecord>();
		const transitions: TransitionRecord[] = [];
		for (const effect of effects) {
			if (effect.type === "late-began") continue;
			const known = alarms.get(effect.alarm.id);
			if (!known || known.version < effect.alarm.version) alarms.set(effect.alarm.id, effect.alarm);
			if (effect.type === "transition") transitions.push(effect.transition);
		}
		const acts = effects.flatMap((effect): RecordedAct[] =>
			effect.type === "transition" && effect.actor ? [{ alarm: effect.alarm, transition: effect.transition, actor: effect.actor }] : [],
		);
		if (acts.length === 0 && transitions.length > 0 && transitions.length === effects.length && transitions.length <= ROWS) {
			// The usual case, and the one that somebody waits for: one statement is a transaction too, and a third of the round trips.
			const tables = this.#database.tables<AlarmTables>();
			await insertTransitions(
				tables.with("written", (inner) => upsertAlarms(inner, [...alarms.values()])),
				transitions,
			);
			return;
		}
		await this.#database.transaction<AlarmTables, void>(async (tables) => {
			for (const rows of chunks([...alarms.values()])) await upsertAlarms(tables, rows).execute();
			const inserted = new Set<string>();
			for (const rows of chunks(transitions)) for (const row of await insertTransitions(tables, rows)) inserted.add(versionKey(row));
			for (const effect of effects)
				if (effect.type === "late-began")
					await tables
						.insertInto("alarm_late_runs")
						.values(lateRunRow(effect.run))
						.onConflict((conflict) => conflict.doNothing())
						.execute();
				else if (effect.type === "late-over") await recordLateOccurrence(tables, effect);
			// What an earlier try committed has its lines already.
			const fresh = acts.filter(({ transition }) => inserted.has(versionKey(transition)));
			if (fresh.length > 0) await this.#recordActs(tables, fresh);
		});
	}

	async find(id: string): Promise<AlarmRecord | undefined> {
		const row = await this.#database.tables<AlarmTables>().selectFrom("alarms").selectAll().where("id", "=", id).executeTakeFirst();
		return row && alarmOf(row);
	}

	/** Newest occurrence first. */
	async list(filter: AlarmFilter, after: AlarmPosition | null, limit: number): Promise<AlarmRecord[]> {
		let query = this.#database.tables<AlarmTables>().selectFrom("alarms").selectAll();
		if (filter.open) query = query.where("state", "<>", "normal");
		for (const [name, column] of Object.entries(COLUMNS) as [keyof typeof COLUMNS, (typeof COLUMNS)[keyof typeof COLUMNS]][]) {
			const value = filter[name];
			if (value !== undefined) query = query.where(column, "=", value);
		}
		if (after) query = query.where(sql<boolean>`(raised_at, id) < (${dateOf(after.raisedAt)}::timestamptz, ${after.id}::text)`);
		const rows = await query.orderBy("raised_at", "desc").orderBy("id", "desc").limit(limit).execute();
		return rows.map(alarmOf);
	}

	/** An alarm's transitions, newest first. `before`: the id of the last one of the page before. */
	async transitionsOfAlarm(alarm: string, before: number | null, limit: number): Promise<{ id: number; transition: TransitionRecord }[]> {
		let query = this.#transitions().where("alarm", "=", alarm);
		if (before !== null) query = query.where("id", "<", before);
		const rows = await query.orderBy("id", "desc").limit(limit).execute();
		return rows.map((row) => ({ id: row.id, transition: transitionOf(row) }));
	}

	/** What happened on a point in [from, to), in the order of event time. */
	async transitionsOfPoint(
		point: string,
		{ from, to }: { from: number; to: number },
		after: TransitionPosition | null,
		limit: number,
	): Promise<{ id: number; transition: TransitionRecord }[]> {
		let query = this.#transitions().where("point", "=", point).where("at", ">=", dateOf(from)).where("at", "<", dateOf(to));
		if (after) query = query.where(sql<boolean>`(at, id) > (${dateOf(after.at)}::timestamptz, ${after.id}::bigint)`);
		const rows = await query.orderBy("at").orderBy("id").limit(limit).execute();
		return rows.map((row) => ({ id: row.id, transition: transitionOf(row) }));
	}

	#transitions(): SelectQueryBuilder<AlarmTables, "alarm_transitions", AlarmTransitionRow> {
		return this.#database.tables<AlarmTables>().selectFrom("alarm_transitions").selectAll();
	}
}
type AlarmTransitionRow = Parameters<typeof transitionOf>[0];

function upsertAlarms(tables: Pick<Kysely<AlarmTables>, "insertInto">, alarms: readonly AlarmRecord[]) {
	const rows = alarms.map(alarmRow);
	const columns = Object.keys(rows[0] ?? {}).filter((column) => column !== "id" && column !== "rule" && column !== "point");
	const update = Object.fromEntries(columns.map((column) => [column, sql.ref(`excluded.${column}`)]));
	return tables
		.insertInto("alarms")
		.values(rows)
		.onConflict((conflict) => conflict.columns(["rule", "point"]).doUpdateSet(update).whereRef("alarms.version", "<", "excluded.version"))
		.returning("id");
}

/** Resolves to those that were not there before. */
async function insertTransitions(tables: Pick<Kysely<AlarmTables>, "insertInto">, transitions: readonly TransitionRecord[]) {
	return await tables
		.insertInto("alarm_transitions")
		.values(transitions.map(transitionRow))
		.onConflict((conflict) => conflict.doNothing())
		.returning(["alarm", "version"])
		.execute();
}

/** Names a transition that was made live. */
const versionKey = ({ alarm, version }: Pick<TransitionRecord, "alarm" | "version">) => `${alarm} ${version}`;

/** Records a back-filled occurrence that is over, unless one that is recorded already overlaps it (late-cursor.ts). */
async function recordLateOccurrence(tables: Transaction<AlarmTables>, { run, to, reach, alarm, recordedAt }: LateOver): Promise<void> {
	await tables
		.deleteFrom("alarm_late_runs")
		.where("rule", "=", run.rule)
		.where("point", "=", run.point)
		.where("from_at", "=", dateOf(run.from))
		.execute();
	const overlapping = await tables
		.selectFrom("alarm_transitions as raised")
		.leftJoin("alarm_transitions as returned", (join) =>
			join
				.onRef("returned.alarm", "=", "raised.alarm")
				.onRef("returned.late", "=", "raised.late")
				.onRef("returned.occurrence", "=", "raised.occurrence")
				.on("returned.kind", "=", "returned"),
		)
		.select("raised.id")
		.where("raised.alarm", "=", alarm.id)
		.where("raised.kind", "=", "raised")
		.where("raised.at", "<=", dateOf(to + reach))
		.where((where) => where.or([where("returned.at", "is", null), where("returned.at", ">=", dateOf(run.from))]))
		.limit(1)
		.execute();
	if (overlapping.length > 0) return;
	const { newest } = await tables
		.selectFrom("alarm_transitions")
		.select((select) => select.fn.coalesce(select.fn.max("occurrence"), sql<number>`0`).as("newest"))
		.where("alarm", "=", alarm.id)
		.where("late", "=", true)
		.executeTakeFirstOrThrow();
	const { id, rule, point, priority } = alarm;
	const common = { alarm: id, rule, point, priority, occurrence: newest + 1, recordedAt, by: null, comment: null, late: true };
	const unknown = { state: null, causeId: null, version: null };
	await tables
		.insertInto("alarm_transitions")
		.values([
			transitionRow({ ...common, ...unknown, kind: "raised", at: run.from, value: run.value }),
			transitionRow({ ...common, ...unknown, kind: "returned", at: to, value: null }),
		])
		.execute();
}

function chunks<T>(rows: readonly T[]): T[][] {
	const parts: T[][] = [];
	for (let at = 0; at < rows.length; at += ROWS) parts.push(rows.slice(at, at + ROWS));
	return parts;
}
