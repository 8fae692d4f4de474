import type { Generated, Insertable, JSONColumnType, Selectable } from "kysely";
import { z } from "zod";
import { accessVerdictSchema } from "../../contracts/access-verdict.ts";
import { doorStateSchema } from "../../contracts/kinds.ts";
import { ACCESS_METHODS, type Card } from "../../contracts/native-dialect.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import { type AccessRecord, contentDigest, type DeviceEvent, type DoorRecord, type EventRecord, recognise } from "./access-event.ts";
import type { Register } from "./register/register.ts";

interface EventsTable {
	id: Generated<number>;
	type: string;
	device: string;
	seq: number;
	digest: string;
	conflict: boolean;
	door: string;
	door_name: string;
	ts: Date;
	received_at: Date;
	late: boolean;
	direction: string | null;
	method: string | null;
	card: JSONColumnType<Card | null, string | null, string | null>;
	fingerprint: string | null;
	holder: string | null;
	holder_name: string | null;
	result: string | null;
	reason: string | null;
	credential: string | null;
	verdict: string | null;
	access_grant: string | null;
	state: string | null;
	/** See monitor-migrations.ts. */
	judged: Generated<boolean>;
}
interface NumberingTable {
	device: string;
	highest: number | null;
	doubted: number | null;
}
interface GapsTable {
	id: Generated<number>;
	device: string;
	first_seq: number;
	last_seq: number;
	missing: number;
	noticed_at: Date;
	filled_at: Date | null;
}
export interface AccessTables {
	access_events: EventsTable;
	device_numbering: NumberingTable;
	sequence_gaps: GapsTable;
}
export type EventRow = Insertable<EventsTable>;

/** An event with what the register knows at this time. */
export function eventRow(event: DeviceEvent, late: boolean, register: Register): EventRow {
	const common = {
		type: event.type,
		device: event.device,
		seq: event.seq,
		digest: contentDigest(event),
		conflict: false,
		door: event.door,
		door_name: register.doors.get(event.door)?.name ?? event.door,
		ts: dateOf(event.ts),
		received_at: dateOf(event.receivedAt),
		late,
	};
	const nobody = { holder: null, holder_name: null, credential: null, verdict: null, access_grant: null };
	const none = { direction: null, method: null, card: null, fingerprint: null, ...nobody, result: null, reason: null };
	if (event.type === "door") return { ...common, ...none, state: event.state };
	const { direction, method, fingerprint, result, reason } = event;
	const { holder, credential, verdict, grant } = recognise(event, register);
	return {
		...common,
		direction,
		method,
		card: event.card && JSON.stringify(event.card),
		fingerprint,
		holder: holder?.id ?? null,
		holder_name: holder?.name ?? null,
		credential,
		verdict,
		access_grant: grant,
		result,
		reason,
		state: null,
	};
}

// The database's word is checked like anybody else's.
const direction = z.enum(["in", "out"]);
const method = z.enum(ACCESS_METHODS);
const result = z.enum(["granted", "denied"]);

export function eventOf(row: Selectable<EventsTable>): EventRecord {
	return row.type === "door" ? doorOf(row) : accessOf(row);
}

export function accessOf(row: Selectable<EventsTable>): AccessRecord {
	return {
		type: "access",
		...commonOf(row),
		direction: direction.parse(row.direction),
		method: method.parse(row.method),
		card: row.card,
		fingerprint: row.fingerprint,
		holder: row.holder === null ? null : { id: row.holder, name: row.holder_name ?? row.holder },
		credential: row.credential,
		verdict: accessVerdictSchema.nullable().parse(row.verdict),
		grant: row.access_grant,
		result: result.parse(row.result),
		reason: row.reason ?? "",
	};
}

export function doorOf(row: Selectable<EventsTable>): DoorRecord {
	return { type: "door", ...commonOf(row), state: doorStateSchema.parse(row.state) };
}

function commonOf(row: Selectable<EventsTable>) {
	const { id, device, seq, door, door_name, ts, received_at, late, conflict } = row;
	return { id: String(id), device, seq, door, doorName: door_name, ts: msOf(ts), receivedAt: msOf(received_at), late, conflict };
}
