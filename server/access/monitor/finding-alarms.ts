import type { FindingKind } from "../../../contracts/access.ts";
import type { OwnRuleId } from "../../alarms/own-rules.ts";

/**
 * The alarm that a finding raises, unless the door states it itself. Those that aren't here raise none: a single denial and an entry
 * after hours are everyday.
 */
export const FINDING_ALARMS: Readonly<Partial<Record<FindingKind, OwnRuleId>>> = {
	duress: "access-duress",
	"revoked-badge-used": "access-revoked-badge",
	"lost-badge-used": "access-lost-badge",
	"granted-against-records": "access-against-records",
	forced: "access-opened-without-grant",
	passback: "access-passback",
	tailgating: "access-tailgating",
	interlock: "access-interlock",
	"two-person": "access-two-person",
	"one-factor": "access-one-factor",
	guessing: "access-guessing",
	"impossible-travel": "access-impossible-travel",
	"escort-separated": "access-escort-separated",
};

/**
 * They raise their alarm also when they come late, after an outage: what they tell isn't over with the event. Who did it may still be
 * inside, and may have cut the line to be.
 */
export const TOLD_ALSO_LATE: ReadonlySet<FindingKind> = new Set(["duress", "revoked-badge-used", "lost-badge-used", "guessing", "impossible-travel"]);
