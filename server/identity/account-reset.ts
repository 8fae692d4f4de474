/** A reset that takes two people: what is approved is that its proposer resets the account once, within a day. */
import { sql } from "kysely";
import type { Proposal } from "../../contracts/changes.ts";
import type { ChangeKind } from "../approvals/change-kind.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf } from "../platform/database/instants.ts";
import { conflict, notFound } from "../platform/errors.ts";
import { lockAccount } from "./identity-store.ts";

type ResetProposal = Extract<Proposal, { kind: "account-reset" }>;

const DAY = 86_400_000;

export const accountReset: ChangeKind<ResetProposal> = {
	kind: "account-reset",
	propose: "users.manage",
	approve: "rights.approve",
	expiresAfter: DAY,
	about: ({ user }) => user,
	async describe(transaction, { user }, proposer) {
		const account = await lockAccount(transaction, user);
		if (!account) throw notFound("account", user);
		if (account.closed_at !== null) throw conflict("account-closed", `The account of ${account.username} is closed.`);
		if (user === proposer.id) throw conflict("own-account", "Nobody resets their own account.");
		return {
			subject: user,
			site: "*",
			title: `Reset the account of ${account.username}`,
			before: { password: account.password_hash !== null, secondFactor: account.totp_secret !== null },
			after: { password: false, secondFactor: false },
		};
	},
	async apply(transaction, { id, proposal, proposer, approver, now }) {
		await sql`INSERT INTO account_resets (change, account, proposer, expires_at)
			VALUES (${id}, ${proposal.user}, ${proposer.id}, ${dateOf(now + DAY)})`.execute(transaction);
		const by = { proposedBy: proposer.id, approvedBy: approver.id };
		return [{ type: "account.reset-approved", version: 1, at: now, data: { account: proposal.user, change: id, ...by } }];
	},
};

/** Uses an approved reset up; the id of its change, `null` where there is none, or not any more. */
export async function takeApprovedReset(
	transaction: AnyTransaction,
	{ account, proposer, now }: { account: string; proposer: string; now: number },
): Promise<string | null> {
	const { rows } = await sql<{ change: string }>`UPDATE account_resets SET used_at = ${dateOf(now)} WHERE change = (
			SELECT change FROM account_resets WHERE account = ${account} AND proposer = ${proposer} AND used_at IS NULL AND expires_at > ${dateOf(now)}
			ORDER BY expires_at LIMIT 1 FOR UPDATE
		) RETURNING change`.execute(transaction);
	return rows[0]?.change ?? null;
}
