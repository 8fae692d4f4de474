import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { DEVICE_KINDS, pointKindSchema } from "../../../../contracts/kinds.ts";
import { useSite } from "../../ui/site-context.ts";
import { CHOSEN, type Chosen, LISTED, type SelectorDraft } from "./selector-draft.ts";
import { useRuleWords } from "./use-rule-words.ts";

interface SelectorFieldsProps {
	on: SelectorDraft;
	/** Names of the fields begin with it. */
	prefix?: string;
	errorOf: (field: string) => string | undefined;
	onChange: (on: SelectorDraft) => void;
}

/** Which points: by what they are and where. */
export function SelectorFields({ on, prefix = "", errorOf, onChange }: SelectorFieldsProps) {
	const { t } = useTranslation();
	const words = useRuleWords();
	const error = errorOf(prefix === "" ? "on" : prefix.slice(0, -1));
	return (
		<>
			{CHOSEN.map((field) => (
				<Several
					key={field}
					field={field}
					chosen={on.chosen[field]}
					error={errorOf(prefix + field)}
					onChange={(next) => onChange({ ...on, chosen: { ...on.chosen, [field]: next } })}
				/>
			))}
			{LISTED.map((field) => (
				<TextInput
					key={field}
					name={prefix + field}
					label={words.fieldName(field)}
					description={t("rule.hints.list")}
					error={errorOf(prefix + field)}
					value={on.listed[field]}
					onChange={(event) => onChange({ ...on, listed: { ...on.listed, [field]: event.currentTarget.value } })}
				/>
			))}
			{error !== undefined && <p className="form-error rule-whole">{error}</p>}
		</>
	);
}

/** Several of what there is; the list opens at a press. */
export function Several(props: {
	field: Chosen;
	chosen: readonly string[];
	error: string | undefined;
	onChange: (chosen: readonly string[]) => void;
}) {
	const { t } = useTranslation();
	const words = useRuleWords();
	const site = useSite();
	const { field, chosen, error, onChange } = props;
	const options = {
		pointKind: () => pointKindSchema.options.map((value) => ({ value, label: t(`pointKind.${value}`) })),
		deviceKind: () => DEVICE_KINDS.map((value) => ({ value, label: t(`kind.${value}`) })),
		room: () => site.rooms.map(({ id, name }) => ({ value: id, label: name })),
	}[field]();
	const labels = options.filter(({ value }) => chosen.includes(value)).map(({ label }) => label);
	return (
		<details className="rule-several" data-field={field}>
			<summary>
				<span className="dim">{words.fieldName(field)}</span> {labels.length === 0 ? t("rule.form.any") : labels.join(t("rule.says.or"))}
			</summary>
			<div className="rule-options">
				{options.map(({ value, label }) => (
					<label key={value} className="check">
						<input
							type="checkbox"
							checked={chosen.includes(value)}
							onChange={(event) => {
								const { checked } = event.currentTarget;
								onChange(options.flatMap((one) => ((one.value === value ? checked : chosen.includes(one.value)) ? one.value : [])));
							}}
						/>
						<span>{label}</span>
					</label>
				))}
			</div>
			{error !== undefined && <p className="form-error">{error}</p>}
		</details>
	);
}
