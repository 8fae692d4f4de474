import { Button } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { type ChangeEvent, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Point } from "../../../../contracts/api.ts";
import { doorEventsQuery, historyCsvUrl, historyQuery, pointTransitionsQuery, rulesQuery } from "../../api/queries.ts";
import { watches } from "../../api/rules.ts";
import { useWorld } from "../../api/world-index.ts";
import { useNow, useReadings } from "../../live/live-context.ts";
import { Failed, Loading } from "../../ui/Loaded.tsx";
import { unitText, useValueText } from "../../ui/PointValue.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";
import { useMay } from "../session/session-context.ts";
import { type ChartLine, TrendChart } from "./TrendChart.tsx";
import type { Mark } from "./trend-marks.ts";
import { boundsOf, RANGE_NAMES, type TrendRange } from "./trend-range.ts";
import { extremesOf, stateLevels, trendSeriesOf, withLive } from "./trend-series.ts";

/** The trend of one point with others beside it, alarms and doors on the same time line. */
export function Trend(props: { points: readonly Point[]; range: TrendRange; onRange: (range: TrendRange) => void }) {
	const { t } = useTranslation();
	const format = useFormat();
	const site = useSite();
	const world = useWorld();
	const write = useValueText();
	const now = useNow();
	const { points, range, onRange } = props;
	const main = points[0];
	const { from, to } = boundsOf(range, now);
	const seesAlarms = useMay("alarms.read");
	const follows = range.name !== "custom";

	const histories = useQueries({ queries: points.map((point) => ({ ...historyQuery(point.id, from, to), placeholderData: keepPrevious })) });
	const transitions = useQuery({
		...pointTransitionsQuery(main?.id ?? "", from, to),
		enabled: main !== undefined && seesAlarms,
		placeholderData: keepPrevious,
	});
	const doors = useMemo(() => site.doors.filter((door) => main && (door.to === main.room || door.from === main.room)), [site.doors, main]);
	const doorEvents = useQueries({ queries: doors.map((door) => ({ ...doorEventsQuery(door.id, from, to), placeholderData: keepPrevious })) });
	const rules = useQuery({ ...rulesQuery, enabled: seesAlarms });
	const ids = useMemo(() => points.map((point) => point.id), [points]);
	const readings = useReadings(ids);
	const version = readings.version(ids);

	const answers = histories.map((history) => history.data);
	const answerKey = histories.map((history) => history.dataUpdatedAt).join();
	// biome-ignore lint/correctness/useExhaustiveDependencies: answerKey and version stand for the answers and the live values
	const lines = useMemo(
		() =>
			points.flatMap((point, index): ChartLine[] => {
				const answer = answers[index];
				if (!answer) return [];
				const live = readings.get(point.id);
				const levels = point.type === "number" ? [] : stateLevels(answer.rows, point);
				if (live.value !== null && point.type !== "number" && !levels.includes(live.value)) levels.push(live.value);
				const series = trendSeriesOf(answer, point, levels);
				const known = follows && live.ts !== null && live.value !== null && live.quality !== "bad" && live.quality !== "stale";
				// What speaks only of changes is still in the state that it spoke of last.
				const end = known && live.ts !== null && live.value !== null ? { ts: point.interval === null ? now : live.ts, value: live.value } : null;
				const gap =
					point.interval === null
						? Number.POSITIVE_INFINITY
						: Math.max(3 * point.interval, answer.step === "1h" ? 7_200_000 : answer.step === "1m" ? 180_000 : 0);
				return [
					{
						id: point.id,
						label: points.length > 1 ? `${point.device} ${point.name}` : point.name,
						unit: unitText(point.unit),
						series: withLive(series, end, levels, gap),
						levels: point.type === "number" ? null : levels.map((level) => write(level, null)),
					},
				];
			}),
		[points, answerKey, version, follows, points.some((point) => point.interval === null) && now],
	);
	const doorKey = doorEvents.map((events) => events.dataUpdatedAt).join();
	// biome-ignore lint/correctness/useExhaustiveDependencies: doorKey stands for the events
	const marks = useMemo(
		(): Mark[] => [
			...doorEvents.flatMap((events) =>
				(events.data ?? []).map((event) => ({
					at: Date.parse(event.ts),
					kind: "door" as const,
					colour: event.state === "forced" || event.state === "held" ? "--high" : "--dim",
					label: `${event.doorName}: ${t(`door.states.${event.state}`)}`,
				})),
			),
			...(transitions.data ?? []).flatMap(({ at, kind, priority }): Mark[] =>
				kind === "raised" || kind === "returned" || kind === "acknowledged"
					? [
							{
								at: Date.parse(at),
								kind,
								colour: kind === "raised" ? `--${priority}` : "--dim",
								label: `${t(`priority.${priority}`)}: ${t(`alarm.kinds.${kind}`)}`,
							},
						]
					: [],
			),
		],
		[doorKey, transitions.data, t],
	);
	const limits = useMemo(() => {
		if (main?.type !== "number") return [];
		const kind = world.devices.get(main.device)?.kind;
		return (rules.data ?? []).flatMap((rule) =>
			rule.kind === "limit" && rule.limit !== undefined && watches(rule, main, kind)
				? [{ value: rule.limit, label: `${t(`priority.${rule.priority}`)} ${format.number(rule.limit, main.unit)}`, colour: `--${rule.priority}` }]
				: [],
		);
	}, [main, rules.data, world.devices, t, format]);

	if (!main) return null;
	const failed = histories.find((history) => history.error && !history.data);
	const waiting = histories.some((history) => history.data === undefined);
	const first = lines[0];
	const extremes = first && extremesOf(first.series);
	const shownTo = follows ? now : to;
	const setCustom = (key: "from" | "to") => (event: ChangeEvent<HTMLInputElement>) => {
		const at = fromLocal(event.currentTarget.value, site.timeZone);
		if (at === null) return;
		const next = { name: "custom" as const, from, to: shownTo, [key]: at };
		if (next.from < next.to) onRange(next);
	};
	return (
		<section className="panel trend" aria-labelledby="trend-title">
			<div className="panel-head trend-head">
				<h2 id="trend-title">{t("trend.title")}</h2>
				<fieldset className="choice">
					<legend className="visually-hidden">{t("trend.range")}</legend>
					{RANGE_NAMES.map((name) => (
						<label key={name}>
							<input type="radio" name="range" checked={range.name === name} onChange={() => onRange({ name })} />
							<span>{t(`trend.ranges.${name}`)}</span>
						</label>
					))}
				</fieldset>
				<label className="trend-time">
					{t("trend.from")}
					<input type="datetime-local" step="1" value={toLocal(from, site.timeZone)} onChange={setCustom("from")} />
				</label>
				<label className="trend-time">
					{t("trend.to")}
					<input type="datetime-local" step="1" value={toLocal(shownTo, site.timeZone)} onChange={setCustom("to")} />
				</label>
				{follows ? (
					<span className="dim">{t("trend.following")}</span>
				) : (
					<Button size="xs" variant="default" onClick={() => onRange({ name: "h1" })}>
						{t("trend.resetZoom")}
					</Button>
				)}
				<a href={historyCsvUrl(main.id, from, shownTo)} download>
					{t("trend.export")}
				</a>
			</div>
			{failed ? (
				<Failed error={failed.error} retry={() => void failed.refetch()} />
			) : waiting ? (
				<Loading rows={8} />
			) : (
				<>
					<TrendChart
						lines={lines}
						from={follows ? from : range.from}
						to={shownTo}
						marks={marks}
						limits={limits}
						normal={main.type === "number" ? main.normal : null}
						onZoom={(zoomFrom, zoomTo) => onRange({ name: "custom", from: zoomFrom, to: Math.min(zoomTo, now) })}
						onReset={() => onRange({ name: "h1" })}
						writeTime={(ms) => format.dateTime(ms)}
						writeValue={(value, unit) => write(value, unit)}
						timeZone={site.timeZone}
						timeLabel={t("access.time")}
						label={
							extremes && first.levels === null
								? t("trend.summary", {
										name: main.name,
										from: format.dateTime(from),
										to: format.dateTime(shownTo),
										count: extremes.count,
										min: write(extremes.min, main.unit),
										max: write(extremes.max, main.unit),
										last: write(extremes.last, main.unit),
									})
								: `${t("trend.title")}: ${main.name}`
						}
					/>
					<p className="trend-note dim">
						{extremes
							? first.series.step === "raw"
								? t("trend.raw")
								: first.series.step === "1m"
									? t("trend.m1")
									: t("trend.h1")
							: t("trend.empty")}{" "}
						· {t("trend.hint")}
						{first?.series.truncated && <strong> {t("trend.truncated")}</strong>}
					</p>
					{marks.length > 0 && (
						<details className="trend-marks">
							<summary>
								{t("trend.marks")} ({marks.length})
							</summary>
							<ul>
								{[...marks]
									.sort((a, b) => b.at - a.at)
									.slice(0, 200)
									.map((mark) => (
										<li key={`${mark.at} ${mark.kind} ${mark.label}`}>
											<span className="dim">{format.dateTime(mark.at)}</span> {mark.label}
										</li>
									))}
							</ul>
						</details>
					)}
				</>
			)}
		</section>
	);
}

function keepPrevious<T>(previous: T | undefined): T | undefined {
	return previous;
}

/** Unix ms as the value of a `datetime-local` field in the site's zone. */
function toLocal(ms: number, timeZone: string): string {
	const parts = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }).format(ms);
	return parts.replace(" ", "T");
}

/** Back again: the offset of the zone is found by asking what the guess looks like there. */
function fromLocal(text: string, timeZone: string): number | null {
	const guess = Date.parse(`${text}Z`);
	if (Number.isNaN(guess)) return null;
	const seen = Date.parse(`${toLocal(guess, timeZone)}Z`);
	return guess - (seen - guess);
}
