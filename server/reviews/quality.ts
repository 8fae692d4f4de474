/** How well a review itself was done (REV-6); pure. */
import type { ReviewDecision } from "../../contracts/reviews.ts";

/** Decisions further apart than this are of two sittings, ms. */
const SITTING = 10 * 60_000;

export interface Decided {
	by: string;
	/** Unix ms. */
	at: number;
	decision: ReviewDecision;
	block: boolean;
}
export interface ReviewerQuality {
	account: string;
	decided: number;
	kept: number;
	attested: number;
	secondsPerDecision: number | null;
}
export interface Quality {
	secondsPerDecision: number | null;
	shareAttested: number;
	shareKept: number;
	reviewers: ReviewerQuality[];
}

/** Time per decision is that between two of the same person in one sitting; a block is one decision. */
export function qualityOf(decided: readonly Decided[]): Quality {
	const byPerson = Map.groupBy(decided, ({ by }) => by);
	const gaps = new Map([...byPerson].map(([by, own]) => [by, gapsOf(own.map(({ at }) => at))]));
	const share = (count: number) => (decided.length === 0 ? 0 : count / decided.length);
	return {
		secondsPerDecision: median([...gaps.values()].flat()),
		shareAttested: share(decided.filter(({ block }) => block).length),
		shareKept: share(decided.filter(({ decision }) => decision === "keep").length),
		reviewers: [...byPerson]
			.map(([account, own]) => ({
				account,
				decided: own.length,
				kept: own.filter(({ decision }) => decision === "keep").length,
				attested: own.filter(({ block }) => block).length,
				secondsPerDecision: median(gaps.get(account) ?? []),
			}))
			.sort((one, other) => other.decided - one.decided || (one.account < other.account ? -1 : 1)),
	};
}

function gapsOf(times: readonly number[]): number[] {
	const sorted = [...new Set(times)].sort((one, other) => one - other);
	return sorted.slice(1).flatMap((at, place) => {
		const gap = at - (sorted[place] ?? at);
		return gap <= SITTING ? [gap / 1000] : [];
	});
}

function median(values: readonly number[]): number | null {
	const sorted = [...values].sort((one, other) => one - other);
	const middle = sorted[Math.floor(sorted.length / 2)];
	return middle === undefined ? null : Math.round(middle * 10) / 10;
}
