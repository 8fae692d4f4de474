import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { AccessEventView } from "../../../../contracts/api.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { isRefused, ResultMark } from "./AccessFeed.tsx";
import { useReasonText } from "./use-reason-text.ts";

interface PassagesProps {
	title: string;
	query: UseQueryResult<AccessEventView[]>;
	/** What the page doesn't say already: who, or which door. */
	subject: { name: string; of: (event: AccessEventView) => ReactNode };
}

/** Access events of one person or one door, the newest first. */
export function Passages({ title, query, subject }: PassagesProps) {
	const { t } = useTranslation();
	const reason = useReasonText();
	return (
		<section className="panel table-scroll" aria-labelledby="passages">
			<div className="panel-head">
				<h2 id="passages">{title}</h2>
			</div>
			<Loaded query={query} rows={6}>
				{(events) =>
					events.length === 0 ? (
						<Empty title={t("access.none")} />
					) : (
						<table className="plain-table access-table">
							<caption className="visually-hidden">{title}</caption>
							<thead>
								<tr>
									<th scope="col">{t("access.time")}</th>
									<th scope="col">{t("access.result")}</th>
									<th scope="col">{subject.name}</th>
								</tr>
							</thead>
							<tbody>
								{events.map((event) => (
									<tr key={event.id} data-testid="access-row">
										<td>
											<When at={event.ts} />
										</td>
										<td className={isRefused(event) ? "result-denied" : "dim"}>
											<ResultMark event={event} /> {isRefused(event) && reason(event.reason)}
										</td>
										<td>
											{subject.of(event)} <span className="dim">{t(`access.${event.direction}`)}</span>
										</td>
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
