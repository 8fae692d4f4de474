import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { notificationStateQuery } from "../../api/notifications.ts";

/** Says loudly on every page that alarms reach nobody, and why. */
export function Silence() {
	const { t } = useTranslation();
	const { data } = useQuery(notificationStateQuery);
	// That only open dashboards are told is a matter of setting up, and stands on the page of notifications.
	const loud = data?.silent.filter((why) => why !== "no-channel") ?? [];
	if (!data || loud.length === 0) return null;
	return (
		<div role="alert" className="banner banner-silent" data-testid="silence">
			<strong>
				<span aria-hidden="true">▲</span> {t("notification.silent")}
			</strong>
			<span>{loud.map((why) => t(`notification.whySilent.${why}`, { count: data.unreached })).join(" · ")}</span>
			<Link to="/notifications">{t("notification.title")}</Link>
		</div>
	);
}
