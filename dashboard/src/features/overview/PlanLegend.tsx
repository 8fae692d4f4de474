import { useTranslation } from "react-i18next";
import { usePreference } from "../../ui/preferences.ts";
import { HEAT_SCALES, heatColour, type Metric } from "./heat-scale.ts";

const STEPS = 60;

/** The heat map's fixed scale, with the recommended range bracketed. */
export function PlanLegend({ metric }: { metric: Metric }) {
	const { t } = useTranslation();
	const theme = usePreference((preferences) => preferences.theme);
	const { min, max, unit, recommended } = HEAT_SCALES[metric];
	const place = (value: number) => (100 * (value - min)) / (max - min);
	const ticks = [...new Set([min, recommended.min, recommended.max, max])];
	return (
		<div className="legend">
			<svg
				className="legend-scale"
				viewBox="0 0 200 34"
				role="img"
				aria-label={`${min}–${max} ${unit}, ${t("plan.recommended")} ${recommended.min}–${recommended.max} ${unit}`}
			>
				{Array.from({ length: STEPS }, (_, step) => {
					const value = min + ((step + 0.5) * (max - min)) / STEPS;
					return <rect key={value} x={8 + (184 * step) / STEPS} y="8" width={184 / STEPS + 0.3} height="9" fill={heatColour(metric, value, theme)} />;
				})}
				<path d={`M${8 + 1.84 * place(recommended.min)} 6V3H${8 + 1.84 * place(recommended.max)}V6`} className="legend-bracket" />
				{ticks.map((tick) => (
					<text key={tick} x={8 + 1.84 * place(tick)} y="29" className="legend-tick">
						{tick}
					</text>
				))}
			</svg>
			<span className="legend-text">
				{unit} · {t("plan.recommended")} {recommended.min}–{recommended.max}
			</span>
			<span className="legend-key">
				<svg width="16" height="12" aria-hidden="true">
					<rect width="16" height="12" fill="var(--plan-empty)" />
					<path d="M-2 6L6-2M0 12L12 0M6 14L18 2" className="legend-hatch" />
				</svg>
				{t("plan.stale")}
			</span>
		</div>
	);
}
