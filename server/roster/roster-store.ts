import { type Kysely, type Selectable, sql } from "kysely";
import { type DutyPlan, dutyPlanSchema } from "../../contracts/duty-plan.ts";
import { type ContactInput, type DutyName, type HandOverView, handOverViewSchema, type SwapView } from "../../contracts/roster.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import { type Absence, dutyKey } from "./roster.ts";

export interface RosterTables {
	roster_plans: { version: number; plan: unknown; by: string; at: Date };
	roster_assignments: { rotation: string; day: string; person: string; by: string; at: Date };
	roster_absences: { id: string; person: string; kind: string; from_at: Date; until_at: Date; note: string | null; by: string; at: Date };
	roster_swaps: {
		id: string;
		state: SwapView["state"];
		from: string;
		to: string;
		give_rotation: string;
		give_day: string;
		take_rotation: string | null;
		take_day: string | null;
		note: string | null;
		at: Date;
		decided_at: Date | null;
	};
	roster_hand_overs: {
		id: string;
		from: string;
		at: Date;
		note: string;
		alarms: unknown;
		more: boolean;
		taken_by: string | null;
		taken_at: Date | null;
	};
	roster_contacts: { person: string; email: string | null; phone: string | null };
}
type Tables = Kysely<RosterTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<RosterTables> => tables as unknown as Kysely<RosterTables>;

/** A plan as it was made; times are Unix ms. */
export interface StoredPlan {
	version: number;
	plan: DutyPlan;
	by: string;
	at: number;
}
export interface StoredAbsence extends Absence {
	id: string;
	kind: string;
	note: string | null;
	by: string;
	at: number;
}
export interface StoredSwap {
	id: string;
	state: SwapView["state"];
	from: string;
	to: string;
	give: DutyName;
	take: DutyName | null;
	note: string | null;
	at: number;
	decidedAt: number | null;
}
export interface StoredHandOver {
	id: string;
	from: string;
	at: number;
	note: string;
	alarms: HandOverView["alarms"];
	more: boolean;
	takenBy: string | null;
	takenAt: number | null;
}
/** Where the next page of a list begins that has the newest first. */
export interface Position {
	at: number;
	id: string;
}

/** Of several changes at once, one is first and the others see what it did. */
export async function lockRoster(transaction: AnyTransaction): Promise<void> {
	await sql`select pg_advisory_xact_lock(hashtext('watchroom roster'))`.execute(transaction);
}

/** The plan in force now, or at a moment (Unix ms). */
export async function planAt(tables: Tables, at?: number): Promise<StoredPlan | undefined> {
	let query = typed(tables).selectFrom("roster_plans").selectAll().orderBy("version", "desc").limit(1);
	if (at !== undefined) query = query.where("at", "<=", dateOf(at));
	const row = await query.executeTakeFirst();
	return row && { version: row.version, plan: dutyPlanSchema.parse(row.plan), by: row.by, at: msOf(row.at) };
}
export async function insertPlan(tables: Tables, { version, plan, by, at }: StoredPlan): Promise<void> {
	await typed(tables)
		.insertInto("roster_plans")
		.values({ version, plan: JSON.stringify(plan), by, at: dateOf(at) })
		.execute();
}

export async function assignments(tables: Tables): Promise<Map<string, string>> {
	const rows = await typed(tables).selectFrom("roster_assignments").selectAll().execute();
	return new Map(rows.map(({ rotation, day, person }) => [dutyKey(rotation, day), person]));
}
/** `person: null` takes the assignment away. */
export async function assign(
	tables: Tables,
	{ rotation, day, person, by, at }: DutyName & { person: string | null; by: string; at: number },
): Promise<void> {
	await typed(tables).deleteFrom("roster_assignments").where("rotation", "=", rotation).where("day", "=", day).execute();
	if (person !== null)
		await typed(tables)
			.insertInto("roster_assignments")
			.values({ rotation, day, person, by, at: dateOf(at) })
			.execute();
}

/** Those that end after a moment (Unix ms), by their beginning. */
export async function absences(tables: Tables, after: number): Promise<StoredAbsence[]> {
	const rows = await typed(tables)
		.selectFrom("roster_absences")
		.selectAll()
		.where("until_at", ">", dateOf(after))
		.orderBy("from_at")
		.orderBy("id")
		.execute();
	return rows.map(absenceOf);
}
export async function absence(tables: Tables, id: string): Promise<StoredAbsence | undefined> {
	const row = await typed(tables).selectFrom("roster_absences").selectAll().where("id", "=", id).executeTakeFirst();
	return row && absenceOf(row);
}
export async function insertAbsence(tables: Tables, { from, until, at, ...rest }: StoredAbsence): Promise<void> {
	await typed(tables)
		.insertInto("roster_absences")
		.values({ ...rest, from_at: dateOf(from), until_at: dateOf(until), at: dateOf(at) })
		.execute();
}
export async function deleteAbsence(tables: Tables, id: string): Promise<void> {
	await typed(tables).deleteFrom("roster_absences").where("id", "=", id).execute();
}

export async function insertSwap(tables: Tables, { give, take, at, decidedAt, ...rest }: StoredSwap): Promise<void> {
	await typed(tables)
		.insertInto("roster_swaps")
		.values({
			...rest,
			give_rotation: give.rotation,
			give_day: give.day,
			take_rotation: take?.rotation ?? null,
			take_day: take?.day ?? null,
			at: dateOf(at),
			decided_at: dateOf(decidedAt),
		})
		.execute();
}
export async function swap(tables: Tables, id: string): Promise<StoredSwap | undefined> {
	const row = await typed(tables).selectFrom("roster_swaps").selectAll().where("id", "=", id).executeTakeFirst();
	return row && swapOf(row);
}
export async function decideSwap(tables: Tables, id: string, state: SwapView["state"], at: number): Promise<void> {
	await typed(tables)
		.updateTable("roster_swaps")
		.set({ state, decided_at: dateOf(at) })
		.where("id", "=", id)
		.execute();
}
/** The newest first. `person`: only those that somebody asked or was asked for. */
export async function swaps(
	tables: Tables,
	{ person, after, limit }: { person?: string; after: Position | undefined; limit: number },
): Promise<StoredSwap[]> {
	let query = typed(tables).selectFrom("roster_swaps").selectAll().orderBy("at", "desc").orderBy("id", "desc").limit(limit);
	if (person !== undefined) query = query.where((row) => row.or([row("from", "=", person), row("to", "=", person)]));
	if (after) query = query.where(sql<boolean>`(at, id) < (${dateOf(after.at)}::timestamptz, ${after.id}::uuid)`);
	return (await query.execute()).map(swapOf);
}

export async function insertHandOver(tables: Tables, { alarms, at, takenBy, takenAt, ...rest }: StoredHandOver): Promise<void> {
	await typed(tables)
		.insertInto("roster_hand_overs")
		.values({ ...rest, alarms: JSON.stringify(alarms), at: dateOf(at), taken_by: takenBy, taken_at: dateOf(takenAt) })
		.execute();
}
export async function handOver(tables: Tables, id: string): Promise<StoredHandOver | undefined> {
	const row = await typed(tables).selectFrom("roster_hand_overs").selectAll().where("id", "=", id).executeTakeFirst();
	return row && handOverOf(row);
}
export async function takeOver(tables: Tables, id: string, by: string, at: number): Promise<void> {
	await typed(tables)
		.updateTable("roster_hand_overs")
		.set({ taken_by: by, taken_at: dateOf(at) })
		.where("id", "=", id)
		.execute();
}
/** The newest first. */
export async function handOvers(tables: Tables, after: Position | undefined, limit: number): Promise<StoredHandOver[]> {
	let query = typed(tables).selectFrom("roster_hand_overs").selectAll().orderBy("at", "desc").orderBy("id", "desc").limit(limit);
	if (after) query = query.where(sql<boolean>`(at, id) < (${dateOf(after.at)}::timestamptz, ${after.id}::uuid)`);
	return (await query.execute()).map(handOverOf);
}

/** By person. */
export async function contacts(tables: Tables): Promise<Map<string, ContactInput>> {
	const rows = await typed(tables).selectFrom("roster_contacts").selectAll().execute();
	return new Map(rows.map(({ person, email, phone }) => [person, { email, phone }]));
}
export async function putContact(tables: Tables, person: string, contact: ContactInput): Promise<void> {
	await typed(tables)
		.insertInto("roster_contacts")
		.values({ person, ...contact })
		.onConflict((conflict) => conflict.column("person").doUpdateSet(contact))
		.execute();
}

function absenceOf({ from_at, until_at, at, ...rest }: Selectable<RosterTables["roster_absences"]>): StoredAbsence {
	return { ...rest, from: msOf(from_at), until: msOf(until_at), at: msOf(at) };
}
function swapOf({ give_rotation, give_day, take_rotation, take_day, at, decided_at, ...rest }: Selectable<RosterTables["roster_swaps"]>): StoredSwap {
	return {
		...rest,
		give: { rotation: give_rotation, day: give_day },
		take: take_rotation !== null && take_day !== null ? { rotation: take_rotation, day: take_day } : null,
		at: msOf(at),
		decidedAt: msOf(decided_at),
	};
}
function handOverOf({ alarms, at, taken_by, taken_at, ...rest }: Selectable<RosterTables["roster_hand_overs"]>): StoredHandOver {
	return { ...rest, alarms: handOverViewSchema.shape.alarms.parse(alarms), at: msOf(at), takenBy: taken_by, takenAt: msOf(taken_at) };
}
