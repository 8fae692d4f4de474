import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { LeaverView } from "../../../../contracts/personnel.ts";
import { leaversQuery } from "../../api/personnel.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { LeaverClock } from "./LeaverClock.tsx";
import { LeaverPanel } from "./LeaverPanel.tsx";
import "../access/access.css";

const route = getRouteApi("/access/leavers");

/** Who has left, the running clocks first, and what is still to be done for each. */
export function LeaversPage() {
	const { t } = useTranslation();
	const { leaver } = route.useSearch();
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("register.pages.leavers")}</h1>
			</div>
			{leaver !== undefined && <LeaverPanel id={leaver} />}
			<section className="panel table-scroll" aria-label={t("register.pages.leavers")}>
				<Loaded query={useQuery(leaversQuery)} rows={5}>
					{(list) => (list.length === 0 ? <Empty title={t("personnel.none")} hint={t("personnel.noneHint")} /> : <LeaverTable leavers={list} />)}
				</Loaded>
			</section>
		</div>
	);
}

function LeaverTable({ leavers }: { leavers: readonly LeaverView[] }) {
	const { t } = useTranslation();
	const sorted = [...leavers].sort(
		(one, other) => Number(other.clock === "running") - Number(one.clock === "running") || Date.parse(other.leftAt) - Date.parse(one.leftAt),
	);
	return (
		<table className="plain-table">
			<caption className="visually-hidden">{t("register.pages.leavers")}</caption>
			<thead>
				<tr>
					<th scope="col">{t("register.name")}</th>
					<th scope="col">{t("personnel.clock")}</th>
					<th scope="col">{t("personnel.toDo")}</th>
					<th scope="col" className="only-wide-cell">
						{t("personnel.leftAt")}
					</th>
				</tr>
			</thead>
			<tbody>
				{sorted.map((leaver) => (
					<tr key={leaver.id} data-testid="leaver-row" data-holder={leaver.holder.id} data-clock={leaver.clock}>
						<th scope="row">
							<Link to="/access/leavers" search={{ leaver: leaver.id }} preload={false}>
								{leaver.holder.name}
							</Link>
							{leaver.rejoinedAt !== null && <div className="dim">{t("personnel.rejoined")}</div>}
						</th>
						<td className={leaver.clock === "running" ? "is-abnormal" : "dim"}>
							<LeaverClock leaver={leaver} />
						</td>
						<td>
							<ToDo leaver={leaver} />
						</td>
						<td className="dim only-wide-cell">
							<When at={leaver.leftAt} /> {t(`personnel.sources.${leaver.source}`)}
						</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

function ToDo({ leaver }: { leaver: LeaverView }) {
	const { t } = useTranslation();
	if (leaver.cardsOutstanding === 0 && leaver.sponsorless === 0) return <span className="dim">{t("personnel.nothingToDo")}</span>;
	return (
		<>
			{leaver.cardsOutstanding > 0 && <div>{t("personnel.cardsOutstanding", { count: leaver.cardsOutstanding })}</div>}
			{leaver.sponsorless > 0 && <div>{t("personnel.sponsorless", { count: leaver.sponsorless })}</div>}
		</>
	);
}
