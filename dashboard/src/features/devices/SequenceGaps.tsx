import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { gapsQuery } from "../../api/queries.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";

/** The event numbers that a device has used and nobody has received. */
export function SequenceGaps({ device }: { device: string }) {
	const { t } = useTranslation();
	const format = useFormat();
	const gaps = useQuery(gapsQuery(device));
	return (
		<section className="panel" aria-labelledby="sequence-gaps" data-testid="sequence-gaps">
			<div className="panel-head">
				<h2 id="sequence-gaps">{t("gaps.title")}</h2>
			</div>
			<Loaded query={gaps} rows={2}>
				{(list) =>
					list.length === 0 ? (
						<Empty title={t("gaps.none")} />
					) : (
						<div className="table-scroll">
							<table className="plain-table">
								<caption className="visually-hidden">{t("gaps.title")}</caption>
								<thead>
									<tr>
										<th scope="col">{t("gaps.numbers")}</th>
										<th scope="col" className="number">
											{t("gaps.missing")}
										</th>
										<th scope="col">{t("gaps.noticed")}</th>
									</tr>
								</thead>
								<tbody>
									{list.map(({ id, from, to, missing, noticedAt }) => (
										<tr key={id} data-testid="gap-row">
											<th scope="row">{from === to ? from : `${from}–${to}`}</th>
											<td className="number">{format.number(missing)}</td>
											<td className="dim">{format.dateTime(Date.parse(noticedAt))}</td>
										</tr>
									))}
								</tbody>
							</table>
						</div>
					)
				}
			</Loaded>
		</section>
	);
}
