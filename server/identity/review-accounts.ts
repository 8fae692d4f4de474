import type { LedgerEntry } from "../ledger/ledger-entry.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import type { AccountService } from "./account-service.ts";
import type { HeldRole } from "./rights.ts";
import type { RightsService } from "./rights-service.ts";
import { permissionsOf } from "./session.ts";

/** What access reviews ask of accounts and rights (REV-3, REV-7). */
export class ReviewAccounts {
	readonly #accounts: AccountService;
	readonly #rights: RightsService;
	readonly #clock: Clock;

	constructor({ accounts, rights, clock }: { accounts: AccountService; rights: RightsService; clock: Clock }) {
		this.#accounts = accounts;
		this.#rights = rights;
		this.#clock = clock;
	}

	/** Open accounts that may decide items of reviews at a site, by username. */
	async reviewers(site: string): Promise<{ account: string; username: string }[]> {
		return (await this.#open()).flatMap(({ id, username, held }) => {
			const sites = permissionsOf(held).get("reviews.decide");
			return sites?.has("*") || sites?.has(site) ? [{ account: id, username }] : [];
		});
	}

	/** Every role that somebody with an open account holds. */
	async heldRoles(): Promise<
		{ account: { id: string; username: string; name: string; secondFactor: boolean; lastLogInAt: number | null }; role: HeldRole }[]
	> {
		return (await this.#open()).flatMap(({ held, ...account }) => held.map((role) => ({ account, role })));
	}

	/** Usernames of the open accounts that hold a role. */
	async holdersOf(role: HeldRole["role"]): Promise<string[]> {
		return (await this.#open()).filter(({ held }) => held.some((one) => one.role === role)).map(({ username }) => username);
	}

	/** Takes a role away in the caller's transaction; one that has ended meanwhile is passed over. Throws AppError 409 `last-of-their-kind`. */
	async revoke(
		transaction: AnyTransaction,
		{ account, grant, by, now }: { account: string; grant: string; by: string; now: number },
	): Promise<LedgerEntry[]> {
		const entries = await this.#rights.beginChange(transaction, account, now);
		const which = ({ id }: HeldRole) => id === grant;
		entries.push(
			...(await this.#rights.endRoles(transaction, {
				account,
				reason: "revoked",
				now,
				by: { proposedBy: by, approvedBy: null },
				change: null,
				which,
			})),
		);
		return entries;
	}

	async #open() {
		const found = [];
		for (let after: string | null = null; ; ) {
			const page: Awaited<ReturnType<AccountService["list"]>> = await this.#accounts.list(after, 500);
			found.push(...page.items.filter(({ status }) => status !== "closed"));
			const last = page.items.at(-1);
			if (page.nextCursor === null || !last) break;
			after = last.username;
		}
		const held = await this.#rights.rolesOfMany(
			found.map(({ id }) => id),
			this.#clock.now(),
		);
		return found.map(({ id, username, name, secondFactor, lastLogInAt }) => ({
			id,
			username,
			name,
			secondFactor,
			lastLogInAt: lastLogInAt === null ? null : Date.parse(lastLogInAt),
			held: held.get(id) ?? [],
		}));
	}
}
