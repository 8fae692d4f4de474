import { useTranslation } from "react-i18next";
import type { Device, Point } from "../../../../contracts/api.ts";
import { useWorld } from "../../api/world-index.ts";
import { useSite } from "../../ui/site-context.ts";

export interface Place {
	name: string;
	points: readonly Point[];
}

/** What a sign on the plan stands for, by its key (`rack:A01`, `room:hall-a` ...); `null` when there is no such thing. */
export function usePlace(key: string | null): Place | null {
	const { t } = useTranslation();
	const site = useSite();
	const world = useWorld();
	if (key === null) return null;
	const colon = key.indexOf(":");
	const id = key.slice(colon + 1);
	switch (key.slice(0, colon)) {
		case "rack": {
			const rack = site.racks.find((one) => one.id === id);
			if (!rack) return null;
			const room = site.rooms.find((one) => one.id === rack.room);
			const rated = rack.ratedPower === null ? "" : ` · ${t("plan.rated")} ${rack.ratedPower / 1000} kW`;
			return { name: `${t("plan.rack", { name: rack.name })} · ${room?.name ?? rack.room}${rated}`, points: inOrder(world.byRack.get(id) ?? []) };
		}
		case "room": {
			const room = site.rooms.find((one) => one.id === id);
			return room ? { name: room.name, points: (world.byRoom.get(id) ?? []).filter((point) => point.rack === null) } : null;
		}
		case "door": {
			const door = site.doors.find((one) => one.id === id);
			const point = door && world.byId.get(door.point);
			return door ? { name: t("plan.door", { name: door.name }), points: point ? [point] : [] } : null;
		}
		case "device": {
			const device = world.devices.get(id);
			return device ? { name: `${device.name} (${t(`kind.${device.kind}`)})`, points: world.byDevice.get(id) ?? [] } : null;
		}
		default:
			return null;
	}
}

/** What an operator asks for first stands first. */
const FIRST: readonly string[] = ["temperature", "humidity", "power", "current"];
function inOrder(points: readonly Point[]): Point[] {
	const rank = (point: Point) => (FIRST.includes(point.kind) ? FIRST.indexOf(point.kind) : FIRST.length);
	return [...points].sort((a, b) => rank(a) - rank(b));
}

/** How points are told apart that are called the same: by their feed, or by their device where that says no more; `null`: by their name. */
export function toldApart(
	points: readonly Point[],
	devices: ReadonlyMap<string, Pick<Device, "name" | "feed">>,
): ({ feed: "A" | "B" } | { device: string } | null)[] {
	const feedOf = (point: Point) => devices.get(point.device)?.feed ?? null;
	return points.map((point) => {
		const others = points.filter((other) => other !== point && other.name === point.name);
		if (others.length === 0) return null;
		const feed = feedOf(point);
		if (feed !== null && others.every((other) => feedOf(other) !== feed)) return { feed };
		return { device: devices.get(point.device)?.name ?? point.device };
	});
}
