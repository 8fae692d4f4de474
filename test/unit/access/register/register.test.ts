import { describe, expect, test } from "vitest";
import type { AccessVerdict } from "../../../../contracts/access-verdict.ts";
import { type CredentialRecord, Register } from "../../../../server/access/register/register.ts";
import { isWithin } from "../../../../server/access/register/weekly-hours.ts";
import { credentialRecord, grantRecord as grant, holderRecord as holder } from "../../../helpers/register-records.ts";
import { smallSite, worldOf } from "../../../helpers/small-world.ts";

const DAY = 86_400_000;
/** A Monday, 10:00 in Berlin. */
const NOW = Date.parse("2026-11-23T09:00:00Z");

const credential = (id: string, of: string, number: number | null, values: Partial<CredentialRecord> = {}): CredentialRecord =>
	credentialRecord(id, of, number, { fingerprint: number === null ? `fp-${of}` : null, states: [{ state: "active", at: 0 }], ...values });
const HOURS = [{ days: ["mon" as const, "tue" as const], from: "08:00", to: "18:00" }];
const register = (factors: "one" | "two" = "one") => {
	const site = smallSite();
	return new Register(worldOf({ ...site, doors: site.doors.map((door) => ({ ...door, factors })) }).site, {
		holders: [
			holder("ann"),
			holder("ben"),
			holder("cem", {
				post: "nurse",
				posts: [
					{ post: "guard", at: 0 },
					{ post: "nurse", at: NOW - DAY },
				],
			}),
			holder("dee", { leftAt: NOW - DAY }),
			holder("eve"),
			holder("fay"),
		],
		credentials: [
			credential("c1", "ann", 1),
			credential("f1", "ann", null),
			credential("c2", "ben", 2, {
				state: "stolen",
				states: [
					{ state: "active", at: 0 },
					{ state: "stolen", at: NOW - DAY },
				],
			}),
			credential("c3", "cem", 3),
			credential("c4", "dee", 4),
			credential("c5", "eve", 5, { until: NOW - DAY }),
			credential("c6-old", "ben", 6, {
				state: "returned",
				states: [
					{ state: "active", at: 0 },
					{ state: "returned", at: NOW - 10 * DAY },
				],
			}),
			credential("c6", "eve", 6, { from: NOW - 5 * DAY, states: [{ state: "active", at: NOW - 5 * DAY }] }),
			credential("c7", "fay", 7),
		],
		grants: [
			grant("g1", { holder: "ann" }),
			grant("g2", { holder: "ben" }),
			grant("g3", { post: "guard" }),
			grant("g4", { holder: "dee" }),
			grant("g5", { holder: "eve", schedule: HOURS }),
			grant("g6", { holder: "fay", endedAt: NOW - DAY, endReason: "revoked" }),
		],
	});
};
const card = (number: number, fingerprint: string | null = null) => ({ card: { format: "H10301", facility: 1, number }, fingerprint });

describe("what the register says of somebody at a door", () => {
	test.each<[string, ReturnType<typeof card>, number, AccessVerdict, string | null]>([
		["an active card with a grant opens", card(1), NOW, "granted", "ann"],
		[
			"the number of another facility is another card",
			{ card: { format: "H10301", facility: 2, number: 1 }, fingerprint: null },
			NOW,
			"denied-unknown-credential",
			null,
		],
		[
			"the number in another format is another card",
			{ card: { format: "C1k35s", facility: 1, number: 1 }, fingerprint: null },
			NOW,
			"denied-unknown-credential",
			null,
		],
		["a stolen card opens nothing", card(2), NOW, "denied-credential-inactive", "ben"],
		["before it was stolen it did", card(2), NOW - 2 * DAY, "granted", "ben"],
		["what a post gave ends with the post", card(3), NOW, "denied-no-rights", "cem"],
		["while the post was held it counted", card(3), NOW - 2 * DAY, "granted", "cem"],
		["who has left may nothing", card(4), NOW, "denied-no-rights", "dee"],
		["an expired card is refused as such", card(5), NOW, "denied-expired", "eve"],
		["a returned card that was issued anew is its new holder's", card(6), NOW, "granted", "eve"],
		["and was its old holder's before", card(6), NOW - 20 * DAY, "granted", "ben"],
		["outside the hours", card(6), NOW + 12 * 3_600_000, "denied-out-of-time", "eve"],
		["a grant counts until the moment it ended", card(7), NOW - DAY - 1, "granted", "fay"],
		["and not from then on", card(7), NOW - DAY, "denied-no-rights", "fay"],
		["two credentials of two people are refused", card(6, "fp-ann"), NOW, "denied-incorrect-factor", "eve"],
	])("%s", (_, presented, ts, verdict, who) => {
		const decision = register().decide(presented, "main", ts);
		expect(decision.verdict).toBe(verdict);
		expect(decision.holder?.id ?? null).toBe(who);
	});

	test("a door with two factors takes both, of one person", () => {
		expect(register("two").decide(card(1), "main", NOW).verdict).toBe("denied-incorrect-factor");
		expect(register("two").decide(card(1, "fp-ann"), "main", NOW).verdict).toBe("granted");
	});

	test("on the way out of it one factor is enough, of somebody who may be there", () => {
		expect(register("two").decide(card(1), "main", NOW, "out").verdict).toBe("granted");
		expect(register("two").decide(card(7), "main", NOW, "out").verdict).toBe("denied-no-rights");
	});

	test("a door that no zone has gives nobody rights", () => {
		expect(register().decide(card(1), "elsewhere", NOW).verdict).toBe("denied-no-rights");
	});
});

test.each([
	["before they begin", "2026-11-23T06:59:59Z", false],
	["at their first minute", "2026-11-23T07:00:00Z", true],
	["in their last minute", "2026-11-23T16:59:59Z", true],
	["at their end", "2026-11-23T17:00:00Z", false],
	["on another day", "2026-11-25T10:00:00Z", false],
	["in summer, an hour earlier in UTC", "2026-07-06T06:00:00Z", true],
])("hours of the week are the site's own: %s", (_, at, expected) => {
	expect(isWithin(HOURS, Date.parse(at), "Europe/Berlin")).toBe(expected);
});
