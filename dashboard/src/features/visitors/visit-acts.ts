import type { Permission } from "../../../../contracts/permissions.ts";
import type { VisitState } from "../../../../contracts/visitors.ts";

export type VisitAct = "approve" | "reject" | "check-in" | "accept-escort" | "badge" | "check-out" | "badge-returned" | "cancel";

/** What may be done with a visit in a state, the next step first, and what it takes. The server decides for itself. */
export const VISIT_ACTS: Readonly<Record<VisitState, readonly (readonly [VisitAct, Permission])[]>> = {
	requested: [
		["approve", "visitors.approve"],
		["reject", "visitors.approve"],
		["cancel", "visitors.request"],
	],
	approved: [
		["check-in", "visitors.desk"],
		["cancel", "visitors.request"],
	],
	"checked-in": [
		["accept-escort", "visitors.request"],
		["cancel", "visitors.request"],
	],
	escorted: [
		["badge", "visitors.desk"],
		["cancel", "visitors.request"],
	],
	"on-site": [
		["badge-returned", "visitors.desk"],
		["check-out", "visitors.desk"],
	],
	"checked-out": [["badge-returned", "visitors.desk"]],
	rejected: [],
	cancelled: [],
	expired: [],
	closed: [],
};

/** The order of the desk: who is here, who comes, who waits. */
const ORDER: readonly VisitState[] = ["on-site", "checked-out", "escorted", "checked-in", "approved", "requested"];

export const isOpen = (state: VisitState): boolean => ORDER.includes(state);
/** What is wrong first, then by the order of the desk and by the beginning. */
export function byDesk(
	one: { state: VisitState; from: string; overstayed: boolean; badgeOutstanding: boolean },
	other: { state: VisitState; from: string; overstayed: boolean; badgeOutstanding: boolean },
): number {
	const wrong = (visit: typeof one) => (visit.overstayed || visit.badgeOutstanding ? 0 : 1);
	const place = ({ state }: typeof one) => (ORDER.indexOf(state) + ORDER.length + 1) % (ORDER.length + 1);
	return wrong(one) - wrong(other) || place(one) - place(other) || one.from.localeCompare(other.from);
}
