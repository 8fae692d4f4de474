import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { PRIORITIES } from "../../../../contracts/kinds.ts";
import { MEASURES, type Measure, RULE_KINDS } from "../../../../contracts/rules.ts";
import { fieldText, useServerWords } from "../../i18n/server-words.ts";
import { ExplanationFields, SuppressionFields } from "./RelationFields.tsx";
import { type DraftErrors, KIND_FIELDS, type RuleDraft, type TextField, withKind } from "./rule-draft.ts";
import { SelectorFields } from "./SelectorFields.tsx";
import { useRuleWords } from "./use-rule-words.ts";

interface RuleFieldsProps {
	draft: RuleDraft;
	errors: DraftErrors;
	/** Only a new rule gets an id. */
	isNew: boolean;
	onChange: (draft: RuleDraft) => void;
}

const DURATIONS: ReadonlySet<string> = new Set(["within", "after", "onDelay", "offDelay", "responseTime"]);
const NUMBERS: ReadonlySet<string> = new Set(["limit", "deadband", "change", "count"]);

/** Everything that a rule says, in groups: what raises it, on which points, after which delays, what it means and whom it calls. */
export function RuleFields({ draft, errors, isNew, onChange }: RuleFieldsProps) {
	const { t, i18n } = useTranslation();
	const words = useRuleWords();
	const serverWords = useServerWords();
	const { kind, texts } = draft;
	const set = (field: TextField, value: string) => onChange({ ...draft, texts: { ...texts, [field]: value } });
	const errorOf = (field: string) => {
		const message = errors[field];
		return message === undefined ? undefined : fieldText(serverWords, message);
	};
	const hintOf = (field: TextField) => {
		const own = i18n.exists(`rule.hints.${field}`) ? t(`rule.hints.${field}` as "rule.hints.id") : undefined;
		return field === "after" || !DURATIONS.has(field)
			? own
			: [own, t("rule.hints.duration")].filter((one) => one !== undefined).join(t("rule.says.semicolon"));
	};
	const text = (field: TextField, required = false) => (
		<TextInput
			key={field}
			name={field}
			label={words.fieldName(field)}
			description={hintOf(field)}
			required={required}
			inputMode={NUMBERS.has(field) ? "decimal" : undefined}
			error={errorOf(field)}
			value={texts[field] ?? ""}
			onChange={(event) => set(field, event.currentTarget.value)}
		/>
	);
	const area = (field: "cause" | "consequence" | "action") => (
		<Textarea
			key={field}
			name={field}
			label={words.fieldName(field)}
			required
			autosize
			minRows={2}
			maxLength={500}
			error={errorOf(field)}
			value={texts[field] ?? ""}
			onChange={(event) => set(field, event.currentTarget.value)}
		/>
	);
	const select = (field: TextField, data: readonly { value: string; label: string }[]) => (
		<NativeSelect
			key={field}
			name={field}
			label={words.fieldName(field)}
			error={errorOf(field)}
			value={texts[field] ?? ""}
			data={[...data]}
			onChange={(event) => set(field, event.currentTarget.value)}
		/>
	);
	const of = <V extends string>(values: readonly V[], label: (value: V) => string) => values.map((value) => ({ value, label: label(value) }));
	const choices: Partial<Record<TextField, readonly { value: string; label: string }[]>> = {
		level: of(["high-high", "high", "low", "low-low"] as const, (level) => t(`rule.levels.${level}`)),
		direction: of(["rise", "fall", "either"] as const, (direction) => t(`rule.directions.${direction}`)),
		measure: of(Object.keys(MEASURES) as Measure[], (measure) => t(`rule.measures.${measure}`)),
		per: of(kind === "access-count" ? (["door", "reader", "person"] as const) : (["device", "rack", "room"] as const), (per) =>
			t(`rule.pers.${per}`),
		),
		result: of(["denied", "granted"] as const, (result) => t(`rule.results.${result}`)),
	};
	const optional: ReadonlySet<string> = new Set(["deadband", "after", ...(kind === "count" ? ["states"] : [])]);
	return (
		<>
			<Group title={t("rule.form.what")}>
				{isNew && text("id", true)}
				{text("name", true)}
				<NativeSelect
					name="kind"
					label={words.fieldName("kind")}
					value={kind}
					data={of(RULE_KINDS, (one) => t(`rule.kinds.${one}`))}
					onChange={(event) => onChange(withKind(draft, RULE_KINDS.find((one) => one === event.currentTarget.value) ?? kind))}
				/>
				{KIND_FIELDS[kind].map((field) => {
					const data = choices[field];
					return data ? select(field, data) : text(field, !optional.has(field));
				})}
				{select(
					"priority",
					of(PRIORITIES, (priority) => t(`priority.${priority}`)),
				)}
			</Group>
			<Group title={t("rule.form.which")} hint={t("rule.form.whichHint")}>
				<SelectorFields on={draft.on} errorOf={errorOf} onChange={(on) => onChange({ ...draft, on })} />
			</Group>
			<Group title={t("rule.form.delays")}>
				{text("onDelay")}
				{text("offDelay")}
				<label className="check">
					<input
						type="checkbox"
						name="latching"
						checked={draft.latching}
						onChange={(event) => onChange({ ...draft, latching: event.currentTarget.checked })}
					/>
					<span>
						{words.fieldName("latching")}
						{t("rule.says.colon")}
						{t("rule.hints.latching")}
					</span>
				</label>
			</Group>
			<Group title={t("rule.form.causes")} hint={t("rule.form.causesHint")}>
				<ExplanationFields explains={draft.explains} errorOf={errorOf} onChange={(explains) => onChange({ ...draft, explains })} />
				<SuppressionFields suppression={draft.suppression} errorOf={errorOf} onChange={(suppression) => onChange({ ...draft, suppression })} />
			</Group>
			<Group title={t("rule.form.who")}>
				{(["cause", "consequence", "action"] as const).map(area)}
				{text("responseTime", true)}
				{text("receivers", true)}
			</Group>
		</>
	);
}

function Group({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
	return (
		<fieldset className="panel rule-group">
			<legend>{title}</legend>
			{hint && <p className="dim rule-whole">{hint}</p>}
			{children}
		</fieldset>
	);
}
