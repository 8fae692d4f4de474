import { Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useContext, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useIsLost, useLiveState, useNow } from "../../live/live-context.ts";
import { Loading } from "../../ui/Loaded.tsx";
import { SiteContext, useFormat } from "../../ui/site-context.ts";
import { Calls } from "../notifications/Calls.tsx";
import { Silence } from "../notifications/Silence.tsx";
import { lackedFor, pagesOf } from "../session/pages.ts";
import { useMay, useSession } from "../session/session-context.ts";
import { AlarmCounts } from "./AlarmCounts.tsx";
import { AlarmSound } from "./AlarmSound.tsx";
import { ForbiddenPage } from "./ForbiddenPage.tsx";
import { ConnectionBanner, LinkState } from "./LinkState.tsx";
import { NAVIGATION_ID, Navigation } from "./Navigation.tsx";
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
	const offered = pagesOf(session).length > 0;
	const seesAlarms = useMay("alarms.read");
	const path = useLocation({ select: ({ pathname }) => pathname });
	const lacked = lackedFor(session, path);
	const lost = useIsLost();
	const [help, setHelp] = useState(false);
	const openHelp = useCallback(() => setHelp(true), []);
	const [menu, setMenu] = useState(false);
	const menuButton = useRef<HTMLButtonElement>(null);
	const closeMenu = useCallback(() => {
		setMenu(false);
		menuButton.current?.focus();
	}, []);
	useShortcuts(openHelp);
	return (
		<div className={`shell ${lost ? "is-lost" : ""}`}>
			<a className="skip" href="#content">
				{t("app.skip")}
			</a>
			<header className="header">
				{offered && (
					<button
						ref={menuButton}
						type="button"
						className="menu-button"
						aria-expanded={menu}
						aria-controls={NAVIGATION_ID}
						data-testid="menu"
						onClick={() => setMenu(!menu)}
					>
						<span aria-hidden="true">{menu ? "×" : "≡"}</span>
						{t("nav.menu")}
					</button>
				)}
				<div className="header-site">
					<span className="header-name">{site?.name ?? t("app.name")}</span>
					{site && <SiteClock timeZone={site.timeZone} />}
				</div>
				{site && seesAlarms && <AlarmCounts />}
				<div className="header-end">
					{site && seesAlarms && <AlarmSound />}
					{site && <LinkState />}
					<UserMenu />
					<Settings onHelp={openHelp} />
				</div>
			</header>
			<ConnectionBanner />
			<CriticalAnnouncer />
			<PageTitle />
			{site && seesAlarms && <Silence />}
			{site && <Notices />}
			<div className="shell-body">
				{offered && <Navigation path={path} open={menu} onClose={closeMenu} />}
				<main id="content" className="content" tabIndex={-1}>
					<Suspense fallback={<Loading rows={10} />}>{lacked ? <ForbiddenPage permission={lacked} /> : <Outlet />}</Suspense>
				</main>
			</div>
			{site && <Calls />}
			{help && (
				<Suspense>
					<ShortcutsDialog onClose={() => setHelp(false)} />
				</Suspense>
			)}
		</div>
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
