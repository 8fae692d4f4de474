import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { IncidentView } from "../../../../contracts/media.ts";
import { AgeText } from "../../ui/AgeText.tsx";
import { Moment } from "./Moment.tsx";
import { useMediaWords } from "./words.ts";

/** What stands still and why; of what has ended, how. `actions`: what may be done about one that is open. */
export function IncidentList({ incidents, actions }: { incidents: readonly IncidentView[]; actions?: (incident: IncidentView) => ReactNode }) {
	const { t } = useTranslation();
	const words = useMediaWords();
	return (
		<ul className="media-incidents">
			{incidents.map((incident) => {
				const open = incident.closedAt === null;
				return (
					<li key={incident.id} data-testid="media-incident" data-kind={incident.kind} data-open={open}>
						<p>
							<strong className={open ? "is-abnormal" : ""}>
								{open && "▲ "}
								{words.incident(incident)}
							</strong>{" "}
							<AgeText at={Date.parse(incident.openedAt)} event />
						</p>
						<p className="wrap">{incident.detail}</p>
						<p className="media-links dim">
							<span>
								{incident.openedBy.name}, <Moment at={incident.openedAt} />
							</span>
							{incident.medium !== null && (
								<Link to="/media/$medium" params={{ medium: incident.medium }}>
									{t("custody.medium")}
								</Link>
							)}
							{incident.batch !== null && (
								<Link to="/media/batches/$batch" params={{ batch: incident.batch }}>
									{t("custody.order")}
								</Link>
							)}
						</p>
						{open ? actions?.(incident) : <Outcome incident={incident} />}
					</li>
				);
			})}
		</ul>
	);
}

const OUTCOMES = ["resume", "still-installed", "lost", "reconciled"] as const;

function Outcome({ incident: { outcome, closedAt, change } }: { incident: IncidentView }) {
	const { t } = useTranslation();
	const known = OUTCOMES.find((one) => one === outcome);
	return (
		<p>
			{known === undefined ? outcome : t(`custody.outcomes.${known}`)}, {closedAt !== null && <Moment at={closedAt} />}{" "}
			{change !== null && (
				<Link to="/changes" search={{ tab: "decided", change }}>
					{t("nav.changes")}
				</Link>
			)}
		</p>
	);
}
