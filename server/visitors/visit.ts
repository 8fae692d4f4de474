/** The life cycle of a visit (ACC-8), as a table, and who may decide what; pure, times are Unix ms. */
import { VISIT_ACTS as ACTS, type VisitState } from "../../contracts/visitors.ts";
import { AppError, conflict } from "../platform/errors.ts";

export type VisitAct = Exclude<(typeof ACTS)[number], "request">;
/** What is done with a visit that there is. */
export const VISIT_ACTS = ACTS.filter((act): act is VisitAct => act !== "request");

/** What an act makes of a state; a cell that isn't here is a refusal. */
export const VISIT_TABLE: Readonly<Record<VisitState, Partial<Record<VisitAct, VisitState>>>> = {
	requested: { approve: "approved", reject: "rejected", cancel: "cancelled", expire: "expired" },
	approved: { "check-in": "checked-in", cancel: "cancelled", expire: "expired" },
	"checked-in": { "accept-escort": "escorted", cancel: "cancelled", expire: "expired" },
	escorted: { badge: "on-site", cancel: "cancelled", expire: "expired" },
	"on-site": { "check-out": "checked-out", "badge-returned": "closed" },
	"checked-out": { "badge-returned": "closed" },
	rejected: {},
	cancelled: {},
	expired: {},
	closed: {},
};

/** Throws AppError 409 `visit-state`. */
export function afterAct(state: VisitState, act: VisitAct): VisitState {
	const next = VISIT_TABLE[state][act];
	if (!next) throw conflict("visit-state", `A visit that is ${state} takes no ${act}.`);
	return next;
}

/** Over: nothing happens to it any more. */
export const isOver = (state: VisitState): boolean => Object.keys(VISIT_TABLE[state]).length === 0;

export const LONGEST_VISIT = 7 * 86_400_000;
/** A visitor may be received so long before the visit begins. */
export const EARLY = 60 * 60_000;
/** A badge may be out so long after the check-out. */
export const BADGE_GRACE = 15 * 60_000;

export interface VisitRecord {
	id: string;
	state: VisitState;
	visitor: string;
	company: string | null;
	purpose: string;
	host: string;
	escort: string;
	zones: readonly string[];
	from: number;
	until: number;
	salt: string;
	requestedBy: string;
	requestedAt: number;
	decidedBy: string | null;
	decidedAt: number | null;
	reason: string | null;
	documentType: string | null;
	documentLastFour: string | null;
	checkedInAt: number | null;
	escortAcceptedAt: number | null;
	badge: string | null;
	credential: string | null;
	holder: string | null;
	onSiteAt: number | null;
	checkedOutAt: number | null;
	badgeReturnedAt: number | null;
	version: number;
}

/** Nobody approves a visit that they asked for, or that they host or escort: AppError 403 `own-visit`. */
export function refuseOwnVisit(visit: Pick<VisitRecord, "requestedBy">, concerned: readonly (string | null | undefined)[], actor: string): void {
	if (visit.requestedBy === actor || concerned.includes(actor))
		throw new AppError("own-visit", 403, "Another person than who asked for the visit, hosts or escorts it decides on it.");
}

/** Whether it can't take place any more and nobody is on site. */
export const isExpired = ({ state, until }: Pick<VisitRecord, "state" | "until">, now: number): boolean =>
	until <= now && VISIT_TABLE[state].expire !== undefined;
export const isOverstayed = ({ state, until }: Pick<VisitRecord, "state" | "until">, now: number): boolean => state === "on-site" && until <= now;
export const isBadgeOutstanding = ({ state, checkedOutAt }: Pick<VisitRecord, "state" | "checkedOutAt">, now: number): boolean =>
	state === "checked-out" && checkedOutAt !== null && checkedOutAt + BADGE_GRACE <= now;

/** Who accompanied a visitor at a moment: who had accepted, from then on until the visitor was checked out or handed the badge back. */
export function escortAt(visits: readonly VisitRecord[], visitor: string, ts: number): string | null {
	const visit = visits.find(({ holder }) => holder === visitor);
	if (!visit || visit.escortAcceptedAt === null || visit.escortAcceptedAt > ts) return null;
	const end = visit.checkedOutAt ?? visit.badgeReturnedAt;
	return end !== null && end <= ts ? null : visit.escort;
}
