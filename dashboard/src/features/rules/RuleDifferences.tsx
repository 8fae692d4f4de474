import { useTranslation } from "react-i18next";
import { type RuleText, ruleDifferences } from "../../../../contracts/rule-text.ts";
import { type Rule, ruleSchema } from "../../../../contracts/rules.ts";
import { useRuleWords } from "./use-rule-words.ts";

const parsed = (rule: RuleText | null): Rule | null => {
	const result = rule === null ? null : ruleSchema.safeParse(rule);
	return result?.success ? result.data : null;
};

/** Two rules field by field, in words; of one that is added or deleted all its fields. `null`: there is no such rule. */
export function RuleDifferences(props: {
	from: RuleText | null;
	to: RuleText | null;
	names: { from: string; to: string };
	fields?: readonly string[];
}) {
	const { t } = useTranslation();
	const words = useRuleWords();
	const { from, to, names } = props;
	const [before, after] = [parsed(from), parsed(to)];
	const fields = (props.fields ?? ruleDifferences(from, to).map(({ field }) => field)).filter(
		// What neither says in words, such as an empty list that is now written out, is no difference to people.
		(field) => (before && words.field(before, field)) !== (after && words.field(after, field)),
	);
	if (fields.length === 0) return <p className="panel-body">{t("rule.same")}</p>;
	const said = (rule: Rule | null, field: string) => {
		const text = rule && words.field(rule, field);
		return text ?? <span className="dim">{rule ? t("rule.absent") : t("rule.noSuchRule")}</span>;
	};
	return (
		<div className="table-scroll">
			<table className="plain-table rule-differences" data-testid="rule-differences">
				<thead>
					<tr>
						<th scope="col">{t("rule.field")}</th>
						<th scope="col">{names.from}</th>
						<th scope="col">{names.to}</th>
					</tr>
				</thead>
				<tbody>
					{fields.map((field) => (
						<tr key={field} data-field={field}>
							<th scope="row">{words.fieldName(field)}</th>
							<td className="wrap">{said(before, field)}</td>
							<td className="wrap">{said(after, field)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
