import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { agentsQuery, devicesQuery } from "../../api/queries.ts";
import { AgeText } from "../../ui/AgeText.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { DeviceTable } from "./DeviceTable.tsx";
import { compareDevices } from "./device-health.ts";
import { Quarantine } from "./Quarantine.tsx";
import "./devices.css";

const route = getRouteApi("/devices/agents/$agent");

/** One edge agent: its link, its outbox, its devices, what came from devices that nobody knows. */
export function AgentPage() {
	const { t } = useTranslation();
	const format = useFormat();
	const { agent: id } = route.useParams();
	const agents = useQuery(agentsQuery);
	const devices = useQuery(devicesQuery);
	return (
		<div className="page">
			<Link to="/devices">{t("agent.back")}</Link>
			<Loaded query={agents}>
				{(list) => {
					const agent = list.find((one) => one.id === id);
					if (!agent) return <Empty title={t("error.notFound")} hint={id} />;
					return (
						<>
							<div className="page-head">
								<h1>{agent.name}</h1>
								<span className="dim">{agent.id}</span>
							</div>
							<section className="panel panel-body" aria-label={t("agent.status")}>
								<dl className="facts">
									<div>
										<dt>{t("agent.status")}</dt>
										<dd>
											<StatusMark status={agent.status} />
										</dd>
									</div>
									<div>
										<dt>{t("agent.seen")}</dt>
										<dd>
											<AgeText at={agent.lastSeen === null ? null : Date.parse(agent.lastSeen)} />
										</dd>
									</div>
									<div>
										<dt>{t("agent.lag")}</dt>
										<dd>{agent.lagMs === null ? "–" : `${format.number(agent.lagMs / 1000)} s`}</dd>
									</div>
									<div>
										<dt>{t("agent.backlog")}</dt>
										<dd>
											{t("agent.batches", { count: agent.outbox.batches })}, {format.bytes(agent.outbox.bytes)}
										</dd>
									</div>
									<div>
										<dt>{t("agent.oldest")}</dt>
										<dd>{agent.outbox.oldest === null ? "–" : <AgeText at={Date.parse(agent.outbox.oldest)} />}</dd>
									</div>
									<div>
										<dt>{t("agent.dropped")}</dt>
										<dd className={agent.dropped > 0 ? "is-abnormal" : ""}>{format.number(agent.dropped)}</dd>
									</div>
									<div>
										<dt>{t("agent.unknownRejected")}</dt>
										<dd className={agent.rejectedUnknown > 0 ? "is-abnormal" : ""}>{format.number(agent.rejectedUnknown)}</dd>
									</div>
								</dl>
							</section>
							<Quarantine of="agents" id={id} />
							<section className="panel" aria-label={t("agent.devices")}>
								<Loaded query={devices}>{(all) => <DeviceTable devices={all.filter((device) => device.agent === id).sort(compareDevices)} />}</Loaded>
							</section>
						</>
					);
				}}
			</Loaded>
		</div>
	);
}
