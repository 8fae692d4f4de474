import { describe, expect, test } from "vitest";
import type { DoorState } from "../../../contracts/kinds.ts";
import type { DoorRecord } from "../../../server/access/access-event.ts";
import { type Hearing, ownState, type Standing, standingAfter } from "../../../server/access/door-standing.ts";

const S = 1000;
const T = 1_769_000_000_000;
const HELD_AFTER = 8 * S;
const SERVER = "watchroom";

/** `[id, seconds, state, device]`, in the order in which they come. */
type Said = readonly [id: number, at: number, state: DoorState, device?: string];
const eventOf = ([id, at, state, device = "c1"]: Said): DoorRecord => ({
	type: "door",
	id: String(id),
	device,
	seq: id,
	door: "main",
	doorName: "Main",
	ts: T + at * S,
	receivedAt: T + at * S,
	late: false,
	conflict: false,
	state,
});
function standing(said: readonly Said[], live = true): Standing {
	let known: Standing | undefined;
	for (const one of said) {
		const event = eventOf(one);
		known = standingAfter(known, event, { now: event.ts, live, heldOpenAfter: HELD_AFTER });
	}
	if (!known) throw new Error("nothing was said");
	return known;
}

describe("a door stands as its newest event says, since that began", () => {
	const cases: readonly [name: string, said: readonly Said[], state: DoorState, since: number][] = [
		[
			"the newest counts",
			[
				[1, 0, "closed"],
				[2, 1, "open"],
			],
			"open",
			1,
		],
		[
			"said again that it is open, it is the same opening",
			[
				[1, 1, "open"],
				[2, 5, "open"],
			],
			"open",
			1,
		],
		[
			"said again that it is open, it stays held",
			[
				[1, 1, "open"],
				[2, 9, "held"],
				[3, 12, "open"],
			],
			"held",
			9,
		],
		[
			"said twice that it is held, it is held since the first",
			[
				[1, 9, "held"],
				[2, 12, "held"],
			],
			"held",
			9,
		],
		[
			"closed ends it",
			[
				[1, 9, "held"],
				[2, 12, "open"],
				[3, 13, "closed"],
			],
			"closed",
			13,
		],
		[
			"opened again it is open",
			[
				[1, 9, "held"],
				[2, 12, "closed"],
				[3, 13, "open"],
			],
			"open",
			13,
		],
		[
			"what is older and comes late changes nothing",
			[
				[1, 9, "open"],
				[2, 1, "closed"],
			],
			"open",
			9,
		],
		[
			"a closing between two openings that comes late parts them",
			[
				[1, 1, "open"],
				[2, 9, "open"],
				[3, 5, "closed"],
			],
			"open",
			9,
		],
	];
	test.each(cases)("%s", (_name, said, state, since) => {
		expect(standing(said).state).toMatchObject({ state, ts: T + since * S });
	});
});

describe("the server says of a door that it is held once it has stood open for its time", () => {
	const near: Hearing = { heard: true, toldUntil: T };
	const open: readonly Said[] = [[7, 0, "open"]];
	const held = { state: "held", ts: T + HELD_AFTER, seq: 7 };
	const cases: readonly [name: string, said: readonly Said[], at: number, hearing: Hearing, live: boolean, own: unknown][] = [
		["not before", open, 7.9, near, true, null],
		["at it", open, 8, near, true, held],
		["by its opening, however often a contact repeats that it is open", [...open, [8, 5, "open"]], 8, near, true, held],
		["not a closed one", [...open, [8, 5, "closed"]], 60, near, true, null],
		["not what is said to be held already", [...open, [8, 5, "held"]], 60, near, true, null],
		["not a forced one, which is worse", [...open, [8, 5, "forced"]], 60, near, true, null],
		["not while its device isn't heard", open, 60, { ...near, heard: false }, true, null],
		["not where it came late and may be over", open, 60, near, false, null],
		["not where it came late and nobody knows what follows", open, 60, { ...near, toldUntil: null }, false, null],
		["where it came late and everything is told since", open, 60, { ...near, toldUntil: T + HELD_AFTER }, false, held],
	];
	test.each(cases)("%s", (_name, said, at, hearing, live, own) => {
		expect(ownState(standing(said, live), HELD_AFTER, hearing, T + at * S)).toEqual(own);
	});

	test("and takes it back when it learns that the door had been closed before", () => {
		const refuted = standing([...open, [8, 8, "held", SERVER], [9, 5, "closed"]]);
		expect(ownState(refuted, HELD_AFTER, near, T + 9 * S)).toEqual({ state: "closed", ts: T + HELD_AFTER + 1, seq: 9 });
		const before = standing([...open, [8, 8, "held", SERVER], [9, -1, "closed"]]);
		expect(ownState(before, HELD_AFTER, near, T + 9 * S)).toBeNull();
		const said = standing([...open, [8, 8, "held"], [9, 5, "closed"]]);
		expect(ownState(said, HELD_AFTER, near, T + 9 * S), "a controller's own word stands").toBeNull();
	});
});
