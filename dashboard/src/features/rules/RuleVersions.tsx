import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { RuleText } from "../../../../contracts/rule-text.ts";
import { type RuleVersion, ruleDifferencesQuery } from "../../api/rule-book.ts";
import { Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { RuleDifferences } from "./RuleDifferences.tsx";

const route = getRouteApi("/rules/$rule");

/** `versions`: the newest first, the last is the site file. `onRollBack`: `null` for who may not propose it. */
export function RuleVersions(props: { id: string; versions: readonly RuleVersion[]; onRollBack: ((version: number) => void) | null }) {
	const { t } = useTranslation();
	const { id, versions, onRollBack } = props;
	const seesChanges = useMay("rules.propose") || props.onRollBack !== null;
	const newest = versions[0]?.version ?? 0;
	const nameOf = (version: number) => (version === 0 ? t("rule.fileVersion") : t("rule.versionOf", { version }));
	return (
		<>
			<section className="panel table-scroll" aria-labelledby="rule-versions">
				<div className="panel-head">
					<h2 id="rule-versions">{t("rule.versions")}</h2>
				</div>
				<table className="plain-table">
					<thead>
						<tr>
							<th scope="col">{t("rule.version")}</th>
							<th scope="col">{t("rule.agreedAt")}</th>
							<th scope="col">{t("change.by")}</th>
							{onRollBack && <th scope="col">{t("people.action")}</th>}
						</tr>
					</thead>
					<tbody>
						{versions.map(({ version, act, at, change, proposedBy, approvedBy }) => (
							<tr key={version} data-testid="rule-version" data-version={version} data-act={act}>
								<th scope="row">
									{nameOf(version)} <span className="dim">{version > 0 && act !== "set" && t(`rule.acts.${act}`)}</span>
									{version === newest && <span className="tag">{t("rule.inForceNow")}</span>}
								</th>
								<td className="dim">
									<When at={at} />
								</td>
								<td>
									{proposedBy && approvedBy && t("rule.agreedBy", { proposer: proposedBy.name, approver: approvedBy.name })}{" "}
									{change !== null && seesChanges && (
										<Link to="/changes" search={{ tab: "decided", change }}>
											{t("rule.change")}
										</Link>
									)}
								</td>
								{onRollBack && (
									<td>
										{version !== newest && (
											<Button size="xs" variant="default" onClick={() => onRollBack(version)}>
												{version === 0 ? t("rule.proposeRollBackFile") : t("rule.proposeRollBack", { version })}
											</Button>
										)}
									</td>
								)}
							</tr>
						))}
					</tbody>
				</table>
			</section>
			{versions.length > 1 && <Comparison id={id} versions={versions} nameOf={nameOf} />}
		</>
	);
}

function Comparison({ id, versions, nameOf }: { id: string; versions: readonly RuleVersion[]; nameOf: (version: number) => string }) {
	const { t } = useTranslation();
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const known = (text: string | undefined) => versions.find(({ version }) => String(version) === text)?.version;
	const from = known(search.from) ?? versions[1]?.version ?? 0;
	const to = known(search.to) ?? versions[0]?.version ?? 0;
	const data = versions.map(({ version }) => ({ value: String(version), label: nameOf(version) }));
	return (
		<section className="panel" aria-labelledby="rule-comparison" data-testid="rule-comparison">
			<div className="panel-head">
				<h2 id="rule-comparison">{t("rule.compare")}</h2>
			</div>
			<div className="panel-body filters">
				<NativeSelect
					label={t("rule.compareFrom")}
					value={String(from)}
					data={data}
					onChange={({ currentTarget: { value } }) => void navigate({ search: (before) => ({ ...before, from: value }), replace: true })}
				/>
				<NativeSelect
					label={t("rule.compareTo")}
					value={String(to)}
					data={data}
					onChange={({ currentTarget: { value } }) => void navigate({ search: (before) => ({ ...before, to: value }), replace: true })}
				/>
			</div>
			<Differences id={id} from={from} to={to} versions={versions} names={{ from: nameOf(from), to: nameOf(to) }} />
		</section>
	);
}

/** What a version says; one that follows the site file says what that said then. */
const saidBy = (versions: readonly RuleVersion[], version: number): RuleText | null => {
	const found = versions.find((one) => one.version === version);
	return found ? (found.act === "follow-file" ? found.file : found.rule) : null;
};

function Differences(props: { id: string; from: number; to: number; versions: readonly RuleVersion[]; names: { from: string; to: string } }) {
	const { id, from, to, versions, names } = props;
	const query = useQuery(ruleDifferencesQuery(id, from, to));
	return (
		<Loaded query={query} rows={3}>
			{({ differences }) => (
				<RuleDifferences from={saidBy(versions, from)} to={saidBy(versions, to)} names={names} fields={differences.map(({ field }) => field)} />
			)}
		</Loaded>
	);
}
