import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PRIORITIES } from "../../../../contracts/kinds.ts";
import { useLiveState } from "../../live/live-context.ts";
import { PriorityMark } from "../../ui/PriorityMark.tsx";

/** Open alarms by priority, on every page: unacknowledged in bold, acknowledged behind the slash; and how many are put aside. */
export function AlarmCounts() {
	const { t } = useTranslation();
	const { counts, aside, loaded } = useLiveState((state) => state.alarms);
	return (
		<ul className="counts" aria-label={t("counts.label")}>
			{PRIORITIES.map((priority) => {
				const { unacknowledged, acknowledged } = counts[priority];
				const any = unacknowledged + acknowledged > 0;
				return (
					<li key={priority}>
						<Link
							to="/alarms"
							search={{ priority }}
							className={`count ${any ? `count-any priority-${priority}` : ""} ${unacknowledged > 0 ? "count-unacknowledged" : ""}`}
						>
							<PriorityMark priority={priority} unacknowledged={unacknowledged > 0} />
							<span className="count-number">{loaded ? unacknowledged : "–"}</span>
							<span className="visually-hidden">{t("counts.unacknowledged")}, </span>
							<span className="count-acknowledged">/{loaded ? acknowledged : "–"}</span>
							<span className="visually-hidden">{t("counts.acknowledged")}</span>
						</Link>
					</li>
				);
			})}
			<li>
				<Link to="/alarms" search={{ tab: "aside" }} className="count" data-testid="aside-count" data-count={aside.length}>
					<span className="count-word">{t("counts.aside")}</span> <span className="count-number">{loaded ? aside.length : "–"}</span>
				</Link>
			</li>
		</ul>
	);
}
