/** How media are sanitized: medium type x classification -> allowed chains of methods (NIST SP 800-88 clause 4, MED-3); pure. */
import { type ChainStep, CLASSIFICATIONS, type Classification, MEDIUM_TYPES, type MediumType, type Method } from "../../contracts/media.ts";
import { type DoneMethod, isComplete, nextSteps } from "../../contracts/media-acts.ts";
import type { SanitizationPolicy } from "../../contracts/media-orders.ts";

export const MAGNETIC: readonly MediumType[] = ["hdd", "tape"];
export const DESTROYS: readonly Method[] = ["bend", "crush", "shred", "disintegrate", "grind"];
const DEFORMS: readonly Method[] = ["bend", "crush", "shred"];
/** A magnetic field does nothing to flash and optical media, and what isn't known may be one of them. */
export const WHY_NOT_DEGAUSS = "A degausser does nothing to the data on flash, hybrid, optical or unknown media: they are shredded or disintegrated.";

type Limits = Readonly<Record<Classification, number>>;
const each = (type: MediumType, chains: (classification: Classification) => ChainStep[][]) =>
	CLASSIFICATIONS.map((classification) => ({ type, classification, chains: chains(classification) }));

/** Largest edge, mm, of what a shredder or disintegrator leaves. */
const MAGNETIC_EDGE: Limits = { low: 40, moderate: 20, high: 10 };
const FLASH_EDGE: Limits = { low: 10, moderate: 4, high: 2 };
const OPTICAL_EDGE: Limits = { low: 5, moderate: 2, high: 0.5 };

const magnetic = (type: MediumType) =>
	each(type, (classification) => [
		...(classification === "high" ? [] : [[{ method: "degauss" as const }, { method: "bend" as const }]]),
		[{ method: "degauss" }, { method: "crush" }],
		[{ method: "degauss" }, { method: "shred", particleMm: MAGNETIC_EDGE[classification] }],
	]);
const flash = (type: MediumType, edge: Limits = FLASH_EDGE) =>
	each(type, (classification) => {
		const [shred, disintegrate] = (["shred", "disintegrate"] as const).map((method) => ({ method, particleMm: edge[classification] }));
		if (!shred || !disintegrate) return [];
		return [[shred], [disintegrate], [{ method: "purge" as const }, shred], [{ method: "purge" as const }, disintegrate]];
	});
const STRICTEST: Limits = { low: FLASH_EDGE.high, moderate: FLASH_EDGE.high, high: FLASH_EDGE.high };

/** What holds until a site has agreed on its own. */
export const FIRST_POLICY: SanitizationPolicy = {
	rules: [
		...magnetic("hdd"),
		...magnetic("tape"),
		...flash("ssd"),
		...flash("nvme"),
		...flash("hybrid"),
		...each("optical", (classification) => (["shred", "grind"] as const).map((method) => [{ method, particleMm: OPTICAL_EDGE[classification] }])),
		...flash("unknown", STRICTEST),
	],
	coercivityOe: { hdd: 5000, tape: 3000 },
	limits: { handOverMinutes: 30, personHours: 24, queuedHours: 24 },
};

/** What a medium is for the policy. */
export interface Sanitized {
	type: MediumType;
	classification: Classification;
	damaged: boolean;
}
/** The chains of which a medium must go through one. Damaged media follow those of the highest class (the strictest of their type). */
export function chainsOf({ rules }: SanitizationPolicy, { type, classification, damaged }: Sanitized): readonly ChainStep[][] {
	const wanted = damaged ? "high" : classification;
	return rules.find((rule) => rule.type === type && rule.classification === wanted)?.chains ?? [];
}

/** The steps of which one comes next; empty when a chain is complete, or when none allows what was done. */
export const nextMethods = (policy: SanitizationPolicy, medium: Sanitized, done: readonly DoneMethod[]): ChainStep[] =>
	nextSteps(chainsOf(policy, medium), done);

/** Whether the medium has gone through one of its chains to the end. */
export const isSanitized = (policy: SanitizationPolicy, medium: Sanitized, done: readonly DoneMethod[]): boolean =>
	isComplete(chainsOf(policy, medium), done);

/**
 * What no policy may say, whoever has agreed on it (MED-3): field -> what was expected. Empty: it may come into force.
 */
export function policyProblems({ rules }: SanitizationPolicy): { field: string; message: string }[] {
	const problems: { field: string; message: string }[] = [];
	for (const type of MEDIUM_TYPES)
		for (const classification of CLASSIFICATIONS) {
			const found = rules.filter((rule) => rule.type === type && rule.classification === classification).length;
			if (found !== 1) problems.push({ field: "rules", message: `expected one rule for ${type}, ${classification}; there are ${found}` });
		}
	for (const [number, { type, chains }] of rules.entries())
		for (const [place, chain] of chains.entries())
			problems.push(...chainProblems(type, chain).map((message) => ({ field: `rules.${number}.chains.${place}`, message })));
	return problems;
}

function chainProblems(type: MediumType, chain: readonly ChainStep[]): string[] {
	const methods = chain.map(({ method }) => method);
	const last = methods.at(-1);
	const early = methods.slice(0, -1);
	const problems: string[] = [];
	if (last === undefined || !DESTROYS.includes(last)) problems.push("expected a last method that destroys");
	if (early.some((method) => DESTROYS.includes(method))) problems.push("expected nothing after the method that destroys");
	if (new Set(methods).size < methods.length) problems.push("expected each method once");
	if (MAGNETIC.includes(type)) {
		if (methods[0] !== "degauss") problems.push(`expected degauss first: ${type} is magnetic`);
		if (last !== undefined && !DEFORMS.includes(last)) problems.push("expected bend, crush or shred after degaussing");
	} else {
		if (methods.includes("degauss")) problems.push(`expected no degauss: ${WHY_NOT_DEGAUSS}`);
		const allowed: readonly Method[] = type === "optical" ? ["shred", "grind"] : ["shred", "disintegrate"];
		if (last !== undefined && !allowed.includes(last)) problems.push(`expected ${allowed.join(" or ")} at the end: ${type}`);
		if (chain.at(-1)?.particleMm === undefined) problems.push("expected particleMm of the method that destroys");
	}
	return problems;
}

/** A chain as people write it: `degauss > shred 40`. */
export const chainText = (chain: readonly ChainStep[]): string =>
	chain.map(({ method, particleMm }) => (particleMm === undefined ? method : `${method} ${particleMm}`)).join(" > ");

/** The table as people write it, by type and class: `degauss > bend | degauss > shred 40`. */
export function policyText({ rules, coercivityOe, limits }: SanitizationPolicy): {
	readonly rules: { readonly [cell: string]: string };
	readonly coercivityOe: { readonly hdd: number; readonly tape: number };
	readonly limits: { readonly [name: string]: number };
} {
	const cells = rules.map(({ type, classification, chains }) => [`${type}, ${classification}`, chains.map(chainText).join(" | ")]);
	return { rules: Object.fromEntries(cells), coercivityOe, limits };
}
