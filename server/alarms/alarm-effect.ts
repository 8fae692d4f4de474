import type { Actor } from "../platform/actor.ts";
import type { AlarmRecord, TransitionRecord } from "./alarm.ts";
import type { LateRun } from "./late-cursor.ts";

/** What has to be recorded, in this order. `alarm` is the alarm as it is afterwards. */
export type AlarmEffect =
	/** `actor`: who did it, where somebody did. */
	| { type: "transition"; alarm: AlarmRecord; transition: TransitionRecord; actor?: Actor }
	/** Something else is said of it now, while it goes on. */
	| { type: "reworded"; alarm: AlarmRecord }
	| { type: "late-began"; run: LateRun }
	/** The run's occurrence is over at `to`; recorded unless it overlaps one that is recorded already. */
	| { type: "late-over"; run: LateRun; to: number; reach: number; alarm: AlarmRecord; recordedAt: number };
