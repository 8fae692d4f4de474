import { useTranslation } from "react-i18next";
import type { AlarmQuality, QualityFigure, QualityMetric } from "../../../../../contracts/alarm-quality.ts";
import { useFormat } from "../../../ui/site-context.ts";

const SHARES: ReadonlySet<QualityMetric> = new Set(["periods-above-10", "time-in-flood", "top-10-share", "share-low", "share-medium", "share-high"]);

/** Writes a figure: shares as per cent, all else as it is. */
export function useFigureText(): (metric: QualityMetric, value: number) => string {
	const format = useFormat();
	return (metric, value) => (SHARES.has(metric) ? `${format.number(Math.round(value * 1000) / 10)} %` : format.number(value));
}

/** Each figure with its target, and whether it is met: in words, and marked where it isn't. */
export function Figures({ quality: { figures, alarms, raised, folded, aside } }: { quality: AlarmQuality }) {
	const { t } = useTranslation();
	const format = useFormat();
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
		<section className="panel table-scroll" aria-labelledby="quality-figures" tabIndex={0}>
			<div className="panel-head">
				<h2 id="quality-figures">{t("alarmQuality.figures")}</h2>
				<span data-testid="quality-alarms" data-count={alarms} data-raised={raised} data-folded={folded} data-aside={aside}>
					{t("alarmQuality.shown")} <strong>{format.number(alarms)}</strong>
					<span className="dim">
						{" "}
						· {t("alarmQuality.raised")} {format.number(raised)}
						{folded > 0 && `, ${t("alarmQuality.folded")} ${format.number(folded)}`}
						{aside > 0 && `, ${t("alarmQuality.aside")} ${format.number(aside)}`}
					</span>
				</span>
			</div>
			<table className="plain-table">
				<thead>
					<tr>
						<th scope="col">{t("alarmQuality.figure")}</th>
						<th scope="col" className="number">
							{t("alarmQuality.value")}
						</th>
						<th scope="col">{t("alarmQuality.target")}</th>
						<th scope="col">{t("alarmQuality.verdict")}</th>
					</tr>
				</thead>
				<tbody>
					{figures.map((figure) => (
						<FigureRow key={figure.metric} figure={figure} />
					))}
				</tbody>
			</table>
		</section>
	);
}

function FigureRow({ figure: { metric, value, target, met } }: { figure: QualityFigure }) {
	const { t } = useTranslation();
	const write = useFigureText();
	const { least, most } = target;
	return (
		<tr data-testid="quality-figure" data-metric={metric} data-met={met}>
			<th scope="row">{t(`alarmQuality.metrics.${metric}`)}</th>
			<td className="number">{value === null ? "–" : write(metric, value)}</td>
			<td className="dim quality-target">
				{most !== null && t("alarmQuality.atMost", { value: write(metric, most) })}
				{least !== null && t("alarmQuality.atLeast", { value: write(metric, least) })}
			</td>
			<td>{met === null ? <span className="dim">{t("alarmQuality.noValue")}</span> : met ? t("alarmQuality.met") : <Missed />}</td>
		</tr>
	);
}

function Missed() {
	const { t } = useTranslation();
	return (
		<span className="is-abnormal quality-missed">
			<span aria-hidden="true">▲</span> {t("alarmQuality.missed")}
		</span>
	);
}
