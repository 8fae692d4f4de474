import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { z } from "zod";
import { ruleDifferences } from "../../../../contracts/rule-text.ts";
import { ReplayFound } from "./ReplayFound.tsx";
import { RuleDifferences } from "./RuleDifferences.tsx";
import type { ruleChangeSchema } from "./rule-sides.ts";
import "./rules.css";

/** For who decides: what of a rule changes, in words, and what the changed rule would have done. */
export function RuleChange({ id, change: { before, after } }: { id: string; change: z.output<typeof ruleChangeSchema> }) {
	const { t } = useTranslation();
	const same = before.rule !== null && after.rule !== null && ruleDifferences(before.rule, after.rule).length === 0;
	return (
		<div className="stack" data-testid="rule-change">
			<div>
				<h3>{t("rule.decision.differences")}</h3>
				{same ? (
					<p>{t("rule.decision.nothing")}</p>
				) : (
					<RuleDifferences from={before.rule} to={after.rule} names={{ from: t("change.before"), to: t("change.after") }} />
				)}
			</div>
			<div>
				<h3>{t("rule.replay.title")}</h3>
				{after.replay ? <ReplayFound replay={after.replay} /> : <p className="dim">{t("rule.decision.noReplay")}</p>}
			</div>
			<p>
				<Link to="/rules/$rule" params={{ rule: id }}>
					{t("rule.decision.rule")}
				</Link>
			</p>
		</div>
	);
}
