/** How media are sanitized: medium type x classification -> allowed chains of methods (NIST SP 800-88 clause 4, MED-3); pure. */
import { type ChainStep, CLASSIFICATIONS, type Classification, type MediumType } from "../../contracts/media.ts";
import { type DoneMethod, isComplete, nextSteps } from "../../contracts/media-acts.ts";
import type { SanitizationPolicy } from "../../contracts/media-orders.ts";

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
	coercivities: [],
	photos: {
		remove: "optional",
		seal: "optional",
		offer: "optional",
		accept: "optional",
		store: "optional",
		take: "optional",
		method: "optional",
		verify: "optional",
		release: "optional",
	},
	deviations: { person: "note", place: "note", day: "note", account: "note" },
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

/** A chain as people write it: `degauss > shred 40`. */
export const chainText = (chain: readonly ChainStep[]): string =>
	chain.map(({ method, particleMm }) => (particleMm === undefined ? method : `${method} ${particleMm}`)).join(" > ");

/** The table as people write it, by type and class: `degauss > bend | degauss > shred 40`. */
export function policyText({ rules, coercivityOe, coercivities = [], photos, deviations, limits }: SanitizationPolicy): {
	readonly rules: { readonly [cell: string]: string };
	readonly coercivityOe: { readonly [kind: string]: number };
	readonly photos: { readonly [step: string]: string };
	readonly deviations: { readonly [kind: string]: string };
	readonly limits: { readonly [name: string]: number };
} {
	const cells = rules.map(({ type, classification, chains }) => [`${type}, ${classification}`, chains.map(chainText).join(" | ")]);
	const models = coercivities.map(({ type, maker, model, oersted }) => [`${type}, ${maker} ${model}`, oersted]);
	return {
		rules: Object.fromEntries(cells),
		coercivityOe: { ...coercivityOe, ...Object.fromEntries(models) },
		photos: photos ?? {},
		deviations: deviations ?? {},
		limits,
	};
}
