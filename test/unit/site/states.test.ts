import { expect, test } from "vitest";
import type { Heartbeat } from "../../../contracts/uplink.ts";
import { UNHEARD as AGENT, agentStatus, takeHeartbeat } from "../../../server/site/agent-state.ts";
import { UNHEARD as DEVICE, takeCounters, takeStatus, voidUntil } from "../../../server/site/device-state.ts";
import { sum } from "../../../server/site/total.ts";

const counters = (accepted: number, more = {}) => ({
	device: "t1",
	accepted,
	rejected: 0,
	sequenceGaps: 0,
	clockSkewMs: null,
	lastSeen: null,
	status: "online" as const,
	...more,
});

test.each([
	{
		rule: "the newest count of a run counts",
		beats: [
			[1, 5],
			[1, 9],
		],
		total: 9,
	},
	{
		rule: "a restart of the agent adds its new count to the old",
		beats: [
			[1, 5],
			[2, 3],
		],
		total: 8,
	},
	{
		rule: "a heartbeat that comes twice counts once",
		beats: [
			[1, 5],
			[2, 3],
			[2, 3],
		],
		total: 8,
	},
	{
		rule: "an old message of the same run changes nothing",
		beats: [
			[1, 9],
			[1, 5],
		],
		total: 9,
	},
	{
		rule: "an old message of an earlier run changes nothing",
		beats: [
			[1, 5],
			[2, 3],
			[1, 7],
		],
		total: 8,
	},
])("counters of a device never go back: $rule", ({ beats, total }) => {
	const state = beats.reduce((before, [startedAt = 0, accepted = 0]) => takeCounters(before, counters(accepted), { startedAt, sentAt: 1 }), DEVICE);
	expect(sum(state.accepted)).toBe(total);
});

test("the newest status of a device counts, in whatever order they come", () => {
	const late = takeStatus(takeStatus(DEVICE, "offline", 20), "online", 10);
	expect(late).toMatchObject({ status: "offline", statusAt: 20 });
	expect(takeStatus(late, "online", 20).status).toBe("online");
});

test("what a device said before it went offline stays void, however long that is and whatever the status is then", () => {
	const beat = (status: "online" | "offline" | "unknown", sentAt: number) => (state: typeof DEVICE) =>
		takeCounters(state, counters(1, { status }), { startedAt: 1, sentAt });
	const gone = takeStatus(takeStatus(DEVICE, "online", 5), "offline", 20);
	const after = (...beats: ReturnType<typeof beat>[]) => voidUntil(beats.reduce((state, one) => one(state), gone));
	expect(voidUntil(takeStatus(DEVICE, "online", 5))).toBeNull();
	expect(after()).toBe(20);
	expect(after(beat("offline", 30), beat("offline", 40))).toBe(20);
	expect(after(beat("online", 30))).toBe(19);
	expect(after(beat("unknown", 30))).toBe(19);
	expect(after(beat("online", 30), beat("offline", 25))).toBe(19);
	expect(after(beat("online", 30), beat("offline", 40))).toBe(40);
	expect(voidUntil(takeStatus(takeStatus(DEVICE, "online", 30), "offline", 10))).toBe(9);
});

test("a heartbeat that knows no skew leaves the known one", () => {
	const known = takeCounters(DEVICE, counters(1, { clockSkewMs: -40, lastSeen: 7 }), { startedAt: 1, sentAt: 1 });
	expect(takeCounters(known, counters(2), { startedAt: 1, sentAt: 2 })).toMatchObject({ clockSkewMs: -40, lastSeen: 7 });
});

const beat = (startedAt: number, dropped: number, rejectedUnknown: number): Heartbeat => ({
	sentAt: 1,
	startedAt,
	devicesVersion: null,
	outbox: { batches: 1, bytes: 2, oldest: null },
	dropped,
	rejectedUnknown,
	devices: [],
	quarantine: [],
});

test("drops are counted over restarts of the agent, and over a new outbox", () => {
	const after = (...beats: Heartbeat[]) => beats.reduce((state, one) => takeHeartbeat(state, one, 1000), AGENT);
	expect(sum(after(beat(1, 5, 2), beat(2, 6, 1)).dropped)).toBe(6);
	expect(sum(after(beat(1, 5, 2), beat(2, 1, 1)).dropped)).toBe(6);
	expect(sum(after(beat(1, 5, 2), beat(2, 6, 1)).rejectedUnknown)).toBe(3);
});

test.each([
	{ rule: "unknown while nothing can have been heard yet", link: { heardAt: null, gone: false }, now: 10_000, status: "unknown" },
	{ rule: "offline when nothing was heard since the start", link: { heardAt: null, gone: false }, now: 10_001, status: "offline" },
	{ rule: "online on a heartbeat", link: { heardAt: 5000, gone: false }, now: 15_000, status: "online" },
	{ rule: "offline after ten seconds without one", link: { heardAt: 5000, gone: false }, now: 15_001, status: "offline" },
	{ rule: "offline on its last will at once", link: { heardAt: 5000, gone: true }, now: 5001, status: "offline" },
])("an agent is $rule", ({ link, now, status }) => {
	expect(agentStatus(link, 0, now)).toBe(status);
});
