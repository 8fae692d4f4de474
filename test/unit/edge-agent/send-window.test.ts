import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pauseBefore } from "../../../edge-agent/uplink/back-off.ts";
import { SendWindow } from "../../../edge-agent/uplink/send-window.ts";

const options = { envelopes: 8, bytes: 1000, timeout: 100 };

/** Sends what the window names, one batch of 10 bytes an envelope, until it names nothing. */
function drain(window: SendWindow, now: number, most = Number.POSITIVE_INFINITY): string[] {
	const sent: string[] = [];
	for (let next = window.next(); next && sent.length < most; next = window.next()) {
		window.sent(next.lane, [next.range.from], next.range.from, 10, now);
		sent.push(`${next.lane} ${next.range.from}`);
	}
	return sent;
}

describe("the send window", () => {
	test("sends what is fresh first and the backlog, oldest first, behind it", () => {
		const window = new SendWindow(options);
		window.connect(1, 3, 4);
		window.committed(5);
		expect(drain(window, 0)).toEqual(["live 4", "live 5", "late 1", "late 2", "late 3"]);
	});
	test("keeps a share of itself for what is new", () => {
		const window = new SendWindow(options);
		window.connect(1, 100, 100);
		expect(drain(window, 0)).toHaveLength(6);
		window.committed(101);
		expect(drain(window, 0)).toEqual(["live 101"]);
	});
	test("sends nothing beyond its envelopes and bytes until there is an answer", () => {
		const window = new SendWindow(options);
		window.connect(1, 0, 0);
		window.committed(100);
		expect(drain(window, 0)).toHaveLength(8);
		window.answered([1, 2]);
		expect(drain(window, 0)).toEqual(["live 9", "live 10"]);
	});
	test("sends again, as backlog and with growing patience, what has had no answer", () => {
		const window = new SendWindow(options);
		window.connect(1, 0, 0);
		window.committed(2);
		drain(window, 0);
		expect(window.expire(100)).toBe(false);
		expect(window.expire(101)).toBe(true);
		window.committed(3);
		expect(drain(window, 101)).toEqual(["live 3", "late 1", "late 2"]);
		expect(window.expire(250)).toBe(false);
		expect(window.expire(302)).toBe(true);
	});
	test("sends everything that is left again after a new connection", () => {
		const window = new SendWindow(options);
		window.connect(1, 0, 0);
		window.committed(3);
		drain(window, 0);
		window.disconnect();
		expect(window.next()).toBeNull();
		window.connect(2, 2, 3);
		expect(drain(window, 0)).toEqual(["live 3", "late 2"]);
	});
	test("hands a live lane that fell behind over to the backlog, up to where it is late", () => {
		const window = new SendWindow(options);
		window.connect(1, 0, 0);
		window.committed(5);
		window.fellBehind(3);
		expect(drain(window, 0)).toEqual(["live 4", "live 5", "late 1", "late 2", "late 3"]);
	});
});

test("whatever happens, every batch is sent until it is answered, never twice at a time, and the window holds", () => {
	const step = fc.oneof(
		{ weight: 3, arbitrary: fc.record({ do: fc.constant("commit" as const), count: fc.integer({ min: 1, max: 20 }) }) },
		{ weight: 3, arbitrary: fc.record({ do: fc.constant("send" as const), count: fc.integer({ min: 1, max: 10 }) }) },
		{ weight: 3, arbitrary: fc.record({ do: fc.constant("answer" as const), count: fc.integer({ min: 0, max: 50 }) }) },
		{ weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), count: fc.integer({ min: 1, max: 300 }) }) },
		{ weight: 1, arbitrary: fc.record({ do: fc.constant("behind" as const), count: fc.integer({ min: 0, max: 30 }) }) },
		{ weight: 1, arbitrary: fc.record({ do: fc.constant("reconnect" as const), count: fc.integer({ min: 0, max: 30 }) }) },
	);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
			const window = new SendWindow(options);
			let now = 0;
			let head = 0;
			const answered = new Set<number>();
			let flying = new Map<number, number>();
			const oldest = () => {
				for (let seq = 1; seq <= head; seq++) if (!answered.has(seq)) return seq;
				return head + 1;
			};
			const send = (count: number) => {
				for (let next = window.next(); next && count > 0; next = window.next(), count--) {
					const seqs: number[] = [];
					for (let seq = next.range.from; seq <= next.range.to && seqs.length < 5; seq++) if (!answered.has(seq)) seqs.push(seq);
					for (const seq of seqs) {
						expect(flying.has(seq)).toBe(false);
						flying.set(seq, now);
					}
					window.sent(next.lane, seqs, seqs.at(-1) ?? next.range.to, seqs.length * 30, now);
					expect(window.inFlight.envelopes).toBeLessThanOrEqual(options.envelopes);
					expect(window.inFlight.bytes).toBeLessThan(options.bytes + 150);
				}
			};
			const answer = (count: number) => {
				const seqs = [...flying.keys()].slice(0, count);
				for (const seq of seqs) {
					flying.delete(seq);
					answered.add(seq);
				}
				window.answered(seqs);
			};
			window.connect(1, 0, 0);
			for (const { do: what, count } of steps)
				switch (what) {
					case "commit":
						head += count;
						window.committed(head);
						break;
					case "send":
						send(count);
						break;
					case "answer":
						answer(count);
						break;
					case "wait": {
						now += count;
						const before = window.inFlight.envelopes;
						// What is taken back may fly again.
						if (window.expire(now)) {
							expect(window.inFlight.envelopes).toBeLessThan(before);
							window.disconnect();
							window.connect(oldest(), 0, head);
							flying = new Map();
						}
						break;
					}
					case "behind":
						window.fellBehind(count);
						break;
					case "reconnect":
						window.disconnect();
						window.connect(oldest(), Math.min(head, count), head);
						flying = new Map();
						break;
				}
			for (let round = 0; round <= head && answered.size < head; round++) {
				send(100);
				answer(1000);
			}
			expect(answered.size).toBe(head);
			expect(window.inFlight).toEqual({ envelopes: 0, bytes: 0 });
		}),
		{ numRuns: 300 },
	);
});

test.each([
	[0, 0, 500],
	[0, 1, 1000],
	[3, 1, 8000],
	[10, 0, 15_000],
	[1000, 1, 30_000],
])("the pause before attempt %i with chance %f is %i ms", (attempt, chance, pause) => {
	expect(pauseBefore(attempt, { first: 1_000, longest: 30_000 }, chance)).toBe(pause);
});
