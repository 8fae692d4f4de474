import fc from "fast-check";
import { expect, test } from "vitest";
import { CLASSIFICATIONS, type Classification, MEDIUM_TYPES, METHODS, type MediumType } from "../../../contracts/media.ts";
import type { DoneMethod } from "../../../contracts/media-acts.ts";
import { policySchema, type SanitizationPolicy } from "../../../contracts/media-orders.ts";
import { coercivityFor, policyProblems } from "../../../contracts/media-policy.ts";
import { chainsOf, chainText, FIRST_POLICY, isSanitized, nextMethods } from "../../../server/custody/policy.ts";

/** The table as a person writes it: alternatives by "|", steps by ">", the largest edge in mm behind the method. */
const TABLE: Readonly<Record<MediumType, Readonly<Record<Classification, string>>>> = {
	hdd: {
		low: "degauss > bend | degauss > crush | degauss > shred 40",
		moderate: "degauss > bend | degauss > crush | degauss > shred 20",
		high: "degauss > crush | degauss > shred 10",
	},
	tape: {
		low: "degauss > bend | degauss > crush | degauss > shred 40",
		moderate: "degauss > bend | degauss > crush | degauss > shred 20",
		high: "degauss > crush | degauss > shred 10",
	},
	ssd: {
		low: "shred 10 | disintegrate 10 | purge > shred 10 | purge > disintegrate 10",
		moderate: "shred 4 | disintegrate 4 | purge > shred 4 | purge > disintegrate 4",
		high: "shred 2 | disintegrate 2 | purge > shred 2 | purge > disintegrate 2",
	},
	nvme: {
		low: "shred 10 | disintegrate 10 | purge > shred 10 | purge > disintegrate 10",
		moderate: "shred 4 | disintegrate 4 | purge > shred 4 | purge > disintegrate 4",
		high: "shred 2 | disintegrate 2 | purge > shred 2 | purge > disintegrate 2",
	},
	hybrid: {
		low: "shred 10 | disintegrate 10 | purge > shred 10 | purge > disintegrate 10",
		moderate: "shred 4 | disintegrate 4 | purge > shred 4 | purge > disintegrate 4",
		high: "shred 2 | disintegrate 2 | purge > shred 2 | purge > disintegrate 2",
	},
	optical: { low: "shred 5 | grind 5", moderate: "shred 2 | grind 2", high: "shred 0.5 | grind 0.5" },
	unknown: {
		low: "shred 2 | disintegrate 2 | purge > shred 2 | purge > disintegrate 2",
		moderate: "shred 2 | disintegrate 2 | purge > shred 2 | purge > disintegrate 2",
		high: "shred 2 | disintegrate 2 | purge > shred 2 | purge > disintegrate 2",
	},
};
const cells = MEDIUM_TYPES.flatMap((type) =>
	CLASSIFICATIONS.map((classification) => ({ type, classification, chains: TABLE[type][classification] })),
);
const written = (medium: { type: MediumType; classification: Classification; damaged: boolean }) =>
	chainsOf(FIRST_POLICY, medium).map(chainText).join(" | ");

test.each(cells)("$type, $classification: $chains (MED-3)", ({ type, classification, chains }) => {
	expect(written({ type, classification, damaged: false })).toBe(chains);
});

test.each(cells)("$type, $classification, damaged: as the highest class of its type", ({ type, classification }) => {
	expect(written({ type, classification, damaged: true })).toBe(TABLE[type].high);
});

test.each(cells)(
	"$type, $classification: a chain is complete at its end and nowhere before, and nothing comes after it",
	({ type, classification }) => {
		const medium = { type, classification, damaged: false };
		for (const chain of chainsOf(FIRST_POLICY, medium)) {
			const done = chain.map(({ method, particleMm }): DoneMethod => ({ method, particleMm: particleMm ?? null }));
			for (let length = 0; length < done.length; length++) {
				expect(isSanitized(FIRST_POLICY, medium, done.slice(0, length))).toBe(false);
				expect(nextMethods(FIRST_POLICY, medium, done.slice(0, length))).toContainEqual(chain[length]);
			}
			expect(isSanitized(FIRST_POLICY, medium, done)).toBe(true);
			expect(nextMethods(FIRST_POLICY, medium, done)).toEqual([]);
			const last = done.at(-1);
			if (last && last.particleMm !== null)
				expect(isSanitized(FIRST_POLICY, medium, [...done.slice(0, -1), { ...last, particleMm: last.particleMm + 1 }]), "pieces too large").toBe(
					false,
				);
		}
	},
);

test("the policy that the product comes with is one that may come into force", () => {
	expect(policyProblems(FIRST_POLICY)).toEqual([]);
	expect(policySchema.safeParse(FIRST_POLICY).success).toBe(true);
});

const changed = (type: MediumType, chains: SanitizationPolicy["rules"][number]["chains"]): SanitizationPolicy => ({
	...FIRST_POLICY,
	rules: FIRST_POLICY.rules.map((rule) => (rule.type === type && rule.classification === "low" ? { ...rule, chains } : rule)),
});

test.each([
	["degaussing flash", changed("ssd", [[{ method: "degauss" }, { method: "shred", particleMm: 2 }]]), "expected no degauss"],
	["degaussing hybrid media", changed("hybrid", [[{ method: "degauss" }, { method: "shred", particleMm: 2 }]]), "expected no degauss"],
	["degaussing what isn't known", changed("unknown", [[{ method: "degauss" }, { method: "shred", particleMm: 2 }]]), "expected no degauss"],
	["a disk that is only degaussed", changed("hdd", [[{ method: "degauss" }]]), "expected a last method that destroys"],
	["a disk that is only bent", changed("hdd", [[{ method: "bend" }]]), "expected degauss first"],
	["a disk that is ground", changed("hdd", [[{ method: "degauss" }, { method: "grind" }]]), "expected bend, crush or shred after degaussing"],
	["a purge alone", changed("nvme", [[{ method: "purge" }]]), "expected a last method that destroys"],
	["flash that is crushed", changed("ssd", [[{ method: "crush" }]]), "expected shred or disintegrate at the end"],
	["flash in pieces of any size", changed("ssd", [[{ method: "shred" }]]), "expected particleMm"],
	["something after the destruction", changed("ssd", [[{ method: "shred", particleMm: 2 }, { method: "purge" }]]), "expected nothing after"],
	["the same twice", changed("hdd", [[{ method: "degauss" }, { method: "degauss" }, { method: "bend" }]]), "expected each method once"],
	["a type without a rule", { ...FIRST_POLICY, rules: FIRST_POLICY.rules.slice(1) }, "expected one rule for hdd, low; there are 0"],
	["a type with two rules", { ...FIRST_POLICY, rules: [...FIRST_POLICY.rules, ...FIRST_POLICY.rules.slice(0, 1)] }, "there are 2"],
])("no policy allows %s (MED-3)", (_, policy, said) => {
	expect(
		policyProblems(policy)
			.map(({ message }) => message)
			.join("\n"),
	).toContain(said);
});

test("every method is somebody's", () => {
	const used = new Set(FIRST_POLICY.rules.flatMap(({ chains }) => chains.flat().map(({ method }) => method)));
	expect(used).toEqual(new Set(METHODS));
});

const STRICT: SanitizationPolicy = {
	...FIRST_POLICY,
	coercivities: [
		{ type: "hdd", maker: "Seagate", model: "ST30000NM", oersted: 12_000 },
		{ type: "tape", maker: "IBM", model: "3592", oersted: 4000 },
	],
};
test.each<[string, Parameters<typeof coercivityFor>[1], number | null]>([
	["a disk of which nothing is known", { type: "hdd", maker: "Acme", model: "X", coercivityOe: null }, 5000],
	["a disk that somebody calls weaker", { type: "hdd", maker: "Acme", model: "X", coercivityOe: 300 }, 5000],
	["a disk that somebody calls stronger", { type: "hdd", maker: "Acme", model: "X", coercivityOe: 9500 }, 9500],
	["a model that takes more, however it is written", { type: "hdd", maker: " seagate", model: "st30000nm004K", coercivityOe: null }, 12_000],
	["the same, called weaker", { type: "hdd", maker: "Seagate", model: "ST30000NM004K", coercivityOe: 300 }, 12_000],
	["the same name on a tape", { type: "tape", maker: "Seagate", model: "ST30000NM004K", coercivityOe: null }, 3000],
	["a tape by its model", { type: "tape", maker: "IBM", model: "3592JE", coercivityOe: null }, 4000],
	["flash", { type: "ssd", maker: "Acme", model: "X", coercivityOe: 300 }, null],
])("the coercivity of %s: nobody makes it less by their word (MED-3)", (_, medium, oersted) => {
	expect(coercivityFor(STRICT, medium)).toBe(oersted);
});

test("nothing that is told of a medium makes its coercivity less than the policy's (MED-3)", () => {
	const name = fc.string({ minLength: 1, maxLength: 12 });
	const told = fc.record({
		type: fc.constantFrom("hdd" as const, "tape" as const),
		maker: name,
		model: name,
		coercivityOe: fc.option(fc.float({ min: 1, noNaN: true })),
	});
	fc.assert(fc.property(told, (medium) => (coercivityFor(STRICT, medium) ?? 0) >= STRICT.coercivityOe[medium.type]));
});

test("a model that takes no more than its type has no place in a policy", () => {
	const policy = { ...FIRST_POLICY, coercivities: [{ type: "hdd" as const, maker: "Acme", model: "X", oersted: 5000 }] };
	expect(policyProblems(policy)).toEqual([{ field: "coercivities.0.oersted", message: "expected more than the 5000 Oe of every hdd" }]);
});
