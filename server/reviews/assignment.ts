/** Who reviews what (REV-3); pure. */

/** Somebody who may decide. */
export interface Reviewer {
	account: string;
	username: string;
}

/**
 * The reviewer of an item: one of the zone's reviewers, else one of the fall-backs, never one of `excluded` (the holder's and the
 * sponsor's accounts). Items of a zone go round among its reviewers by their number. `null`: there is nobody; it shows as unassigned.
 */
export function reviewerOf(
	{ number, zoneReviewers, excluded }: { number: number; zoneReviewers: readonly string[]; excluded: readonly string[] },
	{ able, fallBack }: { able: readonly Reviewer[]; fallBack: readonly string[] },
): string | null {
	const free = able.filter(({ account }) => !excluded.includes(account));
	for (const usernames of [zoneReviewers, fallBack]) {
		const named = free.filter(({ username }) => usernames.includes(username));
		if (named.length > 0) return named[number % named.length]?.account ?? null;
	}
	return free[number % free.length]?.account ?? null;
}

/** Why somebody may not decide an item; `null`: they may. */
export function refusalOf(
	item: { assignee: string | null; excluded: readonly string[]; submitted: boolean },
	review: { open: boolean },
	account: string,
): "signed-off" | "own-access" | "not-assigned" | "submitted" | null {
	if (!review.open) return "signed-off";
	if (item.excluded.includes(account)) return "own-access";
	if (item.submitted) return "submitted";
	return item.assignee === account ? null : "not-assigned";
}

/** How many revocations need nobody else: the share of the items, rounded down. */
export const allowedRevocations = (items: number, share: number): number => Math.floor(items * share);
