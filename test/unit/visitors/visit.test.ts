import fc from "fast-check";
import { expect, test } from "vitest";
import { VISIT_STATES, type VisitState } from "../../../contracts/visitors.ts";
import { visitorConditions } from "../../../server/alarms/own-conditions.ts";
import {
	afterAct,
	BADGE_GRACE,
	escortAt,
	isBadgeOutstanding,
	isExpired,
	isOver,
	isOverstayed,
	refuseOwnVisit,
	VISIT_ACTS,
	VISIT_TABLE,
	type VisitRecord,
} from "../../../server/visitors/visit.ts";

const T0 = 1_769_000_000_000;
const visit: VisitRecord = {
	id: "v",
	state: "on-site",
	visitor: "Vi",
	company: null,
	purpose: "audit",
	host: "bo",
	escort: "ada",
	zones: ["hall"],
	from: T0,
	until: T0 + 3_600_000,
	salt: "s",
	requestedBy: "u1",
	requestedAt: T0,
	decidedBy: "u2",
	decidedAt: T0,
	reason: null,
	documentType: "passport",
	documentLastFour: "12AB",
	checkedInAt: T0,
	escortAcceptedAt: T0 + 100,
	badge: "V1",
	credential: "c",
	holder: "h",
	onSiteAt: T0 + 200,
	checkedOutAt: null,
	badgeReturnedAt: null,
	version: 5,
};

test("whatever is tried in whatever order: on site is who was approved, checked and accepted by an escort, in this order, and nothing follows an end", () => {
	fc.assert(
		fc.property(fc.array(fc.constantFrom(...VISIT_ACTS), { maxLength: 30 }), (acts) => {
			let state: VisitState = "requested";
			const done: string[] = [];
			for (const act of acts) {
				const before: VisitState = state;
				try {
					state = afterAct(before, act);
					expect(isOver(before)).toBe(false);
					done.push(act);
				} catch (error) {
					expect(error).toMatchObject({ code: "visit-state", status: 409 });
					expect(VISIT_TABLE[before][act]).toBeUndefined();
				}
			}
			if (state === "on-site") expect(done).toEqual(["approve", "check-in", "accept-escort", "badge"]);
			if (state === "checked-out") expect(done.slice(-2)).toEqual(["badge", "check-out"]);
			if (state === "closed") expect(done).toContain("badge");
		}),
	);
});

test("every state but an end leads on, and every end is reached", () => {
	const reached = new Set<VisitState>(["requested"]);
	for (const state of reached) for (const next of Object.values(VISIT_TABLE[state])) reached.add(next);
	expect([...reached].sort()).toEqual([...VISIT_STATES].sort());
	expect(VISIT_STATES.filter(isOver)).toEqual(["rejected", "cancelled", "expired", "closed"]);
});

test.each(["u1", "host", "escort"])("%s, who asked, hosts or escorts, doesn't approve", (actor) => {
	expect(() => refuseOwnVisit(visit, ["host", "escort", null], actor)).toThrow(expect.objectContaining({ code: "own-visit", status: 403 }));
	expect(() => refuseOwnVisit(visit, ["host", "escort", null], "u9")).not.toThrow();
});

test("an escort counts from acceptance until the visitor is checked out", () => {
	expect(escortAt([visit], "h", T0 + 99)).toBeNull();
	expect(escortAt([visit], "h", T0 + 100)).toBe("ada");
	expect(escortAt([{ ...visit, checkedOutAt: T0 + 500 }], "h", T0 + 499)).toBe("ada");
	expect(escortAt([{ ...visit, checkedOutAt: T0 + 500 }], "h", T0 + 500)).toBeNull();
	expect(escortAt([visit], "nobody", T0 + 200)).toBeNull();
});

test("overstay begins with the visit's end, a badge is missed a quarter of an hour after the check-out, each an alarm of its own", () => {
	expect([isOverstayed(visit, visit.until - 1), isOverstayed(visit, visit.until)]).toEqual([false, true]);
	const out: VisitRecord = { ...visit, state: "checked-out", checkedOutAt: T0 };
	expect([isBadgeOutstanding(out, T0 + BADGE_GRACE - 1), isBadgeOutstanding(out, T0 + BADGE_GRACE)]).toEqual([false, true]);
	expect(isOverstayed(out, visit.until)).toBe(false);
	expect([isExpired({ ...visit, state: "approved" }, visit.until), isExpired(visit, visit.until)]).toEqual([true, false]);
	expect(visitorConditions({ overstayed: [visit], badges: [out] })).toMatchObject([
		{ rule: "visitor-overstay", subject: "v", holds: true },
		{ rule: "visitor-badge-out", subject: "v", holds: true },
	]);
});
