/** What no policy of destruction may say (NIST SP 800-88, MED-3); the server refuses it, and the page that writes one shows it. Pure. */
import { type ChainStep, CLASSIFICATIONS, MEDIUM_TYPES, type MediumType, type MediumView, type Method } from "./media.ts";
import type { SanitizationPolicy } from "./media-orders.ts";

export const MAGNETIC: readonly MediumType[] = ["hdd", "tape"];
export const DESTROYS: readonly Method[] = ["bend", "crush", "shred", "disintegrate", "grind"];
const DEFORMS: readonly Method[] = ["bend", "crush", "shred"];
/** A magnetic field does nothing to flash and optical media, and what isn't known may be one of them. */
export const WHY_NOT_DEGAUSS = "A degausser does nothing to the data on flash, hybrid, optical or unknown media: they are shredded or disintegrated.";

/**
 * What no policy may say, whoever has agreed on it (MED-3): field -> what was expected. Empty: it may come into force.
 */
export function policyProblems({ rules, coercivityOe, coercivities = [] }: SanitizationPolicy): { field: string; message: string }[] {
	const problems: { field: string; message: string }[] = [];
	for (const type of MEDIUM_TYPES)
		for (const classification of CLASSIFICATIONS) {
			const found = rules.filter((rule) => rule.type === type && rule.classification === classification).length;
			if (found !== 1) problems.push({ field: "rules", message: `expected one rule for ${type}, ${classification}; there are ${found}` });
		}
	for (const [number, { type, chains }] of rules.entries())
		for (const [place, chain] of chains.entries())
			problems.push(...chainProblems(type, chain).map((message) => ({ field: `rules.${number}.chains.${place}`, message })));
	for (const [number, { type, oersted }] of coercivities.entries())
		if (oersted <= coercivityOe[type])
			problems.push({ field: `coercivities.${number}.oersted`, message: `expected more than the ${coercivityOe[type]} Oe of every ${type}` });
	return problems;
}

const plain = (name: string): string => name.trim().toLowerCase();

/**
 * The coercivity that a degausser must be above, oersted: the strictest of what the policy takes for the type, what it takes for the model,
 * and what was told of the medium. One person's word makes it more, never less; less takes another policy, on which two agree. `null`: the
 * medium is not magnetic.
 */
export function coercivityFor(
	{ coercivityOe, coercivities = [] }: Pick<SanitizationPolicy, "coercivityOe" | "coercivities">,
	medium: Pick<MediumView, "type" | "maker" | "model" | "coercivityOe">,
): number | null {
	const { type } = medium;
	if (type !== "hdd" && type !== "tape") return null;
	const models = coercivities.filter(
		(one) => one.type === type && plain(one.maker) === plain(medium.maker) && plain(medium.model).startsWith(plain(one.model)),
	);
	return Math.max(coercivityOe[type], medium.coercivityOe ?? 0, ...models.map(({ oersted }) => oersted));
}

/** What no chain of a type may be: what was expected; empty: it may stand in a policy. */
export function chainProblems(type: MediumType, chain: readonly ChainStep[]): string[] {
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
