import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { mediaIncidentsQuery } from "../../api/custody.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { IncidentActions } from "./EndIncidentDialog.tsx";
import { IncidentList } from "./IncidentList.tsx";
import "./custody.css";

/** Chains and orders that stand still, and how earlier ones went on. */
export function IncidentsPage() {
	const { t } = useTranslation();
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("custody.incidents")}</h1>
			</div>
			<Loaded query={useQuery(mediaIncidentsQuery({ open: "true" }))} rows={4}>
				{(open) => (
					<section className={open.length > 0 ? "panel is-wrong" : "panel"} aria-labelledby="open-incidents">
						<div className="panel-head">
							<h2 id="open-incidents">
								{t("custody.openIncidents")} ({open.length})
							</h2>
						</div>
						{open.length > 0 ? (
							<IncidentList incidents={open} actions={(incident) => <IncidentActions incident={incident} />} />
						) : (
							<Empty title={t("custody.noIncidents")} />
						)}
					</section>
				)}
			</Loaded>
			<Loaded query={useQuery(mediaIncidentsQuery({ open: "false" }))} rows={4}>
				{(ended) => (
					<section className="panel" aria-labelledby="ended-incidents">
						<div className="panel-head">
							<h2 id="ended-incidents">{t("custody.endedIncidents")}</h2>
						</div>
						{ended.length > 0 ? <IncidentList incidents={ended} /> : <Empty title={t("custody.noEnded")} />}
					</section>
				)}
			</Loaded>
		</div>
	);
}
