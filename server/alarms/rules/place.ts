import { OWN_DEVICE, parsePointId } from "../../../contracts/identifiers.ts";
import type { DeviceKind, PointKind } from "../../../contracts/kinds.ts";
import type { Where } from "../../../contracts/rules.ts";
import type { World } from "../../../contracts/world.ts";

/** Where an alarm's point is, in every respect in which another can be in the same place; `null`: in none. */
export type Place = Readonly<Record<Where, string | null>> & { pointKind: PointKind | null; deviceKind: DeviceKind | null };

/** `agent-offline`: the point's subject is an agent, which stands for everything behind it. */
export const AGENT_OFFLINE = "agent-offline";

/** The place of an alarm, from the site file and, where its point isn't of it, from what the alarm says itself. */
export function placeOf(alarm: { rule: string; point: string; site: string; room: string; rack: string | null }, world: World): Place {
	const id = parsePointId(alarm.point);
	const device = id && world.devices.get(id.device);
	const agent = alarm.rule === AGENT_OFFLINE && id?.device === OWN_DEVICE ? id.point : null;
	return {
		device: device?.id ?? null,
		rack: alarm.rack,
		room: alarm.room === "" ? null : alarm.room,
		feed: device?.feed ?? null,
		agent: device?.agent ?? agent,
		site: alarm.site,
		pointKind: world.points.get(alarm.point)?.kind ?? null,
		deviceKind: device?.kind ?? null,
	};
}

export const samePlace = (one: Place, other: Place, where: Where): boolean => one[where] !== null && one[where] === other[where];
