import { type Kysely, sql } from "kysely";
import type { z } from "zod";
import type { Proposal } from "../../contracts/changes.ts";
import { policySchema, type policyViewSchema } from "../../contracts/media-orders.ts";
import { policyProblems } from "../../contracts/media-policy.ts";
import type { ChangeKind } from "../approvals/change-kind.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf, isoOf, msOf } from "../platform/database/instants.ts";
import { conflict, invalid } from "../platform/errors.ts";
import { FIRST_POLICY, policyText } from "./policy.ts";

type PolicyProposal = Extract<Proposal, { kind: "media-policy" }>;
type PolicyView = z.input<typeof policyViewSchema>;

const WEEK = 7 * 86_400_000;

/**
 * The policy of destruction has versions, each agreed on by two people; a medium is held to the one that was in force when its order was
 * opened. What no policy may allow is refused whoever agrees (MED-3).
 */
export function policyChange(site: () => string): ChangeKind<PolicyProposal> {
	return {
		kind: "media-policy",
		propose: "media.manage",
		approve: "media.approve",
		expiresAfter: WEEK,
		async describe(transaction, { policy }) {
			const problems = policyProblems(policy).map(({ field, message }) => ({ field: `policy.${field}`, message }));
			if (problems.length > 0) throw invalid("No site may have such a policy.", problems);
			const before = await newest(transaction, true);
			if (JSON.stringify(before.policy) === JSON.stringify(policy)) throw conflict("same-policy", "This is the policy in force.");
			return {
				subject: String(before.version),
				site: site(),
				title: `Media are destroyed by policy ${before.version + 1}`,
				before: { version: before.version, ...policyText(before.policy) },
				after: { version: before.version + 1, ...policyText(policy) },
			};
		},
		async apply(transaction, { id, proposal, proposer, approver, now }) {
			const version = (await newest(transaction, true)).version + 1;
			await sql`INSERT INTO media_policies (version, policy, in_force_since, change)
				VALUES (${version}, ${JSON.stringify(proposal.policy)}, ${dateOf(now)}, ${id})`.execute(transaction);
			const by = { proposedBy: proposer.id, approvedBy: approver.id };
			return [{ type: "media.policy", version: 1, at: now, data: { policy: version, change: id, ...by } }];
		},
	};
}

/** Every version, the newest first. */
export async function policies(database: Database): Promise<PolicyView[]> {
	return await versions(database.tables());
}

async function newest(transaction: AnyTransaction, lock: boolean): Promise<PolicyView> {
	if (lock) await sql`LOCK TABLE media_policies IN SHARE ROW EXCLUSIVE MODE`.execute(transaction);
	const [view] = await versions(transaction);
	return view ?? { id: "0", version: 0, policy: FIRST_POLICY, inForceSince: isoOf(0), change: null };
}

// biome-ignore lint/suspicious/noExplicitAny: a raw query looks at no typed table
async function versions(tables: Kysely<any>): Promise<PolicyView[]> {
	const { rows } = await sql<{
		version: number;
		policy: unknown;
		in_force_since: Date;
		change: string | null;
	}>`SELECT * FROM media_policies ORDER BY version DESC`.execute(tables);
	return rows.map(({ version, policy, in_force_since, change }) => ({
		id: String(version),
		version,
		policy: policySchema.parse(policy),
		inForceSince: isoOf(msOf(in_force_since)),
		change,
	}));
}
