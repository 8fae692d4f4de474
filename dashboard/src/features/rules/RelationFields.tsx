import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { WHERE, type Where } from "../../../../contracts/rules.ts";
import { EMPTY_EXPLANATION, EMPTY_SUPPRESSION, type ExplanationDraft, type SuppressionDraft } from "./relation-draft.ts";
import { SelectorFields, Several } from "./SelectorFields.tsx";
import { useRuleWords } from "./use-rule-words.ts";

type ErrorOf = (field: string) => string | undefined;

/** Which alarms follow from the rule's own (ALM-6): each line names rules or kinds, the place and the times. */
export function ExplanationFields(props: {
	explains: readonly ExplanationDraft[];
	errorOf: ErrorOf;
	onChange: (explains: readonly ExplanationDraft[]) => void;
}) {
	const { t } = useTranslation();
	const { explains, errorOf, onChange } = props;
	return (
		<>
			{explains.map((explanation, index) => (
				<Explanation
					// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place, in the rule as in what is wrong with it
					key={index}
					explanation={explanation}
					prefix={`explains.${index}`}
					number={index + 1}
					errorOf={errorOf}
					onChange={(next) => onChange(explains.map((one, at) => (at === index ? next : one)))}
					onRemove={() => onChange(explains.filter((_, at) => at !== index))}
				/>
			))}
			<div className="rule-whole">
				<Button size="xs" variant="default" data-testid="rule-explain" onClick={() => onChange([...explains, EMPTY_EXPLANATION])}>
					{t("rule.form.addExplanation")}
				</Button>
			</div>
		</>
	);
}

function Explanation(props: {
	explanation: ExplanationDraft;
	prefix: string;
	number: number;
	errorOf: ErrorOf;
	onChange: (explanation: ExplanationDraft) => void;
	onRemove: () => void;
}) {
	const { t } = useTranslation();
	const { explanation, prefix, number, errorOf, onChange, onRemove } = props;
	const set = (part: Partial<ExplanationDraft>) => onChange({ ...explanation, ...part });
	const text = (field: "rules" | "before" | "within", label: string, hint: string) => (
		<TextInput
			name={`${prefix}.${field}`}
			label={label}
			description={hint}
			error={errorOf(`${prefix}.${field}`)}
			value={explanation[field]}
			onChange={(event) => set({ [field]: event.currentTarget.value })}
		/>
	);
	const error = errorOf(prefix);
	return (
		<fieldset className="rule-relation rule-whole" data-testid="rule-explanation">
			<legend className="dim">{t("rule.form.explanation", { number })}</legend>
			{text("rules", t("rule.fields.explained"), t("rule.hints.explained"))}
			{(["pointKind", "deviceKind"] as const).map((field) => (
				<Several
					key={field}
					field={field}
					chosen={explanation[field]}
					error={errorOf(`${prefix}.${field}`)}
					onChange={(chosen) => set({ [field]: chosen })}
				/>
			))}
			<WhereField name={`${prefix}.where`} value={explanation.where} onChange={(where) => set({ where })} />
			{text("before", t("rule.fields.explainedBefore"), t("rule.hints.duration"))}
			{text("within", t("rule.fields.explainedWithin"), t("rule.hints.duration"))}
			<Button size="xs" variant="default" onClick={onRemove}>
				{t("rule.form.removeExplanation", { number })}
			</Button>
			{error !== undefined && <p className="form-error rule-whole">{error}</p>}
		</fieldset>
	);
}

/** What suppresses the rule's alarms by design (ISA-18.2): a state of other points in the same place. */
export function SuppressionFields(props: {
	suppression: SuppressionDraft | null;
	errorOf: ErrorOf;
	onChange: (suppression: SuppressionDraft | null) => void;
}) {
	const { t } = useTranslation();
	const words = useRuleWords();
	const { suppression, errorOf, onChange } = props;
	return (
		<>
			<label className="check rule-whole">
				<input
					type="checkbox"
					name="suppressed"
					checked={suppression !== null}
					onChange={(event) => onChange(event.currentTarget.checked ? EMPTY_SUPPRESSION : null)}
				/>
				<span>
					{words.fieldName("suppressedWhile")}
					{t("rule.says.colon")}
					{t("rule.hints.suppressedWhile")}
				</span>
			</label>
			{suppression && (
				<>
					<SelectorFields on={suppression.on} prefix="suppressedWhile.on." errorOf={errorOf} onChange={(on) => onChange({ ...suppression, on })} />
					<TextInput
						name="suppressedWhile.states"
						label={words.fieldName("states")}
						description={t("rule.hints.states")}
						required
						error={errorOf("suppressedWhile.states")}
						value={suppression.states}
						onChange={(event) => onChange({ ...suppression, states: event.currentTarget.value })}
					/>
					<WhereField name="suppressedWhile.where" value={suppression.where} onChange={(where) => onChange({ ...suppression, where })} />
				</>
			)}
		</>
	);
}

function WhereField({ name, value, onChange }: { name: string; value: Where; onChange: (where: Where) => void }) {
	const { t } = useTranslation();
	return (
		<NativeSelect
			name={name}
			label={t("rule.fields.where")}
			value={value}
			data={WHERE.map((where) => ({ value: where, label: t(`rule.wheres.${where}`) }))}
			onChange={(event) => onChange(WHERE.find((where) => where === event.currentTarget.value) ?? value)}
		/>
	);
}
