import { PRIORITIES } from "../../../contracts/kinds.ts";
import type { NotificationEvent } from "../../../contracts/realtime.ts";

/** Calls that are kept: far beyond what one person can answer. */
const MOST = 50;

/**
 * The calls with one more, those first that have to be answered first: a proof that is asked for, then by priority, the newest of each;
 * what is back to normal last. What is over needs no call any more.
 */
export function withCall(calls: readonly NotificationEvent[], call: NotificationEvent): readonly NotificationEvent[] {
	const over = new Set(call.kind === "resolved" ? call.alarms : []);
	const isOpen = ({ alarms }: NotificationEvent) => alarms.length === 0 || alarms.some((alarm) => !over.has(alarm));
	return [call, ...calls.filter(isOpen)].sort((one, other) => rank(one) - rank(other) || other.at - one.at).slice(0, MOST);
}

const rank = ({ kind, confirm, priority }: NotificationEvent): number =>
	kind === "resolved" ? PRIORITIES.length : confirm !== null ? -1 : PRIORITIES.indexOf(priority);
