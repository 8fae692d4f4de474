import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSite } from "../../ui/site-context.ts";
import { AccessFeed } from "../access/AccessFeed.tsx";
import { OpenAlarms } from "../alarms/OpenAlarms.tsx";
import { AgentStrip } from "../devices/AgentStrip.tsx";
import { useMay } from "../session/session-context.ts";
import { FloorPlan } from "./FloorPlan.tsx";
import { METRICS, type Metric } from "./heat-scale.ts";
import { PlacePanel } from "./PlacePanel.tsx";
import { PlanDetails } from "./PlanDetails.tsx";
import { PlanLegend } from "./PlanLegend.tsx";
import "./overview.css";

const route = getRouteApi("/");

/** The whole site at a glance: plan, open alarms, who goes where, and whether the agents are there. */
export function OverviewPage() {
	const { t } = useTranslation();
	const site = useSite();
	const { at } = route.useSearch();
	const navigate = route.useNavigate();
	const seesAlarms = useMay("alarms.read");
	const seesAccess = useMay("access.read");
	const planOnly = at === undefined && !seesAlarms && !seesAccess;
	const [metric, setMetric] = useState<Metric>("temperature");
	const [pointed, setPointed] = useState<string | null>(null);
	const open = useCallback((key: string) => void navigate({ search: { at: key } }), [navigate]);
	const close = useCallback(() => void navigate({ search: {} }), [navigate]);
	return (
		<div className={planOnly ? "overview is-plan-only" : "overview"}>
			<h1 className="visually-hidden">
				{t("nav.overview")}: {site.name}
			</h1>
			<div className="overview-plan panel">
				<div className="plan-bar">
					<fieldset className="choice">
						<legend className="visually-hidden">{t("plan.metric")}</legend>
						{METRICS.map((one) => (
							<label key={one}>
								<input type="radio" name="metric" value={one} checked={metric === one} onChange={() => setMetric(one)} />
								<span>{t(`plan.metrics.${one}`)}</span>
							</label>
						))}
					</fieldset>
					<PlanLegend metric={metric} />
				</div>
				<FloorPlan metric={metric} selected={at ?? null} onPoint={setPointed} onOpen={open} />
				<PlanDetails at={pointed ?? at ?? null} />
			</div>
			{!planOnly && (
				<div className="overview-side">
					{at !== undefined && <PlacePanel at={at} onClose={close} />}
					{seesAlarms && <OpenAlarms />}
					{seesAccess && <AccessFeed />}
				</div>
			)}
			<AgentStrip />
		</div>
	);
}
