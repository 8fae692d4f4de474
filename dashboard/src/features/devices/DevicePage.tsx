import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { deviceQuery, devicesQuery } from "../../api/queries.ts";
import { useWorld } from "../../api/world-index.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { PointValue } from "../../ui/PointValue.tsx";
import { DeviceFacts } from "./DeviceFacts.tsx";
import { DeviceTable } from "./DeviceTable.tsx";
import { Quarantine } from "./Quarantine.tsx";
import { SequenceGaps } from "./SequenceGaps.tsx";
import "./devices.css";

const route = getRouteApi("/devices/$device");

/** One device: its counters, its points, what it sent that was refused. */
export function DevicePage() {
	const { t } = useTranslation();
	const { device: id } = route.useParams();
	const devices = useQuery(devicesQuery);
	const fresh = useQuery(deviceQuery(id));
	const points = useWorld().byDevice.get(id) ?? [];
	return (
		<div className="page">
			<Link to="/devices">{t("agent.back")}</Link>
			<Loaded query={devices}>
				{(list) => {
					const device = fresh.data ?? list.find((one) => one.id === id);
					if (!device) return <Empty title={t("error.notFound")} hint={id} />;
					return (
						<>
							<div className="page-head">
								<h1>{device.name}</h1>
								<span className="dim">{device.id}</span>
								<Link to="/devices/agents/$agent" params={{ agent: device.agent }}>
									{device.agent}
								</Link>
							</div>
							<section className="panel" aria-label={t("device.status")}>
								<DeviceTable devices={[device]} />
							</section>
							<DeviceFacts device={device} />
							<section className="panel" aria-labelledby="device-points">
								<div className="panel-head">
									<h2 id="device-points">{t("device.points")}</h2>
								</div>
								{points.length === 0 ? (
									<Empty title={t("device.noPoints")} />
								) : (
									<ul className="place-points">
										{points.map((point) => (
											<li key={point.id}>
												<Link to="/points/$point" params={{ point: point.id }}>
													{point.name}
												</Link>
												<PointValue point={point} />
											</li>
										))}
									</ul>
								)}
							</section>
							<SequenceGaps device={id} />
							<Quarantine of="devices" id={id} />
						</>
					);
				}}
			</Loaded>
		</div>
	);
}
