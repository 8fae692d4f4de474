import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { VisitView } from "../../../../contracts/visitors.ts";
import { useFormat } from "../../ui/site-context.ts";
import { mayDo } from "../session/pages.ts";
import { useSession } from "../session/session-context.ts";
import { VISIT_ACTS, type VisitAct } from "./visit-acts.ts";

/** One visit of the list, with what may be done with it next. */
export function Visit({ visit, pending, onAct }: { visit: VisitView; pending: boolean; onAct: (act: VisitAct) => void }) {
	const { t } = useTranslation();
	const format = useFormat();
	const session = useSession();
	const wrong = visit.overstayed ? t("visits.overstayed") : visit.badgeOutstanding ? t("visits.badgeOut") : null;
	const acts = VISIT_ACTS[visit.state].filter(([, permission]) => mayDo(session, permission));
	return (
		<li className="panel visit" data-testid="visit" data-state={visit.state}>
			<div className="visit-who">
				<Link to="/visitors/$visit" params={{ visit: visit.id }} preload={false}>
					<strong>{visit.visitor}</strong>
				</Link>{" "}
				<span className="dim">{visit.company}</span>
			</div>
			<div>
				<span className={wrong ? "is-abnormal" : ""}>
					{wrong && "▲ "}
					{wrong ?? t(`visits.states.${visit.state}`)}
				</span>{" "}
				<span className="dim">
					{format.dateTime(Date.parse(visit.from))} – {format.dateTime(Date.parse(visit.until))}
				</span>
			</div>
			<div className="dim">
				{visit.purpose}; {t("visits.hostOf", { name: visit.host.name })}, {t("visits.escortOf", { name: visit.escort.name })};{" "}
				{visit.zones.join(", ")}
				{visit.badge && `; ${t("visits.badgeOf", { badge: visit.badge })}`}
				{visit.reason && `; ${visit.reason}`}
			</div>
			{acts.length > 0 && (
				<div className="actions">
					{acts.map(([act], at) => (
						<Button
							key={act}
							variant="default"
							className={at === 0 ? "primary" : ""}
							loading={pending}
							data-testid={`visit-${act}`}
							onClick={() => onAct(act)}
						>
							{t(`visits.acts.${act}`)}
						</Button>
					))}
				</div>
			)}
		</li>
	);
}
