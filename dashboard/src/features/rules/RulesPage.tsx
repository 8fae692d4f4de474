import { NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useDeferredValue } from "react";
import { useTranslation } from "react-i18next";
import { PRIORITIES } from "../../../../contracts/kinds.ts";
import { RULE_KINDS } from "../../../../contracts/rules.ts";
import { type BookedRule, deletedRulesQuery, ruleBookQuery } from "../../api/rule-book.ts";
import { Empty, Failed, Loaded } from "../../ui/Loaded.tsx";
import { moveBetweenRows } from "../../ui/list-keys.ts";
import { PriorityMark } from "../../ui/PriorityMark.tsx";
import { usePreference } from "../../ui/preferences.ts";
import { useMay } from "../session/session-context.ts";
import { RuleForm } from "./RuleForm.tsx";
import { EMPTY_DRAFT } from "./rule-draft.ts";
import { useRuleWords } from "./use-rule-words.ts";
import "./rules.css";

const route = getRouteApi("/rules");

/** Every rule in force, in words, to be searched; and the way to propose a new one. */
export function RulesPage() {
	const { t } = useTranslation();
	const { add } = route.useSearch();
	const rules = useQuery(ruleBookQuery);
	const proposes = useMay("rules.propose");
	if (add !== undefined) return <RuleForm draft={EMPTY_DRAFT} inForce={null} suggestions={[]} troubles={[]} />;
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("rule.title")}</h1>
				{proposes && (
					<Link to="/rules" search={{ add: "yes" }}>
						{t("rule.add")}
					</Link>
				)}
			</div>
			<p className="dim">{t("rule.about")}</p>
			<Loaded query={rules} rows={10}>
				{(list) => (list.length === 0 ? <Empty title={t("rule.none")} hint={t("rule.noneHint")} /> : <RuleTable rules={list} />)}
			</Loaded>
			<Deleted />
		</div>
	);
}

function RuleTable({ rules }: { rules: readonly BookedRule[] }) {
	const { t } = useTranslation();
	const words = useRuleWords();
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const singleKeys = usePreference((preferences) => preferences.shortcuts);
	const text = useDeferredValue(search.search ?? "").toLowerCase();
	const fits = ({ rule }: BookedRule) =>
		(search.kind === undefined || rule.kind === search.kind) &&
		(search.priority === undefined || rule.priority === search.priority) &&
		(text === "" ||
			[rule.id, rule.name, words.condition(rule), words.target(rule.on), words.receivers(rule.receivers), rule.cause, rule.action].some((said) =>
				said.toLowerCase().includes(text),
			));
	const shown = rules.filter(fits);
	const set = (change: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
	return (
		<>
			<div className="filters">
				<TextInput
					type="search"
					aria-label={t("rule.search")}
					placeholder={t("rule.search")}
					value={search.search ?? ""}
					onChange={(event) => set({ search: event.currentTarget.value || undefined })}
				/>
				<NativeSelect
					aria-label={t("rule.kind")}
					value={search.kind ?? ""}
					data={[
						{ value: "", label: t("rule.anyKind") },
						...RULE_KINDS.filter((kind) => rules.some(({ rule }) => rule.kind === kind)).map((kind) => ({
							value: kind,
							label: t(`rule.kinds.${kind}`),
						})),
					]}
					onChange={(event) => set({ kind: event.currentTarget.value || undefined })}
				/>
				<NativeSelect
					aria-label={t("rule.priority")}
					value={search.priority ?? ""}
					data={[{ value: "", label: t("rule.anyPriority") }, ...PRIORITIES.map((one) => ({ value: one, label: t(`priority.${one}`) }))]}
					onChange={(event) => set({ priority: event.currentTarget.value || undefined })}
				/>
				<span role="status">{t("rule.shown", { shown: shown.length, total: rules.length })}</span>
			</div>
			{shown.length === 0 ? (
				<Empty title={t("rule.noneFiltered")} />
			) : (
				<div className="panel table-scroll">
					<table className="plain-table" onKeyDown={(event) => void moveBetweenRows(event, singleKeys)}>
						<caption className="visually-hidden">{t("rule.title")}</caption>
						<thead>
							<tr>
								<th scope="col">{t("rule.name")}</th>
								<th scope="col">{t("rule.condition")}</th>
								<th scope="col" className="only-wide-cell">
									{t("rule.target")}
								</th>
								<th scope="col" className="number only-wide-cell">
									{t("rule.points")}
								</th>
								<th scope="col" className="only-wide-cell">
									{t("rule.responseTime")}
								</th>
								<th scope="col" className="only-wide-cell">
									{t("rule.receivers")}
								</th>
								<th scope="col" className="only-wide-cell">
									{t("rule.origin")}
								</th>
							</tr>
						</thead>
						<tbody>
							{shown.map((booked) => (
								<RuleRow key={booked.id} booked={booked} />
							))}
						</tbody>
					</table>
				</div>
			)}
		</>
	);
}

function RuleRow({ booked: { rule, points, source, version, fileChanged } }: { booked: BookedRule }) {
	const { t } = useTranslation();
	const words = useRuleWords();
	return (
		<tr data-testid="rule-row" data-rule={rule.id}>
			<th scope="row">
				<PriorityMark priority={rule.priority} unacknowledged={false} word={false} />{" "}
				<Link to="/rules/$rule" params={{ rule: rule.id }} data-row preload={false}>
					{rule.name}
				</Link>{" "}
				<span className="dim wrap">{rule.id}</span>
			</th>
			<td>{words.condition(rule)}</td>
			<td className="only-wide-cell">{words.target(rule.on)}</td>
			<td className={points === 0 ? "number is-abnormal only-wide-cell" : "number only-wide-cell"}>{points}</td>
			<td className="only-wide-cell">{rule.responseTime === undefined ? "–" : words.duration(rule.responseTime)}</td>
			<td className="only-wide-cell">{words.receivers(rule.receivers)}</td>
			<td className="only-wide-cell rule-line">
				{source === "agreed" ? t("rule.versionOf", { version }) : t("rule.sources.file")}
				{fileChanged && <span className="tag">{t("rule.fileChanged")}</span>}
			</td>
		</tr>
	);
}

/** Rules of the site file that two people have taken out of force: nothing is lost quietly. */
function Deleted() {
	const { t } = useTranslation();
	const { data = [], error, refetch } = useQuery(deletedRulesQuery);
	if (error) return <Failed error={error} retry={() => void refetch()} />;
	if (data.length === 0) return null;
	return (
		<section className="panel" aria-labelledby="deleted-rules">
			<div className="panel-head">
				<h2 id="deleted-rules">{t("rule.deleted")}</h2>
			</div>
			<p className="panel-body dim">{t("rule.deletedHint")}</p>
			<ul className="panel-body">
				{data.map(({ id, file }) => (
					<li key={id} data-testid="deleted-rule">
						<Link to="/rules/$rule" params={{ rule: id }}>
							{file?.name ?? id}
						</Link>{" "}
						<span className="dim">{id}</span>
					</li>
				))}
			</ul>
		</section>
	);
}
