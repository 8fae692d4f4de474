import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Page } from "../../contracts/api.ts";
import type { LeaverDetail, LeaverSource, LeaverView } from "../../contracts/personnel.ts";
import { cardText } from "../access/access-event.ts";
import type { Removals } from "../access/controllers/removal.ts";
import type { AccessRegister } from "../access/register/access-register.ts";
import { accountsOf, type HolderRecord, type Register, sameHrName } from "../access/register/register.ts";
import type { RegisterEdit } from "../access/register/register-edit.ts";
import type { LedgerAppender, LedgerEntry } from "../ledger/ledger-entry.ts";
import type { Actor } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { isoOf } from "../platform/database/instants.ts";
import { AppError, conflict, invalid, notFound } from "../platform/errors.ts";
import { decodeCursor, pageOfRows } from "../platform/http/paging.ts";
import type { Logger } from "../platform/logger.ts";
import * as store from "./personnel-store.ts";

/** What the HR system says of a person; `undefined`: nothing. */
export interface PersonValues {
	userName?: string | undefined;
	externalId?: string | null | undefined;
	name?: string | undefined;
	post?: string | null | undefined;
	kind?: "employee" | "contractor" | undefined;
	company?: string | null | undefined;
	sponsor?: string | null | undefined;
	active?: boolean | undefined;
}
/** Somebody whom the HR system knows. */
export interface Person {
	holder: HolderRecord;
	externalId: string | null;
}

export interface PersonnelOptions {
	register: AccessRegister;
	database: Database;
	ledger: LedgerAppender;
	clock: Clock;
	logger: Logger;
	removals: Removals;
	accounts: {
		idsOf(usernames: readonly string[]): Promise<ReadonlyMap<string, string>>;
		/** Closes an account, see AccountService.endLeaver. */
		endLeaver(transaction: AnyTransaction, id: string, actor: Actor, now: number): Promise<{ entries: LedgerEntry[]; ended: string[] } | null>;
		told(account: string, ended: readonly string[]): void;
	};
}

const positionSchema = z.object({ at: z.number(), id: z.uuid() });
const LOOK_EVERY = 5000;

/** Joiners, movers and leavers, and the clock of each leaver until every controller has confirmed (ACC-5, ACC-6, IAM-5). */
export class PersonnelService {
	readonly #options: PersonnelOptions;
	#timer: NodeJS.Timeout | undefined;
	#looking: Promise<void> | null = null;

	constructor(options: PersonnelOptions) {
		this.#options = options;
	}

	/** Begins to follow the clocks. */
	start(): void {
		const look = () => {
			this.#looking ??= this.look()
				.catch((error: unknown) => this.#options.logger.warn({ err: error }, "the clocks of leavers could not be looked at; trying again"))
				.finally(() => {
					this.#looking = null;
				});
		};
		this.#options.removals.onConfirmed(look);
		this.#timer = setInterval(look, LOOK_EVERY);
		this.#timer.unref();
		look();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.#looking;
	}

	/** Stops the clocks of those whose removal every controller has confirmed. */
	async look(): Promise<void> {
		const { removals, database, ledger, clock } = this.#options;
		for (const { id, credentials, leftAt } of await store.unconfirmedLeavers(this.#tables())) {
			const { confirmedAt } = await removals.progress({ credentials, since: leftAt });
			if (confirmedAt === null) continue;
			await database.transaction<store.PersonnelTables, void>(async (transaction) => {
				if (!(await store.markConfirmed(transaction, id, confirmedAt))) return;
				const data = { leaver: id, leftAt, confirmedAt };
				await ledger.append(transaction, { type: "personnel.removal-confirmed", version: 1, at: clock.now(), data });
			});
		}
	}

	/** Everybody whom the HR system knows or may know: who has an HR name, visitors aside; by HR name. */
	async people(): Promise<Person[]> {
		const rows = await store.people(this.#tables());
		return peopleOf(this.#options.register.current())
			.map((holder) => ({ holder, externalId: rows.get(holder.id)?.externalId ?? null }))
			.sort((one, other) => ((one.holder.externalId ?? "") < (other.holder.externalId ?? "") ? -1 : 1));
	}

	/** Throws AppError 404. */
	async person(id: string): Promise<Person> {
		const found = (await this.people()).find(({ holder }) => holder.id === id);
		if (!found) throw notFound("user", id);
		return found;
	}

	/** Throws AppError 409 `uniqueness`, 400 for a sponsor who is unknown or a visitor. */
	async join(values: PersonValues & { userName: string; name: string }, source: LeaverSource, actor: Actor): Promise<Person> {
		const accounts = await this.#options.accounts.idsOf([values.userName]);
		const id = await this.act(actor, async (edit) => await this.joinIn(edit, values, source, accounts));
		return await this.person(id);
	}

	/** Changes what is said; `active: false` is the leaver's one act, `true` after it a return without the access from before. Throws AppError 404, 409. */
	async change(id: string, values: PersonValues, source: LeaverSource, actor: Actor, version?: number): Promise<Person> {
		await this.person(id);
		await this.act(actor, async (edit, told) => {
			const holder = edit.before.holders.get(id);
			if (!holder) throw notFound("user", id);
			if (version !== undefined && holder.version !== version) throw new AppError("changed-meanwhile", 412, "The user has changed meanwhile.");
			await this.changeIn(edit, holder, values, source, told);
		});
		return await this.person(id);
	}

	/** One transaction under the register's lock; after the commit whoever holds an ended session or token asks again. */
	async act<T>(actor: Actor, work: (edit: RegisterEdit, told: Told) => Promise<T>): Promise<T> {
		const { register, accounts } = this.#options;
		let told: Told = [];
		const result = await register.change(actor, async (edit) => {
			told = [];
			return await work(edit, told);
		});
		for (const { account, ended } of told) accounts.told(account, ended);
		return result;
	}

	/** Within the caller's edit; `accounts`: ids by username. */
	async joinIn(
		edit: RegisterEdit,
		values: PersonValues & { userName: string; name: string },
		source: LeaverSource,
		accounts: ReadonlyMap<string, string>,
	): Promise<string> {
		const { userName, name, externalId = null, post = null, kind = "employee", company = null, sponsor = null } = values;
		refuseTaken(edit.before, userName, null);
		refuseManager(edit.before, sponsor, null);
		await this.#refuseExternal(edit, externalId, null);
		const found = accounts.get(userName) ?? null;
		const account = found !== null && edit.before.holderOfAccount(found) ? null : found;
		const id = await edit.addHolder({
			name,
			kind,
			company,
			post,
			externalId: userName,
			account,
			sponsor,
			leftAt: values.active === false ? edit.now : null,
		});
		await store.putPerson(edit.transaction, { holder: id, externalId, source });
		return id;
	}

	/** Within the caller's edit. */
	async changeIn(edit: RegisterEdit, holder: HolderRecord, values: PersonValues, source: LeaverSource, told: Told): Promise<void> {
		const { userName, externalId, active, ...same } = values;
		// Nobody answers anew for somebody who leaves: a wrong manager must not keep them in.
		if (active === false) delete same.sponsor;
		const said = { ...same, ...(userName !== undefined && { externalId: userName }) };
		const differing = Object.fromEntries(
			Object.entries(said).filter(([key, value]) => value !== undefined && value !== holder[key as keyof typeof said]),
		);
		if (userName !== undefined && userName !== holder.externalId) refuseTaken(edit.before, userName, holder.id);
		if (same.sponsor !== holder.sponsor) refuseManager(edit.before, same.sponsor ?? null, holder.id);
		if (externalId) await this.#refuseExternal(edit, externalId, holder.id);
		await store.putPerson(edit.transaction, { holder: holder.id, externalId, source });
		if (active === true && holder.leftAt !== null) {
			await edit.updateHolder(holder.id, { leftAt: null, account: null, otherAccounts: [] });
			await store.markRejoined(edit.transaction, holder.id, edit.now);
			await edit.note("person.rejoin", { type: "holder", id: holder.id });
			edit.prove("personnel.rejoined", { by: edit.actor.id });
		}
		if (Object.keys(differing).length > 0) await edit.updateHolder(holder.id, differing);
		if (active === false && holder.leftAt === null) await this.#leave(edit, holder, source, told);
	}

	async #leave(edit: RegisterEdit, holder: HolderRecord, source: LeaverSource, told: Told): Promise<void> {
		const { before, now, actor } = edit;
		const own = before.credentialsOf(holder.id).filter(({ state }) => state !== "returned");
		for (const { id, state } of own) if (state === "active") await edit.setCredentialState(id, "suspended", "The holder has left.");
		const grants = before.ownGrantsOf(holder.id).filter(({ endedAt }) => endedAt === null);
		await edit.endGrants(
			grants.map(({ id }) => id),
			"left",
			"The holder has left.",
		);
		await edit.updateHolder(holder.id, { leftAt: now });
		let accountClosed = false;
		for (const account of accountsOf(holder)) {
			const closed = await this.#options.accounts.endLeaver(edit.transaction, account, actor, now);
			if (!closed) continue;
			edit.entries.push(...closed.entries);
			told.push({ account, ended: closed.ended });
			accountClosed = true;
		}
		const leaver = {
			id: randomUUID(),
			holder: holder.id,
			source,
			leftAt: now,
			by: actor.id,
			credentials: own.map(({ id }) => id),
			cards: own.filter(({ card, state }) => card !== null && state !== "lost" && state !== "stolen").map(({ id }) => id),
			grants: grants.length,
			accountClosed,
		};
		await store.insertLeaver(edit.transaction, leaver);
		const sponsored = sponsoredBy(before, holder.id, now);
		await edit.note("person.leave", { type: "holder", id: holder.id }, { leaver: leaver.id, source, sponsored: sponsored.map(({ id }) => id) });
		edit.prove("personnel.left", {
			leaver: leaver.id,
			credentials: own.length,
			grants: grants.length,
			accountClosed: leaver.accountClosed,
			by: actor.id,
		});
	}

	async #refuseExternal(edit: RegisterEdit, externalId: string | null, holder: string | null): Promise<void> {
		if (externalId === null) return;
		const taken = await store.holderOfExternalId(edit.transaction, externalId);
		if (taken !== undefined && taken !== holder) throw conflict("uniqueness", "Another user has this externalId already.");
	}

	/** The newest first. */
	async leavers({ limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<Page<LeaverView>> {
		const rows = await store.listLeavers(this.#tables(), decodeCursor(cursor, positionSchema), limit + 1);
		const { register, clock } = this.#options;
		return pageOfRows(
			rows,
			limit,
			(row) => leaverView(register.current(), row, clock.now()),
			({ leftAt: at, id }) => ({ at, id }),
		);
	}

	/** Throws AppError 404. */
	async leaver(id: string): Promise<LeaverDetail> {
		const { register, clock, removals } = this.#options;
		const row = await store.leaverById(this.#tables(), id);
		if (!row) throw notFound("leaver", id);
		const { records } = await removals.progress({ credentials: row.credentials, since: row.leftAt });
		const known = register.current();
		return {
			...leaverView(known, row, clock.now()),
			controllers: records.map(({ decidedAt, confirmedAt, ...record }) => ({
				...record,
				decidedAt: isoOf(decidedAt),
				confirmedAt: isoOf(confirmedAt),
			})),
			cards: row.cards.flatMap((credential) => {
				const found = known.credentials.get(credential);
				return found?.card ? { credential, card: cardText(found.card), state: cardState(known, credential) } : [];
			}),
			sponsored: sponsoredBy(known, row.holder, clock.now()),
		};
	}

	/** Notes that a leaver's card was handed back: it may be issued anew. Throws AppError 404; again it changes nothing. */
	async cardReturned(id: string, credential: string, actor: Actor): Promise<LeaverDetail> {
		const row = await store.leaverById(this.#tables(), id);
		if (!row) throw notFound("leaver", id);
		if (!row.cards.includes(credential)) throw notFound("card of this leaver", credential);
		await this.#options.register.change(actor, (edit) => edit.setCredentialState(credential, "returned", "Handed back by a leaver."));
		return await this.leaver(id);
	}

	#tables() {
		return this.#options.database.tables<store.PersonnelTables>();
	}
}

export type Told = { account: string; ended: readonly string[] }[];

/** Holders with an HR name, visitors aside. */
export const peopleOf = (register: Register): HolderRecord[] =>
	[...register.holders.values()].filter(({ externalId, kind }) => externalId !== null && kind !== "visitor");

/** HR names differ by more than upper and lower case (RFC 7643, 4.1.1). */
function refuseTaken(register: Register, userName: string, own: string | null): void {
	if ([...register.holders.values()].some(({ id, externalId }) => id !== own && sameHrName(externalId, userName)))
		throw conflict("uniqueness", `There is a user ${userName} already.`);
}

/** Who answers for somebody is somebody else, and no visitor. */
function refuseManager({ holders }: Register, manager: string | null, own: string | null): void {
	if (manager === null) return;
	if (manager === own || holders.get(manager)?.kind === "visitor")
		throw invalid("This person can't answer for the user.", [{ field: "manager", message: "expected the id of another user" }]);
}

function cardState(register: Register, credential: string): "outstanding" | "returned" | "written-off" {
	const state = register.credentials.get(credential)?.state;
	return state === "returned" ? "returned" : state === "lost" || state === "stolen" ? "written-off" : "outstanding";
}

/** Whom and what somebody answers for now. */
function sponsoredBy(register: Register, sponsor: string, now: number): LeaverDetail["sponsored"] {
	const holders = [...register.holders.values()].filter((holder) => holder.sponsor === sponsor && holder.leftAt === null && holder.id !== sponsor);
	const grants = [...register.grants.values()].filter(
		(grant) =>
			grant.sponsor === sponsor &&
			grant.endedAt === null &&
			grant.holder !== sponsor &&
			grant.lapsesAt > now &&
			(grant.until === null || grant.until > now),
	);
	return [
		...holders.map(({ id, kind, name }) => ({ type: "holder" as const, id, kind, name })),
		...grants.map(({ id, zone }) => ({ type: "grant" as const, id, kind: null, name: zone })),
	];
}

function leaverView(register: Register, row: store.LeaverRecord, now: number): LeaverView {
	return {
		id: row.id,
		holder: { id: row.holder, name: register.holders.get(row.holder)?.name ?? row.holder },
		source: row.source,
		leftAt: isoOf(row.leftAt),
		confirmedAt: isoOf(row.confirmedAt),
		clock: row.confirmedAt === null ? "running" : "confirmed",
		seconds: ((row.confirmedAt ?? now) - row.leftAt) / 1000,
		credentials: row.credentials.length,
		grants: row.grants,
		accountClosed: row.accountClosed,
		cardsOutstanding: row.cards.filter((card) => cardState(register, card) === "outstanding").length,
		sponsorless: row.rejoinedAt === null ? sponsoredBy(register, row.holder, now).length : 0,
		rejoinedAt: isoOf(row.rejoinedAt),
	};
}
