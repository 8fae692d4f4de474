import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { AccessEventView } from "../../../../contracts/api.ts";
import { accessFeedQuery } from "../../api/queries.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { useReasonText } from "./use-reason-text.ts";
import "./access.css";

const SHOWN = 30;

/** Who has just been at which door; denials stand out. */
export function AccessFeed() {
	const { t } = useTranslation();
	const format = useFormat();
	const feed = useQuery(accessFeedQuery);
	const reason = useReasonText();
	return (
		<section className="panel access-panel" aria-labelledby="access-feed">
			<div className="panel-head">
				<h2 id="access-feed">{t("access.feed")}</h2>
				<Link to="/access">{t("access.all")}</Link>
			</div>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard */}
			<div className="panel-scroll" tabIndex={0}>
				<Loaded query={feed} rows={4}>
					{(events) =>
						events.length === 0 ? (
							<Empty title={t("access.none")} />
						) : (
							<ol className="feed">
								{events.slice(0, SHOWN).map((event) => (
									<li
										key={event.id}
										data-testid="access-row"
										data-result={event.result}
										data-reason={event.reason}
										data-door={event.door}
										className={isRefused(event) ? "is-denied" : ""}
									>
										<time dateTime={event.ts}>{format.time(Date.parse(event.ts))}</time>
										<span className="feed-result">
											<ResultMark event={event} />
										</span>
										<span className="feed-holder">
											{event.holder?.name ??
												event.card ??
												t(event.method === "exit-button" || event.method === "remote" ? `access.methods.${event.method}` : "access.unknownHolder")}
										</span>
										<span className="feed-door">
											{event.doorName} <span className="dim">{t(`access.${event.direction}`)}</span>
											{event.late && <span className="tag">{t("access.late")}</span>}
										</span>
										{isRefused(event) && <span className="feed-reason">{reason(event.reason)}</span>}
									</li>
								))}
							</ol>
						)
					}
				</Loaded>
			</div>
		</section>
	);
}

/** Denied, or granted under duress. */
export function isRefused(event: AccessEventView): boolean {
	return event.result === "denied" || event.reason === "duress";
}

/** Tick or cross, with the word for it. */
export function ResultMark({ event }: { event: AccessEventView }) {
	const { t } = useTranslation();
	return (
		<>
			<svg viewBox="-1.2 -1.2 2.4 2.4" width="11" height="11" aria-hidden="true">
				<path d={event.result === "granted" ? "M-.8 0L-.2 .6L.8-.6" : "M-.8-.8L.8.8M.8-.8L-.8.8"} className="status-stroke" />
			</svg>
			<span>{t(`access.${event.result}`)}</span>
		</>
	);
}
