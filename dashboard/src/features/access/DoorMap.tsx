import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AccessEventView } from "../../../../contracts/api.ts";
import { lastPassageQuery } from "../../api/access.ts";
import { accessFeedQuery, doorsQuery } from "../../api/queries.ts";
import { doorOfAlarm } from "../../live/door-alarms.ts";
import { useLiveState } from "../../live/live-context.ts";
import { PointValue } from "../../ui/PointValue.tsx";
import { useSite } from "../../ui/site-context.ts";
import { When } from "../../ui/When.tsx";
import { FloorPlan } from "../overview/FloorPlan.tsx";
import { DOOR_SHAPES } from "../overview/PlanSigns.tsx";
import { isRefused, ResultMark } from "./AccessFeed.tsx";
import "../overview/overview.css";
import "./access.css";

/** `door:front-door` to `front-door`. */
const doorOf = (key: string | null) => (key?.startsWith("door:") ? key.slice("door:".length) : null);

/** The plan with nothing but its doors and how they stand; each leads to its page. */
export function DoorMap() {
	const { t } = useTranslation();
	const navigate = useNavigate();
	const [pointed, setPointed] = useState<string | null>(null);
	const open = useCallback(
		(key: string) => {
			const door = doorOf(key);
			if (door !== null) void navigate({ to: "/access/doors/$door", params: { door } });
		},
		[navigate],
	);
	const door = doorOf(pointed);
	return (
		<section className="panel door-map" aria-labelledby="door-map" data-testid="door-map">
			<div className="panel-head">
				<h2 id="door-map">{t("doorMap.title")}</h2>
				<Legend />
			</div>
			<FloorPlan metric={null} selected={null} onPoint={setPointed} onOpen={open} />
			<div className="plan-details">{door === null ? <span className="dim">{t("doorMap.help")}</span> : <DoorDetails door={door} />}</div>
		</section>
	);
}

/** What the shapes mean; the state is in each door's name too. */
function Legend() {
	const { t } = useTranslation();
	return (
		<ul className="door-legend dim">
			{(["locked", "open", "forced", "held", "unknown"] as const).map((state) => (
				<li key={state}>
					<svg viewBox="-.8 -.9 1.6 1.6" width="20" height="20" aria-hidden="true">
						<path d={DOOR_SHAPES[state]} className="door-shape" />
					</svg>
					{state === "unknown" ? t("doorMap.notHeard") : t(`door.states.${state}`)}
				</li>
			))}
		</ul>
	);
}

function DoorDetails({ door: id }: { door: string }) {
	const { t } = useTranslation();
	const { doors } = useSite();
	const door = doors.find((one) => one.id === id);
	const state = useQuery(doorsQuery).data?.find((one) => one.id === id);
	const alarms = useLiveState((live) => live.alarms.open).filter((alarm) => doorOfAlarm(alarm, doors) === id);
	if (!door) return null;
	return (
		<>
			<strong>{door.name}</strong>
			<ul data-testid="door-details">
				<li>
					<PointValue point={{ id: door.point, unit: null }} age={false} />{" "}
					{state && (
						<span className="dim">
							{t("doorMap.since")} <When at={state.since} />
						</span>
					)}{" "}
					{state?.stale && <span className="is-abnormal">{t("doorMap.notHeard")}</span>}
				</li>
				<li>
					<span className="dim">{t("doorMap.last")}</span> <LastPassage door={id} />
				</li>
				<li className={alarms.length > 0 ? "is-abnormal" : "dim"}>
					{alarms.length > 0 ? t("plan.openAlarms", { count: alarms.length }) : t("doorMap.nothingOpen")}
				</li>
			</ul>
		</>
	);
}

/** From the feed where it is there; only what the feed no longer has is asked for. */
function LastPassage({ door }: { door: string }) {
	const { t } = useTranslation();
	const feed = useQuery(accessFeedQuery);
	const known = feed.data?.find((event) => event.door === door);
	const asked = useQuery({ ...lastPassageQuery(door), enabled: feed.data !== undefined && known === undefined });
	const event: AccessEventView | null | undefined = known ?? asked.data;
	if (event === undefined) return <span className="dim">…</span>;
	if (event === null) return <span className="dim">{t("doorMap.nobodyYet")}</span>;
	return (
		<span className={isRefused(event) ? "result-denied" : ""}>
			<ResultMark event={event} /> {event.holder?.name ?? t("access.unknownHolder")}, {t(`access.${event.direction}`)}, <When at={event.ts} />
		</span>
	);
}
