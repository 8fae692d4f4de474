/** When alarms are to be heard; pure. */
import type { Alarm } from "../../../contracts/api.ts";
import { PRIORITIES, type Priority } from "../../../contracts/kinds.ts";
import { isUnacknowledged } from "./alarm-book.ts";

/** What somebody has silenced: those alarms, until then (Unix ms). */
export interface Mute {
	until: number;
	occurrences: ReadonlySet<string>;
}
/** A mute ends by itself: who has silenced an alarm has not yet seen to it. */
export const MUTE_MS = 5 * 60_000;

/** How often each priority is heard, and how many notes of which pitch (Hz) it then is. Low is only seen. */
export const SOUNDS: Readonly<Record<Priority, { every: number; notes: number; pitch: number } | null>> = {
	critical: { every: 2000, notes: 3, pitch: 880 },
	high: { every: 5000, notes: 2, pitch: 660 },
	medium: { every: 15_000, notes: 1, pitch: 520 },
	low: null,
};

const keyOf = ({ id, occurrences }: Alarm): string => `${id} ${occurrences}`;

/** Silences what is unacknowledged now. */
export function muteOf(alarms: readonly Alarm[], now: number): Mute {
	return { until: now + MUTE_MS, occurrences: new Set(alarms.filter(isUnacknowledged).map(keyOf)) };
}

/** The most urgent priority that is to be heard; `null`: quiet. What has come since the mute is heard through it. */
export function soundOf(alarms: readonly Alarm[], mute: Mute | null, now: number): Priority | null {
	const muted = mute !== null && now < mute.until ? mute.occurrences : null;
	const loud = alarms.filter((alarm) => isUnacknowledged(alarm) && SOUNDS[alarm.priority] !== null && !muted?.has(keyOf(alarm)));
	return PRIORITIES.find((priority) => loud.some((alarm) => alarm.priority === priority)) ?? null;
}
