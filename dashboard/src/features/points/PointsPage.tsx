import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type KeyboardEvent, useDeferredValue, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Point } from "../../../../contracts/api.ts";
import { liveQualitySchema, pointKindSchema } from "../../../../contracts/kinds.ts";
import { pointsQuery } from "../../api/queries.ts";
import { useLive } from "../../live/live-context.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { moveBetweenRows } from "../../ui/list-keys.ts";
import { PointValue } from "../../ui/PointValue.tsx";
import { usePreference } from "../../ui/preferences.ts";
import { useSite } from "../../ui/site-context.ts";
import { filterPoints } from "./filter-points.ts";
import "./points.css";

const route = getRouteApi("/points");
const PAGE = 50;

/** Every point of the site, to be searched and filtered; a page of them live. */
export function PointsPage() {
	const { t } = useTranslation();
	const points = useQuery({ ...pointsQuery, enabled: false });
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("point.title")}</h1>
			</div>
			<Loaded query={points} rows={12}>
				{(list) => (list.length === 0 ? <Empty title={t("point.none")} /> : <PointTable points={list} />)}
			</Loaded>
		</div>
	);
}

function PointTable({ points }: { points: readonly Point[] }) {
	const { t } = useTranslation();
	const site = useSite();
	const { readings } = useLive();
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const singleKeys = usePreference((preferences) => preferences.shortcuts);
	const text = useDeferredValue(search.search ?? "");
	const { room, kind, quality } = search;
	const found = useMemo(
		() => filterPoints(points, { text, room, kind, quality }, (id) => readings.get(id).quality),
		[points, text, room, kind, quality, readings],
	);
	const kinds = useMemo(() => pointKindSchema.options.filter((one) => points.some((point) => point.kind === one)), [points]);
	const pages = Math.max(1, Math.ceil(found.length / PAGE));
	const page = Math.min(pages - 1, Math.max(0, Number.parseInt(search.page ?? "0", 10) || 0));
	const shown = found.slice(page * PAGE, (page + 1) * PAGE);
	const set = (change: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, page: undefined, ...change }), replace: true });
	const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
		moveBetweenRows(event, singleKeys);
	};
	return (
		<>
			<div className="filters">
				<TextInput
					type="search"
					aria-label={t("point.search")}
					placeholder={t("point.search")}
					value={search.search ?? ""}
					onChange={(event) => set({ search: event.currentTarget.value || undefined })}
				/>
				<NativeSelect
					aria-label={t("point.place")}
					value={room ?? ""}
					data={[{ value: "", label: t("point.anyRoom") }, ...site.rooms.map(({ id, name }) => ({ value: id, label: name }))]}
					onChange={(event) => set({ room: event.currentTarget.value || undefined })}
				/>
				<NativeSelect
					aria-label={t("point.kind")}
					value={kind ?? ""}
					data={[{ value: "", label: t("point.anyKind") }, ...kinds.map((one) => ({ value: one, label: t(`pointKind.${one}`) }))]}
					onChange={(event) => set({ kind: event.currentTarget.value || undefined })}
				/>
				<NativeSelect
					aria-label={t("point.quality")}
					value={quality ?? ""}
					data={[
						{ value: "", label: t("point.anyQuality") },
						...liveQualitySchema.options.map((one) => ({ value: one, label: t(`quality.${one}`) })),
					]}
					onChange={(event) => set({ quality: event.currentTarget.value || undefined })}
				/>
				<span className="pager" role="status">
					{t("point.shown", { from: found.length === 0 ? 0 : page * PAGE + 1, to: page * PAGE + shown.length, total: found.length })}
				</span>
				<Button size="xs" variant="default" disabled={page === 0} onClick={() => set({ page: String(page - 1) })}>
					{t("point.previous")}
				</Button>
				<Button size="xs" variant="default" disabled={page >= pages - 1} onClick={() => set({ page: String(page + 1) })}>
					{t("point.next")}
				</Button>
			</div>
			{shown.length === 0 ? (
				<Empty title={t("point.noneFiltered")} />
			) : (
				<div className="panel table-scroll">
					<table className="plain-table points-table" onKeyDown={onKeyDown}>
						<caption className="visually-hidden">{t("point.title")}</caption>
						<thead>
							<tr>
								<th scope="col">{t("point.name")}</th>
								<th scope="col">{t("point.value")}</th>
								<th scope="col">{t("point.place")}</th>
								<th scope="col">{t("point.kind")}</th>
							</tr>
						</thead>
						<tbody>
							{shown.map((point) => (
								<tr key={point.id}>
									<th scope="row">
										<Link to="/points/$point" params={{ point: point.id }} data-row preload={false}>
											{point.name}
										</Link>{" "}
										<span className="dim">{point.device}</span>
									</th>
									<td>
										<PointValue point={point} />
									</td>
									<td className="dim">{point.location.slice(point.location.indexOf("/") + 1)}</td>
									<td className="dim">{t(`pointKind.${point.kind}`)}</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
		</>
	);
}
