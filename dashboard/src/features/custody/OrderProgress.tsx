import { useTranslation } from "react-i18next";
import type { BatchView } from "../../../../contracts/media-orders.ts";
import { PHASES, phasesOf } from "./orders.ts";

/** How far an order's media are: grey, but for what is stopped or overdue. */
export function OrderProgress({ order: { states, overdue } }: { order: Pick<BatchView, "states" | "overdue"> }) {
	const { t } = useTranslation();
	const phases = phasesOf(states);
	const all = PHASES.reduce((sum, phase) => sum + phases[phase], 0);
	if (all === 0) return <span className="dim">{t("custody.noMedia")}</span>;
	const done = phases.destroyed + phases.released;
	return (
		<div className="order-progress" data-testid="order-progress" data-done={done} data-all={all} data-incidents={phases.incident}>
			<div className="order-bar" role="img" aria-label={t("custody.progressOf", phases)}>
				{PHASES.map((phase) => (
					<span key={phase} className={`order-bar-${phase}`} style={{ width: `${(100 * phases[phase]) / all}%` }} />
				))}
			</div>
			<span className="dim">{t("custody.progress", { done, all })}</span>
			{phases.incident > 0 && <span className="is-abnormal">▲ {t("custody.incidentCount", { count: phases.incident })}</span>}
			{overdue > 0 && <span className="is-abnormal">▲ {t("custody.overdueCount", { count: overdue })}</span>}
		</div>
	);
}
