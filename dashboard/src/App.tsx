import { type QueryClient, useQuery } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { devicesQuery, pointsQuery, sitesQuery } from "./api/queries.ts";
import { WorldContext, worldIndexOf } from "./api/world-index.ts";
import { createFormat } from "./i18n/format.ts";
import { LiveContext } from "./live/live-context.ts";
import { LiveLink } from "./live/live-link.ts";
import type { LiveStore } from "./live/live-state.ts";
import type { ReadingStore } from "./live/reading-store.ts";
import type { AppRouter } from "./router.tsx";
import { Empty, Failed, Loading } from "./ui/Loaded.tsx";
import { usePreference } from "./ui/preferences.ts";
import { FormatContext, SiteContext } from "./ui/site-context.ts";

/** Waits for the site, holds the live link to it, and shows the pages. */
export function App({ services }: { services: { queries: QueryClient; readings: ReadingStore; state: LiveStore; router: AppRouter } }) {
	const { t, i18n } = useTranslation();
	const { queries, readings, state, router } = services;
	const sites = useQuery({ ...sitesQuery, refetchInterval: (query) => (query.state.data?.length ? false : 3000) });
	const chosen = usePreference((preferences) => preferences.site);
	const site = sites.data?.find((one) => one.id === chosen) ?? sites.data?.[0];
	const siteId = site?.id;

	const [link, setLink] = useState<LiveLink | null>(null);
	useEffect(() => {
		if (siteId === undefined) return;
		const started = new LiveLink(siteId, queries, readings, state);
		started.start();
		setLink(started);
		return () => started.stop();
	}, [siteId, queries, readings, state]);
	const live = useMemo(() => ({ readings, state, link }), [readings, state, link]);

	// The first list comes through the link, once it has joined; later ones when it says so.
	const points = useQuery({ ...pointsQuery, enabled: false });
	const devices = useQuery({ ...devicesQuery, enabled: siteId !== undefined });
	const world = useMemo(() => worldIndexOf(points.data ?? [], devices.data ?? []), [points.data, devices.data]);
	const format = useMemo(() => createFormat(i18n.language, site?.timeZone ?? "UTC"), [i18n.language, site?.timeZone]);

	if (!site)
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
			<SiteContext value={site}>
				<FormatContext value={format}>
					<WorldContext value={world}>
						<RouterProvider router={router} />
					</WorldContext>
				</FormatContext>
			</SiteContext>
		</LiveContext>
	);
}
