import type { AccessListEntry } from "../../../contracts/access-list.ts";
import type { ControllerDetail, ControllerView, DriftEntryView, RemovalView } from "../../../contracts/controllers.ts";
import type { World } from "../../../contracts/world.ts";
import { isoOf } from "../../platform/database/instants.ts";
import { cardText } from "../access-event.ts";
import type { CredentialRecord, Register } from "../register/register.ts";
import { stateOf } from "./controller-state.ts";
import type { ControllerRecord, DriftRecord, OpenRemovals, RemovalRow } from "./controllers-store.ts";

export interface KnownController {
	record: ControllerRecord;
	entries: number;
	open: OpenRemovals | null;
}

/** A controller as the API shows it. */
export function controllerView({ record, entries, open }: KnownController, world: World, heard: (device: string) => boolean): ControllerView {
	const { id, failure, drift } = record;
	return {
		id,
		name: world.devices.get(id)?.name ?? id,
		doors: world.site.doors.filter(({ controller }) => controller === id).map((door) => door.id),
		online: heard(id),
		state: stateOf(record),
		entries,
		confirmedAt: isoOf(record.confirmedAt),
		checkedAt: isoOf(record.checkedAt),
		held: record.held,
		drift: drift && {
			missing: drift.missing,
			extra: drift.extra,
			different: drift.different,
			detail: drift.detail,
			foundAt: isoOf(drift.foundAt),
			repairedAt: isoOf(drift.repairedAt),
		},
		failure: failure && {
			reason: failure.reason,
			detail: failure.detail,
			since: isoOf(failure.since),
			attempts: record.failures,
			nextTry: isoOf(record.nextTry),
		},
		unconfirmedRemovals: open?.count ?? 0,
		oldestUnconfirmedAt: isoOf(open?.oldest ?? null),
	};
}

/** With the entries of its last drift. */
export function controllerDetail(known: KnownController, world: World, heard: (device: string) => boolean, register: Register): ControllerDetail {
	const { drift } = known.record;
	return {
		...controllerView(known, world, heard),
		driftEntries: drift?.entries.map((entry) => driftEntryView(entry, drift.foundAt, register)) ?? [],
	};
}

function driftEntryView({ kind, wanted, held }: DriftRecord["entries"][number], ts: number, register: Register): DriftEntryView {
	const entry = wanted ?? held;
	const { card = null, fingerprint = null } = entry ?? {};
	const credential =
		(card && register.credentialByCard(card, ts)) ?? (fingerprint === null ? undefined : register.credentialByFingerprint(fingerprint, ts));
	return {
		kind,
		door: entry?.door ?? "",
		holder: holderOf(credential, register),
		card: card && cardText(card),
		fingerprint,
		wanted: whenOf(wanted),
		held: whenOf(held),
	};
}

function whenOf(entry: AccessListEntry | null): DriftEntryView["wanted"] {
	return entry && { from: isoOf(entry.from), until: isoOf(entry.until), hours: entry.hours };
}

function holderOf(credential: CredentialRecord | undefined, register: Register): { id: string; name: string } | null {
	const holder = credential && register.holders.get(credential.holder);
	return holder ? { id: holder.id, name: holder.name } : null;
}

export function removalView(row: RemovalRow, register: Register, now: number): RemovalView {
	const { id, controller, door, credential, decidedAt, confirmedAt, closed } = row;
	return {
		id: String(id),
		controller,
		door,
		credential,
		holder: holderOf(register.credentials.get(credential), register),
		decidedAt: isoOf(decidedAt),
		confirmedAt: isoOf(confirmedAt),
		seconds: Math.max(0, Math.round((confirmedAt ?? now) - decidedAt) / 1000),
		closed,
	};
}
