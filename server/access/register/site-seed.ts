/** What the site file knows of people and the register doesn't yet; pure, times are Unix ms. */
import { randomUUID } from "node:crypto";
import type { SiteFile } from "../../../contracts/site.ts";
import { grantLapse } from "./lapse.ts";
import { accountsOf, type CredentialRecord, cardKey, type GrantRecord, type HolderRecord, type Register } from "./register.ts";

export interface Seed {
	holders: readonly HolderRecord[];
	credentials: readonly CredentialRecord[];
	grants: readonly GrantRecord[];
	/** Holders of the register whose account has been made since. */
	accounts: readonly { holder: string; account: string }[];
	/** Ids of new holders whose card or fingerprint is somebody's already: they come without it. */
	taken: readonly string[];
}

/**
 * The site file's holders that the register doesn't have, each with credential and grants. A holder who is there is left as people have
 * decided since; while nobody has, an account that the file names and that didn't exist before is added. `accounts`: account ids by username.
 */
export function seedOf(site: SiteFile, register: Register, accounts: ReadonlyMap<string, string>, now: number): Seed {
	const fresh = site.holders.filter(({ id }) => !register.holders.has(id));
	const used = new Set([...register.holders.values()].flatMap(accountsOf));
	const accountOf = (username: string | undefined): string | null => {
		const account = username === undefined ? undefined : accounts.get(username);
		if (account === undefined || used.has(account)) return null;
		used.add(account);
		return account;
	};
	const late = site.holders.flatMap(({ id, account }) => {
		const known = register.holders.get(id);
		// One that anybody has changed since has the account that they decided on, or none.
		const made = known?.version === 1 && known.account === null && known.leftAt === null ? accountOf(account) : null;
		return made === null ? [] : [{ holder: id, account: made }];
	});
	const inUse = [...register.credentials.values()].filter(({ state }) => state !== "returned");
	const cards = new Set(inUse.map(({ card, fingerprint }) => (card ? cardKey(card) : fingerprint)));
	const taken = new Set<string>();
	const credentials = fresh.flatMap(({ id, card, fingerprint }) =>
		[card && { card, fingerprint: null }, fingerprint === undefined ? undefined : { card: null, fingerprint }].flatMap((shown) => {
			if (!shown) return [];
			const key = shown.card ? cardKey(shown.card) : shown.fingerprint;
			if (!cards.has(key)) {
				cards.add(key);
				return [credentialOf(id, shown, now)];
			}
			taken.add(id);
			return [];
		}),
	);
	return {
		holders: fresh.map((holder) => ({
			id: holder.id,
			name: holder.name,
			kind: holder.role,
			company: holder.company ?? null,
			post: holder.post ?? null,
			posts: [],
			externalId: null,
			account: accountOf(holder.account),
			otherAccounts: [],
			sponsor: holder.sponsor ?? null,
			leftAt: null,
			createdAt: now,
			version: 1,
		})),
		credentials,
		grants: fresh.flatMap(({ id, sponsor, zones }) => zones.map((zone) => grantOf(id, zone, sponsor ?? null, now))),
		accounts: late,
		taken: [...taken],
	};
}

function credentialOf(holder: string, shown: Pick<CredentialRecord, "card" | "fingerprint">, now: number): CredentialRecord {
	return {
		id: randomUUID(),
		holder,
		...shown,
		state: "active",
		stateAt: now,
		stateReason: null,
		states: [],
		from: now,
		until: null,
		version: 1,
	};
}

function grantOf(holder: string, zone: string, sponsor: string | null, now: number): GrantRecord {
	return {
		id: randomUUID(),
		holder,
		post: null,
		zone,
		from: now,
		until: null,
		schedule: null,
		sponsor,
		reason: "Site file",
		grantedBy: "system",
		grantedAt: now,
		renewedAt: now,
		lapsesAt: grantLapse(now),
		endedAt: null,
		endReason: null,
		version: 1,
	};
}
