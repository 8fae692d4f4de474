import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { seenDevicesQuery } from "../../api/onboarding.ts";
import { AgeText } from "../../ui/AgeText.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { useMay } from "../session/session-context.ts";
import { useDialectName } from "./use-dialect-name.ts";

/** Devices that speak at an agent and aren't in the site. */
export function SeenDevices() {
	const { t } = useTranslation();
	const dialectName = useDialectName();
	const format = useFormat();
	const sees = useMay("quarantine.read");
	const seen = useQuery({ ...seenDevicesQuery, enabled: sees });
	if (!sees) return null;
	return (
		<section className="panel" aria-labelledby="seen-devices" data-testid="seen-devices">
			<div className="panel-head">
				<h2 id="seen-devices">{t("onboarding.seen", { count: seen.data?.length ?? 0 })}</h2>
			</div>
			<Loaded query={seen} rows={2}>
				{(list) =>
					list.length === 0 ? (
						<Empty title={t("onboarding.none")} hint={t("onboarding.noneHint")} />
					) : (
						<div className="table-scroll">
							<table className="plain-table device-table seen-table">
								<caption className="visually-hidden">{t("onboarding.seen", { count: list.length })}</caption>
								<thead>
									<tr>
										{(["address", "speaks", "agent", "last", "messages", "channels"] as const).map((name) => (
											<th key={name} scope="col" className={name === "messages" || name === "channels" ? "number" : ""}>
												{t(`onboarding.${name}`)}
											</th>
										))}
									</tr>
								</thead>
								<tbody>
									{list.map((device) => (
										<tr key={device.id} data-testid="seen-row" data-address={device.address}>
											<th scope="row">
												<Link to="/devices/seen/$seen" params={{ seen: device.id }} className="wrap">
													{device.address}
												</Link>
											</th>
											<td className="dim">{dialectName(device.profile)}</td>
											<td className="dim">{device.agent}</td>
											<td>
												<AgeText at={Date.parse(device.lastSeen)} event />
											</td>
											<td className="number dim">{format.number(device.messages)}</td>
											<td className="number dim">{format.number(device.channels.length)}</td>
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
