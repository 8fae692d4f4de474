import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Device } from "../../../../contracts/api.ts";
import { AgeText } from "../../ui/AgeText.tsx";
import { moveBetweenRows } from "../../ui/list-keys.ts";
import { usePreference } from "../../ui/preferences.ts";
import { StatusMark } from "../../ui/StatusMark.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { deviceFaults, shownSkew } from "./device-health.ts";

/** Most rows that are drawn; the search finds the rest. */
const SHOWN = 500;

/** Devices with their counters; only what is abnormal has colour. */
export function DeviceTable({ devices }: { devices: readonly Device[] }) {
	const { t } = useTranslation();
	const format = useFormat();
	const singleKeys = usePreference((preferences) => preferences.shortcuts);
	return (
		<div className="table-scroll">
			<table className="plain-table device-table" onKeyDown={(event) => void moveBetweenRows(event, singleKeys)}>
				<caption className="visually-hidden">{t("device.list")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("device.name")}</th>
						<th scope="col">{t("device.status")}</th>
						<th scope="col">{t("device.seen")}</th>
						<th scope="col" className="number">
							{t("device.accepted")}
						</th>
						<th scope="col" className="number">
							{t("device.rejected")}
						</th>
						<th scope="col" className="number">
							{t("device.gaps")}
						</th>
						<th scope="col" className="number">
							{t("device.skew")}
						</th>
						<th scope="col">{t("device.kind")}</th>
						<th scope="col">{t("device.place")}</th>
					</tr>
				</thead>
				<tbody>
					{devices.slice(0, SHOWN).map((device) => {
						const faults = deviceFaults(device);
						const cell = (fault: "rejected" | "gaps" | "skew") => `number ${faults.has(fault) ? "is-abnormal" : "dim"}`;
						return (
							<tr key={device.id} data-testid="device-row" data-device={device.id} data-status={device.status}>
								<th scope="row">
									<Link to="/devices/$device" params={{ device: device.id }} data-row preload={false}>
										{device.name}
									</Link>
								</th>
								<td>
									<StatusMark status={device.status} />
								</td>
								<td>
									<AgeText at={device.lastSeen === null ? null : Date.parse(device.lastSeen)} />
								</td>
								<td className="number dim">{format.number(device.accepted)}</td>
								<td className={cell("rejected")}>{format.number(device.rejected)}</td>
								<td className={cell("gaps")}>{format.number(device.sequenceGaps)}</td>
								<td className={cell("skew")}>{device.clockSkewMs === null ? "–" : `${format.number(shownSkew(device.clockSkewMs))} s`}</td>
								<td className="dim">{t(`kind.${device.kind}`)}</td>
								<td className="dim">{device.location.slice(device.location.indexOf("/") + 1)}</td>
							</tr>
						);
					})}
				</tbody>
			</table>
		</div>
	);
}
