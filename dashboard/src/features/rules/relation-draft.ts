/** What a rule says of other alarms and points, in a form: which alarms its own explain, and what suppresses it by design; pure. */
import type { RuleText } from "../../../../contracts/rule-text.ts";
import type { Where } from "../../../../contracts/rules.ts";
import { ANY_POINT, listOf, many, type SelectorDraft, selectorDraftOf, selectorOf } from "./selector-draft.ts";

export interface ExplanationDraft {
	/** Ids of rules, with commas. */
	rules: string;
	pointKind: readonly string[];
	deviceKind: readonly string[];
	where: Where;
	/** Durations as they are written. */
	before: string;
	within: string;
}
export interface SuppressionDraft {
	on: SelectorDraft;
	/** With commas. */
	states: string;
	where: Where;
}

export const EMPTY_EXPLANATION: ExplanationDraft = { rules: "", pointKind: [], deviceKind: [], where: "room", before: "2min", within: "15min" };
export const EMPTY_SUPPRESSION: SuppressionDraft = { on: ANY_POINT, states: "", where: "device" };

/** A state that a point has, as it is written: `true` and `false` are no texts. */
const stateOf = (text: string): string | boolean => (text === "true" ? true : text === "false" ? false : text);
/** States with commas; what is empty says nothing. */
export const statesOf = (text: string | undefined): (string | boolean)[] | undefined =>
	(text ?? "").trim() === "" ? undefined : listOf(text).map(stateOf);

export const explanationDraftOf = (explanation: NonNullable<RuleText["explains"]>[number]): ExplanationDraft => ({
	rules: many(explanation.rules).join(", "),
	pointKind: many(explanation.pointKind),
	deviceKind: many(explanation.deviceKind),
	where: explanation.where,
	before: explanation.before ?? EMPTY_EXPLANATION.before,
	within: explanation.within ?? EMPTY_EXPLANATION.within,
});
export const suppressionDraftOf = ({ on, states, where = "device" }: NonNullable<RuleText["suppressedWhile"]>): SuppressionDraft => ({
	on: selectorDraftOf(on),
	states: states.map(String).join(", "),
	where,
});

/** What the forms say, with what is wrong in them. */
export const explanationOf = ({ rules, pointKind, deviceKind, where, before, within }: ExplanationDraft) => ({
	...(listOf(rules).length > 0 && { rules: listOf(rules) }),
	...(pointKind.length > 0 && { pointKind }),
	...(deviceKind.length > 0 && { deviceKind }),
	where,
	before: before.trim(),
	within: within.trim(),
});
export const suppressionOf = ({ on, states, where }: SuppressionDraft) => ({ on: selectorOf(on), states: statesOf(states), where });
