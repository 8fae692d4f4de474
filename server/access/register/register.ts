/** The access register as it is held in memory, and what it says of somebody at a door; pure, times are Unix ms. */
import { isDeepStrictEqual } from "node:util";
import type { CredentialState, GrantEnd, HolderKind } from "../../../contracts/access.ts";
import type { AccessVerdict } from "../../../contracts/access-verdict.ts";
import type { Card } from "../../../contracts/native-dialect.ts";
import type { SiteFile } from "../../../contracts/site.ts";
import type { WeeklySchedule } from "../../../contracts/weekly-schedule.ts";
import { isWithin } from "./weekly-hours.ts";
import { type Door, guardedRoom, type Zone, zonesOf } from "./zones.ts";

export interface HolderRecord {
	id: string;
	name: string;
	kind: HolderKind;
	company: string | null;
	post: string | null;
	/** Every post that the person has had, oldest first. */
	posts: readonly { post: string | null; at: number }[];
	externalId: string | null;
	account: string | null;
	/** Further ones of the same person. */
	otherAccounts: readonly string[];
	sponsor: string | null;
	leftAt: number | null;
	createdAt: number;
	version: number;
}
export interface CredentialRecord {
	id: string;
	holder: string;
	/** Exactly one of the two. */
	card: Card | null;
	fingerprint: string | null;
	state: CredentialState;
	stateAt: number;
	stateReason: string | null;
	/** Every state that it has had, oldest first. */
	states: readonly { state: CredentialState; at: number }[];
	from: number;
	until: number | null;
	version: number;
}
export interface GrantRecord {
	id: string;
	/** Exactly one of holder and post. */
	holder: string | null;
	post: string | null;
	zone: string;
	from: number;
	until: number | null;
	schedule: WeeklySchedule | null;
	sponsor: string | null;
	reason: string;
	grantedBy: string;
	grantedAt: number;
	renewedAt: number;
	lapsesAt: number;
	endedAt: number | null;
	endReason: GrantEnd | null;
	version: number;
}
export interface RegisterRecords {
	holders: readonly HolderRecord[];
	credentials: readonly CredentialRecord[];
	grants: readonly GrantRecord[];
}

/** The records with what has changed of them in its place: holders by id, credentials by their newest state, grants in the order they were given. */
export function withChanges(records: RegisterRecords, changes: RegisterRecords): RegisterRecords {
	const merged = <T extends { id: string }>(before: readonly T[], changed: readonly T[], time: (record: T) => number): readonly T[] => {
		if (changed.length === 0) return before;
		const all = new Map([...before, ...changed].map((record) => [record.id, record]));
		return [...all.values()].sort((one, other) => time(one) - time(other) || (one.id < other.id ? -1 : 1));
	};
	return {
		holders: merged(records.holders, changes.holders, () => 0),
		credentials: merged(records.credentials, changes.credentials, ({ stateAt: at }) => at),
		grants: merged(records.grants, changes.grants, ({ grantedAt }) => grantedAt),
	};
}

/** What is shown at a reader. */
export interface Presented {
	card: Card | null;
	fingerprint: string | null;
}
export interface Decision {
	verdict: AccessVerdict;
	holder: HolderRecord | null;
	credentials: readonly CredentialRecord[];
	/** What allows it. */
	grant: GrantRecord | null;
}

export const cardKey = ({ format, facility, number }: Card): string => `${format}/${facility}/${number}`;

/** The newest entry of a history at a moment. */
function atTime<T extends { at: number }>(history: readonly T[], ts: number): T | undefined {
	return history.findLast(({ at }) => at <= ts);
}
export const stateAt = (credential: CredentialRecord, ts: number): CredentialState | undefined => atTime(credential.states, ts)?.state;
export const postAt = (holder: HolderRecord, ts: number): string | null => atTime(holder.posts, ts)?.post ?? null;

/** Whether a grant counts at a moment, but for its hours. */
export function isInForce(grant: GrantRecord, ts: number): boolean {
	return grant.from <= ts && (grant.until === null || ts < grant.until) && ts < grant.lapsesAt && (grant.endedAt === null || ts < grant.endedAt);
}

/** Whether a grant that has not ended gives all of what another one would, the lapse aside. */
export function givesAll(grant: GrantRecord, other: Pick<GrantRecord, "from" | "until" | "schedule">, now: number): boolean {
	if (grant.endedAt !== null || grant.lapsesAt <= now || grant.from > other.from) return false;
	if (grant.until !== null && (other.until === null || other.until > grant.until)) return false;
	return grant.schedule === null || isDeepStrictEqual(grant.schedule, other.schedule);
}

/** Names in the HR system differ by more than upper and lower case (RFC 7643, 4.1.1). */
export const sameHrName = (one: string | null, other: string | null): boolean =>
	one !== null && other !== null && one.toLowerCase() === other.toLowerCase();

/** Every account of a person. */
export const accountsOf = ({ account, otherAccounts }: Pick<HolderRecord, "account" | "otherAccounts">): string[] =>
	account === null ? [...otherAccounts] : [account, ...otherAccounts];

/** One state of the register with the site's zones and doors; never changes. */
export class Register {
	readonly timeZone: string;
	readonly zones: ReadonlyMap<string, Zone>;
	readonly doors: ReadonlyMap<string, Door>;
	readonly holders: ReadonlyMap<string, HolderRecord>;
	readonly credentials: ReadonlyMap<string, CredentialRecord>;
	readonly grants: ReadonlyMap<string, GrantRecord>;
	readonly #zoneOfDoor = new Map<string, Zone>();
	readonly #byCard: ReadonlyMap<string, CredentialRecord[]>;
	readonly #byFingerprint: ReadonlyMap<string, CredentialRecord[]>;
	readonly #byAccount: ReadonlyMap<string, HolderRecord>;
	readonly #byHolder: ReadonlyMap<string, CredentialRecord[]>;
	readonly #grantsOfHolder: ReadonlyMap<string, GrantRecord[]>;
	readonly #grantsOfPost: ReadonlyMap<string, GrantRecord[]>;

	constructor(site: SiteFile, { holders, credentials, grants }: RegisterRecords) {
		this.timeZone = site.timeZone;
		this.zones = zonesOf(site);
		this.doors = new Map(site.doors.map((door) => [door.id, door]));
		for (const zone of this.zones.values()) for (const door of zone.doors) this.#zoneOfDoor.set(door, zone);
		this.holders = new Map(holders.map((holder) => [holder.id, holder]));
		this.credentials = new Map(credentials.map((credential) => [credential.id, credential]));
		this.grants = new Map(grants.map((grant) => [grant.id, grant]));
		this.#byCard = Map.groupBy(
			credentials.filter(({ card }) => card !== null),
			({ card }) => (card ? cardKey(card) : ""),
		);
		this.#byFingerprint = Map.groupBy(
			credentials.filter(({ fingerprint }) => fingerprint !== null),
			({ fingerprint }) => fingerprint ?? "",
		);
		this.#byAccount = new Map(holders.flatMap((holder) => accountsOf(holder).map((account) => [account, holder] as const)));
		this.#byHolder = Map.groupBy(credentials, ({ holder }) => holder);
		this.#grantsOfHolder = Map.groupBy(
			grants.filter(({ holder }) => holder !== null),
			({ holder }) => holder ?? "",
		);
		this.#grantsOfPost = Map.groupBy(
			grants.filter(({ post }) => post !== null),
			({ post }) => post ?? "",
		);
	}

	/** Whose account it is; `undefined`: nobody has said. */
	holderOfAccount(account: string): HolderRecord | undefined {
		return this.#byAccount.get(account);
	}
	/** Whether two accounts are known to be one person's: the one answer for every act that takes two people. */
	samePerson(one: string, other: string): boolean {
		const holder = this.#byAccount.get(one);
		return one === other || (holder !== undefined && holder === this.#byAccount.get(other));
	}

	zoneOfDoor(door: string): Zone | undefined {
		return this.#zoneOfDoor.get(door);
	}
	credentialsOf(holder: string): readonly CredentialRecord[] {
		return this.#byHolder.get(holder) ?? [];
	}
	/** Given to the person by name, whether in force or not. */
	ownGrantsOf(holder: string): readonly GrantRecord[] {
		return this.#grantsOfHolder.get(holder) ?? [];
	}
	/** Everything that allows this person something at a moment: their own grants and those of the post that they have then. */
	grantsInForce(holder: HolderRecord, ts: number): GrantRecord[] {
		if (holder.leftAt !== null && holder.leftAt <= ts) return [];
		return this.#grantsOf(holder, postAt(holder, ts)).filter((grant) => isInForce(grant, ts));
	}
	/** The person's own grants and those of the post that they have now, whether in force or not. */
	grantsOf(holder: HolderRecord): GrantRecord[] {
		return this.#grantsOf(holder, holder.post);
	}
	#grantsOf({ id }: HolderRecord, post: string | null): GrantRecord[] {
		return [...this.ownGrantsOf(id), ...(post === null ? [] : (this.#grantsOfPost.get(post) ?? []))];
	}

	/** Whose card this was at a moment: a returned card may be issued anew, so the number alone says nothing. */
	credentialByCard(card: Card, ts: number): CredentialRecord | undefined {
		return pick(this.#byCard.get(cardKey(card)), ts);
	}
	credentialByFingerprint(reference: string, ts: number): CredentialRecord | undefined {
		return pick(this.#byFingerprint.get(reference), ts);
	}

	/**
	 * What the records say of this at a door at a moment. The order of the refusals is that of the questions: who, is the credential
	 * good, are both factors there, may they, may they now. On the way out one factor is enough. A door that the site doesn't know
	 * gives nobody rights.
	 */
	decide({ card, fingerprint }: Presented, door: string, ts: number, direction: "in" | "out" = "in"): Decision {
		const byCard = card ? this.credentialByCard(card, ts) : undefined;
		const byFingerprint = fingerprint === null ? undefined : this.credentialByFingerprint(fingerprint, ts);
		const credentials = [byCard, byFingerprint].filter((credential) => credential !== undefined);
		const [first] = credentials;
		const holder = (first && this.holders.get(first.holder)) ?? null;
		const refuse = (verdict: AccessVerdict): Decision => ({ verdict, holder, credentials, grant: null });
		if (!holder || (card && !byCard) || (fingerprint !== null && !byFingerprint)) return refuse("denied-unknown-credential");
		if (
			credentials.some((credential) => (stateAt(credential, ts) ?? "expired") === "expired" || (credential.until !== null && credential.until <= ts))
		)
			return refuse("denied-expired");
		if (credentials.some((credential) => stateAt(credential, ts) !== "active" || ts < credential.from)) return refuse("denied-credential-inactive");
		const twoFactor = direction === "in" && this.doors.get(door)?.factors === "two";
		if (credentials.some((credential) => credential.holder !== holder.id) || (twoFactor && credentials.length < 2))
			return refuse("denied-incorrect-factor");
		const zone = this.zoneOfDoor(door)?.id;
		const grants = this.grantsInForce(holder, ts).filter((grant) => grant.zone === zone);
		if (grants.length === 0) return refuse("denied-no-rights");
		const grant = grants.find(({ schedule }) => isWithin(schedule, ts, this.timeZone));
		return grant ? { verdict: "granted", holder, credentials, grant } : refuse("denied-out-of-time");
	}

	/** The room whose zone a door guards. */
	roomBehind(door: string): string | undefined {
		const found = this.doors.get(door);
		return found && guardedRoom(found);
	}
}

/** Of several credentials with the same content the one that was not handed back at that moment, or else the newest. */
function pick(found: readonly CredentialRecord[] | undefined, ts: number): CredentialRecord | undefined {
	if (!found) return undefined;
	const known = found.filter((credential) => (credential.states[0]?.at ?? credential.from) <= ts);
	return known.find((credential) => stateAt(credential, ts) !== "returned") ?? known.at(-1) ?? found.at(-1);
}
