import { Link, Outlet } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useIsLost, useLiveState, useNow } from "../../live/live-context.ts";
import { Loading } from "../../ui/Loaded.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";
import { AlarmCounts } from "./AlarmCounts.tsx";
import { ConnectionBanner, LinkState } from "./LinkState.tsx";
import { Notices } from "./Notices.tsx";
import { Settings } from "./Settings.tsx";
import { useShortcuts } from "./use-shortcuts.ts";
import "./shell.css";

const ShortcutsDialog = lazy(() => import("./ShortcutsDialog.tsx").then((module) => ({ default: module.ShortcutsDialog })));

const PAGES = [
	{ to: "/", name: "overview" },
	{ to: "/alarms", name: "alarms" },
	{ to: "/points", name: "points" },
	{ to: "/access", name: "access" },
	{ to: "/devices", name: "devices" },
] as const;

/** What stands on every page: site, clock, link, alarm counts, the way around; and the page itself. */
export function Shell() {
	const { t } = useTranslation();
	const site = useSite();
	const lost = useIsLost();
	const [help, setHelp] = useState(false);
	const openHelp = useCallback(() => setHelp(true), []);
	useShortcuts(openHelp);
	return (
		<div className={`shell ${lost ? "is-lost" : ""}`}>
			<a className="skip" href="#content">
				{t("app.skip")}
			</a>
			<header className="header">
				<div className="header-site">
					<span className="header-name">{site.name}</span>
					<SiteClock />
				</div>
				<AlarmCounts />
				<div className="header-end">
					<LinkState />
					<Settings onHelp={openHelp} />
				</div>
				<nav className="nav" aria-label={t("nav.label")}>
					{PAGES.map(({ to, name }) => (
						<Link key={to} to={to} className="nav-link" activeOptions={{ exact: to === "/", includeSearch: false }}>
							{t(`nav.${name}`)}
						</Link>
					))}
				</nav>
			</header>
			<ConnectionBanner />
			<CriticalAnnouncer />
			<Notices />
			<main id="content" className="content" tabIndex={-1}>
				<Suspense fallback={<Loading rows={10} />}>
					<Outlet />
				</Suspense>
			</main>
			{help && (
				<Suspense>
					<ShortcutsDialog onClose={() => setHelp(false)} />
				</Suspense>
			)}
		</div>
	);
}

function SiteClock() {
	const { t } = useTranslation();
	const now = useNow();
	const format = useFormat();
	const site = useSite();
	return (
		<span className="header-time" title={`${t("app.siteTime")}, ${site.timeZone}`}>
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
