import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { agentsQuery } from "../../api/queries.ts";
import { AgeText } from "../../ui/AgeText.tsx";
import { Loaded } from "../../ui/Loaded.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import { useFormat } from "../../ui/site-context.ts";
import "./devices.css";

/** A backlog of more than this many batches is worth a look. */
const BACKLOG = 50;

/** Every edge agent in one line each: is it there, when was it heard, what waits in its outbox. */
export function AgentStrip() {
	const { t } = useTranslation();
	const format = useFormat();
	const agents = useQuery(agentsQuery);
	return (
		<section className="agent-strip panel" aria-label={t("agent.strip")}>
			<Loaded query={agents} rows={1}>
				{(list) =>
					list.length === 0 ? (
						<p className="dim">{t("agent.none")}</p>
					) : (
						<ul>
							{list.map((agent) => (
								<li key={agent.id} data-testid={`agent-${agent.id}`} data-status={agent.status}>
									<Link to="/devices/agents/$agent" params={{ agent: agent.id }}>
										{agent.name}
									</Link>
									<StatusMark status={agent.status} />
									<span>
										<span className="dim">{t("agent.seen")}</span> <AgeText at={agent.lastSeen === null ? null : Date.parse(agent.lastSeen)} />
									</span>
									<span className={agent.outbox.batches > BACKLOG ? "is-abnormal" : ""}>
										<span className="dim">{t("agent.backlog")}</span> {t("agent.batches", { count: agent.outbox.batches })} (
										{format.bytes(agent.outbox.bytes)})
									</span>
									<span className={agent.dropped > 0 ? "is-abnormal" : ""}>
										<span className="dim">{t("agent.dropped")}</span> {format.number(agent.dropped, "W")}
									</span>
								</li>
							))}
						</ul>
					)
				}
			</Loaded>
		</section>
	);
}
