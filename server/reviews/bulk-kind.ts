import type { Proposal } from "../../contracts/changes.ts";
import type { ChangeKind } from "../approvals/change-kind.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { AppError, conflict, notFound } from "../platform/errors.ts";
import { decidesToRevoke, lockReview, revokeDecisions, updateReview } from "./reviews-store.ts";

type BulkProposal = Extract<Proposal, { kind: "review-revocations" }>;

const WEEK = 7 * 86_400_000;

/** More revocations in one review than the site's share need a second person (REV-4, IAM-4). What is approved is their number. */
export const bulkRevocations: ChangeKind<BulkProposal> = {
	kind: "review-revocations",
	propose: "reviews.decide",
	approve: "reviews.approve-bulk",
	expiresAfter: WEEK,
	async describe(transaction, { review: id }) {
		const { review, wanted } = await look(transaction, id);
		return {
			subject: id,
			site: review.site,
			title: `Let the ${review.subject} review of ${review.period} revoke ${wanted} items`,
			// With the number of the moment: one that grew after the proposal makes it stale, so nobody approves more than was shown.
			before: { revocationsAllowed: review.revocations_allowed, revocationsWanted: wanted },
			after: { revocationsAllowed: wanted },
		};
	},
	async apply(transaction, { id, proposal, proposer, approver, now }) {
		const { wanted } = await look(transaction, proposal.review);
		if (await decidesToRevoke(transaction, proposal.review, approver.id))
			throw new AppError("own-revocations", 403, "Some of the revocations are your own: another person approves them.");
		await updateReview(transaction, proposal.review, { revocations_allowed: wanted });
		const by = { proposedBy: proposer.id, approvedBy: approver.id };
		return [{ type: "review.revocations-approved", version: 1, at: now, data: { review: proposal.review, allowed: wanted, change: id, ...by } }];
	},
};

async function look(transaction: AnyTransaction, id: string) {
	const review = await lockReview(transaction, id);
	if (!review) throw notFound("review", id);
	if (review.state !== "open") throw conflict("signed-off", "The review is signed off.");
	const wanted = await revokeDecisions(transaction, id);
	if (wanted <= review.revocations_allowed) throw conflict("not-needed", `${wanted} revocations need nobody else.`);
	return { review, wanted };
}
