/** What a review freezes at its start (REV-1); pure, times are Unix ms. */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { z } from "zod";
import type { Role } from "../../contracts/permissions.ts";
import { type ReviewHint, type ReviewUsage, reviewItemSchema } from "../../contracts/reviews.ts";
import { cardText } from "../access/access-event.ts";
import type { DoorUsage } from "../access/access-usage.ts";
import { accountsOf, type CredentialRecord, type GrantRecord, type HolderRecord, isInForce, type Register } from "../access/register/register.ts";
import type { HeldRole } from "../identity/rights.ts";
import { isoOf } from "../platform/database/instants.ts";
import { type AccessFacts, hintsOf, riskOf } from "./hints.ts";

/** An item as it was at the snapshot; what is decided of it stands elsewhere. */
export const frozenItemSchema = reviewItemSchema.pick({
	number: true,
	holder: true,
	account: true,
	grant: true,
	role: true,
	credentials: true,
	usage: true,
	hints: true,
	risk: true,
});
export type FrozenItem = z.infer<typeof frozenItemSchema>;

export interface SnapshotItem {
	frozen: FrozenItem;
	holder: string | null;
	grant: string | null;
	zone: string | null;
	/** Id of the held role. */
	role: string | null;
	/** Accounts of the holder and of who answers for it. */
	excluded: readonly string[];
	/** Usernames. */
	zoneReviewers: readonly string[];
}

/** Usage by holder and zone, `usageKey(holder, zone)`. */
export type UsageByZone = ReadonlyMap<string, ReviewUsage>;
export const usageKey = (holder: string, zone: string): string => `${holder}\n${zone}`;

/** Puts the doors of each zone together. */
export function usageByZone(register: Register, doors: readonly DoorUsage[]): UsageByZone {
	const found = new Map<string, ReviewUsage>();
	for (const { holder, door, granted, denied, outOfHours, lastGrantedAt } of doors) {
		const zone = register.zoneOfDoor(door)?.id;
		if (zone === undefined) continue;
		const before = found.get(usageKey(holder, zone)) ?? NOT_USED;
		const last = Math.max(lastGrantedAt ?? 0, before.lastUsedAt === null ? 0 : Date.parse(before.lastUsedAt));
		found.set(usageKey(holder, zone), {
			lastUsedAt: last === 0 ? null : isoOf(last),
			granted: before.granted + granted,
			denied: before.denied + denied,
			outOfHours: before.outOfHours + outOfHours,
			doors: [...before.doors, { door, granted }].sort((one, other) => compare(one.door, other.door)),
		});
	}
	return found;
}

/** Every live grant, and each credential whose holder has none. `lastReviewAt`: of the review before; `null`: there was none. */
export function accessItems(
	register: Register,
	usage: UsageByZone,
	{ now, lastReviewAt }: { now: number; lastReviewAt: number | null },
): SnapshotItem[] {
	const live = [...register.grants.values()].filter(
		(grant) => isInForce(grant, now) || (grant.endedAt === null && grant.from > now && grant.lapsesAt > now),
	);
	const usual = usualZones(register, live);
	const items: SnapshotItem[] = [];
	for (const grant of live.sort(
		(one, other) =>
			compare(one.zone, other.zone) || compare(one.holder ?? one.post ?? "", other.holder ?? other.post ?? "") || compare(one.id, other.id),
	))
		items.push(grantItem(register, grant, items.length + 1, usage, usual, { now, lastReviewAt }));
	const withGrant = new Set(live.flatMap(({ holder }) => holder ?? []));
	const posts = new Set(live.flatMap(({ post }) => post ?? []));
	const idle = [...register.holders.values()].filter(
		(holder) =>
			!withGrant.has(holder.id) && !(holder.post !== null && posts.has(holder.post)) && liveCredentials(register, holder.id, now).length > 0,
	);
	for (const holder of idle.sort((one, other) => compare(one.id, other.id)))
		items.push(credentialItem(register, holder, items.length + 1, { now, lastReviewAt }));
	return items;
}

/** Every role that is held, for the review of rights (REV-7). */
export function rightsItems(
	held: readonly { account: { id: string; username: string; name: string; secondFactor: boolean; lastLogInAt: number | null }; role: HeldRole }[],
	{ now, lastReviewAt, isAdministrator }: { now: number; lastReviewAt: number | null; isAdministrator: (role: Role) => boolean },
): SnapshotItem[] {
	return [...held]
		.sort(
			(one, other) =>
				compare(one.account.username, other.account.username) || compare(one.role.role, other.role.role) || compare(one.role.id, other.role.id),
		)
		.map(({ account, role }, place) => {
			const idle = account.lastLogInAt === null ? null : now - account.lastLogInAt;
			const hints: ReviewHint[] = [];
			if (account.lastLogInAt === null && now - role.grantedAt >= 30 * DAY) hints.push("never-used");
			if (idle !== null && idle >= 90 * DAY) hints.push("unused-90-days");
			else if (idle !== null && idle >= 30 * DAY) hints.push("unused-30-days");
			if (!account.secondFactor) hints.push("no-second-factor");
			if (isAdministrator(role.role)) hints.push("administrator");
			const { id, username, name } = account;
			const frozen: FrozenItem = {
				number: place + 1,
				holder: null,
				account: { id, username, name },
				grant: null,
				role: { id: role.id, role: role.role, site: role.site, grantedAt: isoOf(role.grantedAt), lapsesAt: isoOf(role.lapsesAt) },
				credentials: [],
				usage: null,
				hints,
				risk: riskOf(hints, { changedAt: role.grantedAt, lastReviewAt }),
			};
			return { frozen, holder: null, grant: null, zone: null, role: role.id, excluded: [account.id], zoneReviewers: [] };
		});
}

/** The bytes of an item, and the hash over a snapshot: salted, since the items name people. */
export const frozenText = (item: FrozenItem): string => canonicalize(item) ?? "";
export function snapshotHash(salt: string, items: readonly string[]): string {
	const hash = createHash("sha256").update(`${salt}\n`);
	for (const item of items) hash.update(`${item}\n`);
	return hash.digest("hex");
}

const DAY = 86_400_000;
const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
/** Below this share of the people of a post, a zone is unusual for it; with fewer people nothing is usual yet. */
const USUAL = { share: 0.2, people: 5 };

interface Moment {
	now: number;
	lastReviewAt: number | null;
}

function liveCredentials(register: Register, holder: string, now: number): CredentialRecord[] {
	return register.credentialsOf(holder).filter(({ state, until }) => state !== "returned" && state !== "expired" && (until === null || until > now));
}

function grantItem(
	register: Register,
	grant: GrantRecord,
	number: number,
	usage: UsageByZone,
	usual: ReadonlySet<string>,
	moment: Moment,
): SnapshotItem {
	const holder = grant.holder === null ? undefined : register.holders.get(grant.holder);
	const zone = register.zones.get(grant.zone);
	const credentials = holder ? liveCredentials(register, holder.id, moment.now) : [];
	const used = holder ? (usage.get(usageKey(holder.id, grant.zone)) ?? NOT_USED) : null;
	const twoFactors = (zone?.doors ?? []).some((door) => register.doors.get(door)?.factors === "two");
	const facts: AccessFacts = {
		...factsOf(holder, credentials, moment),
		givenAt: grant.grantedAt,
		renewedAt: grant.renewedAt,
		changedAt: Math.max(grant.grantedAt, changeOf(holder, credentials)),
		toPost: grant.post !== null,
		twoFactorWithoutFingerprint:
			holder !== undefined && twoFactors && !credentials.some(({ fingerprint, state }) => fingerprint !== null && state === "active"),
		unusualZone: holder?.post != null && !usual.has(`${holder.post}\n${grant.zone}`),
		lastUsedAt: used?.lastUsedAt == null ? null : Date.parse(used.lastUsedAt),
		denied: used?.denied ?? 0,
		outOfHours: used?.outOfHours ?? 0,
	};
	const hints = hintsOf(facts);
	const sponsor = grant.sponsor === null ? undefined : register.holders.get(grant.sponsor);
	const frozen: FrozenItem = {
		number,
		holder: holder ? holderShown(holder) : null,
		account: null,
		grant: {
			id: grant.id,
			post: grant.post,
			zone: grant.zone,
			zoneName: zone?.name ?? grant.zone,
			from: isoOf(grant.from),
			until: isoOf(grant.until),
			schedule: grant.schedule,
			reason: grant.reason,
			renewedAt: isoOf(grant.renewedAt),
			lapsesAt: isoOf(grant.lapsesAt),
			sponsor: sponsor ? { id: sponsor.id, name: sponsor.name } : null,
		},
		role: null,
		credentials: credentials.map(credentialShown),
		usage: used,
		hints,
		risk: riskOf(hints, facts),
	};
	// Of a grant to a post, everybody who has the post.
	const people = grant.post === null ? [holder] : [...register.holders.values()].filter(({ post }) => post === grant.post);
	const answer = [sponsor, ...people.map((one) => (one?.sponsor ? register.holders.get(one.sponsor) : undefined))];
	return {
		frozen,
		holder: grant.holder,
		grant: grant.id,
		zone: grant.zone,
		role: null,
		excluded: accountsOfAll(grant.post === null ? [...people, ...answer] : [...people, sponsor]),
		zoneReviewers: zone?.reviewers ?? [],
	};
}

function credentialItem(register: Register, holder: HolderRecord, number: number, moment: Moment): SnapshotItem {
	const credentials = liveCredentials(register, holder.id, moment.now);
	const givenAt = Math.max(...credentials.map(({ from }) => from));
	const facts: AccessFacts = {
		...factsOf(holder, credentials, moment),
		givenAt,
		renewedAt: givenAt,
		changedAt: changeOf(holder, credentials),
		toPost: false,
		twoFactorWithoutFingerprint: false,
		unusualZone: false,
		lastUsedAt: null,
		denied: 0,
		outOfHours: 0,
	};
	const hints = hintsOf(facts);
	const sponsor = holder.sponsor === null ? undefined : register.holders.get(holder.sponsor);
	const frozen: FrozenItem = {
		number,
		holder: holderShown(holder),
		account: null,
		grant: null,
		role: null,
		credentials: credentials.map(credentialShown),
		usage: null,
		hints,
		risk: riskOf(hints, facts),
	};
	return { frozen, holder: holder.id, grant: null, zone: null, role: null, excluded: accountsOfAll([holder, sponsor]), zoneReviewers: [] };
}

const NOT_USED: ReviewUsage = { lastUsedAt: null, granted: 0, denied: 0, outOfHours: 0, doors: [] };

function factsOf(holder: HolderRecord | undefined, credentials: readonly CredentialRecord[], { now, lastReviewAt }: Moment) {
	const visitor = holder?.kind === "visitor";
	return { now, lastReviewAt, holderLeft: holder?.leftAt != null, visitor, badgeOut: credentials.some(({ card }) => card !== null) };
}
const changeOf = (holder: HolderRecord | undefined, credentials: readonly CredentialRecord[]): number =>
	Math.max(0, ...credentials.map(({ stateAt }) => stateAt), ...(holder && holder.posts.length > 1 ? [holder.posts.at(-1)?.at ?? 0] : []));
const holderShown = ({ id, name, kind, company, post }: HolderRecord) => ({ id, name, kind, company, post });
const credentialShown = ({ id, card, state }: CredentialRecord) => ({
	id,
	type: card ? ("card" as const) : ("fingerprint" as const),
	card: card && cardText(card),
	state,
});
const accountsOfAll = (people: readonly (HolderRecord | undefined)[]): string[] => [
	...new Set(people.flatMap((one) => (one === undefined ? [] : accountsOf(one)))),
];

/**
 * Accounts whose own or sponsored access a frozen item is by the register of now: somebody may have got the access, the sponsorship or
 * their account since. They are barred beside those of the snapshot.
 */
export function barredNow(register: Register, item: { holder: string | null; grant: string | null; post: string | null }): string[] {
	const holder = item.holder === null ? undefined : register.holders.get(item.holder);
	const sponsor = item.grant === null ? null : (register.grants.get(item.grant)?.sponsor ?? null);
	const people = holder ? [holder] : item.post === null ? [] : [...register.holders.values()].filter(({ post }) => post === item.post);
	const answer = [sponsor, ...people.map((one) => one.sponsor)].map((id) => (id === null ? undefined : register.holders.get(id)));
	return accountsOfAll([...people, ...answer]);
}

/** `{post}\n{zone}` of what is usual: many of the post have it, or the post is too small to tell. */
function usualZones(register: Register, live: readonly GrantRecord[]): Set<string> {
	const people = Map.groupBy(
		[...register.holders.values()].filter(({ leftAt }) => leftAt === null),
		({ post }) => post ?? "",
	);
	const counts = new Map<string, number>();
	for (const { holder, zone } of live) {
		const post = holder === null ? null : register.holders.get(holder)?.post;
		if (post != null) counts.set(`${post}\n${zone}`, (counts.get(`${post}\n${zone}`) ?? 0) + 1);
	}
	return new Set(
		[...counts].flatMap(([key, count]) => {
			const all = people.get(key.slice(0, key.indexOf("\n")))?.length ?? 0;
			return all < USUAL.people || count / all >= USUAL.share ? key : [];
		}),
	);
}
