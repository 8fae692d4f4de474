import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { quarantineQuery } from "../../api/queries.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { useMay } from "../session/session-context.ts";

/** What was refused, and why. Payloads are shown as text and as nothing else. */
export function Quarantine({ of, id }: { of: "devices" | "agents"; id: string }) {
	const { t } = useTranslation();
	const format = useFormat();
	const sees = useMay("quarantine.read");
	const refused = useQuery({ ...quarantineQuery(of, id), enabled: sees });
	if (!sees) return null;
	return (
		<section className="panel" aria-labelledby="quarantine" data-testid="quarantine">
			<div className="panel-head">
				<h2 id="quarantine">{t("device.quarantine")}</h2>
			</div>
			<Loaded query={refused} rows={3}>
				{(list) =>
					list.length === 0 ? (
						<Empty title={t("device.quarantineNone")} />
					) : (
						<div className="table-scroll">
							<table className="plain-table">
								<caption className="visually-hidden">{t("device.quarantine")}</caption>
								<thead>
									<tr>
										{(["time", "reason", "detail", "topic", "payload", "size"] as const).map((name) => (
											<th key={name} scope="col">
												{t(`device.${name}`)}
											</th>
										))}
									</tr>
								</thead>
								<tbody>
									{list.map((entry) => (
										<tr key={entry.id} data-testid="quarantine-row" data-reason={entry.reason}>
											<td>{format.dateTime(Date.parse(entry.receivedAt))}</td>
											<td>
												<strong>{t(`device.reasons.${entry.reason}`)}</strong>
											</td>
											<td>{entry.detail}</td>
											<td className="dim">{entry.topic}</td>
											<td>
												{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
												<code className="payload" tabIndex={0}>
													{entry.payload}
												</code>
											</td>
											<td className="number">{format.bytes(entry.size)}</td>
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
