import type {
	CredentialInput,
	CredentialState,
	CredentialType,
	CredentialView,
	GrantInput,
	GrantView,
	HolderInput,
	HolderKind,
	HolderUpdate,
	HolderView,
	Permitted,
	ZoneView,
} from "../../../contracts/access.ts";
import type { Actor } from "../../platform/actor.ts";
import type { Clock } from "../../platform/clock.ts";
import { AppError, conflict, invalid, notFound } from "../../platform/errors.ts";
import type { AccessRegister } from "./access-register.ts";
import { isLapsing } from "./lapse.ts";
import type { HolderRecord, Register } from "./register.ts";
import { accountsOf, givesAll } from "./register.ts";
import type { RegisterEdit } from "./register-edit.ts";
import { credentialView, grantStatus, grantView, holderView, permittedOf, zoneView } from "./register-view.ts";

export interface RegisterServiceOptions {
	register: AccessRegister;
	/** When each of these credentials was last let in, Unix ms. */
	lastUse: (credentials: readonly string[]) => Promise<ReadonlyMap<string, number>>;
	/** Which of these ids are accounts'. */
	accounts: (ids: readonly string[]) => Promise<ReadonlyMap<string, unknown>>;
	clock: Clock;
}
export interface HolderFilter {
	/** Part of name, company, post or HR name, in any case. */
	q?: string | undefined;
	kind?: HolderKind | undefined;
	status?: HolderView["status"] | undefined;
	/** Exactly. */
	post?: string | undefined;
	/** Has not left, and has a grant for it in force or to come, by name or by the post. */
	zone?: string | undefined;
}
export interface CredentialFilter {
	holder?: string | undefined;
	state?: CredentialState | undefined;
	type?: CredentialType | undefined;
	/** Digits that stand in a card's number. */
	number?: string | undefined;
}
export interface GrantFilter {
	holder?: string | undefined;
	post?: string | undefined;
	zone?: string | undefined;
	status?: GrantView["status"] | undefined;
	/** Lapses within the announcement's 14 days. */
	lapsing?: boolean | undefined;
}

/** What people do with the access register (ACC-1, ACC-6). Nobody gives themselves access. */
export class RegisterService {
	readonly #options: RegisterServiceOptions;

	constructor(options: RegisterServiceOptions) {
		this.#options = options;
	}

	zones(): ZoneView[] {
		return [...this.#now().zones.values()].map(zoneView);
	}

	/** By name. */
	holders({ q, kind, status, post, zone }: HolderFilter): HolderView[] {
		const register = this.#now();
		const now = this.#options.clock.now();
		const part = q?.toLocaleLowerCase();
		const fits = (text: string | null) => part === undefined || (text?.toLocaleLowerCase().includes(part) ?? false);
		return [...register.holders.values()]
			.filter((holder) => [holder.name, holder.company, holder.post, holder.externalId].some(fits))
			.filter((holder) => kind === undefined || holder.kind === kind)
			.filter((holder) => status === undefined || (holder.leftAt === null) === (status === "active"))
			.filter((holder) => post === undefined || holder.post === post)
			.filter((holder) => zone === undefined || mayEnter(register, holder, zone, now))
			.map((holder) => holderView(register, holder))
			.sort((one, other) => one.name.localeCompare(other.name) || (one.id < other.id ? -1 : 1));
	}

	/** Throws AppError 404. */
	holder(id: string): HolderView {
		const register = this.#now();
		return holderView(register, known(register, id));
	}

	/** What a holder may pass. Throws AppError 404. */
	permittedToHolder(id: string): Permitted[] {
		const register = this.#now();
		return permittedOf(register, known(register, id), this.#options.clock.now());
	}

	/** Who may pass a door. Throws AppError 404. */
	permittedAtDoor(door: string): Permitted[] {
		const register = this.#now();
		if (!register.doors.has(door)) throw notFound("door", door);
		const now = this.#options.clock.now();
		return [...register.holders.values()].flatMap((holder) => permittedOf(register, holder, now)).filter((one) => one.door === door);
	}

	/** Throws AppError 400, 409 `holder-taken`. */
	async addHolder(input: HolderInput, actor: Actor): Promise<HolderView> {
		const accounts = await this.#known(input);
		if (accounts.includes(actor.id)) throw ownAccess();
		const id = await this.#options.register.change(actor, (edit) => {
			sponsorAnswers(edit.before, input.sponsor, input.id ?? null);
			return edit.addHolder(input);
		});
		return this.holder(id);
	}

	/** Throws AppError 400, 404, 409 `holder-taken` or `changed-meanwhile`. */
	async updateHolder(id: string, { version, ...values }: HolderUpdate, actor: Actor): Promise<HolderView> {
		const accounts = await this.#known(values);
		await this.#options.register.change(actor, async (edit) => {
			const holder = known(edit.before, id);
			if ([...accounts, ...accountsOf(holder)].includes(actor.id)) throw ownAccess();
			same(holder.version, version);
			if (values.sponsor !== holder.sponsor) sponsorAnswers(edit.before, values.sponsor, id);
			await edit.updateHolder(id, values);
		});
		return this.holder(id);
	}

	/** The newest state first. */
	async credentials(
		{ holder, state, type, number }: CredentialFilter,
		page: (all: readonly { id: string }[]) => readonly { id: string }[],
	): Promise<CredentialView[]> {
		const register = this.#now();
		const all = (holder === undefined ? [...register.credentials.values()] : [...register.credentialsOf(holder)])
			.filter((credential) => state === undefined || credential.state === state)
			.filter(({ card }) => type === undefined || (card !== null) === (type === "card"))
			.filter(({ card }) => number === undefined || (card !== null && String(card.number).includes(number)))
			.sort((one, other) => other.stateAt - one.stateAt || (one.id < other.id ? -1 : 1));
		return await this.#credentialViews(
			register,
			page(all).map(({ id }) => id),
		);
	}

	/** Throws AppError 404. */
	async credential(id: string): Promise<CredentialView> {
		const [view] = await this.#credentialViews(this.#now(), [id]);
		if (!view) throw notFound("credential", id);
		return view;
	}

	/** Throws AppError 400 for a holder who isn't there or has left, 409 `credential-taken`. */
	async issue(input: CredentialInput, actor: Actor): Promise<CredentialView> {
		const { holder, card = null, fingerprint = null, until } = input;
		const id = await this.#options.register.change(actor, (edit) => {
			const to = here(edit.before, holder, "holder");
			if (accountsOf(to).includes(actor.id)) throw ownAccess();
			const from = input.from === undefined ? undefined : Date.parse(input.from);
			return edit.addCredential({ holder, card, fingerprint, from, until: endOf(until, Math.max(from ?? 0, edit.now)) });
		});
		return await this.credential(id);
	}

	/** Throws AppError 403 `own-access`, 404, 409 `credential-returned`, `credential-expired`, `holder-left` or `changed-meanwhile`. */
	async setCredentialState(
		id: string,
		{ state, reason, version }: { state: CredentialState; reason: string; version: number },
		actor: Actor,
	): Promise<CredentialView> {
		await this.#options.register.change(actor, async (edit) => {
			const credential = edit.before.credentials.get(id);
			if (!credential) throw notFound("credential", id);
			const holder = edit.before.holders.get(credential.holder);
			if (state === "active" && holder && accountsOf(holder).includes(actor.id)) throw ownAccess();
			if (state === "active" && holder?.leftAt != null) throw conflict("holder-left", "Its holder has left.");
			if (state === "active" && credential.until !== null && credential.until <= edit.now)
				throw conflict("credential-expired", "Its time is over: take it back, and issue it anew.");
			same(credential.version, version);
			await edit.setCredentialState(id, state, reason);
		});
		return await this.credential(id);
	}

	/** What lapses first comes first. */
	grants({ holder, post, zone, status, lapsing }: GrantFilter): GrantView[] {
		const register = this.#now();
		const now = this.#options.clock.now();
		return [...register.grants.values()]
			.filter((grant) => holder === undefined || grant.holder === holder)
			.filter((grant) => post === undefined || grant.post === post)
			.filter((grant) => zone === undefined || grant.zone === zone)
			.filter((grant) => status === undefined || grantStatus(grant, now) === status)
			.filter((grant) => lapsing !== true || isLapsing(grant, now))
			.sort((one, other) => one.lapsesAt - other.lapsesAt || (one.id < other.id ? -1 : 1))
			.map((grant) => grantView(register, grant, now));
	}

	/** Throws AppError 400, 403 `own-access`, 409 `already-granted`. */
	async give(input: GrantInput, actor: Actor): Promise<GrantView> {
		const { holder = null, post = null, zone, schedule, sponsor, reason } = input;
		const id = await this.#options.register.change(actor, (edit) => {
			if (holder !== null) here(edit.before, holder, "holder");
			refuseOwn(edit, { holder, post }, actor);
			sponsorAnswers(edit.before, sponsor, holder);
			const from = input.from === undefined ? edit.now : Date.parse(input.from);
			const until = endOf(input.until, Math.max(from, edit.now));
			const given = [...edit.before.grants.values()].some(
				(grant) => grant.holder === holder && grant.post === post && grant.zone === zone && givesAll(grant, { from, until, schedule }, edit.now),
			);
			// Taken back, one of two alike would leave the other, and the person in.
			if (given) throw conflict("already-granted", "This is granted already; renew it.");
			return edit.addGrant({ holder, post, zone, from, until, schedule, sponsor, reason });
		});
		return this.#grant(id);
	}

	/** Takes it at once; what was taken already stays so. Throws AppError 404. */
	async revoke(id: string, reason: string, actor: Actor): Promise<GrantView> {
		await this.#options.register.change(actor, async (edit) => {
			if (!edit.before.grants.has(id)) throw notFound("grant", id);
			await edit.endGrants([id], "revoked", reason);
		});
		return this.#grant(id);
	}

	/** Throws AppError 403 `own-access`, 404, 409 `grant-ended`. */
	async renew(id: string, reason: string, actor: Actor): Promise<GrantView> {
		await this.#options.register.change(actor, async (edit) => {
			const grant = edit.before.grants.get(id);
			if (!grant) throw notFound("grant", id);
			refuseOwn(edit, grant, actor);
			await edit.renewGrant(id, reason);
		});
		return this.#grant(id);
	}

	#grant(id: string): GrantView {
		const register = this.#now();
		const grant = register.grants.get(id);
		if (!grant) throw notFound("grant", id);
		return grantView(register, grant, this.#options.clock.now());
	}

	async #credentialViews(register: Register, ids: readonly string[]): Promise<CredentialView[]> {
		const used = await this.#options.lastUse(ids);
		return ids.flatMap((id) => {
			const credential = register.credentials.get(id);
			return credential ? [credentialView(register, credential, used.get(id) ?? null)] : [];
		});
	}

	/** The accounts that are named, all of which there are. */
	async #known({ account, otherAccounts = [] }: Pick<HolderInput, "account" | "otherAccounts">): Promise<string[]> {
		const named = accountsOf({ account, otherAccounts });
		const found = named.length === 0 ? new Map() : await this.#options.accounts(named);
		const wrong = [
			...(account !== null && !found.has(account) ? ["account"] : []),
			...otherAccounts.flatMap((one, place) => (found.has(one) ? [] : `otherAccounts.${place}`)),
		];
		if (wrong.length > 0)
			throw invalid(
				"There is no such account.",
				wrong.map((field) => ({ field, message: "expected the id of an account" })),
			);
		return named;
	}

	#now(): Register {
		return this.#options.register.current();
	}
}

const ownAccess = () => new AppError("own-access", 403, "Nobody gives themselves access: somebody else must do this.");

/** A grant to oneself, or to the post that one has. */
function refuseOwn({ before }: RegisterEdit, { holder, post }: { holder: string | null; post: string | null }, actor: Actor): void {
	const own = before.holderOfAccount(actor.id);
	if (own && (own.id === holder || (post !== null && own.post === post))) throw ownAccess();
}

/** Now or later. */
const mayEnter = (register: Register, holder: HolderRecord, zone: string, now: number): boolean =>
	holder.leftAt === null && register.grantsOf(holder).some((grant) => grant.zone === zone && grantStatus(grant, now) !== "ended");

function known(register: Register, id: string): HolderRecord {
	const holder = register.holders.get(id);
	if (!holder) throw notFound("holder", id);
	return holder;
}

function here(register: Register, id: string, field: string): HolderRecord {
	const holder = register.holders.get(id);
	if (!holder) throw invalid("There is no such holder.", [{ field, message: "expected the id of a holder" }]);
	if (holder.leftAt !== null) throw conflict("holder-left", "This holder has left.");
	return holder;
}

/** Who answers for somebody is an employee who is here, and somebody else. */
function sponsorAnswers({ holders }: Register, id: string | null, holder: string | null): void {
	if (id === null) return;
	const sponsor = holders.get(id);
	if (!sponsor || sponsor.leftAt !== null || sponsor.kind !== "employee" || id === holder)
		throw invalid("This person can't answer for it.", [
			{ field: "sponsor", message: "expected the id of another holder, an employee who has not left" },
		]);
}

function same(is: number, read: number): void {
	if (is !== read) throw conflict("changed-meanwhile", "Somebody has changed it meanwhile; read it anew.");
}

function endOf(until: string | null, from: number): number | null {
	if (until === null) return null;
	const end = Date.parse(until);
	if (end <= from) throw invalid("It ends before it begins.", [{ field: "until", message: "expected a time to come, after its beginning" }]);
	return end;
}
