/** Which points, in a form: what is chosen of what there is, and ids written with commas; pure. */
import type { RuleText } from "../../../../contracts/rule-text.ts";

type SelectorText = RuleText["on"];
/** Chosen from what there is. */
export const CHOSEN = ["pointKind", "deviceKind", "room"] as const;
export type Chosen = (typeof CHOSEN)[number];
/** Written as a list, with commas. */
export const LISTED = ["rack", "device", "point"] as const;
export interface SelectorDraft {
	chosen: Readonly<Record<Chosen, readonly string[]>>;
	listed: Readonly<Record<(typeof LISTED)[number], string>>;
}

export const ANY_POINT: SelectorDraft = { chosen: { pointKind: [], deviceKind: [], room: [] }, listed: { rack: "", device: "", point: "" } };

export const listOf = (text: string | undefined): string[] => (text ?? "").split(/[,\s，、]+/).filter((one) => one !== "");
export const many = (value: string | readonly string[] | undefined): readonly string[] =>
	value === undefined ? [] : typeof value === "string" ? [value] : value;

/** The form of a selector. */
export const selectorDraftOf = (on: SelectorText): SelectorDraft => ({
	chosen: { pointKind: many(on.pointKind), deviceKind: many(on.deviceKind), room: many(on.room) },
	listed: { rack: many(on.rack).join(", "), device: many(on.device).join(", "), point: many(on.point).join(", ") },
});

/** The selector that a form says, with what is wrong in it. */
export const selectorOf = ({ chosen, listed }: SelectorDraft): Readonly<Record<string, readonly string[]>> =>
	Object.fromEntries(
		[...CHOSEN.map((field) => [field, chosen[field]] as const), ...LISTED.map((field) => [field, listOf(listed[field])] as const)].filter(
			([, list]) => list.length > 0,
		),
	);
