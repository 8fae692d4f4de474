import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { silentSince } from "../../live/connection.ts";
import { useLiveState } from "../../live/live-context.ts";
import { useFormat } from "../../ui/site-context.ts";

/** Link state with its age, in the header. */
export function LinkState() {
	const { t } = useTranslation();
	const format = useFormat();
	const connection = useLiveState((state) => state.connection);
	const now = useLiveState((state) => state.now);
	const age = format.age(now - connection.clockOffset - silentSince(connection));
	return (
		<div className={`link link-${connection.phase}`} data-testid="link-state" data-phase={connection.phase} title={t("link.heard", { age })}>
			<svg viewBox="-1.2 -1.2 2.4 2.4" width="12" height="12" aria-hidden="true">
				{connection.phase === "lost" ? <path d="M-.8-.8L.8.8M.8-.8L-.8.8" className="status-stroke" /> : <circle r="0.8" className="status-shape" />}
			</svg>
			<span>{t(`link.${connection.phase}`)}</span>
			<span className="age">{age}</span>
		</div>
	);
}

/** Full-width banner while nothing on the screen is live. The seconds are for the eyes only, or a reader would say each of them. */
export function ConnectionBanner() {
	const { t } = useTranslation();
	const format = useFormat();
	const connection = useLiveState((state) => state.connection);
	const now = useLiveState((state) => state.now);
	const lost = connection.phase === "lost";
	const [wasLost, setWasLost] = useState(false);
	useEffect(() => {
		if (lost) setWasLost(true);
	}, [lost]);
	return (
		<>
			<div role="alert" className="visually-hidden">
				{lost ? t("link.lostAnnounce") : ""}
			</div>
			<div role="status" className="visually-hidden">
				{!lost && wasLost ? t("link.backAnnounce") : ""}
			</div>
			{lost && (
				<section className="banner banner-lost" data-testid="connection-lost" aria-label={t("link.lostTitle")}>
					<svg viewBox="-1.2 -1.2 2.4 2.4" width="18" height="18" aria-hidden="true">
						<path d="M-.8-.8L.8.8M.8-.8L-.8.8" className="status-stroke" />
					</svg>
					<strong>{t("link.lostTitle")}</strong>
					<span className="banner-age">{t("link.lostFor", { age: format.age(now - connection.clockOffset - silentSince(connection)) })}</span>
					<span className="banner-text">{t("link.lostText")}</span>
				</section>
			)}
		</>
	);
}
