import type { Proposal } from "../../contracts/changes.ts";
import type { ChangeKind } from "../approvals/change-kind.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { AppError, conflict, notFound } from "../platform/errors.ts";
import { approveRevocations, decidesToRevoke, lockReview, unapprovedRevocations } from "./reviews-store.ts";

type BulkProposal = Extract<Proposal, { kind: "review-revocations" }>;

const WEEK = 7 * 86_400_000;

/**
 * More revocations in one review than the site's share need a second person (REV-4, IAM-4). What is approved are these items and no
 * others: a decision that is made afterwards counts against the share again.
 */
export const bulkRevocations: ChangeKind<BulkProposal> = {
	kind: "review-revocations",
	propose: "reviews.decide",
	approve: "reviews.approve-bulk",
	expiresAfter: WEEK,
	async describe(transaction, { review: id }) {
		const { review, items } = await look(transaction, id);
		return {
			subject: id,
			site: review.site,
			title: `Let the ${review.subject} review of ${review.period} revoke ${items.length} items`,
			// With the items of the moment: others than these make the proposal stale, so nobody approves what was not shown.
			before: { revocationsAllowed: review.revocations_allowed, itemsToRevoke: ranges(items) },
			after: { itemsApproved: ranges(items) },
		};
	},
	async apply(transaction, { id, proposal, proposer, approver, now }) {
		const { items } = await look(transaction, proposal.review);
		if (await decidesToRevoke(transaction, proposal.review, approver.id))
			throw new AppError("own-revocations", 403, "Some of the revocations are your own: another person approves them.");
		await approveRevocations(transaction, proposal.review, id);
		const by = { proposedBy: proposer.id, approvedBy: approver.id };
		const data = { review: proposal.review, items: ranges(items), change: id, ...by };
		return [{ type: "review.revocations-approved", version: 1, at: now, data }];
	},
};

async function look(transaction: AnyTransaction, id: string) {
	const review = await lockReview(transaction, id);
	if (!review) throw notFound("review", id);
	if (review.state !== "open") throw conflict("signed-off", "The review is signed off.");
	const items = await unapprovedRevocations(transaction, id);
	if (items.length <= review.revocations_allowed) throw conflict("not-needed", `${items.length} revocations need nobody else.`);
	return { review, items };
}

/** Rising numbers as people write them: `1-3, 7`. */
export function ranges(numbers: readonly number[]): string {
	const runs: [number, number][] = [];
	for (const number of numbers) {
		const last = runs.at(-1);
		if (last?.[1] === number - 1) last[1] = number;
		else runs.push([number, number]);
	}
	return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}
