import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { devicesQuery, pointsQuery, sitesQuery } from "../../api/queries.ts";
import { sessionQuery } from "../../api/session.ts";
import { WorldContext, worldIndexOf } from "../../api/world-index.ts";
import { createFormat } from "../../i18n/format.ts";
import { LiveContext } from "../../live/live-context.ts";
import { LiveLink } from "../../live/live-link.ts";
import { createLiveState } from "../../live/live-state.ts";
import { ReadingStore } from "../../live/reading-store.ts";
import { Empty, Failed, Loading } from "../../ui/Loaded.tsx";
import { usePreference } from "../../ui/preferences.ts";
import { FormatContext, SiteContext } from "../../ui/site-context.ts";
import { useMay } from "../session/session-context.ts";
import { Shell } from "./Shell.tsx";

/**
 * Waits for the site, holds the live link to it, and shows the pages. Lives as long as somebody is signed in: the link and what it
 * brought go when they do. Who may see no site gets the pages without one.
 */
export function SiteFrame() {
	const { t, i18n } = useTranslation();
	const queries = useQueryClient();
	const watches = useMay("site.read");
	const alarms = useMay("alarms.read");
	const [{ readings, state }] = useState(() => ({ readings: new ReadingStore(), state: createLiveState(Date.now()) }));
	const sites = useQuery({ ...sitesQuery, enabled: watches, refetchInterval: (query) => (query.state.data?.length ? false : 3000) });
	const chosen = usePreference((preferences) => preferences.site);
	const site = sites.data?.find((one) => one.id === chosen) ?? sites.data?.[0];
	const siteId = site?.id;

	const [link, setLink] = useState<LiveLink | null>(null);
	useEffect(() => {
		if (siteId === undefined) return;
		const signedOut = () => void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
		const started = new LiveLink(siteId, queries, readings, state, { alarms, signedOut });
		started.start();
		setLink(started);
		return () => started.stop();
	}, [siteId, queries, readings, state, alarms]);
	useEffect(() => {
		if (watches) return;
		// The link moves the clock; without one the ages would stand still.
		const timer = setInterval(() => state.setState({ now: Date.now() }), 1000);
		return () => clearInterval(timer);
	}, [watches, state]);
	const live = useMemo(() => ({ readings, state, link }), [readings, state, link]);

	// The first list comes through the link, once it has joined; later ones when it says so.
	const points = useQuery({ ...pointsQuery, enabled: false });
	const devices = useQuery({ ...devicesQuery, enabled: siteId !== undefined });
	const world = useMemo(() => worldIndexOf(points.data ?? [], devices.data ?? []), [points.data, devices.data]);
	const format = useMemo(() => createFormat(i18n.language, site?.timeZone ?? "UTC"), [i18n.language, site?.timeZone]);

	if (watches && !site)
		return (
			<main className="start">
				<h1>{t("app.name")}</h1>
				{sites.error ? (
					<Failed error={sites.error} retry={() => void sites.refetch()} />
				) : sites.data ? (
					<Empty title={t("app.noSite")} hint={t("app.noSiteHint")} />
				) : (
					<Loading rows={3} />
				)}
			</main>
		);
	return (
		<LiveContext value={live}>
			<SiteContext value={site ?? null}>
				<FormatContext value={format}>
					<WorldContext value={world}>
						<Shell />
					</WorldContext>
				</FormatContext>
			</SiteContext>
		</LiveContext>
	);
}
