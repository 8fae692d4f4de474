import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { healthQuery } from "../../api/queries.ts";
import { useFormat, useSite } from "../../ui/site-context.ts";

const SHOWN = 3;
/** Names of the server's parts that keep readings. */
const STORAGE = /histor|stor|influx|duckdb|spool/i;

/** What the people on duty must know of Watchroom itself: a site file that is not in use, storage in trouble. */
export function Notices() {
	const { t } = useTranslation();
	const site = useSite();
	const format = useFormat();
	const health = useQuery(healthQuery);
	const storage = health.data?.parts.filter((part) => part.status !== "ok" && STORAGE.test(part.name)) ?? [];
	return (
		<div role="status">
			{site.fileProblems.length > 0 && (
				<div className="banner banner-notice" data-testid="site-file-problems">
					<span>{t("notice.siteFile", { time: format.dateTime(Date.parse(site.loadedAt)) })}</span>
					<ul>
						{site.fileProblems.slice(0, SHOWN).map((problem) => (
							<li key={`${problem.path} ${problem.message}`}>
								<code>{problem.path}</code>: {problem.message}
							</li>
						))}
						{site.fileProblems.length > SHOWN && <li>{t("notice.siteFileMore", { count: site.fileProblems.length - SHOWN })}</li>}
					</ul>
				</div>
			)}
			{storage.length > 0 && (
				<div className="banner banner-notice" data-testid="storage-degraded">
					<span>{t("notice.storage")}</span>
					<span className="dim">{storage.map((part) => `${part.name}: ${part.detail}`).join(" · ")}</span>
				</div>
			)}
		</div>
	);
}
