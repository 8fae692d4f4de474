/** What becomes of a controller after each try; pure, times are Unix ms. */
import type { ControllerState } from "../../../contracts/controllers.ts";
import type { ControllerRecord, ControllerValues } from "./controllers-store.ts";
import type { Difference } from "./drift.ts";
import type { Failure } from "./list-transfer.ts";

export interface Rhythm {
	/** Time between two looks at a controller whose list is as it should be, ms. */
	checkEvery: number;
	/** Pause after the first failure, which doubles up to the longest, ms. */
	firstPause: number;
	longestPause: number;
}

export function pauseAfter(failures: number, { firstPause, longestPause }: Rhythm): number {
	return Math.min(longestPause, firstPause * 2 ** Math.min(30, Math.max(0, failures - 1)));
}

/** After a failure. A controller that keeps no list at all is asked again at its next look only. */
export function afterFailure(before: ControllerRecord, { reason, detail }: Failure, now: number, rhythm: Rhythm): ControllerValues {
	const failures = before.failures + 1;
	const since = before.failure?.reason === reason ? before.failure.since : now;
	const pause = reason === "no-list" ? rhythm.checkEvery : pauseAfter(failures, rhythm);
	return { failures, failure: { reason, detail, since }, nextTry: now + pause };
}

/**
 * Whether what was read can be explained by what was put there: the list confirmed last, one on its way whose confirmation was
 * never seen, or anything at all before the first.
 */
export function isExpected(before: Pick<ControllerRecord, "confirmed" | "sent">, held: string): boolean {
	return before.confirmed === null || held === before.confirmed || held === before.sent;
}

export function driftOf(before: ControllerRecord, { missing, extra, different, entries }: Difference, detail: string, now: number): ControllerValues {
	const lasts = before.drift?.repairedAt === null;
	return { drift: { foundAt: lasts && before.drift ? before.drift.foundAt : now, repairedAt: null, detail, missing, extra, different, entries } };
}

export function stateOf({ wanted, confirmed, checkedAt, failure, drift }: ControllerRecord): ControllerState {
	if (failure) return failure.reason === "no-list" ? "no-list" : "failing";
	if (drift?.repairedAt === null) return "drift";
	if (checkedAt === null) return "unknown";
	return confirmed === wanted ? "confirmed" : "pending";
}
