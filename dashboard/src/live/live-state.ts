import { createStore } from "zustand/vanilla";
import type { NotificationEvent } from "../../../contracts/realtime.ts";
import { type AlarmBook, emptyAlarmBook } from "./alarm-book.ts";
import { type Connection, initialConnection } from "./connection.ts";

export interface LiveState {
	connection: Connection;
	alarms: AlarmBook;
	/** Why the open alarms could not be fetched; `null` when they could. */
	alarmsError: unknown;
	/** The server's clock, Unix ms, moving once a second. */
	now: number;
	/** The newest critical alarm, to be read out. */
	announced: { id: string; text: string } | null;
	/** What the person who is signed in is called for, the newest first. */
	calls: readonly NotificationEvent[];
}

/** State of the link and the alarms that the whole screen shares. */
export function createLiveState(now: number) {
	return createStore<LiveState>()(() => ({
		connection: initialConnection(now),
		alarms: emptyAlarmBook,
		alarmsError: null,
		now,
		announced: null,
		calls: [],
	}));
}
export type LiveStore = ReturnType<typeof createLiveState>;
