/** The changes of rights that take two people: giving, taking and prolonging a role, and closing an administrator's account. */
import type { Proposal } from "../../contracts/changes.ts";
import type { ChangeKind } from "../approvals/change-kind.ts";
import type { Actor } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { AppError, conflict, invalid, notFound } from "../platform/errors.ts";
import type { SamePerson } from "../platform/same-person.ts";
import { isAdministratorRole, LAPSE_MONTHS } from "./rights.ts";
import { type RightsService, refuseConflict } from "./rights-service.ts";

/** What changes of rights need of the accounts. */
export interface RightsAccounts {
	/** The account, locked until the transaction is over; `null` when there is none. */
	find(
		transaction: AnyTransaction,
		id: string,
	): Promise<{ id: string; username: string; name: string; status: "active" | "locked" | "closed" } | null>;
	/** Closes an account and ends its sessions and tokens. */
	close(transaction: AnyTransaction, id: string, closed: { by: Actor; now: number }): Promise<void>;
}
type Of<K extends Proposal["kind"]> = Extract<Proposal, { kind: K }>;
type RoleProposal = Of<"role-grant" | "role-revocation" | "role-renewal">;

const WEEK = 7 * 86_400_000;

/** The kinds for main.ts to register. `isSite`: whether there is a site of this id. */
export function rightsKinds(options: {
	rights: RightsService;
	accounts: RightsAccounts;
	clock: Clock;
	isSite: (id: string) => boolean;
	samePerson: SamePerson;
}) {
	const { rights, accounts, clock, isSite, samePerson } = options;
	/** Throws AppError 403 for whoever proposes something for themselves, also with another account. */
	const refuseOwn = (user: string, proposer: string): void => {
		if (samePerson(user, proposer))
			throw new AppError("own-rights", 403, "Nobody gives themselves rights: another person proposes it, and a third approves.");
	};
	const common = {
		propose: "rights.propose",
		approve: "rights.approve",
		expiresAfter: WEEK,
		about: ({ user }: { user: string }) => user,
		applied: ({ proposal }: { proposal: { user: string } }) => rights.changed(proposal.user),
	} as const;

	/** The open account, and the role as it is held; under the lock of all rights. */
	const look = async (transaction: AnyTransaction, { user, role, site }: RoleProposal) => {
		if (site !== "*" && !isSite(site))
			throw invalid(`There is no site ${site}.`, [{ field: "site", message: "expected a site's id, or * for every site" }]);
		await rights.lock(transaction);
		const account = await openAccount(accounts, transaction, user);
		const held = await rights.rolesOf(user, clock.now(), transaction);
		return { account, held, same: held.find((grant) => grant.role === role && grant.site === site) };
	};
	const shown = (proposal: RoleProposal, lapsesAt: number | null) => ({
		role: proposal.role,
		site: proposal.site,
		held: lapsesAt !== null,
		lapsesAt: lapsesAt === null ? null : new Date(lapsesAt).toISOString(),
	});
	const prolonged = ({ role, site }: RoleProposal) => ({ role, site, held: true, monthsFromApproval: LAPSE_MONTHS });
	const where = (site: string) => (site === "*" ? "at every site" : `at ${site}`);

	const grant: ChangeKind<Of<"role-grant">> = {
		kind: "role-grant",
		...common,
		async describe(transaction, proposal, proposer) {
			refuseOwn(proposal.user, proposer.id);
			if (isAdministratorRole(proposal.role) && proposal.site !== "*")
				throw invalid("Administrator roles are for every site.", [{ field: "site", message: "expected * for an administrator role" }]);
			const { account, held, same } = await look(transaction, proposal);
			if (same) throw conflict("already-granted", `${account.username} has this role already; propose its renewal.`);
			refuseConflict(held, proposal.role);
			return {
				subject: account.id,
				site: proposal.site,
				title: `Make ${account.username} ${proposal.role} ${where(proposal.site)}`,
				before: shown(proposal, null),
				after: prolonged(proposal),
			};
		},
		async apply(transaction, { id, proposal, proposer, approver, now }) {
			const entries = await rights.beginChange(transaction, proposal.user, now);
			const by = { proposedBy: proposer.id, approvedBy: approver.id };
			entries.push(await rights.grant(transaction, { account: proposal.user, role: proposal.role, site: proposal.site, now, by, change: id }));
			return entries;
		},
	};
	const renewal: ChangeKind<Of<"role-renewal">> = {
		kind: "role-renewal",
		...common,
		async describe(transaction, proposal, proposer) {
			refuseOwn(proposal.user, proposer.id);
			const { account, same } = await look(transaction, proposal);
			if (!same) throw notHeld(account.username);
			return {
				subject: account.id,
				site: proposal.site,
				title: `Let ${account.username} stay ${proposal.role} ${where(proposal.site)}`,
				before: shown(proposal, same.lapsesAt),
				after: prolonged(proposal),
			};
		},
		async apply(transaction, { id, proposal, proposer, approver, now }) {
			const { user: account, role, site } = proposal;
			const entries = await rights.beginChange(transaction, account, now);
			const by = { proposedBy: proposer.id, approvedBy: approver.id };
			const ended = await rights.endRoles(transaction, {
				account,
				reason: "renewed",
				now,
				by,
				change: id,
				which: (held) => held.role === role && held.site === site,
			});
			const renews = ended
				.map(({ data }) => data.grant)
				.filter((held) => typeof held === "string")
				.join();
			entries.push(await rights.grant(transaction, { account, role, site, now, by, change: id, renews }));
			return entries;
		},
	};
	const revocation: ChangeKind<Of<"role-revocation">> = {
		kind: "role-revocation",
		...common,
		async describe(transaction, proposal) {
			const { account, same } = await look(transaction, proposal);
			if (!same) throw notHeld(account.username);
			await rights.refuseLockOut(transaction, account.id, clock.now(), ({ id }) => id === same.id);
			return {
				subject: account.id,
				site: proposal.site,
				title: `Take ${proposal.role} ${where(proposal.site)} from ${account.username}`,
				before: shown(proposal, same.lapsesAt),
				after: shown(proposal, null),
			};
		},
		async apply(transaction, { id, proposal, proposer, approver, now }) {
			const { user: account, role, site } = proposal;
			const entries = await rights.beginChange(transaction, account, now);
			const by = { proposedBy: proposer.id, approvedBy: approver.id };
			const which = (held: { role: string; site: string }) => held.role === role && held.site === site;
			entries.push(...(await rights.endRoles(transaction, { account, reason: "revoked", now, by, change: id, which })));
			return entries;
		},
	};
	const closure: ChangeKind<Of<"account-closure">> = {
		kind: "account-closure",
		...common,
		async describe(transaction, proposal) {
			await rights.lock(transaction);
			const account = await openAccount(accounts, transaction, proposal.user);
			const now = clock.now();
			const held = await rights.rolesOf(account.id, now, transaction);
			await rights.refuseLockOut(transaction, account.id, now, () => true);
			const roles = held.map(({ role, site }) => ({ role, site }));
			return {
				subject: account.id,
				site: "*",
				title: `Close the account of ${account.username}`,
				before: { closed: false, roles },
				after: { closed: true, roles: [] },
			};
		},
		async apply(transaction, { id, proposal, proposer, approver, now }) {
			const account = proposal.user;
			const entries = await rights.beginChange(transaction, account, now);
			const by = { proposedBy: proposer.id, approvedBy: approver.id };
			entries.push(...(await rights.endRoles(transaction, { account, reason: "closed", now, by, change: id })));
			await accounts.close(transaction, account, { by: approver, now });
			entries.push({ type: "account.closed", version: 1, at: now, data: { account, change: id, ...by } });
			return entries;
		},
	};
	return { grant, renewal, revocation, closure };
}

async function openAccount(accounts: RightsAccounts, transaction: AnyTransaction, id: string) {
	const account = await accounts.find(transaction, id);
	if (!account) throw notFound("account", id);
	if (account.status === "closed") throw conflict("account-closed", `The account of ${account.username} is closed.`);
	return account;
}

const notHeld = (username: string) => conflict("not-granted", `${username} doesn't have this role.`);
