import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { AlarmQuality, QualityOffender } from "../../../../../contracts/alarm-quality.ts";
import { PriorityMark } from "../../../ui/PriorityMark.tsx";
import { useFormat } from "../../../ui/site-context.ts";

/** The alarms that came most often, and what is wrong with each. */
export function Offenders({ quality: { offenders } }: { quality: AlarmQuality }) {
	const { t } = useTranslation();
	const format = useFormat();
	if (offenders.length === 0) return null;
	return (
		<section className="panel table-scroll" aria-labelledby="quality-offenders">
			<div className="panel-head">
				<h2 id="quality-offenders">{t("alarmQuality.offenders")}</h2>
			</div>
			<table className="plain-table">
				<thead>
					<tr>
						<th scope="col">{t("alarmQuality.alarm")}</th>
						<th scope="col" className="number">
							{t("alarmQuality.count")}
						</th>
						<th scope="col" className="number">
							{t("alarmQuality.share")}
						</th>
						<th scope="col">{t("alarmQuality.trouble")}</th>
					</tr>
				</thead>
				<tbody>
					{offenders.map((offender) => (
						<tr key={offender.alarm} data-testid="offender-row" data-rule={offender.rule} data-point={offender.point}>
							<th scope="row">
								<PriorityMark priority={offender.priority} unacknowledged={false} word={false} />{" "}
								<Link to="/alarms" search={{ tab: "history", alarm: offender.alarm }}>
									{offender.message}
								</Link>{" "}
								<span className="dim">{offender.point}</span>
							</th>
							<td className="number">{format.number(offender.count)}</td>
							<td className="number">{format.number(Math.round(offender.share * 100))} %</td>
							<td>
								<Trouble offender={offender} />
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

function Trouble({ offender: { chattering, fleeting, stale } }: { offender: QualityOffender }) {
	const { t } = useTranslation();
	const said = [
		chattering > 0 && t("alarmQuality.chatters"),
		fleeting > 0 && t("alarmQuality.fleets", { count: fleeting }),
		stale && t("alarmQuality.isStale"),
	];
	const words = said.filter((one) => one !== false).join(", ");
	return words === "" ? <span className="dim">–</span> : <span>{words}</span>;
}
