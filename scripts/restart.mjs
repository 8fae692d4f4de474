/** When what ended unexpectedly is started again: at once the first time, later after some time, and not at all when it ends again and again. */
const WINDOW_MS = 120_000;
const MOST_RESTARTS = 4;
const FIRST_WAIT_MS = 500;

/** How long to wait, ms, after the last of `ends` (Unix ms, oldest first); `null`: give up. */
export function waitAfterEnd(ends) {
	const last = ends.at(-1) ?? 0;
	const recent = ends.filter((at) => at > last - WINDOW_MS).length;
	return recent > MOST_RESTARTS ? null : FIRST_WAIT_MS * 2 ** (recent - 1);
}
