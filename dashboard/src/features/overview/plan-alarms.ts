import type { Alarm, SiteView } from "../../../../contracts/api.ts";
import { byPriority, isUnacknowledged } from "../../live/alarm-book.ts";
import { doorOfAlarm } from "../../live/door-alarms.ts";

/** What stands on the plan at one place. */
export interface PlaceAlarms {
	worst: Alarm;
	count: number;
	unacknowledged: boolean;
}

/** Sorts open alarms to what the plan draws: the door, the rack, the device with a sign of its own, else the room. */
export function alarmsByPlace(open: readonly Alarm[], doors: SiteView["doors"], drawnDevices: ReadonlySet<string>): Map<string, PlaceAlarms> {
	const places = new Map<string, Alarm[]>();
	for (const alarm of open) {
		const door = doorOfAlarm(alarm, doors);
		const device = alarm.point.slice(0, alarm.point.indexOf(":"));
		const key = door ? `door:${door}` : alarm.rack ? `rack:${alarm.rack}` : drawnDevices.has(device) ? `device:${device}` : `room:${alarm.room}`;
		const list = places.get(key);
		if (list) list.push(alarm);
		else places.set(key, [alarm]);
	}
	const result = new Map<string, PlaceAlarms>();
	for (const [key, alarms] of places) {
		const worst = alarms.sort(byPriority)[0];
		if (worst)
			result.set(key, {
				worst,
				count: alarms.length,
				unacknowledged: alarms.some((alarm) => isUnacknowledged(alarm) && alarm.priority === worst.priority),
			});
	}
	return result;
}
