import { createContext, useContext } from "react";
import type { Device, Point } from "../../../contracts/api.ts";

/** The site's points by where they are; made once from the fetched list. */
export interface WorldIndex {
	points: readonly Point[];
	byId: ReadonlyMap<string, Point>;
	byRoom: ReadonlyMap<string, readonly Point[]>;
	byRack: ReadonlyMap<string, readonly Point[]>;
	byDevice: ReadonlyMap<string, readonly Point[]>;
	devices: ReadonlyMap<string, Device>;
}

export function worldIndexOf(points: readonly Point[], devices: readonly Device[]): WorldIndex {
	return {
		points,
		byId: new Map(points.map((point) => [point.id, point])),
		byRoom: grouped(points, (point) => point.room),
		byRack: grouped(points, (point) => point.rack),
		byDevice: grouped(points, (point) => point.device),
		devices: new Map(devices.map((device) => [device.id, device])),
	};
}

function grouped(points: readonly Point[], keyOf: (point: Point) => string | null): Map<string, Point[]> {
	const groups = new Map<string, Point[]>();
	for (const point of points) {
		const key = keyOf(point);
		if (key === null) continue;
		const group = groups.get(key);
		if (group) group.push(point);
		else groups.set(key, [point]);
	}
	return groups;
}

export const WorldContext = createContext<WorldIndex>(worldIndexOf([], []));

export function useWorld(): WorldIndex {
	return useContext(WorldContext);
}
