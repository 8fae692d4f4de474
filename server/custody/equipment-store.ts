import type { Kysely } from "kysely";
import type { EquipmentInput, EquipmentKind, EquipmentRecordInput } from "../../contracts/media-orders.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import type { Equipment, EquipmentRecord } from "./equipment.ts";

export interface EquipmentTables {
	media_equipment: {
		id: string;
		name: string;
		maker: string;
		model: string;
		serial: string;
		kind: EquipmentKind;
		field_oe: number | null;
		particle_mm: number | null;
		version: string | null;
		retired_at: Date | null;
	};
	media_equipment_records: {
		id: string;
		equipment: string;
		kind: "test" | "calibration";
		at: Date;
		valid_until: Date;
		passed: boolean;
		by_whom: string;
		reference: string;
		entered_by: string;
		entered_at: Date;
	};
}
type Tables = Kysely<EquipmentTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<EquipmentTables> => tables as unknown as Kysely<EquipmentTables>;

export interface StoredRecord extends EquipmentRecord {
	id: string;
	by: string;
	reference: string;
	enteredBy: string;
	enteredAt: number;
}
export interface StoredEquipment extends Equipment {
	records: readonly StoredRecord[];
}

/** By name; all of them, or the one of an id. */
export async function equipment(tables: Tables, id?: string): Promise<StoredEquipment[]> {
	let query = typed(tables).selectFrom("media_equipment").selectAll().orderBy("name");
	if (id !== undefined) query = query.where("id", "=", id);
	const machines = await query.execute();
	if (machines.length === 0) return [];
	const ids = machines.map((machine) => machine.id);
	const records = await typed(tables).selectFrom("media_equipment_records").selectAll().where("equipment", "in", ids).orderBy("at").execute();
	return machines.map(({ field_oe, particle_mm, retired_at, ...machine }) => ({
		...machine,
		fieldOe: field_oe,
		particleMm: particle_mm,
		retiredAt: msOf(retired_at),
		records: records
			.filter((record) => record.equipment === machine.id)
			.map((record) => ({
				id: record.id,
				kind: record.kind,
				at: msOf(record.at),
				validUntil: msOf(record.valid_until),
				passed: record.passed,
				by: record.by_whom,
				reference: record.reference,
				enteredBy: record.entered_by,
				enteredAt: msOf(record.entered_at),
			})),
	}));
}

/** Whether there was none of this name, nor of this maker and serial number. */
export async function insertEquipment(transaction: AnyTransaction, id: string, input: EquipmentInput): Promise<boolean> {
	const { name, maker, model, serial, kind, fieldOe, particleMm, version } = input;
	const { numInsertedOrUpdatedRows } = await typed(transaction)
		.insertInto("media_equipment")
		.values({ id, name, maker, model, serial, kind, field_oe: fieldOe, particle_mm: particleMm, version, retired_at: null })
		.onConflict((conflict) => conflict.doNothing())
		.executeTakeFirst();
	return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function insertRecord(
	transaction: AnyTransaction,
	record: { id: string; equipment: string; input: EquipmentRecordInput; by: string; now: number },
): Promise<void> {
	const { id, input, by, now } = record;
	await typed(transaction)
		.insertInto("media_equipment_records")
		.values({
			id,
			equipment: record.equipment,
			kind: input.kind,
			at: new Date(input.at),
			valid_until: new Date(input.validUntil),
			passed: input.passed,
			by_whom: input.by,
			reference: input.reference,
			entered_by: by,
			entered_at: dateOf(now),
		})
		.execute();
}

export async function retireEquipment(transaction: AnyTransaction, id: string, now: number): Promise<void> {
	await typed(transaction)
		.updateTable("media_equipment")
		.set({ retired_at: dateOf(now) })
		.where("id", "=", id)
		.execute();
}
