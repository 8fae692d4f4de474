import { memo, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Device, Point, SiteView } from "../../../../contracts/api.ts";
import type { DoorState } from "../../../../contracts/kinds.ts";
import { DOOR_STATES } from "../../../../contracts/kinds.ts";
import { useWorld } from "../../api/world-index.ts";
import { useReading, useReadings } from "../../live/live-context.ts";
import { PriorityGlyph } from "../../ui/PriorityMark.tsx";
import { DEVICE_SIGNS, isAbnormalState, isSignPoint } from "./device-signs.ts";
import { heatColour, type Metric, type Theme } from "./heat-scale.ts";
import type { PlaceAlarms } from "./plan-alarms.ts";
import { metricPoints, rackMetric } from "./rack-metric.ts";

interface SignProps {
	alarms: PlaceAlarms | undefined;
	tabIndex: 0 | -1;
	selected: boolean;
}

function Mark({ alarms, x, y, size }: { alarms: PlaceAlarms | undefined; x: number; y: number; size: number }) {
	return alarms ? <PriorityGlyph priority={alarms.worst.priority} unacknowledged={alarms.unacknowledged} x={x} y={y} size={size} /> : null;
}

/** ", 2 open alarms, worst high" for the names of signs. */
function useAlarmWords(): (alarms: PlaceAlarms | undefined) => string {
	const { t } = useTranslation();
	return (alarms) => (alarms ? `, ${t("plan.openAlarms", { count: alarms.count })} (${t(`priority.${alarms.worst.priority}`)})` : "");
}

/** A rack on the heat map. Draws itself anew only when one of its own points moves. */
export const RackSign = memo(function RackSign(
	props: SignProps & { rack: SiteView["racks"][number]; points: readonly Point[]; metric: Metric; theme: Theme },
) {
	const { rack, points, metric, theme, alarms } = props;
	const { t } = useTranslation();
	const words = useAlarmWords();
	const { devices } = useWorld();
	const ids = useMemo(() => metricPoints(metric, points, devices).map((point) => point.id), [metric, points, devices]);
	const store = useReadings(ids);
	const state = rackMetric(
		metric,
		ids.map((id) => store.get(id)),
		rack.ratedPower,
	);
	const { x, y, width, depth } = rack.plan;
	const value = state.state === "none" ? null : state.value;
	const unit = metric === "temperature" ? "°C" : "%";
	const said = value === null ? t("plan.noSensor") : `${Math.round(value)} ${unit}${state.state === "stale" ? `, ${t("plan.stale")}` : ""}`;
	const fill = state.state === "value" ? heatColour(metric, state.value, theme) : "var(--plan-empty)";
	return (
		// biome-ignore lint/a11y/useSemanticElements: HTML buttons can't stand in a drawing
		<g
			role="button"
			tabIndex={props.tabIndex}
			className={`sign rack ${props.selected ? "is-selected" : ""}`}
			data-key={`rack:${rack.id}`}
			data-testid={`rack-${rack.id}`}
			data-state={state.state}
			data-value={value ?? ""}
			aria-label={`${t("plan.rack", { name: rack.name })} ${said}${words(alarms)}`}
		>
			<rect x={x + 0.03} y={y + 0.03} width={width - 0.06} height={depth - 0.06} rx="0.06" className="rack-body" fill={fill} />
			{state.state === "stale" && <rect x={x + 0.03} y={y + 0.03} width={width - 0.06} height={depth - 0.06} rx="0.06" fill="url(#hatch)" />}
			<text x={x + width / 2} y={y + depth * 0.34} className="rack-name">
				{rack.name}
			</text>{" "}
			<text x={x + width / 2} y={y + depth * 0.78} className="rack-value">
				{value === null ? "–" : Math.round(value)}
			</text>
			<Mark alarms={alarms} x={x + width / 2} y={y - 0.3} size={0.26} />
		</g>
	);
});

/** What a door looks like: half of its opening is 0.5 m; drawn along x and turned for walls that run up and down. */
export const DOOR_SHAPES: Readonly<Record<DoorState | "unknown", string>> = {
	closed: "M-.5 0H.5",
	locked: "M-.5 0H.5M-.16-.16H.16V.16H-.16Z",
	unlocked: "M-.5 0H.5M-.16 0A.16.16 0 0 0 .16 0",
	open: "M-.5 0L.2-.7",
	held: "M-.5 0L.2-.7M-.3.15H.3L-.3.6H.3Z",
	forced: "M-.5 0L-.15-.2M.5 0L.15-.2M-.3-.6L.3.2M.3-.6L-.3.2",
	tamper: "M-.5 0H.5M0-.7V-.3M0-.16V-.1",
	fault: "M-.5 0H-.2M.2 0H.5M0-.7V-.3M0-.16V-.1",
	unknown: "M-.5 0H-.25M-.1 0H.1M.25 0H.5",
};
const ABNORMAL_DOORS: ReadonlySet<string> = new Set(["forced", "held", "tamper", "fault"]);

/** A door, its state shown by its shape. */
export const DoorSign = memo(function DoorSign(props: SignProps & { door: SiteView["doors"][number]; vertical: boolean }) {
	const { door, alarms } = props;
	const { t } = useTranslation();
	const words = useAlarmWords();
	const live = useReading(door.point);
	const known = DOOR_STATES.find((each) => each === live.value);
	const stale = live.quality === "stale" && known !== undefined;
	const state = stale ? "unknown" : (known ?? "unknown");
	const word = t(state === "unknown" ? "door.unknown" : `door.states.${state}`);
	const said = stale ? t("doorStale", { stale: t("plan.stale"), state: t(`door.states.${known}`) }) : word;
	const { x, y } = door.plan;
	return (
		// biome-ignore lint/a11y/useSemanticElements: HTML buttons can't stand in a drawing
		<g
			role="button"
			tabIndex={props.tabIndex}
			className={`sign door ${ABNORMAL_DOORS.has(state) ? "is-abnormal" : ""} ${props.selected ? "is-selected" : ""}`}
			data-key={`door:${door.id}`}
			data-testid={`door-${door.id}`}
			data-state={stale ? "stale" : state}
			aria-label={`${t("plan.door", { name: door.name })}, ${said}${words(alarms)}`}
		>
			<rect x={x - 0.55} y={y - 0.55} width="1.1" height="1.1" className="sign-hit" />
			{stale && <rect x={x - 0.55} y={y - 0.55} width="1.1" height="1.1" rx="0.1" fill="url(#hatch)" />}
			<g transform={`translate(${x} ${y})${props.vertical ? " rotate(90)" : ""}`}>
				<path d="M-.5 0H.5" className="door-gap" />
				<path d={DOOR_SHAPES[state]} className="door-shape" />
			</g>
			<Mark alarms={alarms} x={x + 0.62} y={y - 0.42} size={0.28} />
		</g>
	);
});

/** A detector, camera, cooling unit or the like. */
export const DeviceSign = memo(function DeviceSign(props: SignProps & { device: Device; points: readonly Point[] }) {
	const { device, points, alarms } = props;
	const { t } = useTranslation();
	const words = useAlarmWords();
	const relevant = useMemo(() => points.filter((point) => isSignPoint(point.kind)), [points]);
	const ids = useMemo(() => relevant.map((point) => point.id), [relevant]);
	const store = useReadings(ids);
	const stale = relevant.length > 0 && relevant.every((point) => store.get(point.id).quality === "stale");
	const abnormal = relevant.some((point) => isAbnormalState(point.kind, store.get(point.id).value));
	if (!device.plan) return null;
	const { x, y } = device.plan;
	const kind = t(`kind.${device.kind}`);
	return (
		// biome-ignore lint/a11y/useSemanticElements: HTML buttons can't stand in a drawing
		<g
			role="button"
			tabIndex={props.tabIndex}
			className={`sign device ${abnormal ? "is-abnormal" : ""} ${stale ? "is-stale" : ""} ${props.selected ? "is-selected" : ""}`}
			data-key={`device:${device.id}`}
			data-testid={`device-${device.id}`}
			data-state={stale ? "stale" : abnormal ? "abnormal" : "normal"}
			aria-label={`${device.name} (${kind})${stale ? `, ${t("plan.stale")}` : ""}${words(alarms)}`}
		>
			<rect x={x - 0.48} y={y - 0.48} width="0.96" height="0.96" rx="0.1" className="device-box" />
			{stale && <rect x={x - 0.48} y={y - 0.48} width="0.96" height="0.96" rx="0.1" fill="url(#hatch)" />}
			<path d={DEVICE_SIGNS[device.kind]} transform={`translate(${x} ${y}) scale(.3)`} className="device-shape" />
			<Mark alarms={alarms} x={x + 0.4} y={y - 0.38} size={0.26} />
		</g>
	);
});
