import { describe, expect, it } from "vitest";
import { BEHIND_LIMIT_MS, BUFFER_LIMIT_BYTES, nextPace, type Pace } from "../../../server/platform/realtime/client-pace.ts";

const NOW = 100_000;
const live: Pace = { state: "live", since: NOW - 1 };
const holding = (forMs: number): Pace => ({ state: "holding", since: NOW - forMs });
const cut: Pace = { state: "cut", since: NOW - 60_000 };
const drained = { drained: true, waitingBytes: 0 };
const waiting = (waitingBytes: number) => ({ drained: false, waitingBytes });

describe("nextPace", () => {
	it.each([
		["a page that keeps up is sent to", live, drained, "send", "live"],
		["one whose connection is busy waits", live, waiting(1), "hold", "holding"],
		["more than the limit at once: given up", live, waiting(BUFFER_LIMIT_BYTES + 1), "cut", "cut"],
		["it goes on waiting up to the limit", holding(BEHIND_LIMIT_MS), waiting(BUFFER_LIMIT_BYTES), "hold", "holding"],
		["it catches up when its connection is free", holding(BEHIND_LIMIT_MS * 2), drained, "send", "live"],
		["too long behind: given up", holding(BEHIND_LIMIT_MS + 1), waiting(1), "cut", "cut"],
		["too much behind: given up", holding(1), waiting(BUFFER_LIMIT_BYTES + 1), "cut", "cut"],
		["given up: nothing more until it has drained", cut, waiting(1), "nothing", "cut"],
		["then it reloads", cut, drained, "reload", "live"],
	])("%s", (_rule, pace, link, act, state) => {
		expect(nextPace(pace, link, NOW)).toMatchObject({ act, pace: { state } });
	});

	it("counts the time behind from when it fell behind", () => {
		const first = nextPace(live, waiting(1), NOW).pace;
		expect(nextPace(first, waiting(1), NOW + BEHIND_LIMIT_MS).act).toBe("hold");
		expect(nextPace(first, waiting(1), NOW + BEHIND_LIMIT_MS + 1).act).toBe("cut");
	});
});
