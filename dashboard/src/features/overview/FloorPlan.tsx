import { type FocusEvent, type KeyboardEvent, type MouseEvent, type PointerEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SiteView } from "../../../../contracts/api.ts";
import { useWorld } from "../../api/world-index.ts";
import { useLiveState } from "../../live/live-context.ts";
import { PriorityGlyph } from "../../ui/PriorityMark.tsx";
import { usePreference } from "../../ui/preferences.ts";
import { useSite } from "../../ui/site-context.ts";
import { DEVICE_SIGNS } from "./device-signs.ts";
import type { Metric } from "./heat-scale.ts";
import { DeviceSign, DoorSign, RackSign } from "./PlanSigns.tsx";
import { alarmsByPlace, type PlaceAlarms } from "./plan-alarms.ts";
import { isInVerticalWall, nearestInDirection, type Target, viewBoxOf } from "./plan-geometry.ts";

const ZOOMS = [1, 1.5, 2, 3] as const;

/**
 * The site's floor plan. One Tab stop; arrow keys move between the signs, Enter opens. `metric`: what the racks show; `null`: nothing
 * but the doors is a sign, and the rooms are only drawn.
 */
export function FloorPlan(props: {
	metric: Metric | null;
	selected: string | null;
	onPoint: (key: string | null) => void;
	onOpen: (key: string) => void;
}) {
	const { t } = useTranslation();
	const { metric } = props;
	const site = useSite();
	const world = useWorld();
	const theme = usePreference((preferences) => preferences.theme);
	const open = useLiveState((state) => state.alarms.open);
	const [zoom, setZoom] = useState(0);
	const [focused, setFocused] = useState<string | null>(null);
	const svg = useRef<SVGSVGElement>(null);

	const devices = useMemo(() => [...world.devices.values()].filter((device) => device.plan && DEVICE_SIGNS[device.kind]), [world.devices]);
	const drawn = useMemo(() => new Set(devices.map((device) => device.id)), [devices]);
	const places = useMemo(() => alarmsByPlace(open, site.doors, drawn), [open, site.doors, drawn]);
	const doorsOnly = metric === null;
	const targets = useMemo(() => targetsOf(site, devices).filter(({ key }) => !doorsOnly || key.startsWith("door:")), [site, devices, doorsOnly]);
	const box = useMemo(() => viewBoxOf(site.rooms), [site.rooms]);
	const entry = targets.some((target) => target.key === focused) ? focused : targets[0]?.key;

	const keyOf = (event: { target: EventTarget }) =>
		event.target instanceof Element ? (event.target.closest("[data-key]")?.getAttribute("data-key") ?? null) : null;
	const onKeyDown = (event: KeyboardEvent) => {
		const key = keyOf(event);
		if (!key) return;
		if (event.key === "Enter" || event.key === " ") {
			event.preventDefault();
			props.onOpen(key);
			return;
		}
		const from = targets.find((target) => target.key === key);
		const to = from && nearestInDirection(from, targets, event.key);
		if (!event.key.startsWith("Arrow")) return;
		event.preventDefault();
		if (to) svg.current?.querySelector<SVGElement>(`[data-key="${to.key}"]`)?.focus();
	};
	const sign = (key: string): { alarms: PlaceAlarms | undefined; tabIndex: 0 | -1; selected: boolean } => ({
		alarms: places.get(key),
		tabIndex: key === entry ? 0 : -1,
		selected: key === props.selected,
	});

	return (
		<div className="plan-frame">
			<section className="plan-scroll" aria-label={t("plan.title")}>
				{/* biome-ignore lint/a11y/useSemanticElements: a drawing is no fieldset */}
				<svg
					ref={svg}
					className="plan"
					style={{ width: `${100 * (ZOOMS[zoom] ?? 1)}%` }}
					viewBox={`${box.x} ${box.y} ${box.width} ${box.height}`}
					role="group"
					aria-label={`${t("plan.title")}. ${t(doorsOnly ? "doorMap.help" : "plan.help")}`}
					onPointerOver={(event: PointerEvent) => props.onPoint(keyOf(event))}
					onPointerLeave={() => props.onPoint(null)}
					onFocus={(event: FocusEvent) => {
						setFocused(keyOf(event));
						props.onPoint(keyOf(event));
					}}
					onClick={(event: MouseEvent) => {
						const key = keyOf(event);
						if (key) props.onOpen(key);
					}}
					onKeyDown={onKeyDown}
				>
					<defs>
						<pattern id="hatch" width=".22" height=".22" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
							<path d="M0 0V.22" className="hatch-line" />
						</pattern>
					</defs>
					{site.rooms.map((room) =>
						metric === null ? <RoomShape key={room.id} room={room} /> : <RoomSign key={room.id} room={room} {...sign(`room:${room.id}`)} />,
					)}
					{metric !== null &&
						site.racks.map((rack) => (
							<RackSign
								key={rack.id}
								rack={rack}
								points={world.byRack.get(rack.id) ?? NO_POINTS}
								metric={metric}
								theme={theme}
								{...sign(`rack:${rack.id}`)}
							/>
						))}
					{metric !== null &&
						devices.map((device) => (
							<DeviceSign key={device.id} device={device} points={world.byDevice.get(device.id) ?? NO_POINTS} {...sign(`device:${device.id}`)} />
						))}
					{site.doors.map((door) => (
						<DoorSign key={door.id} door={door} vertical={isInVerticalWall(door.plan, site.rooms)} {...sign(`door:${door.id}`)} />
					))}
				</svg>
			</section>
			<div className="plan-zoom">
				<button
					type="button"
					className="icon-button"
					aria-label={t("plan.zoomIn")}
					disabled={zoom === ZOOMS.length - 1}
					onClick={() => setZoom(zoom + 1)}
				>
					+
				</button>
				<button type="button" className="icon-button" aria-label={t("plan.zoomOut")} disabled={zoom === 0} onClick={() => setZoom(zoom - 1)}>
					−
				</button>
			</div>
		</div>
	);
}

const NO_POINTS: readonly never[] = [];

function RoomSign(props: { room: SiteView["rooms"][number]; alarms: PlaceAlarms | undefined; tabIndex: 0 | -1; selected: boolean }) {
	const { t } = useTranslation();
	const { room, alarms } = props;
	const { x, y, depth } = room.plan;
	const words = alarms ? `, ${t("plan.openAlarms", { count: alarms.count })} (${t(`priority.${alarms.worst.priority}`)})` : "";
	return (
		// biome-ignore lint/a11y/useSemanticElements: HTML buttons can't stand in a drawing
		<g
			role="button"
			tabIndex={props.tabIndex}
			className={`sign room ${props.selected ? "is-selected" : ""}`}
			data-key={`room:${room.id}`}
			data-testid={`room-${room.id}`}
			aria-label={`${t("plan.room", { name: room.name })}${words}`}
		>
			<RoomShape room={room} />
			{alarms && <PriorityGlyph priority={alarms.worst.priority} unacknowledged={alarms.unacknowledged} x={x + 1.4} y={y + depth - 1.2} size={0.3} />}
		</g>
	);
}

function RoomShape({ room }: { room: SiteView["rooms"][number] }) {
	const { x, y, width, depth } = room.plan;
	return (
		<>
			<rect x={x} y={y} width={width} height={depth} className="room-body" />
			<text x={x + 1.15} y={y + depth - 0.4} className="room-name">
				{room.name}
			</text>
		</>
	);
}

function targetsOf(site: SiteView, devices: readonly { id: string; plan: { x: number; y: number } | null }[]): Target[] {
	return [
		...site.racks.map(({ id, plan }) => ({ key: `rack:${id}`, x: plan.x + plan.width / 2, y: plan.y + plan.depth / 2 })),
		...site.doors.map(({ id, plan }) => ({ key: `door:${id}`, x: plan.x, y: plan.y })),
		...devices.flatMap(({ id, plan }) => (plan ? [{ key: `device:${id}`, x: plan.x, y: plan.y }] : [])),
		...site.rooms.map(({ id, plan }) => ({ key: `room:${id}`, x: plan.x + 1, y: plan.y + plan.depth - 0.6 })),
	];
}
