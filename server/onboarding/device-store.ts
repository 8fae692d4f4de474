import { type Kysely, type Selectable, sql } from "kysely";
import { type Adoption, adoptionSchema, adoptionText } from "../../contracts/onboarding.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";

/** What has been agreed about a device that isn't in the site file. */
export interface DeviceVersion {
	/** Id of the device. */
	device: string;
	/** From 1. */
	version: number;
	/** `null`: it was removed. */
	definition: Adoption | null;
	/** Unix ms. */
	at: number;
	/** Id of the approved change. */
	change: string;
	proposedBy: string;
	approvedBy: string;
}
export interface DeviceTables {
	device_versions: {
		device: string;
		version: number;
		definition: unknown;
		at: Date;
		change: string;
		proposed_by: string;
		approved_by: string;
	};
}
type Tables = Kysely<DeviceTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<DeviceTables> => tables as unknown as Kysely<DeviceTables>;

/** Nobody else agrees on any device before the transaction is over. */
export async function lockDevices(transaction: AnyTransaction): Promise<void> {
	await sql`LOCK TABLE device_versions IN SHARE ROW EXCLUSIVE MODE`.execute(transaction);
}

/** The newest version of every device that anything was agreed about, by its id. */
export async function newestDevices(tables: Tables): Promise<Map<string, DeviceVersion>> {
	const rows = await typed(tables)
		.selectFrom("device_versions")
		.selectAll()
		.distinctOn("device")
		.orderBy("device")
		.orderBy("version", "desc")
		.execute();
	return new Map(rows.map((row) => [row.device, versionOf(row)]));
}

export async function addDeviceVersion(transaction: AnyTransaction, { device, version, definition, at, ...by }: DeviceVersion): Promise<void> {
	await typed(transaction)
		.insertInto("device_versions")
		.values({
			device,
			version,
			definition: definition === null ? null : (sql`${JSON.stringify(adoptionText(definition))}::jsonb` as unknown),
			at: dateOf(at),
			change: by.change,
			proposed_by: by.proposedBy,
			approved_by: by.approvedBy,
		})
		.execute();
}

function versionOf(row: Selectable<DeviceTables["device_versions"]>): DeviceVersion {
	const { device, version, definition, at, change } = row;
	return {
		device,
		version,
		definition: definition === null ? null : adoptionSchema.parse(definition),
		at: msOf(at),
		change,
		proposedBy: row.proposed_by,
		approvedBy: row.approved_by,
	};
}
