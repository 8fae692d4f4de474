/** When a page that nobody touches says so, and when it logs out. The page itself asks the server all the time, so the server can't tell. */
export const IDLE_MS = 30 * 60_000;
/** At least 20 seconds to answer (WCAG 2.2, 2.2.1). */
export const WARNING_MS = 2 * 60_000;

export type Idle = { state: "in-use" } | { state: "warning"; left: number; reason: "idle" | "end" } | { state: "over" };

/** `lastInput`, `now`, `endsAt` (of the session in any case; `null` for none): Unix ms. */
export function idleOf(lastInput: number, endsAt: number | null, now: number): Idle {
	const idleAt = lastInput + IDLE_MS;
	const at = Math.min(idleAt, endsAt ?? idleAt);
	const left = at - now;
	if (left <= 0) return { state: "over" };
	return left <= WARNING_MS ? { state: "warning", left, reason: at === idleAt ? "idle" : "end" } : { state: "in-use" };
}
