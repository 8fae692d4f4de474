/** The policy of destruction as people read and write it: a table of chains, one a line (`degauss > shred 20`); pure. */
import {
	type ChainStep,
	CLASSIFICATIONS,
	type Classification,
	LARGEST_PARTICLE,
	MEDIUM_TYPES,
	METHODS,
	type MediumType,
} from "../../../../contracts/media.ts";
import type { SanitizationPolicy } from "../../../../contracts/media-orders.ts";
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

/** A policy that is being written. */
export interface PolicyDraft {
	cells: Readonly<Record<Cell, string>>;
	coercivityOe: SanitizationPolicy["coercivityOe"];
	limits: SanitizationPolicy["limits"];
}
export const draftOf = (policy: SanitizationPolicy): PolicyDraft => ({
	cells: Object.fromEntries(CELLS.map(({ type, classification, cell }) => [cell, cellText(policy, type, classification)])) as Record<Cell, string>,
	coercivityOe: policy.coercivityOe,
	limits: policy.limits,
});

/** The policy that a draft says, or where it can't be read. */
export function policyOf(
	draft: PolicyDraft,
): { policy: SanitizationPolicy } | { wrong: { type: MediumType; classification: Classification; line: number } } {
	const rules: SanitizationPolicy["rules"] = [];
	for (const { type, classification, cell } of CELLS) {
		const { chains, wrong } = readCell(draft.cells[cell]);
		if (wrong !== null) return { wrong: { type, classification, line: wrong } };
		rules.push({ type, classification, chains });
	}
	return { policy: { rules, coercivityOe: draft.coercivityOe, limits: draft.limits } };
}

/** Cells whose chains are not those of the version before. */
export const changedCells = (before: SanitizationPolicy, after: SanitizationPolicy): ReadonlySet<Cell> =>
	new Set(
		CELLS.filter(({ type, classification }) => cellText(before, type, classification) !== cellText(after, type, classification)).map(
			({ cell }) => cell,
		),
	);

/** Whether two policies say the same. */
export const isSame = (one: SanitizationPolicy, other: SanitizationPolicy): boolean =>
	changedCells(one, other).size === 0 && JSON.stringify([one.coercivityOe, one.limits]) === JSON.stringify([other.coercivityOe, other.limits]);
