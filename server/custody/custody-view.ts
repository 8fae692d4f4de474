import type { IncidentView, MediumView, StepView } from "../../contracts/media.ts";
import { actsOf } from "../../contracts/media-acts.ts";
import type { SanitizationPolicy } from "../../contracts/media-orders.ts";
import { isoOf, msOf } from "../platform/database/instants.ts";
import type { StoredIncident, StoredMedium, StoredStep } from "./custody-store.ts";
import { isOverdue, mediumState, openOffer } from "./medium.ts";
import { chainsOf, nextMethods } from "./policy.ts";
import type { StepRecord } from "./step-record.ts";

/** Names of accounts by id. */
export type People = ReadonlyMap<string, { id: string; username: string; name: string }>;
export const personOf = (people: People, id: string): { id: string; name: string } => ({ id, name: people.get(id)?.name ?? id });

/** A medium as the API shows it to `who`. */
export function mediumView(
	stored: StoredMedium,
	policy: SanitizationPolicy,
	{ people, who, now }: { people: People; who: { account: string; handles: boolean; releases: boolean }; now: number },
): MediumView {
	const { medium, model, capacityBytes, property, source, why, certificate } = stored;
	const { id, serial, maker, type, classification, coercivityOe, damaged, batch, custody, seal, unverified, incident, steps } = medium;
	const offer = openOffer(medium, now);
	const view: Omit<MediumView, "acts"> = {
		id,
		serial,
		maker,
		model,
		type,
		classification,
		capacityBytes,
		coercivityOe,
		damaged,
		property,
		source,
		why,
		batch,
		policy: stored.policy,
		state: mediumState(medium, policy, now),
		custody:
			custody.kind === "bay"
				? { kind: "bay" }
				: custody.kind === "person"
					? { kind: "person", person: personOf(people, custody.account), since: isoOf(custody.since) }
					: custody.kind === "store"
						? { kind: "store", store: custody.store, since: isoOf(custody.since) }
						: { kind: "gone", to: custody.destination.organisation, since: isoOf(custody.since) },
		offer: offer && { to: personOf(people, offer.to), place: offer.place, expiresAt: isoOf(offer.expiresAt) },
		seal,
		overdue: isOverdue(medium, policy, now),
		done: [...medium.done],
		unverified: unverified && { method: unverified.method, particleMm: unverified.particleMm, by: personOf(people, unverified.operator) },
		chains: chainsOf(policy, medium).map((chain) => [...chain]),
		next: nextMethods(policy, medium, medium.done),
		photos: policy.photos ?? null,
		incident,
		steps,
		lastStepAt: isoOf(medium.lastAt),
		certificate,
	};
	return { ...view, acts: who.handles ? actsOf(view, { account: who.account, mayRelease: who.releases }, now) : [] };
}

export function stepView(row: StoredStep, record: StepRecord): StepView {
	const { told, by, unseen, deviations = [], incident } = record;
	return {
		id: row.id,
		number: row.number,
		act: row.act,
		detail: JSON.parse(JSON.stringify({ ...told, machine: record.machine, signature: record.signature, incident })),
		by: { id: by.account, name: by.name },
		at: isoOf(msOf(row.at)),
		recordedAt: isoOf(msOf(row.recorded_at)),
		queued: told.queued === true,
		place: told.place,
		photos: told.photos,
		unseen,
		deviations,
		incident: row.incident,
		digest: row.digest,
		ledgerIndex: Number(row.ledger_index),
	};
}

export function incidentView(row: StoredIncident, people: People): IncidentView {
	return {
		id: row.id,
		kind: row.kind,
		medium: row.medium,
		batch: row.batch,
		serials: row.serials,
		detail: row.detail,
		openedBy: personOf(people, row.opened_by),
		openedAt: isoOf(msOf(row.opened_at)),
		closedAt: isoOf(msOf(row.closed_at)),
		outcome: row.outcome,
		change: row.change,
	};
}
