import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useLive, useLiveState } from "../../live/live-context.ts";
import { PriorityMark } from "../../ui/PriorityMark.tsx";
import { useFormat } from "../../ui/site-context.ts";

/** Calls that are shown at once. */
const SHOWN = 3;

/** The person who is signed in is called: what for, and the way there, below the page, which must not move under the pointer. It stays until it is put away. */
export function Calls() {
	const { t } = useTranslation();
	const format = useFormat();
	const { link } = useLive();
	const calls = useLiveState((state) => state.calls);
	return (
		<div role="status" className="calls">
			{calls.slice(0, SHOWN).map((call) => (
				<div key={call.id} className="banner banner-notice" data-testid="call" data-kind={call.kind}>
					<PriorityMark priority={call.priority} unacknowledged={false} />
					<strong>{t(`notification.called.${call.kind}`)}</strong>
					<span>{call.subject}</span>
					<span className="dim">{format.dateTime(call.at)}</span>
					{call.confirm === null ? (
						<Link to="/alarms" search={{ alarm: call.alarms[0] }}>
							{t("notification.open")}
						</Link>
					) : (
						<a href={call.confirm} target="_blank" rel="noreferrer">
							{t("notification.confirm")}
						</a>
					)}
					<button type="button" className="icon-button" aria-label={`${t("alarm.close")}: ${call.subject}`} onClick={() => link?.putAway(call.id)}>
						×
					</button>
				</div>
			))}
			{calls.length > SHOWN && (
				<div className="banner banner-notice" data-testid="more-calls">
					<Link to="/notifications">{t("notification.moreCalls", { count: calls.length - SHOWN })}</Link>
				</div>
			)}
		</div>
	);
}
