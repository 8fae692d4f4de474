import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ruleBookQuery, ruleById } from "../../api/rule-book.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { RuleForm } from "./RuleForm.tsx";
import { draftOf, suggestionsFor, TROUBLES, withSuggestions } from "./rule-draft.ts";

const route = getRouteApi("/rules/$rule/change");

/** A rule in force in its form, with what might help against the troubles that its alarms make. */
export function RuleFormPage() {
	const { t } = useTranslation();
	const { rule: id } = route.useParams();
	const { because = "" } = route.useSearch();
	const book = useQuery(ruleBookQuery);
	const troubles = TROUBLES.filter((trouble) => because.split(",").includes(trouble));
	return (
		<Loaded query={book} rows={12}>
			{(rules) => {
				const booked = ruleById(rules, id);
				if (!booked) return <Empty title={t("rule.notInForce")} hint={t("rule.notInForceHint")} />;
				const suggestions = suggestionsFor(booked.rule, troubles);
				const draft = withSuggestions(draftOf(booked.written), suggestions);
				return <RuleForm key={id} draft={draft} inForce={booked} suggestions={suggestions} troubles={troubles} />;
			}}
		</Loaded>
	);
}
