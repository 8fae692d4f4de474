import { expect, test } from "vitest";
import { ADMINISTRATOR_ROLES, ROLES, type Role } from "../../../contracts/permissions.ts";
import { administratorConflict, isLapsed, lapsesSoon, lockedOut, rolesAllow } from "../../../server/identity/rights.ts";
import { addMonths } from "../../../server/platform/calendar.ts";

const at = (text: string) => Date.parse(`${text}Z`);
const DAY = 86_400_000;

test.each([
	["2026-01-15T10:30:00", "2026-04-15T10:30:00"],
	["2026-11-30T23:59:59", "2027-02-28T23:59:59"],
	["2027-11-30T00:00:00", "2028-02-29T00:00:00"],
	["2026-12-31T12:00:00", "2027-03-31T12:00:00"],
	["2026-08-31T12:00:00", "2026-11-30T12:00:00"],
])("three calendar months from %s are %s", (from, to) => {
	expect(addMonths(at(from), 3)).toBe(at(to));
});

test("a role counts until the moment of its lapse, and that is soon from 14 days ahead", () => {
	const grant = { lapsesAt: 100 * DAY };
	expect([isLapsed(grant, 100 * DAY - 1), isLapsed(grant, 100 * DAY)]).toEqual([false, true]);
	expect([lapsesSoon(grant, 86 * DAY - 1), lapsesSoon(grant, 86 * DAY)]).toEqual([false, true]);
});

test("no pair of administrator roles in one person, every other pair is possible", () => {
	const administrators: readonly Role[] = ADMINISTRATOR_ROLES;
	for (const held of ROLES)
		for (const wanted of ROLES) {
			const apart = held !== wanted && administrators.includes(held) && administrators.includes(wanted);
			expect([held, wanted, administratorConflict([{ role: held }], wanted)]).toEqual([held, wanted, apart ? held : null]);
		}
});

test("a role at one site allows nothing at another", () => {
	const held = [{ role: "operator", site: "a" }] as const;
	expect([
		rolesAllow(held, "alarms.acknowledge", "a"),
		rolesAllow(held, "alarms.acknowledge", "b"),
		rolesAllow(held, "alarms.acknowledge", "*"),
	]).toEqual([true, false, false]);
});

const grant = (account: string, role: Role, site = "*") => ({ account, role, site });
test.each([
	["two security administrators are enough", [grant("a", "security-administrator"), grant("b", "security-administrator")], null],
	["a second person who approves is enough", [grant("a", "security-administrator"), grant("b", "facility-manager")], null],
	["one person alone is not", [grant("a", "security-administrator"), grant("a", "facility-manager")], /One person alone/],
	["nobody proposes", [grant("a", "facility-manager"), grant("b", "facility-manager")], /propose/],
	["one site's approver doesn't count", [grant("a", "security-administrator"), grant("b", "facility-manager", "s")], /One person alone/],
])("who is left: %s", (_case, left, expected) => {
	const reason = lockedOut(left);
	if (expected === null) expect(reason).toBeNull();
	else expect(reason).toMatch(expected);
});
