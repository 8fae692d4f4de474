import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { accessFeedQuery, FEED_LENGTH, olderAccessQuery } from "../../api/queries.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";
import { isRefused, ResultMark } from "./AccessFeed.tsx";
import { DoorList } from "./DoorList.tsx";
import { DoorMap } from "./DoorMap.tsx";
import { Findings } from "./Findings.tsx";
import { Occupancy } from "./Occupancy.tsx";
import { useReasonText } from "./use-reason-text.ts";
import "./access.css";

const route = getRouteApi("/access");

/** Who went where, who is inside, and how the doors stand. */
export function AccessPage() {
	const { t } = useTranslation();
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("access.title")}</h1>
			</div>
			<div className="access-layout">
				<div className="access-main">
					<DoorMap />
					<Events />
				</div>
				<div className="access-side">
					<Occupancy />
					<Findings />
					<DoorList />
				</div>
			</div>
		</div>
	);
}

function Events() {
	const { t } = useTranslation();
	const site = useSite();
	const format = useFormat();
	const feed = useQuery(accessFeedQuery);
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const set = (change: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
	const text = (search.search ?? "").toLowerCase();
	const reason = useReasonText();
	/** Device time of the feed's oldest event when older ones were asked for; those come from the server, by its filter. */
	const [before, setBefore] = useState<string | null>(null);
	const older = useInfiniteQuery({ ...olderAccessQuery(before ?? "", search.door, search.result), enabled: before !== null });
	const more = (oldest: string | undefined) => (before === null ? setBefore(oldest ?? null) : void older.fetchNextPage());
	return (
		<section className="panel" aria-labelledby="access-events">
			<div className="panel-head filters">
				<h2 id="access-events">{t("access.events")}</h2>
				<TextInput
					type="search"
					size="xs"
					aria-label={t("access.search")}
					placeholder={t("access.search")}
					value={search.search ?? ""}
					onChange={(event) => set({ search: event.currentTarget.value || undefined })}
				/>
				<NativeSelect
					size="xs"
					aria-label={t("access.door")}
					value={search.door ?? ""}
					data={[{ value: "", label: t("access.anyDoor") }, ...site.doors.map(({ id, name }) => ({ value: id, label: name }))]}
					onChange={(event) => set({ door: event.currentTarget.value || undefined })}
				/>
				<NativeSelect
					size="xs"
					aria-label={t("access.result")}
					value={search.result ?? ""}
					data={[
						{ value: "", label: t("access.anyResult") },
						{ value: "denied", label: t("access.denied") },
						{ value: "granted", label: t("access.granted") },
					]}
					onChange={(event) => set({ result: event.currentTarget.value || undefined })}
				/>
			</div>
			<Loaded query={feed} rows={10}>
				{(feed) => {
					const known = new Set(feed.map(({ id }) => id));
					const events = [...feed, ...(older.data?.pages.flatMap((page) => page.items) ?? []).filter(({ id }) => !known.has(id))];
					const shown = events.filter(
						(event) =>
							(search.door === undefined || event.door === search.door) &&
							(search.result === undefined || event.result === search.result) &&
							(text === "" || `${event.holder?.name ?? ""} ${event.card ?? ""}`.toLowerCase().includes(text)),
					);
					const mayHaveMore = before === null ? feed.length >= FEED_LENGTH : older.isFetching || older.isError || older.hasNextPage;
					const moreButton = mayHaveMore && (
						<p className="panel-more">
							<Button size="xs" variant="default" loading={older.isFetching} onClick={() => more(feed.at(-1)?.ts)}>
								{t("accessMore")}
							</Button>
						</p>
					);
					if (shown.length === 0)
						return (
							<>
								<Empty title={events.length === 0 ? t("access.none") : t("access.noneFiltered")} />
								{moreButton}
							</>
						);
					return (
						<>
							{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls must be reachable by keyboard */}
							<div className="table-scroll" tabIndex={0}>
								<table className="plain-table access-table">
									<caption className="visually-hidden">{t("access.events")}</caption>
									<thead>
										<tr>
											{(["time", "result", "holder", "door", "direction", "method", "card"] as const).map((name) => (
												<th key={name} scope="col">
													{t(`access.${name}`)}
												</th>
											))}
										</tr>
									</thead>
									<tbody>
										{shown.map((event) => (
											<tr key={event.id} data-testid="access-row" data-result={event.result} data-reason={event.reason} data-door={event.door}>
												<td>
													<time dateTime={event.ts} title={event.receivedAt}>
														{format.dateTime(Date.parse(event.ts))}
													</time>
													{event.late && <span className="tag">{t("access.late")}</span>}
												</td>
												<td className={isRefused(event) ? "result-denied" : "dim"}>
													<ResultMark event={event} />
													{isRefused(event) && <div>{reason(event.reason)}</div>}
													{event.verdict !== null && (event.verdict === "granted") !== (event.result === "granted") && (
														<div className="is-abnormal">{t("register.recordsSay", { verdict: reason(event.verdict) })}</div>
													)}
												</td>
												<td>
													{event.holder ? (
														<Link to="/access/holders/$holder" params={{ holder: event.holder.id }} preload={false}>
															{event.holder.name}
														</Link>
													) : (
														<span className="dim">{t("access.unknownHolder")}</span>
													)}
												</td>
												<td>{event.doorName}</td>
												<td>{t(`access.${event.direction}`)}</td>
												<td className="dim">{t(`access.methods.${event.method}`)}</td>
												<td className="dim">{event.card ?? "–"}</td>
											</tr>
										))}
									</tbody>
								</table>
							</div>
							{moreButton}
						</>
					);
				}}
			</Loaded>
		</section>
	);
}
