import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { z } from "zod";
import type { policyViewSchema, SanitizationPolicy } from "../../../../contracts/media-orders.ts";
import { policiesQuery } from "../../api/custody.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";
import { dayOf } from "../../ui/site-time.ts";
import { useMay } from "../session/session-context.ts";
import { PolicyEditor } from "./PolicyEditor.tsx";
import { PolicyGrid } from "./PolicyGrid.tsx";
import { PolicyRules } from "./PolicyRules.tsx";
import { COERCIVITIES, cellOf, changedCells, LIMITS } from "./policy-draft.ts";
import { useMediaWords } from "./words.ts";
import "./custody.css";

const route = getRouteApi("/media/policy");
type PolicyView = z.infer<typeof policyViewSchema>;

/** Which media are destroyed how, in every version that there was, and what each has changed. */
export function PolicyPage() {
	const { t } = useTranslation();
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("custody.policyTitle")}</h1>
			</div>
			<Loaded query={useQuery(policiesQuery)} rows={10}>
				{(versions) => <Versions versions={versions} />}
			</Loaded>
		</div>
	);
}

/** `versions`: the newest first. */
function Versions({ versions }: { versions: readonly PolicyView[] }) {
	const { t } = useTranslation();
	const { timeZone } = useSite();
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const manages = useMay("media.manage");
	const [editing, setEditing] = useState(false);
	const [newest] = versions;
	if (!newest) return <Empty title={t("error.notFound")} />;
	const place = Math.max(
		versions.findIndex(({ version }) => String(version) === search.version),
		0,
	);
	const shown = versions[place] ?? newest;
	const before = versions[place + 1];
	const nameOf = ({ version, inForceSince, change }: PolicyView) => {
		const name =
			change === null ? t("custody.versionFirst", { version }) : t("custody.versionOf", { version, time: dayOf(Date.parse(inForceSince), timeZone) });
		return version === newest.version ? `${name} (${t("custody.inForce")})` : name;
	};
	if (editing) return <PolicyEditor version={newest.version} policy={newest.policy} onClose={() => setEditing(false)} />;
	return (
		<>
			<div className="filters">
				<NativeSelect
					label={t("custody.versionTitle")}
					value={String(shown.version)}
					data={versions.map((one) => ({ value: String(one.version), label: nameOf(one) }))}
					onChange={(event) => void navigate({ search: { version: event.currentTarget.value }, replace: true })}
				/>
				{manages && (
					<Button variant="default" onClick={() => setEditing(true)}>
						{t("custody.proposePolicy")}
					</Button>
				)}
				{shown.change !== null && (
					<Link to="/changes" search={{ tab: "decided", change: shown.change }}>
						{t("nav.changes")}
					</Link>
				)}
			</div>
			<p>{t("custody.policyHint")}</p>
			{before && <p className="note">{t("custody.compare", { version: before.version })}</p>}
			<PolicyTable policy={shown.policy} before={before?.policy} />
			<Numbers policy={shown.policy} before={before?.policy} />
			<PolicyRules policy={shown.policy} before={before?.policy} />
		</>
	);
}

function PolicyTable({ policy, before }: { policy: SanitizationPolicy; before: SanitizationPolicy | undefined }) {
	const { t } = useTranslation();
	const words = useMediaWords();
	const changed = before ? changedCells(before, policy) : new Set<string>();
	const chains = ({ rules }: SanitizationPolicy, type: string, classification: string) =>
		rules.find((rule) => rule.type === type && rule.classification === classification)?.chains ?? [];
	return (
		<PolicyGrid
			title={t("custody.policyTitle")}
			testId="policy"
			cell={(type, classification) => {
				const isChanged = changed.has(cellOf(type, classification));
				return (
					<td key={classification} className={isChanged ? "is-changed" : ""} data-changed={isChanged}>
						<ul>
							{chains(policy, type, classification).map((chain) => (
								<li key={words.chain(chain)}>{words.chain(chain)}</li>
							))}
						</ul>
						{isChanged && before && (
							<p className="dim">{t("custody.wasBefore", { text: chains(before, type, classification).map(words.chain).join("; ") })}</p>
						)}
					</td>
				);
			}}
		/>
	);
}

function Numbers({ policy, before }: { policy: SanitizationPolicy; before: SanitizationPolicy | undefined }) {
	const { t } = useTranslation();
	const format = useFormat();
	const rows = [
		...COERCIVITIES.map((name) => ({
			name,
			label: `${t("custody.coercivities")}: ${t(`custody.types.${name}`)}`,
			now: policy.coercivityOe[name],
			was: before?.coercivityOe[name],
		})),
		...LIMITS.map((name) => ({ name, label: t(`custody.limitNames.${name}`), now: policy.limits[name], was: before?.limits[name] })),
	];
	const models = ({ coercivities = [] }: SanitizationPolicy) =>
		coercivities.map(({ type, maker, model, oersted }) => `${t(`custody.types.${type}`)} ${maker} ${model}: ${format.number(oersted)}`).join("; ") ||
		"–";
	const changed = before !== undefined && models(before) !== models(policy);
	return (
		<section className="panel panel-body" aria-label={t("custody.limits")}>
			<dl className="facts">
				{rows.map(({ name, label, now, was }) => (
					<div key={name} className={was !== undefined && was !== now ? "is-changed" : ""}>
						<dt>{label}</dt>
						<dd>
							{format.number(now)}{" "}
							{was !== undefined && was !== now && <span className="dim">{t("custody.wasBefore", { text: format.number(was) })}</span>}
						</dd>
					</div>
				))}
				<div className={changed ? "is-changed" : ""}>
					<dt>{t("custody.models")}</dt>
					<dd>
						{models(policy)} {changed && <span className="dim">{t("custody.wasBefore", { text: models(before) })}</span>}
					</dd>
				</div>
			</dl>
		</section>
	);
}
