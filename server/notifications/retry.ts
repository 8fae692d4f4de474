/** Whether and when a delivery is tried again. Pure; instants are Unix ms. */

/** What became of one try. `temporary`: it may go better later, `after`: not before so many ms, `every`: without backing off; `permanent`: it never will. */
export type TryResult =
	| { result: "delivered"; detail: string }
	| { result: "temporary"; reason: string; after?: number; every?: number }
	| { result: "permanent"; reason: string };

export type NextTry = { state: "delivered" | "failed"; reason: string } | { state: "pending"; reason: string; nextAt: number };

const SECOND = 1000;
const FIRST_PAUSE = 5 * SECOND;
const LONGEST_PAUSE = 5 * 60 * SECOND;
/** After this, whoever was to be told has been called otherwise, or the shift lead knows. */
export const GIVE_UP_AFTER = 60 * 60 * SECOND;

/** The longest that a try may take; one that ended without a word (the server was killed) is due again after {@link LEASE}. */
export const TRY_LIMIT = 10 * SECOND;
export const LEASE = TRY_LIMIT + 5 * SECOND;

/** What follows from a try, the `tries`th, of a delivery made at `createdAt`. */
export function afterTry(outcome: TryResult, { tries, createdAt, now }: { tries: number; createdAt: number; now: number }): NextTry {
	if (outcome.result === "delivered") return { state: "delivered", reason: outcome.detail };
	if (outcome.result === "permanent") return { state: "failed", reason: outcome.reason };
	const nextAt = now + (outcome.every ?? Math.max(pauseAfter(tries), outcome.after ?? 0));
	if (nextAt - createdAt > GIVE_UP_AFTER) return { state: "failed", reason: `${outcome.reason}; given up after ${tries} tries` };
	return { state: "pending", reason: outcome.reason, nextAt };
}

/** Doubles from one try to the next, up to a bound. */
export const pauseAfter = (tries: number): number => Math.min(FIRST_PAUSE * 2 ** Math.max(0, tries - 1), LONGEST_PAUSE);

/** What an HTTP answer says of a delivery (RFC 9110, 15): 408, 425, 429 and 5xx may go better later, `Retry-After` says when; others won't. */
export function httpResult(status: number, retryAfter: string | null, now: number): TryResult {
	if (status >= 200 && status < 300) return { result: "delivered", detail: `HTTP ${status}` };
	const reason = `HTTP ${status}`;
	if (status === 408 || status === 425 || status === 429 || status >= 500) {
		const after = retryAfterMs(retryAfter, now);
		return after === null ? { result: "temporary", reason } : { result: "temporary", reason, after };
	}
	return { result: "permanent", reason };
}

/** `Retry-After` (RFC 9110, 10.2.3): seconds or a date; never more than half an hour. */
function retryAfterMs(text: string | null, now: number): number | null {
	if (text === null) return null;
	const ms = /^\d+$/.test(text.trim()) ? Number(text) * SECOND : Date.parse(text) - now;
	return Number.isFinite(ms) ? Math.min(Math.max(0, ms), 30 * 60 * SECOND) : null;
}

/** What a failure to reach an HTTP server at all says of a delivery. */
export function unreachable(error: unknown): TryResult {
	const named = error instanceof Error ? error : new Error(String(error));
	if (named.name === "TimeoutError") return { result: "temporary", reason: `no answer within ${TRY_LIMIT / SECOND} s` };
	const { cause } = named;
	const code = cause instanceof Error && "code" in cause ? String(cause.code) : named.message;
	return { result: "temporary", reason: `not reached: ${code}` };
}
