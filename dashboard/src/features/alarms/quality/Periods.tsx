import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { QualityMetric } from "../../../../../contracts/alarm-quality.ts";
import { type QualityWanted, qualityPeriodsQuery } from "../../../api/alarm-quality.ts";
import { Empty, Loaded } from "../../../ui/Loaded.tsx";
import { useFormat } from "../../../ui/site-context.ts";
import { useFigureText } from "./Figures.tsx";

const BY = ["day", "shift", "month"] as const;
/** What is compared: the rate, its peak, floods, and what keeps it high. */
const COMPARED = [
	"average-per-10-minutes",
	"peak-per-10-minutes",
	"time-in-flood",
	"chattering",
	"stale",
] as const satisfies readonly QualityMetric[];

/** The figures of each shift, day or month beside each other, newest first. */
export function Periods({ wanted }: { wanted: QualityWanted }) {
	const { t } = useTranslation();
	const format = useFormat();
	const write = useFigureText();
	const [by, setBy] = useState<(typeof BY)[number]>("day");
	// A month is compared with those before it, whatever else is looked at.
	const periods = useQuery(qualityPeriodsQuery(by === "month" ? { ...wanted, days: 366 } : wanted, by));
	return (
		<section className="panel table-scroll" aria-labelledby="quality-periods">
			<div className="panel-head">
				<h2 id="quality-periods">{t("alarmQuality.periods")}</h2>
				<fieldset className="choice">
					<legend className="visually-hidden">{t("alarmQuality.by")}</legend>
					{BY.map((one) => (
						<label key={one}>
							<input type="radio" name="by" checked={by === one} onChange={() => setBy(one)} />
							<span>{t(`alarmQuality.bys.${one}`)}</span>
						</label>
					))}
				</fieldset>
			</div>
			<Loaded query={periods} rows={4}>
				{({ items }) =>
					items.length === 0 ? (
						<Empty title={t("alarmQuality.noPeriod")} hint={by === "shift" ? t("alarmQuality.noShift") : ""} />
					) : (
						<table className="plain-table">
							<thead>
								<tr>
									<th scope="col">{t("alarmQuality.period")}</th>
									<th scope="col" className="number">
										{t("alarmQuality.shown")}
									</th>
									<th scope="col" className="number">
										{t("alarmQuality.raised")}
									</th>
									{COMPARED.map((metric) => (
										<th key={metric} scope="col" className="number quality-column">
											{t(`alarmQuality.metrics.${metric}`)}
										</th>
									))}
								</tr>
							</thead>
							<tbody>
								{items.toReversed().map((period) => (
									<tr key={period.from} data-testid="quality-period">
										<th scope="row">{period.label}</th>
										<td className="number">{format.number(period.alarms)}</td>
										<td className="number">{format.number(period.raised)}</td>
										{COMPARED.map((metric) => {
											const figure = period.figures.find((one) => one.metric === metric);
											const missed = figure?.met === false;
											return (
												<td key={metric} className={missed ? "number is-abnormal" : "number"}>
													{figure == null || figure.value === null ? "–" : write(metric, figure.value)}
													{missed && <span className="visually-hidden"> {t("alarmQuality.missed")}</span>}
												</td>
											);
										})}
									</tr>
								))}
							</tbody>
						</table>
					)
				}
			</Loaded>
		</section>
	);
}
