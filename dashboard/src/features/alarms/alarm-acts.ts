/** What a person can do to an alarm in its state; pure. The server decides, this only says what is worth offering. */
import type { Alarm } from "../../../../contracts/api.ts";
import type { Permission } from "../../../../contracts/permissions.ts";
import { isUnacknowledged } from "../../live/alarm-book.ts";

export const ALARM_ACTS = ["acknowledge", "reset", "shelve", "unshelve", "out-of-service", "in-service"] as const;
export type AlarmAct = (typeof ALARM_ACTS)[number];

interface ActRule {
	permission: Permission;
	/** Single key on a row of the list. */
	key: string;
	offered: (alarm: Alarm) => boolean;
	/** The server wants to know why. */
	reason: boolean;
}
export const ACT_RULES: Readonly<Record<AlarmAct, ActRule>> = {
	acknowledge: { permission: "alarms.acknowledge", key: "a", offered: isUnacknowledged, reason: false },
	reset: {
		permission: "alarms.acknowledge",
		key: "r",
		offered: ({ latched, active, acknowledged }) => latched && !active && acknowledged,
		reason: false,
	},
	shelve: { permission: "alarms.shelve", key: "s", offered: ({ shelved, state }) => !shelved && state !== "normal", reason: true },
	unshelve: { permission: "alarms.shelve", key: "s", offered: ({ shelved }) => shelved, reason: false },
	"out-of-service": { permission: "alarms.service", key: "o", offered: ({ outOfService }) => !outOfService, reason: true },
	"in-service": { permission: "alarms.service", key: "o", offered: ({ outOfService }) => outOfService, reason: true },
};

/** In the order in which they are offered. */
export function actsOn(alarm: Alarm, may: (permission: Permission) => boolean): AlarmAct[] {
	return ALARM_ACTS.filter((act) => may(ACT_RULES[act].permission) && ACT_RULES[act].offered(alarm));
}

/** The act of a key, if the alarm's state and the person's rights have it. */
export const actOfKey = (key: string, alarm: Alarm, may: (permission: Permission) => boolean): AlarmAct | undefined =>
	actsOn(alarm, may).find((act) => ACT_RULES[act].key === key);
