import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Proposal } from "../../../../contracts/changes.ts";
import { type BookedRule, type RuleVersion, ruleBookQuery, ruleById, ruleVersionsQuery } from "../../api/rule-book.ts";
import { FactRows } from "../../ui/FactRows.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { PriorityMark } from "../../ui/PriorityMark.tsx";
import { ProposeDialog } from "../changes/ProposeDialog.tsx";
import { useMay } from "../session/session-context.ts";
import { RuleVersions } from "./RuleVersions.tsx";
import { useRuleWords } from "./use-rule-words.ts";
import "./rules.css";

const route = getRouteApi("/rules/$rule");

/** What a person asks of a rule beside its form: that it goes, or that it is as it was. */
export type RuleAct = Exclude<Extract<Proposal, { kind: "rule" }>["change"], { act: "set" }>;

/** One rule: what it says, where it comes from, every version that was agreed on, and what may be proposed about it. */
export function RulePage() {
	const { t } = useTranslation();
	const { rule } = route.useParams();
	const book = useQuery(ruleBookQuery);
	const versions = useQuery(ruleVersionsQuery(rule));
	return (
		<div className="page" key={rule}>
			<Loaded query={versions} rows={10}>
				{(said) => (
					<Loaded query={book} rows={10}>
						{(rules) => <OneRule id={rule} booked={ruleById(rules, rule)} versions={said} />}
					</Loaded>
				)}
			</Loaded>
			<p>
				<Link to="/rules">{t("rule.back")}</Link>
			</p>
		</div>
	);
}

function OneRule({ id, booked, versions }: { id: string; booked: BookedRule | null; versions: readonly RuleVersion[] }) {
	const { t } = useTranslation();
	const navigate = route.useNavigate();
	const proposes = useMay("rules.propose");
	const [asking, setAsking] = useState<RuleAct | null>(null);
	const titles = { delete: t("rule.proposeDelete"), "follow-file": t("rule.proposeFollow") };
	const title = (act: RuleAct) =>
		act.act !== "roll-back"
			? titles[act.act]
			: act.version === 0
				? t("rule.proposeRollBackFile")
				: t("rule.proposeRollBack", { version: act.version });
	const inFile = versions.at(-1)?.file != null;
	return (
		<>
			<div className="page-head">
				<h1>{booked?.rule.name ?? id}</h1>
				{booked && <PriorityMark priority={booked.rule.priority} unacknowledged={false} />}
			</div>
			{booked ? <Facts booked={booked} /> : <Empty title={t("rule.notInForce")} hint={t("rule.notInForceHint")} />}
			{proposes && (
				<div className="actions">
					{booked && (
						<>
							<Link to="/rules/$rule/change" params={{ rule: id }} className="rule-act" data-testid="propose-change">
								{t("rule.proposeChange")}
							</Link>
							<Button variant="default" onClick={() => setAsking({ act: "delete" })}>
								{t("rule.proposeDelete")}
							</Button>
						</>
					)}
					{inFile && (booked === null || booked.source === "agreed") && (
						<Button variant="default" onClick={() => setAsking({ act: "follow-file" })}>
							{t("rule.proposeFollow")}
						</Button>
					)}
				</div>
			)}
			<RuleVersions id={id} versions={versions} onRollBack={proposes ? (version) => setAsking({ act: "roll-back", version }) : null} />
			{asking && (
				<ProposeDialog
					title={title(asking)}
					subject={booked?.rule.name ?? id}
					testId="propose-rule-act"
					reasonFirst
					proposal={(reason) => ({ kind: "rule", rule: id, change: asking, reason })}
					onClose={() => setAsking(null)}
					onDone={() => void navigate({ to: "/changes", search: { tab: "mine" } })}
				/>
			)}
		</>
	);
}

function Facts({ booked: { rule, points, source, version, fileChanged } }: { booked: BookedRule }) {
	const { t } = useTranslation();
	const words = useRuleWords();
	const rows: [field: string, text: string | null][] = [
		[t("rule.condition"), words.condition(rule)],
		[t("rule.target"), words.target(rule.on)],
		[t("rule.watches"), t("rule.watched", { count: points })],
		...(["deadband", "offDelay", "latching"] as const).flatMap((field): [string, string | null][] => {
			const set = field === "latching" ? rule.latching : (field === "offDelay" ? rule.offDelay : "deadband" in rule ? rule.deadband : 0) > 0;
			return set ? [[words.fieldName(field), words.field(rule, field)]] : [];
		}),
		[t("rule.responseTime"), words.field(rule, "responseTime")],
		[t("rule.receivers"), rule.receivers.length > 0 ? `${words.receivers(rule.receivers)} (${t("rule.besides")})` : t("rule.standard")],
		[t("rule.origin"), source === "agreed" ? t("rule.versionOf", { version }) : t("rule.sources.file")],
		...(rule.suppressedWhile ? [[words.fieldName("suppressedWhile"), words.field(rule, "suppressedWhile")] satisfies [string, string | null]] : []),
		...(rule.explains.length > 0 ? [[words.fieldName("explains"), words.field(rule, "explains")] satisfies [string, string | null]] : []),
	];
	return (
		<section className="panel panel-body stack" aria-label={t("rule.name")} data-testid="rule-facts" data-version={version}>
			{fileChanged && (
				<p className="note">
					<strong>{t("rule.fileChanged")}.</strong> {t("rule.fileChangedText")}
				</p>
			)}
			<dl className="facts rule-facts">
				<FactRows facts={rows.map(([name, text]) => [name, text ?? <span className="dim">{t("rule.absent")}</span>] as const)} />
			</dl>
			<dl className="facts rule-meaning">
				<FactRows
					facts={(["cause", "consequence", "action"] as const).map(
						(field) => [words.fieldName(field), rule[field] || <span className="dim">{t("rule.absent")}</span>] as const,
					)}
				/>
			</dl>
		</section>
	);
}
