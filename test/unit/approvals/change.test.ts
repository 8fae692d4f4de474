import fc from "fast-check";
import { expect, test } from "vitest";
import { type ChangeAct, type ChangeLife, type Decider, decide, proposalDigest, saltedDigest, sameJson } from "../../../server/approvals/change.ts";

const pending: ChangeLife = { state: "pending", proposedBy: "ann", expiresAt: 100 };
const ann: Decider = { id: "ann", isProposer: true, permitted: true, excluded: null };
const bob: Decider = { id: "bob", isProposer: false, permitted: true, excluded: null };

test.each<[string, ChangeLife, ChangeAct, Decider, number, unknown]>([
	["another person with the permission approves", pending, "approve", bob, 99, { to: "applied" }],
	["another person with the permission rejects", pending, "reject", bob, 99, { to: "rejected" }],
	["the proposer withdraws", pending, "withdraw", { ...ann, permitted: false }, 99, { to: "withdrawn" }],
	["the proposer can't approve", pending, "approve", ann, 99, { refused: { code: "own-proposal", status: 403 } }],
	["the proposer can't reject", pending, "reject", ann, 99, { refused: { code: "own-proposal" } }],
	[
		"the proposer can't approve with another account of theirs",
		pending,
		"approve",
		{ ...bob, isProposer: true },
		99,
		{ refused: { code: "same-person", status: 403 } },
	],
	["the proposer can't reject so either", pending, "reject", { ...bob, isProposer: true }, 99, { refused: { code: "same-person" } }],
	["nobody else withdraws", pending, "withdraw", bob, 99, { refused: { code: "forbidden" } }],
	["no permission, no approval", pending, "approve", { ...bob, permitted: false }, 99, { refused: { code: "forbidden", status: 403 } }],
	[
		"the beneficiary can't approve",
		pending,
		"approve",
		{ ...bob, excluded: "about you" },
		99,
		{ refused: { code: "excluded", reason: "about you" } },
	],
	["at its expiry it is over, which is recorded", pending, "approve", bob, 100, { refused: { code: "change-expired", status: 409 }, expires: true }],
	["what is applied stays so", { ...pending, state: "applied" }, "approve", bob, 99, { refused: { code: "already-decided", status: 409 } }],
	["what is withdrawn stays so", { ...pending, state: "withdrawn" }, "reject", bob, 99, { refused: { code: "already-decided" }, expires: false }],
	["what is stale can't be withdrawn", { ...pending, state: "stale" }, "withdraw", ann, 99, { refused: { code: "already-decided" } }],
])("%s", (_rule, change, act, who, now, expected) => {
	expect(decide(change, act, who, now)).toMatchObject(expected as object);
});

test("no sequence of acts by any persons applies a change with fewer than two persons, twice, after another decision, or after its expiry", () => {
	const act = fc.record({
		act: fc.constantFrom<ChangeAct>("approve", "reject", "withdraw"),
		// The second one of Ann is another account of hers.
		who: fc
			.record({ id: fc.constantFrom("ann", "ann-2", "bob", "cat"), permitted: fc.boolean(), excluded: fc.constantFrom(null, "about you") })
			.map((who) => ({ ...who, isProposer: who.id.startsWith("ann") })),
		wait: fc.integer({ min: 0, max: 40 }),
	});
	fc.assert(
		fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
			let now = 0;
			let change = pending;
			const settled: string[] = [];
			for (const { act: asked, who, wait } of acts) {
				now += wait;
				const decision = decide(change, asked, who, now);
				if (!("to" in decision)) {
					if (decision.expires) change = { ...change, state: "expired" };
					continue;
				}
				settled.push(decision.to);
				change = { ...change, state: decision.to };
				expect(now).toBeLessThan(change.expiresAt);
				if (decision.to === "withdrawn") expect(who.id).toBe(change.proposedBy);
				else expect([!who.isProposer, who.permitted, who.excluded]).toEqual([true, true, null]);
			}
			expect(settled.length).toBeLessThanOrEqual(1);
		}),
		{ numRuns: 2000 },
	);
});

test("the same change asked for with another reason is the same proposal, another change is not", () => {
	const change = { kind: "retention", data: "audit", days: 200, reason: "one" };
	expect(proposalDigest({ ...change, reason: "two" })).toBe(proposalDigest(change));
	expect(proposalDigest({ ...change, days: 201 } as typeof change)).not.toBe(proposalDigest(change));
});

test("a digest hangs on salt and content, not on the order of keys", () => {
	expect(saltedDigest("aa", { x: 1, y: 2 })).toBe(saltedDigest("aa", { y: 2, x: 1 }));
	expect(saltedDigest("ab", { x: 1, y: 2 })).not.toBe(saltedDigest("aa", { x: 1, y: 2 }));
	expect([sameJson({ a: [1, null] }, { a: [1, null] }), sameJson({ a: 1 }, { a: 2 })]).toEqual([true, false]);
});
