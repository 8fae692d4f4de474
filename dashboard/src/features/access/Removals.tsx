import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { RemovalView } from "../../../../contracts/controllers.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { DoorLink, HolderLink } from "./links.tsx";

/** What was taken away: from the decision to the controller's list without it. */
export function Removals({ title, query }: { title: string; query: UseQueryResult<RemovalView[]> }) {
	const { t } = useTranslation();
	return (
		<section className="panel table-scroll" aria-labelledby="removals">
			<div className="panel-head">
				<h2 id="removals">{title}</h2>
			</div>
			<Loaded query={query} rows={4}>
				{(list) =>
					list.length === 0 ? (
						<Empty title={t("register.noRemovals")} />
					) : (
						<table className="plain-table">
							<caption className="visually-hidden">{title}</caption>
							<thead>
								<tr>
									<th scope="col">{t("register.who")}</th>
									<th scope="col">{t("access.door")}</th>
									<th scope="col" className="only-wide-cell">
										{t("register.decided")}
									</th>
									<th scope="col">{t("register.confirmedAt")}</th>
								</tr>
							</thead>
							<tbody>
								{list.map((removal) => {
									const waits = removal.confirmedAt === null && removal.closed === null;
									return (
										<tr key={removal.id} data-testid="removal-row" data-confirmed={removal.confirmedAt !== null}>
											<th scope="row">
												<HolderLink holder={removal.holder} />
											</th>
											<td>
												<DoorLink door={removal.door} />
											</td>
											<td className="dim only-wide-cell">
												<When at={removal.decidedAt} />
											</td>
											<td className={waits ? "is-abnormal" : "dim"}>
												{removal.confirmedAt !== null && <When at={removal.confirmedAt} />}{" "}
												{removal.closed !== null && removal.confirmedAt === null
													? t(`register.closed.${removal.closed}`)
													: t(waits ? "register.waiting" : "register.took", { seconds: Math.round(removal.seconds) })}
											</td>
										</tr>
									);
								})}
							</tbody>
						</table>
					)
				}
			</Loaded>
		</section>
	);
}
