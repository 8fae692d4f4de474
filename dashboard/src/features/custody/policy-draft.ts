/** The policy of destruction as people read and write it: a table of chains, one a line (`degauss > shred 20`); pure. */
import {
	type ChainStep,
	CLASSIFICATIONS,
	type Classification,
	LARGEST_PARTICLE,
	MEDIUM_TYPES,
	METHODS,
	type MediumType,
	PHOTO_STEPS,
} from "../../../../contracts/media.ts";
import { DEVIATIONS, type SanitizationPolicy } from "../../../../contracts/media-orders.ts";
import { chainProblems } from "../../../../contracts/media-policy.ts";

export const COERCIVITIES = ["hdd", "tape"] as const;
export const LIMITS = ["handOverMinutes", "personHours", "queuedHours"] as const;

export type Cell = `${MediumType}/${Classification}`;
export const cellOf = (type: MediumType, classification: Classification): Cell => `${type}/${classification}`;
export const CELLS = MEDIUM_TYPES.flatMap((type) =>
	CLASSIFICATIONS.map((classification) => ({ type, classification, cell: cellOf(type, classification) })),
);

export const chainLine = (chain: readonly ChainStep[]): string =>
	chain.map(({ method, particleMm }) => (particleMm === undefined ? method : `${method} ${particleMm}`)).join(" > ");

/** The chains of a type and class, one a line. */
export const cellText = ({ rules }: SanitizationPolicy, type: MediumType, classification: Classification): string =>
	(rules.find((rule) => rule.type === type && rule.classification === classification)?.chains ?? []).map(chainLine).join("\n");

const STEP = /^([a-z]+)(?:\s+(\d+(?:\.\d+)?))?(?:\s*mm)?$/i;
function stepOf(text: string): ChainStep | null {
	const [, name, size] = STEP.exec(text.trim()) ?? [];
	const method = METHODS.find((one) => one === name?.toLowerCase());
	if (!method) return null;
	if (size === undefined) return { method };
	const particleMm = Number(size);
	return particleMm > 0 && particleMm <= LARGEST_PARTICLE ? { method, particleMm } : null;
}

/** Reads what {@link cellText} writes. `wrong`: number of the first line that isn't so; an empty cell is wrong in its first. */
export function readCell(text: string): { chains: ChainStep[][]; wrong: number | null } {
	const chains: ChainStep[][] = [];
	for (const [place, line] of text.split("\n").entries()) {
		if (line.trim() === "") continue;
		const steps = line.split(">").map(stepOf);
		if (steps.some((step) => step === null)) return { chains, wrong: place + 1 };
		chains.push(steps.filter((step) => step !== null));
	}
	return { chains, wrong: chains.length === 0 ? 1 : null };
}

/** What no policy may say of a type, in the chains that a cell can be read as. */
export const cellProblems = (type: MediumType, text: string): string[] => readCell(text).chains.flatMap((chain) => chainProblems(type, chain));

type Coercivity = NonNullable<SanitizationPolicy["coercivities"]>[number];
/** Models that take more than their type, one a line: `hdd; Seagate; ST30000NM; 12000`. */
export const modelsText = ({ coercivities = [] }: SanitizationPolicy): string =>
	coercivities.map(({ type, maker, model, oersted }) => [type, maker, model, oersted].join("; ")).join("\n");

/** Reads what {@link modelsText} writes. `wrong`: number of the first line that isn't so, or takes no more than its type. */
export function readModels(text: string, usual: SanitizationPolicy["coercivityOe"]): { models: Coercivity[]; wrong: number | null } {
	const models: Coercivity[] = [];
	for (const [place, line] of text.split("\n").entries()) {
		if (line.trim() === "") continue;
		const [kind, maker = "", model = "", number = "", ...more] = line.split(";").map((part) => part.trim());
		const type = COERCIVITIES.find((one) => one === kind?.toLowerCase());
		const oersted = Number(number);
		if (!type || maker === "" || model === "" || more.length > 0 || !(oersted > usual[type] && oersted <= 100_000))
			return { models, wrong: place + 1 };
		models.push({ type, maker, model, oersted });
	}
	return { models, wrong: null };
}

export type Photos = NonNullable<SanitizationPolicy["photos"]>;
export type DeviationRules = NonNullable<SanitizationPolicy["deviations"]>;
/** What a policy from before there were such rules says: no photo is demanded, and what isn't planned is noted. */
export const photosOf = ({ photos }: SanitizationPolicy): Photos =>
	photos ?? (Object.fromEntries(PHOTO_STEPS.map((step) => [step, "optional"])) as Photos);
export const deviationsOf = ({ deviations }: SanitizationPolicy): DeviationRules =>
	deviations ?? (Object.fromEntries(DEVIATIONS.map((kind) => [kind, "note"])) as DeviationRules);

/** A policy that is being written. */
export interface PolicyDraft {
	cells: Readonly<Record<Cell, string>>;
	coercivityOe: SanitizationPolicy["coercivityOe"];
	models: string;
	photos: Photos;
	deviations: DeviationRules;
	limits: SanitizationPolicy["limits"];
}
export const draftOf = (policy: SanitizationPolicy): PolicyDraft => ({
	cells: Object.fromEntries(CELLS.map(({ type, classification, cell }) => [cell, cellText(policy, type, classification)])) as Record<Cell, string>,
	coercivityOe: policy.coercivityOe,
	models: modelsText(policy),
	photos: photosOf(policy),
	deviations: deviationsOf(policy),
	limits: policy.limits,
});

/** The policy that a draft says, or where it can't be read. */
export function policyOf(
	draft: PolicyDraft,
): { policy: SanitizationPolicy } | { wrong: { type: MediumType; classification: Classification; line: number } | { models: number } } {
	const rules: SanitizationPolicy["rules"] = [];
	for (const { type, classification, cell } of CELLS) {
		const { chains, wrong } = readCell(draft.cells[cell]);
		if (wrong !== null) return { wrong: { type, classification, line: wrong } };
		rules.push({ type, classification, chains });
	}
	const { models, wrong } = readModels(draft.models, draft.coercivityOe);
	if (wrong !== null) return { wrong: { models: wrong } };
	return {
		policy: {
			rules,
			coercivityOe: draft.coercivityOe,
			coercivities: models,
			photos: draft.photos,
			deviations: draft.deviations,
			limits: draft.limits,
		},
	};
}

/** Cells whose chains are not those of the version before. */
export const changedCells = (before: SanitizationPolicy, after: SanitizationPolicy): ReadonlySet<Cell> =>
	new Set(
		CELLS.filter(({ type, classification }) => cellText(before, type, classification) !== cellText(after, type, classification)).map(
			({ cell }) => cell,
		),
	);

/** Whether two policies say the same. */
export const isSame = (one: SanitizationPolicy, other: SanitizationPolicy): boolean => changedCells(one, other).size === 0 && sameRest(one, other);

const numbersOf = ({ coercivityOe, limits }: SanitizationPolicy) => [
	...COERCIVITIES.map((name) => coercivityOe[name]),
	...LIMITS.map((name) => limits[name]),
];
const rulesOf = (policy: SanitizationPolicy) => [
	...PHOTO_STEPS.map((step) => photosOf(policy)[step]),
	...DEVIATIONS.map((kind) => deviationsOf(policy)[kind]),
];
const sameRest = (one: SanitizationPolicy, other: SanitizationPolicy): boolean =>
	JSON.stringify([numbersOf(one), modelsText(one), rulesOf(one)]) === JSON.stringify([numbersOf(other), modelsText(other), rulesOf(other)]);
