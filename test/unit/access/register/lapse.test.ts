import { describe, expect, test } from "vitest";
import { grantLapse, isLapsing, lapsingByZone, overdue } from "../../../../server/access/register/lapse.ts";
import type { GrantRecord } from "../../../../server/access/register/register.ts";
import { credentialRecord as credential, grantRecord as grant } from "../../../helpers/register-records.ts";

const DAY = 86_400_000;
const T0 = Date.parse("2026-11-26T12:00:00Z");
const lapses = grantLapse(T0);

test.each([
	["the same day three months later", "2026-11-26T12:00:00Z", "2027-02-26T12:00:00.000Z"],
	["the month's last day where it has no such day", "2026-11-30T23:59:00Z", "2027-02-28T23:59:00.000Z"],
])("a grant lapses on %s", (_, asked, expected) => {
	expect(new Date(grantLapse(Date.parse(asked))).toISOString()).toBe(expected);
});

describe("a grant", () => {
	test.each<[string, Partial<GrantRecord>, number, lapsing: boolean, over: boolean]>([
		["of two months is not announced", {}, lapses - 15 * DAY, false, false],
		["is announced 14 days ahead", {}, lapses - 14 * DAY, true, false],
		["is announced until it lapses", {}, lapses - 1, true, false],
		["has lapsed at its moment", {}, lapses, false, true],
		["that somebody ended before doesn't lapse", { endedAt: T0, endReason: "revoked" }, lapses, false, false],
		["that ends by itself before doesn't lapse", { until: lapses - DAY }, lapses - 2 * DAY, false, false],
		["that ended by itself has not lapsed", { until: lapses - DAY }, lapses, false, false],
		["that would end by itself later lapses", { until: lapses + DAY }, lapses, false, true],
	])("%s", (_, values, now, lapsing, over) => {
		const one = grant("g", { holder: "ann", zone: "hall", from: T0, renewedAt: T0, lapsesAt: lapses, ...values });
		expect(isLapsing(one, now)).toBe(lapsing);
		expect(overdue({ grants: new Map([["g", one]]), credentials: new Map() }, now).grants).toEqual(over ? ["g"] : []);
	});
});

test.each([
	["an active one whose time is over expires", "active", T0, true],
	["a suspended one too", "suspended", T0, true],
	["one whose time isn't over does not", "active", T0 + 1, false],
	["a lost one stays lost", "lost", T0, false],
	["a returned one stays returned", "returned", T0, false],
	["an expired one is not expired again", "expired", T0, false],
] as const)("of credentials %s", (_, state, until, over) => {
	const one = credential("c", "ann", 1, { state, until });
	expect(overdue({ grants: new Map(), credentials: new Map([["c", one]]) }, T0).credentials).toEqual(over ? ["c"] : []);
});

test("each zone's notice says how many lapse and when the first does", () => {
	const zone = { rooms: [], doors: [], reviewers: [], hours: null };
	const zones = new Map([
		["hall", { id: "hall", name: "Hall", ...zone }],
		["roof", { id: "roof", name: "Roof", ...zone }],
	]);
	const grants = new Map(
		[3, 2, 30].map((days, index) => [`${index}`, grant(`${index}`, { holder: "ann", zone: "hall", lapsesAt: T0 + days * DAY })] as const),
	);
	expect(lapsingByZone({ grants, zones }, T0)).toMatchObject([
		{ zone: "hall", count: 2, first: T0 + 2 * DAY },
		{ zone: "roof", count: 0 },
	]);
});
