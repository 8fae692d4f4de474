/** Which alarms are about a door: those of its state, and those that what was found at it has raised. */
import type { Alarm, SiteView } from "../../../contracts/api.ts";
import { OWN_DEVICE } from "../../../contracts/identifiers.ts";

type AlarmPlace = Pick<Alarm, "rule" | "point">;

/** The id of the door that an alarm is about. */
export function doorOfAlarm(alarm: AlarmPlace, doors: SiteView["doors"]): string | undefined {
	const found = alarm.rule.startsWith("access-") && alarm.point.startsWith(`${OWN_DEVICE}:`) ? alarm.point.slice(OWN_DEVICE.length + 1) : undefined;
	return doors.find(({ id, point }) => point === alarm.point || id === found)?.id;
}

/** The alarm that a finding has raised, as long as it is open and nothing newer was found: it was raised at the time of the event. */
export function alarmOfFinding<A extends AlarmPlace & Pick<Alarm, "raisedAt">>(
	{ door, at }: { door: string | null; at: string },
	open: readonly A[],
	doors: SiteView["doors"],
): A | undefined {
	const time = Date.parse(at);
	return open.find((alarm) => Date.parse(alarm.raisedAt) === time && doorOfAlarm(alarm, doors) === door);
}
