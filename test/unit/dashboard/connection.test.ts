import { describe, expect, test } from "vitest";
import {
	type Connection,
	type ConnectionEvent,
	initialConnection,
	nextConnection,
	SILENCE_LIMIT_MS,
} from "../../../dashboard/src/live/connection.ts";

type Step = [at: number, event: ConnectionEvent];
const run = (steps: readonly Step[]): Connection => steps.reduce((state, [at, event]) => nextConnection(state, event, at), initialConnection(0));
const joined: ConnectionEvent = { type: "joined" };
const beat = (serverTime = 0): ConnectionEvent => ({ type: "heartbeat", serverTime });
const tick: ConnectionEvent = { type: "tick" };
const gone: ConnectionEvent = { type: "disconnected" };

describe("the link", () => {
	test.each<[rule: string, steps: Step[], phase: Connection["phase"]]>([
		["is connecting before the first contact", [[1000, tick]], "connecting"],
		["is live once joined", [[100, joined]], "live"],
		["is lost when the first contact never comes", [[SILENCE_LIMIT_MS, tick]], "lost"],
		[
			"stays live while heartbeats come",
			[
				[0, joined],
				[3000, beat()],
				[6000, beat()],
				[9000, tick],
			],
			"live",
		],
		[
			"is lost after four seconds of silence",
			[
				[0, joined],
				[1000, beat()],
				[1000 + SILENCE_LIMIT_MS, tick],
			],
			"lost",
		],
		[
			"is not lost before",
			[
				[0, joined],
				[1000, beat()],
				[999 + SILENCE_LIMIT_MS, tick],
			],
			"live",
		],
		[
			"is lost at once when the socket closes",
			[
				[0, joined],
				[500, gone],
			],
			"lost",
		],
		[
			"does not come back before it has joined anew",
			[
				[0, joined],
				[500, gone],
				[900, beat()],
			],
			"lost",
		],
		[
			"comes back by joining",
			[
				[0, joined],
				[500, gone],
				[1500, joined],
			],
			"live",
		],
		[
			"comes back by a heartbeat after mere silence",
			[
				[0, joined],
				[5000, tick],
				[5500, beat()],
			],
			"live",
		],
	])("%s", (_, steps, phase) => expect(run(steps).phase).toBe(phase));

	test.each<[rule: string, steps: Step[], generations: number]>([
		[
			"one fetch for the first join",
			[
				[0, joined],
				[1000, beat()],
			],
			1,
		],
		[
			"another after a reconnect",
			[
				[0, joined],
				[500, gone],
				[1500, joined],
			],
			2,
		],
		[
			"another after silence, for something may have been missed",
			[
				[0, joined],
				[5000, tick],
				[5500, beat()],
				[6500, beat()],
			],
			2,
		],
		[
			"another when the server asks for it",
			[
				[0, joined],
				[1000, { type: "reload" }],
			],
			2,
		],
	])("%s", (_, steps, generations) => expect(run(steps).generation).toBe(generations));

	test("the server's clock is judged by the heartbeat with the shortest way", () => {
		const state = run([
			[0, joined],
			[1000, beat(61_000 - 400)],
			[2000, beat(62_000 - 20)],
			[3000, beat(63_000 - 900)],
		]);
		expect(state.clockOffset).toBe(60_000 - 20);
	});
	test("a tick without consequence leaves the state as it is", () => {
		const state = run([[0, joined]]);
		expect(nextConnection(state, tick, 1000)).toBe(state);
	});
});
