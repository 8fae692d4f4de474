import type { ReviewItem } from "../../../contracts/reviews.ts";

export const ME = { id: "me", username: "me", name: "Me" };

/** An item that is mine to decide, of low risk and undecided. */
export function reviewItem(values: Partial<ReviewItem> = {}): ReviewItem {
	return {
		id: "a",
		review: "r",
		number: 1,
		holder: { id: "h1", name: "Ann", kind: "employee", company: null, post: "engineer" },
		account: null,
		grant: null,
		role: null,
		credentials: [],
		usage: null,
		hints: [],
		risk: "low",
		assignee: ME,
		decidable: true,
		undecidableBecause: null,
		decision: null,
		reason: null,
		change: null,
		decidedBy: null,
		decidedAt: null,
		block: false,
		submitted: false,
		submittedAt: null,
		confirmedAt: null,
		reopenedAt: null,
		resolution: null,
		version: 1,
		...values,
	};
}
