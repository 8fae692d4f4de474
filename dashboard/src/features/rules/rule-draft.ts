/** A rule in a form: every field as it stands on the page, and back to a rule; pure. */
import { inWords } from "../../../../contracts/in-words.ts";
import { type RuleText, ruleText } from "../../../../contracts/rule-text.ts";
import { missingWords } from "../../../../contracts/rule-words.ts";
import { durationSchema, type Rule, ruleSchema } from "../../../../contracts/rules.ts";
import {
	type ExplanationDraft,
	explanationDraftOf,
	explanationOf,
	type SuppressionDraft,
	statesOf,
	suppressionDraftOf,
	suppressionOf,
} from "./relation-draft.ts";
import { ANY_POINT, listOf, type SelectorDraft, selectorDraftOf, selectorOf } from "./selector-draft.ts";

export type RuleKind = Rule["kind"];
/** What each kind has beside what all have, in the order of the form. */
export const KIND_FIELDS = {
	limit: ["level", "limit", "deadband"],
	rate: ["direction", "change", "within"],
	state: ["states"],
	"no-data": ["after"],
	count: ["count", "within", "states"],
	combination: ["per", "measure", "level", "limit", "deadband"],
	"access-count": ["per", "result", "count", "within"],
} as const satisfies Record<RuleKind, readonly string[]>;
export type KindField = (typeof KIND_FIELDS)[RuleKind][number];
const WORDS = ["id", "name", "priority", "onDelay", "offDelay", "cause", "consequence", "action", "responseTime", "receivers"] as const;
export type TextField = KindField | (typeof WORDS)[number];

export interface RuleDraft {
	kind: RuleKind;
	texts: Readonly<Partial<Record<TextField, string>>>;
	on: SelectorDraft;
	latching: boolean;
	/** `null`: by nothing. */
	suppression: SuppressionDraft | null;
	explains: readonly ExplanationDraft[];
}

const NUMBERS: ReadonlySet<string> = new Set(["limit", "deadband", "change", "count"]);

export const EMPTY_DRAFT: RuleDraft = {
	kind: "limit",
	texts: { priority: "medium", level: "high", direction: "either", per: "room", measure: "mean", result: "denied" },
	on: ANY_POINT,
	latching: false,
	suppression: null,
	explains: [],
};

/** The form of a rule. */
export function draftOf(rule: RuleText): RuleDraft {
	const { on, suppressedWhile, explains = [], latching = false, ...fields } = rule;
	const texts: Partial<Record<string, string>> = { ...EMPTY_DRAFT.texts };
	for (const [field, value] of Object.entries(fields))
		if (value !== undefined && field !== "kind") texts[field] = Array.isArray(value) ? value.map(String).join(", ") : String(value);
	return {
		kind: rule.kind,
		texts,
		on: selectorDraftOf(on),
		latching,
		suppression: suppressedWhile ? suppressionDraftOf(suppressedWhile) : null,
		explains: explains.map(explanationDraftOf),
	};
}

/** By field: what was expected, in the server's words. */
export type DraftErrors = Readonly<Partial<Record<string, string>>>;
export type Read = { definition: RuleText; errors: null } | { definition: null; errors: DraftErrors };

/** The rule that the form says; also refused is what a proposal may not leave out: level and target are the rule's own, whom to tell and what to do isn't. */
export function definitionOf(draft: RuleDraft): Read {
	const { kind, texts, on, latching, suppression, explains } = draft;
	const word = (field: TextField) => texts[field]?.trim() ?? "";
	const given = (field: TextField): unknown => {
		const text = word(field);
		if (field === "states") return statesOf(text);
		if (text === "") return undefined;
		return NUMBERS.has(field) ? Number(text) : text;
	};
	const fields = ["id", "name", "priority", ...KIND_FIELDS[kind], "onDelay", "offDelay", "cause", "consequence", "action", "responseTime"] as const;
	const said = Object.fromEntries(fields.map((field) => [field, given(field)]));
	const relations = { ...(suppression && { suppressedWhile: suppressionOf(suppression) }), explains: explains.map(explanationOf) };
	const whole = { kind, on: selectorOf(on), ...said, latching, receivers: listOf(texts.receivers), ...relations };
	const parsed = ruleSchema.safeParse(whole, { error: inWords });
	const errors: Partial<Record<string, string>> = {};
	for (const { path, message } of parsed.error?.issues ?? []) errors[fieldOf(path)] ??= message;
	const words = { cause: word("cause"), consequence: word("consequence"), action: word("action"), responseTime: durationOf(word("responseTime")) };
	for (const { field, message } of missingWords(words)) errors[field] ??= message;
	if (listOf(texts.receivers).length === 0) errors.receivers ??= "expected at least one receiver";
	if (!parsed.success || Object.keys(errors).length > 0) return { definition: null, errors };
	return { definition: ruleText(parsed.data), errors: null };
}

/** ms; `undefined` for what is no duration. */
const durationOf = (text: string): number | undefined => durationSchema.safeParse(text).data;

/** The field of the form that stands at a place in the rule: its name, or its path where it is one of several. */
function fieldOf([first, ...rest]: readonly PropertyKey[]): string {
	const depth = { on: 1, suppressedWhile: rest[0] === "on" ? 2 : 1, explains: 2 }[String(first)] ?? 0;
	return [first, ...rest.slice(0, depth)].map(String).join(".");
}

export const TROUBLES = ["chattering", "fleeting", "stale"] as const;
/** What is wrong with an alarm, by the quality figures. */
export type Trouble = (typeof TROUBLES)[number];
/** What might help: a value to begin with, for who proposes to judge. */
export interface Suggestion {
	field: "onDelay" | "offDelay" | "deadband";
	value: string;
	because: Trouble;
}

const MINUTE = 60_000;
/**
 * A chattering alarm gets an off-delay and a dead-band of a hundredth of its limit, a fleeting one an on-delay of the minute within which it
 * would have gone. For one that stays active for days no setting helps: whether it is an alarm is the question.
 */
export function suggestionsFor(rule: Rule, troubles: readonly Trouble[]): Suggestion[] {
	if (rule.kind === "access-count") return [];
	const suggestions: Suggestion[] = [];
	if (troubles.includes("chattering")) {
		if (rule.offDelay < MINUTE) suggestions.push({ field: "offDelay", value: "1min", because: "chattering" });
		const step = "limit" in rule && rule.deadband === 0 ? Number((Math.abs(rule.limit) / 100).toPrecision(1)) : 0;
		if (step > 0) suggestions.push({ field: "deadband", value: String(step), because: "chattering" });
	}
	if (troubles.includes("fleeting") && rule.onDelay < MINUTE) suggestions.push({ field: "onDelay", value: "1min", because: "fleeting" });
	return suggestions;
}

/** The form with what is suggested in the place of what is. */
export const withSuggestions = (draft: RuleDraft, suggestions: readonly Suggestion[]): RuleDraft => ({
	...draft,
	texts: { ...draft.texts, ...Object.fromEntries(suggestions.map(({ field, value }) => [field, value])) },
});

/** The form with another kind of rule in it; what both kinds have stays. */
export const withKind = (draft: RuleDraft, kind: RuleKind): RuleDraft => ({
	...draft,
	kind,
	texts: { ...draft.texts, per: kind === "access-count" ? "door" : "room" },
});
