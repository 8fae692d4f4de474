import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useContext, useState } from "react";
import { useTranslation } from "react-i18next";
import { changesQuery } from "../../api/people.ts";
import { useIsLost, useLiveState, useNow } from "../../live/live-context.ts";
import { Loading } from "../../ui/Loaded.tsx";
import { SiteContext, useFormat } from "../../ui/site-context.ts";
import { lackedFor, pagesOf } from "../session/pages.ts";
import { useMay, useSession } from "../session/session-context.ts";
import { AlarmCounts } from "./AlarmCounts.tsx";
import { ForbiddenPage } from "./ForbiddenPage.tsx";
import { ConnectionBanner, LinkState } from "./LinkState.tsx";
import { Notices } from "./Notices.tsx";
import { PageTitle } from "./PageTitle.tsx";
import { Settings } from "./Settings.tsx";
import { UserMenu } from "./UserMenu.tsx";
import { useShortcuts } from "./use-shortcuts.ts";
import "../session/session.css";
import "./shell.css";

const ShortcutsDialog = lazy(() => import("./ShortcutsDialog.tsx").then((module) => ({ default: module.ShortcutsDialog })));

/** What stands on every page: site, clock, link, alarm counts, the way around; and the page itself. */
export function Shell() {
	const { t } = useTranslation();
	const site = useContext(SiteContext);
	const session = useSession();
	const pages = pagesOf(session);
	const seesAlarms = useMay("alarms.read");
	const path = useLocation({ select: ({ pathname }) => pathname });
	const lacked = lackedFor(session, path);
	const lost = useIsLost();
	const [help, setHelp] = useState(false);
	const openHelp = useCallback(() => setHelp(true), []);
	useShortcuts(openHelp);
	return (
		<div className={`shell ${lost ? "is-lost" : ""}`}>
			<a className="skip" href="#content">
				{t("app.skip")}
			</a>
			<header className={pages.length > 5 ? "header header-long" : "header"}>
				<div className="header-site">
					<span className="header-name">{site?.name ?? t("app.name")}</span>
					{site && <SiteClock timeZone={site.timeZone} />}
				</div>
				{site && seesAlarms && <AlarmCounts />}
				<div className="header-end">
					{site && <LinkState />}
					<UserMenu />
					<Settings onHelp={openHelp} />
				</div>
				<nav className="nav" aria-label={t("nav.label")}>
					{pages.map(({ to, name }) => (
						<Link key={to} to={to} className="nav-link" activeOptions={{ exact: to === "/", includeSearch: false }}>
							{t(`nav.${name}`)}
							{name === "changes" && <WaitingCount />}
						</Link>
					))}
				</nav>
			</header>
			<ConnectionBanner />
			<CriticalAnnouncer />
			<PageTitle />
			{site && <Notices />}
			<main id="content" className="content" tabIndex={-1}>
				<Suspense fallback={<Loading rows={10} />}>{lacked ? <ForbiddenPage permission={lacked} /> : <Outlet />}</Suspense>
			</main>
			{help && (
				<Suspense>
					<ShortcutsDialog onClose={() => setHelp(false)} />
				</Suspense>
			)}
		</div>
	);
}

/** How many changes wait for a decision by whoever is signed in. */
function WaitingCount() {
	const { t } = useTranslation();
	const waiting = useQuery(changesQuery).data?.filter(({ state, decidable }) => state === "pending" && decidable).length ?? 0;
	return waiting === 0 ? null : (
		<span className="tag" data-testid="waiting-count">
			{waiting}
			<span className="visually-hidden"> {t("change.waitingFor")}</span>
		</span>
	);
}

function SiteClock({ timeZone }: { timeZone: string }) {
	const { t } = useTranslation();
	const now = useNow();
	const format = useFormat();
	return (
		<span className="header-time" title={`${t("app.siteTime")}, ${timeZone}`}>
			<span className="visually-hidden">{t("app.siteTime")} </span>
			{format.dateTime(now)} <span className="dim">{format.zoneName(now)}</span>
		</span>
	);
}

/** Reads new critical alarms out to screen readers. */
function CriticalAnnouncer() {
	const { t } = useTranslation();
	const announced = useLiveState((state) => state.announced);
	return (
		<div role="alert" className="visually-hidden" data-testid="critical-announcer">
			{announced && <span key={announced.id}>{t("alarm.critical", { text: announced.text })}</span>}
		</div>
	);
}
