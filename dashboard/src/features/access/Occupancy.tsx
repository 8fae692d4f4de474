import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { occupancyQuery } from "../../api/access.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { When } from "../../ui/When.tsx";
import "./access.css";

/** How many are in each zone, counted by the doors' passages; who they are stands on the muster page. */
export function Occupancy() {
	const { t } = useTranslation();
	const format = useFormat();
	return (
		<section className="panel" aria-labelledby="occupancy">
			<div className="panel-head">
				<h2 id="occupancy">{t("occupancy.title")}</h2>
				<Link to="/access/muster">{t("occupancy.who")}</Link>
			</div>
			<Loaded query={useQuery(occupancyQuery)} rows={4}>
				{({ zones, uncertain, at }) => {
					if (zones.length === 0) return <Empty title={t("occupancy.noZones")} />;
					return (
						<>
							<table className="plain-table">
								<caption className="visually-hidden">{t("occupancy.title")}</caption>
								<thead>
									<tr>
										<th scope="col">{t("register.zone")}</th>
										<th scope="col" className="number">
											{t("occupancy.inside")}
										</th>
										<th scope="col">{t("occupancy.firstIn")}</th>
									</tr>
								</thead>
								<tbody>
									{zones.map(({ zone, name, count, people }) => (
										<tr key={zone} data-testid="occupancy-row" data-zone={zone} data-count={count}>
											<th scope="row">{name}</th>
											<td className={count === 0 ? "number dim" : "number"}>{count}</td>
											<td className="dim">
												<When at={people.map(({ since }) => since).sort()[0] ?? null} />
											</td>
										</tr>
									))}
								</tbody>
							</table>
							<p className="panel-more dim">{t("occupancy.countedAt", { at: format.dateTime(Date.parse(at)) })}</p>
							{uncertain.length > 0 && <p className="panel-more is-abnormal">{t("occupancy.uncertain", { doors: uncertain.length })}</p>}
						</>
					);
				}}
			</Loaded>
		</section>
	);
}
