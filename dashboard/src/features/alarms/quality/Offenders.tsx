import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { AlarmQuality, QualityOffender } from "../../../../../contracts/alarm-quality.ts";
import { type BookedRule, ruleBookQuery, ruleById } from "../../../api/rule-book.ts";
import { messageText, useServerWords } from "../../../i18n/server-words.ts";
import { PriorityMark } from "../../../ui/PriorityMark.tsx";
import { useFormat } from "../../../ui/site-context.ts";
import { useMay } from "../../session/session-context.ts";

/** The alarms that came most often, and what is wrong with each. */
export function Offenders({ quality: { offenders } }: { quality: AlarmQuality }) {
	const { t } = useTranslation();
	const words = useServerWords();
	const format = useFormat();
	const rules = useQuery(ruleBookQuery);
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
						<th scope="col">{t("alarmQuality.rule")}</th>
					</tr>
				</thead>
				<tbody>
					{offenders.map((offender) => (
						<tr key={offender.alarm} data-testid="offender-row" data-rule={offender.rule} data-point={offender.point}>
							<th scope="row">
								<PriorityMark priority={offender.priority} unacknowledged={false} word={false} />{" "}
								<Link to="/alarms" search={{ tab: "history", alarm: offender.alarm }}>
									{messageText(words, offender.message)}
								</Link>{" "}
								<span className="dim">{offender.point}</span>
							</th>
							<td className="number">{format.number(offender.count)}</td>
							<td className="number">{format.number(Math.round(offender.share * 100))} %</td>
							<td>
								<Trouble offender={offender} />
							</td>
							<td>
								<ToRule offender={offender} rules={rules.data ?? []} />
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

/** The rule that raised it; for who may, the form in which a change of it is proposed, which knows what is wrong. */
function ToRule({ offender, rules }: { offender: QualityOffender; rules: readonly BookedRule[] }) {
	const { t } = useTranslation();
	const proposes = useMay("rules.propose");
	const { rule, message, chattering, fleeting, stale } = offender;
	// The server's own alarms have no rule of the site.
	const known = ruleById(rules, rule);
	if (!known) return <span className="dim">–</span>;
	if (!proposes)
		return (
			<Link to="/rules/$rule" params={{ rule }}>
				{known.rule.name}
			</Link>
		);
	const because = [chattering > 0 && "chattering", fleeting > 0 && "fleeting", stale && "stale"].filter((one) => one !== false).join(",");
	return (
		<Link
			to="/rules/$rule/change"
			params={{ rule }}
			search={because === "" ? {} : { because }}
			aria-label={t("alarmQuality.proposeChangeOf", { alarm: message })}
			data-testid="propose-change"
		>
			{t("alarmQuality.proposeChange")}
		</Link>
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
