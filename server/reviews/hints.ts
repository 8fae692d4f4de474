/** The hints of REV-2 and the risk that follows from them; pure, times are Unix ms. */
import type { ReviewHint, ReviewRisk } from "../../contracts/reviews.ts";

const DAY = 86_400_000;
/** Usage is looked at for so long before the snapshot. */
export const USAGE_WINDOW = 90 * DAY;
/** More denials than a forgotten finger explains. */
const MANY_DENIALS = 10;
/** More entries outside of the usual hours than a night's work explains. */
const MANY_OUT_OF_HOURS = 10;

/** What the rules look at for one grant of one holder. */
export interface AccessFacts {
	now: number;
	givenAt: number;
	renewedAt: number;
	/** When the last review before this was held; `null`: this is the first. */
	lastReviewAt: number | null;
	/** Newest of what was changed: the grant, the credentials, the post. */
	changedAt: number;
	toPost: boolean;
	holderLeft: boolean;
	visitor: boolean;
	/** A visitor's card that is still out while no visit is on. */
	badgeOut: boolean;
	/** A door of the zone asks for two factors, and the holder has no active fingerprint. */
	twoFactorWithoutFingerprint: boolean;
	/** Hardly anybody of the same post has this zone. */
	unusualZone: boolean;
	lastUsedAt: number | null;
	denied: number;
	outOfHours: number;
}

type Rule = readonly [ReviewHint, (facts: AccessFacts) => boolean];
const idle = ({ now, lastUsedAt, givenAt, toPost }: AccessFacts, days: number) =>
	!toPost && now - givenAt >= days * DAY && lastUsedAt !== null && now - lastUsedAt >= days * DAY;

/** In the order in which a reviewer reads them. */
export const HINT_RULES: readonly Rule[] = [
	["holder-left", ({ holderLeft }) => holderLeft],
	["visitor-badge-not-returned", ({ visitor, badgeOut }) => visitor && badgeOut],
	["never-used", ({ now, givenAt, lastUsedAt, toPost }) => !toPost && lastUsedAt === null && now - givenAt >= 30 * DAY],
	["unused-90-days", (facts) => idle(facts, 90)],
	["unused-30-days", (facts) => idle(facts, 30) && !idle(facts, 90)],
	["no-fingerprint-for-two-factor", ({ twoFactorWithoutFingerprint }) => twoFactorWithoutFingerprint],
	["not-asked-for-again", ({ now, renewedAt }) => now - renewedAt >= 90 * DAY],
	["beyond-usual-zones", ({ unusualZone }) => unusualZone],
	["denials", ({ denied }) => denied >= MANY_DENIALS],
	["out-of-hours", ({ outOfHours }) => outOfHours >= MANY_OUT_OF_HOURS],
];

export const hintsOf = (facts: AccessFacts): ReviewHint[] => HINT_RULES.flatMap(([hint, holds]) => (holds(facts) ? [hint] : []));

/** What may be attested with others: unchanged since the last review, and nothing speaks for a closer look (REV-3). */
export function riskOf(hints: readonly ReviewHint[], { changedAt, lastReviewAt }: Pick<AccessFacts, "changedAt" | "lastReviewAt">): ReviewRisk {
	if (hints.length > 0) return "risky";
	return lastReviewAt === null || changedAt > lastReviewAt ? "changed" : "low";
}
