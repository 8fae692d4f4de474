import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Point } from "../../../../contracts/api.ts";
import { pointsQuery } from "../../api/queries.ts";
import { useWorld } from "../../api/world-index.ts";
import { alarmWords, useServerWords } from "../../i18n/server-words.ts";
import { isUnacknowledged } from "../../live/alarm-book.ts";
import { useLiveState, useReading } from "../../live/live-context.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { PointValue, unitText } from "../../ui/PointValue.tsx";
import { PriorityMark } from "../../ui/PriorityMark.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { ComparePicker } from "./ComparePicker.tsx";
import { Trend } from "./Trend.tsx";
import { MOST_LINES } from "./TrendChart.tsx";
import { parseRange, rangeText } from "./trend-range.ts";
import "./points.css";

const route = getRouteApi("/points/$point");

/** One point: its value now and its past. */
export function PointPage() {
	const { t } = useTranslation();
	const { point: id } = route.useParams();
	const points = useQuery({ ...pointsQuery, enabled: false });
	const world = useWorld();
	return (
		<Loaded query={points} rows={10}>
			{() => {
				const point = world.byId.get(id);
				return point ? (
					<PointView key={id} point={point} />
				) : (
					<Empty title={t("point.unknown", { id })}>
						<Link to="/points">{t("point.title")}</Link>
					</Empty>
				);
			}}
		</Loaded>
	);
}

const NO_ALARMS: readonly never[] = [];

function PointView({ point }: { point: Point }) {
	const { t } = useTranslation();
	const words = useServerWords();
	const format = useFormat();
	const world = useWorld();
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const live = useReading(point.id);
	const alarms = useLiveState((state) => state.alarms.byPoint.get(point.id) ?? NO_ALARMS);
	const range = useMemo(() => parseRange(search.range), [search.range]);
	const points = useMemo(() => {
		const others = (search.with ?? "").split(",").flatMap((id) => world.byId.get(id) ?? []);
		return [point, ...others.filter((other) => other.id !== point.id)].slice(0, MOST_LINES);
	}, [search.with, world, point]);
	const compare = (others: readonly Point[]) =>
		void navigate({ search: (before) => ({ ...before, with: others.map((other) => other.id).join(",") || undefined }), replace: true });
	return (
		<div className="page">
			<div className="page-head">
				<h1>
					{point.name} <span className="dim">{point.device}</span>
				</h1>
				<Link to="/devices/$device" params={{ device: point.device }}>
					{world.devices.get(point.device)?.name ?? point.device}
				</Link>
				<Link to="/" search={{ at: point.rack === null ? `room:${point.room}` : `rack:${point.rack}` }}>
					{point.location.slice(point.location.indexOf("/") + 1)}
				</Link>
			</div>
			<section className="panel point-now" aria-label={t("point.value")}>
				<PointValue point={point} large />
				<dl className="facts">
					<Fact name={t("point.kind")}>{t(`pointKind.${point.kind}`)}</Fact>
					<Fact name={t("point.quality")}>{live.ts === null ? "–" : t(`quality.${live.quality}`)}</Fact>
					{point.normal && (
						<Fact name={t("point.normal")}>
							{format.number(point.normal.min, point.unit)} – {format.number(point.normal.max, point.unit)} {unitText(point.unit)}
						</Fact>
					)}
					{point.interval !== null && <Fact name={t("point.interval")}>{format.age(point.interval)}</Fact>}
					<Fact name={t("point.deviceTime")}>{live.ts === null ? "–" : format.dateTime(live.ts)}</Fact>
					<Fact name={t("point.received")}>{live.receivedAt === null ? "–" : format.dateTime(live.receivedAt)}</Fact>
				</dl>
				{alarms.length > 0 && (
					<ul aria-label={t("point.alarms")}>
						{alarms.map((alarm) => (
							<li key={alarm.id}>
								<PriorityMark priority={alarm.priority} unacknowledged={isUnacknowledged(alarm)} />{" "}
								<Link to="/alarms" search={{ alarm: alarm.id }}>
									{alarmWords(words, alarm).message}
								</Link>{" "}
								<span className="dim">{t(`alarm.states.${alarm.state}`)}</span>
							</li>
						))}
					</ul>
				)}
			</section>
			<Trend
				points={points}
				range={range}
				onRange={(next) => void navigate({ search: (before) => ({ ...before, range: rangeText(next) }), replace: true })}
			/>
			<ComparePicker points={points} onChange={compare} />
		</div>
	);
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
	return (
		<div>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</div>
	);
}
