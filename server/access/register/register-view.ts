/** The register as the API shows it; pure. */
import type { CredentialView, GrantView, HolderView, Permitted, ZoneView } from "../../../contracts/access.ts";
import { isoOf } from "../../platform/database/instants.ts";
import { cardText } from "../access-event.ts";
import { type CredentialRecord, type GrantRecord, type HolderRecord, isInForce, type Register } from "./register.ts";
import type { Zone } from "./zones.ts";

const refOf = (register: Register, id: string | null): { id: string; name: string } | null =>
	id === null ? null : { id, name: register.holders.get(id)?.name ?? id };
const knownRef = (register: Register, id: string): { id: string; name: string } => ({ id, name: register.holders.get(id)?.name ?? id });

export function holderView(register: Register, holder: HolderRecord): HolderView {
	const { id, name, kind, company, post, externalId, account, otherAccounts, version } = holder;
	return {
		id,
		name,
		kind,
		company,
		post,
		externalId,
		account,
		otherAccounts: [...otherAccounts],
		sponsor: refOf(register, holder.sponsor),
		status: holder.leftAt === null ? "active" : "left",
		leftAt: isoOf(holder.leftAt),
		createdAt: isoOf(holder.createdAt),
		version,
	};
}

/** `lastUsedAt`: Unix ms, `null`: never. */
export function credentialView(register: Register, credential: CredentialRecord, lastUsedAt: number | null): CredentialView {
	const { id, card, fingerprint, state, stateReason, version } = credential;
	return {
		id,
		holder: knownRef(register, credential.holder),
		type: card ? "card" : "fingerprint",
		card: card && cardText(card),
		fingerprint,
		state,
		stateAt: isoOf(credential.stateAt),
		stateReason,
		from: isoOf(credential.from),
		until: isoOf(credential.until),
		lastUsedAt: isoOf(lastUsedAt),
		version,
	};
}

export const zoneView = ({ id, name, rooms, doors, reviewers }: Zone): ZoneView => ({
	id,
	name,
	rooms: [...rooms],
	doors: [...doors],
	reviewers: [...reviewers],
});

/** `ended` is what a grant is once it was taken, ran out or lapsed. */
export function grantStatus(grant: GrantRecord, now: number): GrantView["status"] {
	if (grant.endedAt !== null || (grant.until !== null && grant.until <= now) || grant.lapsesAt <= now) return "ended";
	return grant.from > now ? "future" : "active";
}

export function grantView(register: Register, grant: GrantRecord, now: number): GrantView {
	const { id, post, zone, schedule, reason, grantedBy, endReason, version } = grant;
	return {
		id,
		holder: refOf(register, grant.holder),
		post,
		zone,
		from: isoOf(grant.from),
		until: isoOf(grant.until),
		schedule,
		sponsor: refOf(register, grant.sponsor),
		reason,
		status: grantStatus(grant, now),
		grantedBy,
		grantedAt: isoOf(grant.grantedAt),
		renewedAt: isoOf(grant.renewedAt),
		lapsesAt: isoOf(grant.lapsesAt),
		endedAt: isoOf(grant.endedAt),
		endReason,
		version,
	};
}

/** Every door that somebody may pass now or later, with what allows it. */
export function permittedOf(register: Register, holder: HolderRecord, now: number): Permitted[] {
	if (holder.leftAt !== null && holder.leftAt <= now) return [];
	const usable = register
		.credentialsOf(holder.id)
		.filter((credential) => credential.state === "active" && credential.from <= now && (credential.until === null || now < credential.until));
	const factors = new Set(usable.map(({ card }) => (card ? "card" : "fingerprint"))).size;
	return register
		.grantsOf(holder)
		.filter((grant) => grantStatus(grant, now) === "future" || isInForce(grant, now))
		.flatMap((grant) =>
			(register.zones.get(grant.zone)?.doors ?? []).flatMap((id) => {
				const door = register.doors.get(id);
				if (!door) return [];
				return {
					id: `${grant.id}:${id}:${holder.id}`,
					holder: knownRef(register, holder.id),
					door: id,
					doorName: door.name,
					zone: grant.zone,
					grant: grant.id,
					post: grant.post,
					from: isoOf(grant.from),
					until: isoOf(grant.until),
					lapsesAt: isoOf(grant.lapsesAt),
					schedule: grant.schedule,
					reason: grant.reason,
					able: factors >= (door.factors === "two" ? 2 : 1),
				};
			}),
		);
}
