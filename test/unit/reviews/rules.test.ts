import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allowedRevocations, refusalOf, reviewerOf } from "../../../server/reviews/assignment.ts";
import { type AccessFacts, hintsOf, riskOf } from "../../../server/reviews/hints.ts";
import { qualityOf } from "../../../server/reviews/quality.ts";

const DAY = 86_400_000;
const NOW = Date.parse("2026-12-01T00:00:00Z");
const facts: AccessFacts = {
	now: NOW,
	givenAt: NOW - 200 * DAY,
	renewedAt: NOW - 10 * DAY,
	lastReviewAt: NOW - 30 * DAY,
	changedAt: NOW - 200 * DAY,
	toPost: false,
	holderLeft: false,
	visitor: false,
	badgeOut: true,
	twoFactorWithoutFingerprint: false,
	unusualZone: false,
	lastUsedAt: NOW - DAY,
	denied: 0,
	outOfHours: 0,
};

test.each<[string, Partial<AccessFacts>, string[], string]>([
	["used, renewed, unchanged", {}, [], "low"],
	["the first review", { lastReviewAt: null }, [], "changed"],
	["changed since the last review", { changedAt: NOW - DAY }, [], "changed"],
	["the holder has left", { holderLeft: true }, ["holder-left"], "risky"],
	["a visitor's badge is out", { visitor: true }, ["visitor-badge-not-returned"], "risky"],
	["never used since it was given long ago", { lastUsedAt: null }, ["never-used"], "risky"],
	["not used yet, but new", { lastUsedAt: null, givenAt: NOW - 29 * DAY }, [], "low"],
	["29 days unused", { lastUsedAt: NOW - 29 * DAY }, [], "low"],
	["30 days unused", { lastUsedAt: NOW - 30 * DAY }, ["unused-30-days"], "risky"],
	["90 days unused", { lastUsedAt: NOW - 90 * DAY }, ["unused-90-days"], "risky"],
	["given to a post: usage is its people's", { toPost: true, lastUsedAt: null }, [], "low"],
	["no fingerprint at a two-factor door", { twoFactorWithoutFingerprint: true }, ["no-fingerprint-for-two-factor"], "risky"],
	["not asked for again in three months", { renewedAt: NOW - 90 * DAY }, ["not-asked-for-again"], "risky"],
	["a zone that is unusual for the post", { unusualZone: true }, ["beyond-usual-zones"], "risky"],
	["many denials", { denied: 10 }, ["denials"], "risky"],
	["many entries out of hours", { outOfHours: 10 }, ["out-of-hours"], "risky"],
])("%s", (_, values, hints, risk) => {
	const given = { ...facts, ...values };
	expect(hintsOf(given)).toEqual(hints);
	expect(riskOf(hintsOf(given), given)).toBe(risk);
});

describe("assignment", () => {
	const able = ["a", "b", "c"].map((username) => ({ account: `id-${username}`, username }));
	test.each<[string, Parameters<typeof reviewerOf>[0], readonly string[], string | null]>([
		["the zone's reviewer", { number: 1, zoneReviewers: ["b"], excluded: [] }, ["c"], "id-b"],
		["the fall-back where the zone's reviewer is the holder", { number: 1, zoneReviewers: ["b"], excluded: ["id-b"] }, ["c"], "id-c"],
		["anybody able where neither can", { number: 0, zoneReviewers: ["b"], excluded: ["id-b", "id-c"] }, ["c"], "id-a"],
		["nobody where all are excluded", { number: 0, zoneReviewers: [], excluded: ["id-a", "id-b", "id-c"] }, [], null],
	])("%s", (_, item, fallBack, expected) => {
		expect(reviewerOf(item, { able, fallBack })).toBe(expected);
	});

	test("whoever is excluded is never chosen, whatever else is so", () => {
		const names = fc.subarray(["a", "b", "c"]);
		fc.assert(
			fc.property(fc.nat(1000), names, names, names, (number, zoneReviewers, fallBack, out) => {
				const excluded = out.map((name) => `id-${name}`);
				const chosen = reviewerOf({ number, zoneReviewers, excluded }, { able, fallBack });
				expect(chosen === null ? excluded.length : excluded.includes(chosen)).toBe(chosen === null ? 3 : false);
			}),
		);
	});

	test.each([
		["by the assignee", {}, "me", null],
		["by another", {}, "other", "not-assigned"],
		["by the holder, though assigned", { excluded: ["me"] }, "me", "own-access"],
		["once submitted", { submitted: true }, "me", "submitted"],
	] as const)("decided %s", (_, values, account, expected) => {
		expect(refusalOf({ assignee: "me", excluded: [], submitted: false, ...values }, { open: true }, account)).toBe(expected);
		expect(refusalOf({ assignee: "me", excluded: [], submitted: false, ...values }, { open: false }, account)).toBe("signed-off");
	});

	test.each([
		[100, 0.2, 20],
		[9, 0.2, 1],
		[4, 0.2, 0],
		[10, 0, 0],
		[10, 1, 10],
	])("of %i items a share of %f may be revoked alone: %i", (items, share, expected) => {
		expect(allowedRevocations(items, share)).toBe(expected);
	});
});

test("time per decision counts within a sitting, and a block is one decision (REV-6)", () => {
	const at = (seconds: number, values: { by?: string; block?: boolean; decision?: "keep" | "revoke" } = {}) => ({
		by: "rita",
		at: NOW + seconds * 1000,
		decision: "keep" as const,
		block: false,
		...values,
	});
	const decided = [at(0), at(10), at(30), at(30, { block: true }), at(4000), at(4020, { decision: "revoke" }), at(5, { by: "ralf" })];
	expect(qualityOf(decided)).toEqual({
		secondsPerDecision: 20,
		shareAttested: 1 / 7,
		shareKept: 6 / 7,
		reviewers: [
			{ account: "rita", decided: 6, kept: 5, attested: 1, secondsPerDecision: 20 },
			{ account: "ralf", decided: 1, kept: 1, attested: 0, secondsPerDecision: null },
		],
	});
	expect(qualityOf([])).toEqual({ secondsPerDecision: null, shareAttested: 0, shareKept: 0, reviewers: [] });
});
