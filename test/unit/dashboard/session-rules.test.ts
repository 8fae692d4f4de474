import { describe, expect, test } from "vitest";
import type { Permission, Role } from "../../../contracts/permissions.ts";
import { ProblemError } from "../../../dashboard/src/api/problem-error.ts";
import { IDLE_MS, idleOf, WARNING_MS } from "../../../dashboard/src/features/session/idle.ts";
import { logInProblemOf } from "../../../dashboard/src/features/session/log-in-error.ts";
import { groupsOf, lackedFor, mayDo, PAGES, pageAt, pagesOf, startPageOf } from "../../../dashboard/src/features/session/pages.ts";
import { ROLE_TABLE } from "../../../server/identity/role-table.ts";

const holder = (...permissions: readonly Permission[]) => ({ permissions: Object.fromEntries(permissions.map((one) => [one, ["*"]])) });
const roles = Object.entries(ROLE_TABLE) as [Role, readonly Permission[]][];

describe("pages", () => {
	test.each<[Role, string]>([
		["operator", "/"],
		["facility-manager", "/"],
		["auditor", "/audit"],
		["system-administrator", "/users"],
		["security-administrator", "/changes"],
		["audit-administrator", "/audit"],
	])("%s begins at %s", (role, start) => expect(startPageOf(holder(...ROLE_TABLE[role]))).toBe(start));

	test("whoever has no right begins at their account and is offered no page", () => {
		expect(startPageOf(holder())).toBe("/account");
		expect(pagesOf(holder())).toEqual([]);
	});

	test.each(roles)("%s begins at a page that is offered, and lacks nothing for any that is", (_, permissions) => {
		const session = holder(...permissions);
		const offered = pagesOf(session).map(({ to }) => to);
		expect(offered).toContain(startPageOf(session));
		for (const { to } of PAGES) expect(lackedFor(session, to) === null).toBe(offered.includes(to));
	});

	test.each<[string, Permission[], Permission | null]>([
		["/users/some-id", [], "users.read"],
		["/users/some-id", ["users.read"], null],
		["/ledger/3", ["site.read"], "ledger.read"],
		["/", ["ledger.read"], "site.read"],
		["/usersandmore", [], null],
		["/account", [], null],
		["/changes", ["audit.export-approve"], null],
		["/changes", ["media.approve"], null],
		["/media/some-id", ["media.handle"], "media.read"],
		["/access/doors/hall-a-door", [], "access.read"],
		["/access/import", ["access.read"], "holders.manage"],
		["/access/import", ["holders.manage"], null],
		["/users/import", ["users.read"], "personnel.provision"],
		["/devices/agents/agent-1", [], "site.read"],
	])("for %s with %j is lacking: %s", (path, held, lacked) => expect(lackedFor(holder(...held), path)).toBe(lacked));

	test.each([
		["/access", "/access"],
		["/access/doors/hall-a-door", "/access"],
		["/access/holders/li-na", "/access/holders"],
		["/users/import", "/users"],
		["/media/batches/some-id", "/media"],
		["/media/incidents", "/media/incidents"],
		["/account", undefined],
	])("%s belongs to %s in the navigation", (path, page) => expect(pageAt(path)).toBe(page));

	test("a group without a page for somebody isn't offered", () =>
		expect(groupsOf(holder("visitors.read", "ledger.read")).map(({ name, pages }) => [name, pages.map(({ to }) => to)])).toEqual([
			["access", ["/visitors"]],
			["evidence", ["/ledger"]],
		]));

	test("a permission at no site is none", () => {
		expect(mayDo({ permissions: { "site.read": [] } }, "site.read")).toBe(false);
		expect(mayDo({ permissions: { "site.read": ["dc-1"] } }, "site.read")).toBe(true);
	});
});

describe("a page that nobody touches", () => {
	const hours = 3_600_000;
	test.each([
		["is in use until the warning", 0, 12 * hours, IDLE_MS - WARNING_MS - 1, { state: "in-use" }],
		["warns two minutes ahead", 0, 12 * hours, IDLE_MS - WARNING_MS, { state: "warning", left: WARNING_MS, reason: "idle" }],
		["is over at the end of its time", 0, 12 * hours, IDLE_MS, { state: "over" }],
		["warns of the session's own end too", 0, 10_000, 0, { state: "warning", left: 10_000, reason: "end" }],
		["is over with the session, however much it is used", 12 * hours, 12 * hours, 12 * hours, { state: "over" }],
		["needs no end of the session", 0, null, IDLE_MS - 1, { state: "warning", left: 1, reason: "idle" }],
	] as const)("%s", (_, lastInput, endsAt, now, expected) => expect(idleOf(lastInput, endsAt, now)).toEqual(expected));

	test("leaves at least 20 seconds to answer (WCAG 2.2.1)", () => expect(WARNING_MS).toBeGreaterThanOrEqual(20_000));
});

test.each([
	["second-factor-required", 401, "second-factor"],
	["invalid-credentials", 401, "wrong"],
	["too-many-attempts", 429, "throttled"],
	["unreachable", 0, "unreachable"],
	["bad-gateway", 502, "unreachable"],
	["invalid-request", 400, "other"],
	["internal", 500, "other"],
])("a refusal %s (%d) means: %s", (code, status, meaning) =>
	expect(logInProblemOf(new ProblemError({ code, status, detail: "", id: null }))).toBe(meaning),
);
test("what isn't the server's word is something else", () => expect(logInProblemOf(new TypeError("no"))).toBe("other"));
