import { expect, test } from "vitest";
import { changedCells, draftOf, isSame, policyOf, readCell, readModels } from "../../../dashboard/src/features/custody/policy-draft.ts";
import { FIRST_POLICY } from "../../../server/custody/policy.ts";

test("a policy that is written out and read again is the same", () => {
	const read = policyOf(draftOf(FIRST_POLICY));
	expect(read).toEqual({ policy: FIRST_POLICY });
	expect("policy" in read && changedCells(FIRST_POLICY, read.policy)).toEqual(new Set());
});

test.each<[string, ReturnType<typeof readCell>]>([
	["degauss > shred 20", { chains: [[{ method: "degauss" }, { method: "shred", particleMm: 20 }]], wrong: null }],
	["Shred 0.5 mm\n\n grind 2mm ", { chains: [[{ method: "shred", particleMm: 0.5 }], [{ method: "grind", particleMm: 2 }]], wrong: null }],
	["degauss\nburn", { chains: [[{ method: "degauss" }]], wrong: 2 }],
	["degauss >", { chains: [], wrong: 1 }],
	["shred -1", { chains: [], wrong: 1 }],
	["shred 501", { chains: [], wrong: 1 }],
	["", { chains: [], wrong: 1 }],
])("the chains %j", (text, read) => expect(readCell(text)).toEqual(read));

test("where a draft can't be read is named; what it changes is marked", () => {
	const draft = draftOf(FIRST_POLICY);
	const written = (text: string) => policyOf({ ...draft, cells: { ...draft.cells, "ssd/high": text } });
	expect(written("shred 2\nmelt")).toEqual({ wrong: { type: "ssd", classification: "high", line: 2 } });
	const changed = written("shred 1");
	expect("policy" in changed && isSame(FIRST_POLICY, changed.policy)).toBe(false);
	expect(isSame(FIRST_POLICY, { ...FIRST_POLICY, limits: { ...FIRST_POLICY.limits, personHours: 8 } })).toBe(false);
	expect("policy" in changed && changedCells(FIRST_POLICY, changed.policy)).toEqual(new Set(["ssd/high"]));
});

test.each<[string, ReturnType<typeof readModels>]>([
	["", { models: [], wrong: null }],
	["HDD; Seagate ; ST30000NM; 12000\n", { models: [{ type: "hdd", maker: "Seagate", model: "ST30000NM", oersted: 12_000 }], wrong: null }],
	["hdd; Seagate; ST30000NM; 5000", { models: [], wrong: 1 }],
	["ssd; Seagate; ST30000NM; 12000", { models: [], wrong: 1 }],
	["tape; IBM; 3592; 4000\ntape; IBM; 4000", { models: [{ type: "tape", maker: "IBM", model: "3592", oersted: 4000 }], wrong: 2 }],
])("the models %j", (text, read) => expect(readModels(text, FIRST_POLICY.coercivityOe)).toEqual(read));

test("a policy from before there were models is the same as one without any", () => {
	const { coercivities: _, ...older } = FIRST_POLICY;
	expect(isSame(older, FIRST_POLICY)).toBe(true);
});
