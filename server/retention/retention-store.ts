import type { Kysely } from "kysely";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf } from "../platform/database/instants.ts";
import { RETAINED, type Retained, type RetentionDays } from "./retention.ts";

export interface RetentionTables {
	retention: { data: Retained; days: number; changed_at: Date; change: string | null };
}
type Tables = Kysely<RetentionTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<RetentionTables> => tables as unknown as Kysely<RetentionTables>;

/** Writes the first values; what is set already stays. */
export async function insertFirst(tables: Tables, days: RetentionDays, now: number): Promise<void> {
	await typed(tables)
		.insertInto("retention")
		.values(RETAINED.map((data) => ({ data, days: days[data], changed_at: dateOf(now), change: null })))
		.onConflict((conflict) => conflict.column("data").doNothing())
		.execute();
}

/** All settings; `lock`: nobody else changes any of them before the transaction is over. */
export async function readRetention(tables: Tables, lock = false): Promise<RetentionDays> {
	let query = typed(tables).selectFrom("retention").select(["data", "days"]).orderBy("data");
	if (lock) query = query.forUpdate();
	const days = new Map((await query.execute()).map((row) => [row.data, row.days]));
	const of = (data: Retained): number => {
		const found = days.get(data);
		if (found === undefined) throw new Error(`the retention of ${data} is not set`);
		return found;
	};
	return {
		audit: of("audit"),
		readings: of("readings"),
		"minute-readings": of("minute-readings"),
		"hour-readings": of("hour-readings"),
		visits: of("visits"),
	};
}

export async function writeRetention(tables: Tables, data: Retained, days: number, now: number, change: string): Promise<void> {
	await typed(tables)
		.updateTable("retention")
		.set({ days, changed_at: dateOf(now), change })
		.where("data", "=", data)
		.execute();
}
