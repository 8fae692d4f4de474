import type { Kysely, Selectable } from "kysely";
import type { LeaverSource } from "../../contracts/personnel.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";

export interface PersonnelTables {
	personnel: { holder: string; external_id: string | null; source: LeaverSource };
	leavers: {
		id: string;
		holder: string;
		source: LeaverSource;
		left_at: Date;
		by_account: string;
		credentials: string[];
		cards: string[];
		grants: number;
		account_closed: boolean;
		confirmed_at: Date | null;
		rejoined_at: Date | null;
	};
	personnel_files: { key: string; done_at: Date; result: unknown };
}
type Tables = Kysely<PersonnelTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<PersonnelTables> => tables as unknown as Kysely<PersonnelTables>;

/** Times are Unix ms. `credentials`: all that were the person's; `cards`: those to hand back. */
export interface LeaverRecord {
	id: string;
	holder: string;
	source: LeaverSource;
	leftAt: number;
	by: string;
	credentials: readonly string[];
	cards: readonly string[];
	grants: number;
	accountClosed: boolean;
	confirmedAt: number | null;
	rejoinedAt: number | null;
}

export interface PersonRow {
	holder: string;
	externalId: string | null;
	source: LeaverSource;
}
export async function people(tables: Tables): Promise<Map<string, PersonRow>> {
	const rows = await typed(tables).selectFrom("personnel").selectAll().execute();
	return new Map(rows.map(({ holder, external_id: externalId, source }) => [holder, { holder, externalId, source }]));
}
/** The holder whom the HR system knows by this externalId. */
export async function holderOfExternalId(tables: Tables, externalId: string): Promise<string | undefined> {
	return (await typed(tables).selectFrom("personnel").select("holder").where("external_id", "=", externalId).executeTakeFirst())?.holder;
}
/** `externalId` `undefined`: stays as it is. */
export async function putPerson(
	tables: Tables,
	{ holder, externalId, source }: Omit<PersonRow, "externalId"> & { externalId?: string | null | undefined },
) {
	await typed(tables)
		.insertInto("personnel")
		.values({ holder, external_id: externalId ?? null, source })
		.onConflict((conflict) =>
			externalId === undefined
				? conflict.column("holder").doUpdateSet({ source })
				: conflict.column("holder").doUpdateSet({ source, external_id: externalId }),
		)
		.execute();
}

export async function insertLeaver(tables: Tables, leaver: Omit<LeaverRecord, "confirmedAt" | "rejoinedAt">): Promise<void> {
	const { id, holder, source, leftAt, by, credentials, cards, grants, accountClosed } = leaver;
	await typed(tables)
		.insertInto("leavers")
		.values({
			id,
			holder,
			source,
			left_at: dateOf(leftAt),
			by_account: by,
			credentials: [...credentials],
			cards: [...cards],
			grants,
			account_closed: accountClosed,
			confirmed_at: null,
			rejoined_at: null,
		})
		.execute();
}
export async function markRejoined(tables: Tables, holder: string, at: number): Promise<void> {
	await typed(tables)
		.updateTable("leavers")
		.set({ rejoined_at: dateOf(at) })
		.where("holder", "=", holder)
		.where("rejoined_at", "is", null)
		.execute();
}
/** Whether this call was the one that recorded it. */
export async function markConfirmed(tables: Tables, id: string, at: number): Promise<boolean> {
	const result = await typed(tables)
		.updateTable("leavers")
		.set({ confirmed_at: dateOf(at) })
		.where("id", "=", id)
		.where("confirmed_at", "is", null)
		.executeTakeFirst();
	return result.numUpdatedRows > 0n;
}
/** The newest first. */
export async function listLeavers(tables: Tables, after: { at: number; id: string } | undefined, limit: number): Promise<LeaverRecord[]> {
	let query = typed(tables).selectFrom("leavers").selectAll().orderBy("left_at", "desc").orderBy("id", "desc").limit(limit);
	if (after) {
		const at = dateOf(after.at);
		query = query.where((row) => row.or([row("left_at", "<", at), row.and([row("left_at", "=", at), row("id", "<", after.id)])]));
	}
	return (await query.execute()).map(leaverOf);
}
export async function unconfirmedLeavers(tables: Tables): Promise<LeaverRecord[]> {
	return (await typed(tables).selectFrom("leavers").selectAll().where("confirmed_at", "is", null).orderBy("left_at").execute()).map(leaverOf);
}
export async function leaverById(tables: Tables, id: string): Promise<LeaverRecord | undefined> {
	const row = await typed(tables).selectFrom("leavers").selectAll().where("id", "=", id).executeTakeFirst();
	return row && leaverOf(row);
}

/** What a file of the drop folder did, where it is done already. */
export async function fileResult(tables: Tables, key: string): Promise<unknown> {
	return (await typed(tables).selectFrom("personnel_files").select("result").where("key", "=", key).executeTakeFirst())?.result;
}
export async function insertFile(tables: Tables, key: string, at: number, result: unknown): Promise<void> {
	await typed(tables)
		.insertInto("personnel_files")
		.values({ key, done_at: dateOf(at), result: JSON.stringify(result) })
		.execute();
}

function leaverOf(row: Selectable<PersonnelTables["leavers"]>): LeaverRecord {
	const { id, holder, source, credentials, cards, grants } = row;
	return {
		id,
		holder,
		source,
		leftAt: msOf(row.left_at),
		by: row.by_account,
		credentials,
		cards,
		grants,
		accountClosed: row.account_closed,
		confirmedAt: msOf(row.confirmed_at),
		rejoinedAt: msOf(row.rejoined_at),
	};
}
