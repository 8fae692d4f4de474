import { randomUUID } from "node:crypto";
import type { CredentialState, GrantEnd } from "../../../contracts/access.ts";
import type { Audit, AuditLine } from "../../audit/audit.ts";
import type { LedgerEntry } from "../../ledger/ledger-entry.ts";
import type { Actor } from "../../platform/actor.ts";
import type { AnyTransaction } from "../../platform/database/database.ts";
import { conflict, invalid, notFound } from "../../platform/errors.ts";
import { grantLapse } from "./lapse.ts";
import { accountsOf, type CredentialRecord, cardKey, type GrantRecord, type HolderRecord, type Register, sameHrName } from "./register.ts";
import * as store from "./register-store.ts";
import type { Seed } from "./site-seed.ts";

export type NewHolder = Pick<HolderRecord, "name" | "kind" | "company" | "post" | "externalId" | "account" | "sponsor"> & {
	id?: string | undefined;
	otherAccounts?: readonly string[] | undefined;
	/** Of somebody who is known only as having left. */
	leftAt?: number | null;
};
export type NewCredential = Pick<CredentialRecord, "holder" | "card" | "fingerprint" | "until"> & { from?: number | undefined };
export type NewGrant = Pick<GrantRecord, "holder" | "post" | "zone" | "until" | "schedule" | "sponsor" | "reason"> & { from?: number | undefined };

/**
 * What may be done to the register within one transaction, under its lock. Every act writes its audit line; ledger entries are
 * kept until the end, where {@link AccessRegister.change} appends them. `before` is the register as it was when the lock was taken.
 */
export class RegisterEdit {
	readonly transaction: AnyTransaction;
	readonly before: Register;
	readonly actor: Actor;
	/** Unix ms. */
	readonly now: number;
	readonly #audit: Audit;
	readonly entries: LedgerEntry[] = [];
	readonly #added = new Set<string>();
	/** Whether anything of the register was changed. */
	changed = false;

	constructor(options: { transaction: AnyTransaction; before: Register; actor: Actor; now: number; audit: Audit }) {
		this.transaction = options.transaction;
		this.before = options.before;
		this.actor = options.actor;
		this.now = options.now;
		this.#audit = options.audit;
	}

	/** Keeps an entry for the ledger, appended last in the transaction. Names no holder: grants and credentials stand by their ids. */
	prove(type: string, data: LedgerEntry["data"]): void {
		this.entries.push({ type, version: 1, at: this.now, data });
	}

	/** Writes a line in the transaction. */
	async note(operation: string, object: { type: string; id: string }, detail: NonNullable<AuditLine["detail"]> = {}): Promise<void> {
		await this.#audit.record(this.transaction, { tag: "change", operation, actor: this.actor, object, result: "ok", detail });
	}

	/** Throws AppError 409 `holder-taken` when id, HR name or account is somebody's, 400 for an unknown sponsor. Returns the id. */
	async addHolder({ id, ...given }: NewHolder): Promise<string> {
		if (given.sponsor !== null && !this.#knows(given.sponsor)) throw unknownSponsor();
		if ([...this.before.holders.values()].some((other) => sameHrName(other.externalId, given.externalId)))
			throw conflict("holder-taken", "Another holder has this HR name already.");
		const holder: HolderRecord = {
			leftAt: null,
			...given,
			otherAccounts: given.otherAccounts ?? [],
			id: id ?? randomUUID(),
			posts: [],
			createdAt: this.now,
			version: 1,
		};
		this.#refuseTaken(holder, null);
		if (!(await store.insertHolder(this.transaction, holder)))
			throw conflict("holder-taken", "There is a holder with this id, HR name or account already.");
		this.#added.add(holder.id);
		await this.note("holder.create", { type: "holder", id: holder.id }, { ...given });
		this.changed = true;
		return holder.id;
	}

	/** An account is one person's, and named once. */
	#refuseTaken(holder: Pick<HolderRecord, "account" | "otherAccounts">, id: string | null): void {
		const accounts = accountsOf(holder);
		if (new Set(accounts).size < accounts.length)
			throw invalid("An account is named twice.", [{ field: "otherAccounts", message: "expected each account once, and not the first one again" }]);
		if (accounts.some((account) => (this.before.holderOfAccount(account)?.id ?? id) !== id))
			throw conflict("holder-taken", "Another holder has this account already.");
	}

	/** Whether the holder is in the register, or was added by this edit. */
	#knows(id: string): boolean {
		return this.before.holders.has(id) || this.#added.has(id);
	}

	/**
	 * Throws AppError 404, 400 for an unknown sponsor, 409 `holder-taken` when HR name or account is somebody else's. A changed post ends
	 * what was given to the person in the old one (ACC-6); what the old post itself gave ends by that.
	 */
	async updateHolder(id: string, values: store.HolderValues): Promise<void> {
		const { holders } = this.before;
		const holder = holders.get(id);
		if (!holder) throw notFound("holder", id);
		if (values.sponsor && !this.#knows(values.sponsor)) throw unknownSponsor();
		const others = [...holders.values()].filter((other) => other.id !== id);
		if (others.some((other) => sameHrName(other.externalId, values.externalId ?? null)))
			throw conflict("holder-taken", "Another holder has this HR name already.");
		const { account = holder.account, otherAccounts = holder.otherAccounts } = values;
		this.#refuseTaken({ account, otherAccounts }, id);
		await store.updateHolder(this.transaction, id, values);
		await this.note("holder.update", { type: "holder", id }, { ...values });
		this.changed = true;
		if (values.post === undefined || values.post === holder.post) return;
		await store.addPost(this.transaction, id, values.post, this.now);
		const own = this.before.ownGrantsOf(id).filter(({ endedAt }) => endedAt === null);
		await this.endGrants(
			own.map((grant) => grant.id),
			"moved",
			"The holder's post has changed.",
		);
	}

	/** Takes over what the site file knows of people and the register didn't, in one line of the audit log and one entry of the ledger. */
	async seed(seed: Seed): Promise<void> {
		const { holders, credentials, grants, accounts } = seed;
		if (holders.length === 0 && accounts.length === 0) return;
		await store.insertMany(this.transaction, seed, this.actor.id);
		for (const { holder, account } of accounts) await store.updateHolder(this.transaction, holder, { account });
		const counts = { holders: holders.length, credentials: credentials.length, grants: grants.length, accounts: accounts.length };
		await this.note("register.seed", { type: "register", id: "site-file" }, { ...counts, ids: holders.map(({ id }) => id) });
		this.prove("register.seeded", { ...counts, by: this.actor.id });
		this.changed = true;
	}

	/** Throws AppError 409 `credential-taken` when it is somebody's. `holder` may have been added by this edit. Returns its id. */
	async addCredential(given: NewCredential): Promise<string> {
		const credential = this.#credential(given);
		const { holder, card, fingerprint } = given;
		if (!(await store.insertCredential(this.transaction, credential, this.actor.id)))
			throw conflict("credential-taken", "This card or fingerprint is somebody's already; it must be returned first.");
		await this.note("credential.issue", { type: "credential", id: credential.id }, { holder, card: card && cardKey(card), fingerprint });
		this.prove("credential.issued", { credential: credential.id, by: this.actor.id });
		this.changed = true;
		return credential.id;
	}

	/** Throws AppError 404, 409 `credential-returned`: a returned one is issued anew, never revived. The same state again changes nothing. */
	async setCredentialState(id: string, state: CredentialState, reason: string): Promise<void> {
		const credential = this.before.credentials.get(id);
		if (!credential) throw notFound("credential", id);
		if (credential.state === state) return;
		if (credential.state === "returned") throw conflict("credential-returned", "It was handed back; issue it anew.");
		await store.changeState(this.transaction, id, { state, at: this.now, by: this.actor.id, reason });
		await this.note("credential.state", { type: "credential", id }, { before: credential.state, after: state, reason });
		this.prove("credential.state", { credential: id, before: credential.state, after: state, by: this.actor.id });
		this.changed = true;
	}

	/** Throws AppError 400 for an unknown zone or sponsor, 409 `already-granted`. Returns its id. */
	async addGrant(given: NewGrant): Promise<string> {
		if (!this.before.zones.has(given.zone))
			throw invalid("There is no such zone.", [{ field: "zone", message: `expected one of ${[...this.before.zones.keys()].join(", ")}` }]);
		const grant = this.#grant(given);
		if (!(await store.insertGrant(this.transaction, grant))) throw conflict("already-granted", "This is granted already; renew it.");
		await this.note("grant.give", { type: "grant", id: grant.id }, { ...given });
		this.prove("grant.given", { grant: grant.id, zone: grant.zone, by: this.actor.id });
		this.changed = true;
		return grant.id;
	}

	/**
	 * Adds many in a few statements; sponsors may be among them. Whoever calls has made sure that nothing of it is there already (the database
	 * refuses it all otherwise), and writes the lines and the entry. Returns the new credentials' and grants' ids.
	 */
	async addMany(given: {
		holders: readonly (NewHolder & { id: string })[];
		credentials: readonly NewCredential[];
		grants: readonly NewGrant[];
	}): Promise<string[]> {
		const holders = given.holders.map((holder) => ({
			...holder,
			otherAccounts: holder.otherAccounts ?? [],
			posts: [],
			leftAt: null,
			createdAt: this.now,
			version: 1,
		}));
		const credentials = given.credentials.map((credential) => this.#credential(credential));
		const grants = given.grants.map((grant) => this.#grant(grant));
		await store.insertMany(this.transaction, { holders, credentials, grants }, this.actor.id);
		for (const { id } of holders) this.#added.add(id);
		this.changed = true;
		return [...credentials, ...grants].map(({ id }) => id);
	}

	#credential({ holder, card, fingerprint, until, from = this.now }: NewCredential): CredentialRecord {
		return {
			id: randomUUID(),
			holder,
			card,
			fingerprint,
			state: "active",
			stateAt: this.now,
			stateReason: null,
			states: [],
			from,
			until,
			version: 1,
		};
	}

	#grant({ from = this.now, ...given }: NewGrant): GrantRecord {
		return {
			...given,
			id: randomUUID(),
			from,
			grantedBy: this.actor.id,
			grantedAt: this.now,
			renewedAt: this.now,
			lapsesAt: grantLapse(Math.max(from, this.now)),
			endedAt: null,
			endReason: null,
			version: 1,
		};
	}

	/** Ends grants that have not ended yet; returns which. */
	async endGrants(ids: readonly string[], reason: GrantEnd, why: string): Promise<string[]> {
		const ended = await store.endGrants(this.transaction, ids, { at: this.now, by: this.actor.id, reason });
		for (const id of ended) {
			await this.note("grant.end", { type: "grant", id }, { reason, why });
			this.prove("grant.ended", { grant: id, reason, by: this.actor.id });
			this.changed = true;
		}
		return ended;
	}

	/** Asks for a grant again: it lapses three months from now. Throws AppError 404, 409 `grant-ended`. */
	async renewGrant(id: string, why: string): Promise<void> {
		const grant = this.before.grants.get(id);
		if (!grant) throw notFound("grant", id);
		if (grant.endedAt !== null || grant.lapsesAt <= this.now || (grant.until !== null && grant.until <= this.now))
			throw conflict("grant-ended", "It has ended; give it anew.");
		await store.renewGrant(this.transaction, id, { renewedAt: this.now, lapsesAt: grantLapse(this.now) });
		await this.note("grant.renew", { type: "grant", id }, { why });
		this.prove("grant.renewed", { grant: id, by: this.actor.id });
		this.changed = true;
	}
}

const unknownSponsor = () => invalid("There is no such sponsor.", [{ field: "sponsor", message: "expected the id of a holder" }]);
