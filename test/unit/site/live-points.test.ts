import { expect, test } from "vitest";
import type { Reading } from "../../../contracts/reading.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { LivePoints } from "../../../server/site/live-points.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const POINT = "t1:temperature";
const reading = (ts: number, value: Reading["value"], more: Partial<Reading> = {}): Reading => ({
	point: POINT,
	ts,
	receivedAt: ts,
	value,
	quality: "good",
	...more,
});

async function started(
	stored: Reading[] = [],
	change?: (site: ReturnType<typeof smallSite>) => void,
	heard?: (device: string) => boolean,
	voidUntil?: (device: string) => number | null,
) {
	const site = smallSite();
	change?.(site);
	const [world, clock, realtime] = [worldSource(site), settableClock(), recordingRealtime()];
	const history = {
		latest: async (points: readonly string[]) => new Map(stored.filter(({ point }) => points.includes(point)).map((one) => [one.point, one])),
	};
	const live = new LivePoints({
		world,
		clock,
		realtime,
		history,
		logger: silentLogger(),
		pushEvery: 1,
		...(heard && { heard }),
		...(voidUntil && { voidUntil }),
	});
	await live.start();
	// The tests tick by themselves.
	return { live, world, clock, realtime, now: clock.time };
}

test("a point before its first reading has no value and is stale: missing is never normal", async () => {
	const { live } = await started();
	expect(live.get(POINT)).toMatchObject({ value: null, quality: "stale", ts: null, receivedAt: null, location: "s/hall/R1", unit: "°C" });
	expect(live.get("t1:other")).toBeUndefined();
	await live.stop();
});

test.each([
	{ rule: "a newer reading replaces the value", next: { ts: 5, value: 2, late: false }, value: 2, count: 1 },
	{ rule: "an equally old one too, for it may correct it", next: { ts: 0, value: 3, late: false }, value: 3, count: 1 },
	{ rule: "an older one doesn't", next: { ts: -1, value: 4, late: false }, value: 1, count: 0 },
	{ rule: "a late one does when it is newer", next: { ts: 1, value: 5, late: true }, value: 5, count: 1 },
	{ rule: "a late one doesn't when it is older", next: { ts: -9, value: 6, late: true }, value: 1, count: 0 },
	{ rule: "the same once more is no change", next: { ts: 0, value: 1, late: false }, value: 1, count: 0 },
])("$rule", async ({ next, value, count }) => {
	const { live, now } = await started();
	expect(live.update([reading(now, 1)], false)).toBe(1);
	expect(live.update([reading(now + next.ts, next.value)], next.late)).toBe(count);
	expect(live.get(POINT)?.value).toBe(value);
	await live.stop();
});

test.each([
	{ rule: "silence of three intervals is borne", after: 30_000, stale: false },
	{ rule: "a longer one makes the point stale", after: 30_001, stale: true },
])("$rule", async ({ after, stale }) => {
	const { live, clock, now } = await started();
	live.update([reading(now, 1)], false);
	clock.time += after;
	live.tick(clock.time);
	expect(live.get(POINT)).toMatchObject({ value: 1, quality: stale ? "stale" : "good" });
	live.update([reading(clock.time, 1)], false);
	expect(live.get(POINT)?.quality).toBe("good");
	await live.stop();
});

test("the backlog of an outage makes nothing look live: the time at the agent counts", async () => {
	const { live, clock, now } = await started();
	clock.time += 60_000;
	live.tick(clock.time);
	live.update([reading(now + 5000, 7)], true);
	expect(live.get(POINT)).toMatchObject({ value: 7, quality: "stale" });
	live.update([reading(now + 50_000, 8)], true);
	expect(live.get(POINT)).toMatchObject({ value: 8, quality: "good" });
	await live.stop();
});

test("points that speak only when something happens never become stale", async () => {
	const { live, clock, now } = await started();
	live.update([reading(now, "closed", { point: "c1:main" })], false);
	clock.time += 30 * 86_400_000;
	live.tick(clock.time);
	expect(live.get("c1:main")).toMatchObject({ value: "closed", quality: "good" });
	await live.stop();
});

test("a door is stale while its controller isn't heard, also from the start, and good again when it is; dashboards are told both times", async () => {
	let heard = false;
	const stored = [reading(settableClock().time - 1000, "closed", { point: "c1:main" })];
	const { live, clock, realtime } = await started(stored, undefined, () => heard);
	const told = () =>
		realtime.events
			.flatMap(({ payload }) => (payload as { readings: unknown[][] }).readings)
			.filter(([id]) => id === "c1:main")
			.map(([, , quality]) => quality);
	expect(live.get("c1:main")).toMatchObject({ value: "closed", quality: "stale" });
	for (const [state, quality] of [
		[true, "good"],
		[false, "stale"],
		[true, "good"],
	] as const) {
		heard = state;
		clock.time += 1000;
		live.tick(clock.time);
		expect(live.get("c1:main")).toMatchObject({ value: "closed", quality });
		await waitFor("the dashboards are told", () => told().at(-1) === quality);
	}
	await live.stop();
});

test("a device that goes offline makes its points stale at once, each until it has a newer reading, and dashboards are told", async () => {
	let until: number | null = null;
	const { live, clock, realtime, now } = await started([], undefined, undefined, (device) => (device === "t1" ? until : null));
	live.update([reading(now, 1), reading(now, true, { point: "t1:smoke" })], false);
	until = clock.time += 1;
	expect(live.tick(clock.time)).toBe(2);
	expect(live.get(POINT)).toMatchObject({ value: 1, quality: "stale" });
	await waitFor("the dashboards are told", () =>
		realtime.events.some(({ payload }) => JSON.stringify(payload).includes(JSON.stringify([POINT, 1, "stale", now, now]))),
	);
	expect(live.newest(POINT)).toBeNull();
	live.update([reading(now, 1), reading(until, 2)], true);
	expect(live.get(POINT)).toMatchObject({ value: 2, quality: "stale" });
	live.update([reading(until + 1, 2)], false);
	live.tick(clock.time);
	expect([live.get(POINT)?.quality, live.get("t1:smoke")?.quality]).toEqual(["good", "stale"]);
	await live.stop();
});

test("what was stored before a device went offline comes back as stale after a restart of the server", async () => {
	const now = settableClock().time;
	const stored = [reading(now - 2000, 21), reading(now - 500, true, { point: "t1:smoke" })];
	const { live } = await started(stored, undefined, undefined, () => now - 1000);
	expect([live.get(POINT)?.quality, live.get("t1:smoke")?.quality]).toEqual(["stale", "good"]);
	await live.stop();
});

test("the newest stored readings come back at the start, old ones as stale", async () => {
	const now = settableClock().time;
	const { live } = await started([
		reading(now - 1000, 21),
		reading(now - 3_600_000, true, { point: "t1:smoke" }),
		reading(now, "x", { point: "gone:x" }),
	]);
	expect(live.get(POINT)).toMatchObject({ value: 21, quality: "good" });
	expect(live.get("t1:smoke")).toMatchObject({ value: true, quality: "stale" });
	await live.stop();
});

test("dashboards are told of each changed point once, with its newest state, and of points gone stale", async () => {
	const { live, realtime, clock, now } = await started();
	live.update([reading(now, 1), reading(now + 1, 2)], false);
	live.update([reading(now + 2, 3, { quality: "uncertain" })], false);
	await waitFor("the push", () => realtime.events.length === 1);
	expect(realtime.events[0]).toEqual({
		site: "s",
		event: "reading",
		payload: { site: "s", sentAt: clock.time, readings: [[POINT, 3, "uncertain", now + 2, now + 2]] },
	});
	clock.time += 30_001;
	expect(live.tick(clock.time)).toBe(2);
	expect(live.tick(clock.time)).toBe(0);
	await waitFor("the push of what is stale", () => realtime.events.length === 2);
	expect(realtime.events[1]?.payload).toMatchObject({
		readings: [
			[POINT, 3, "stale", now + 2, now + 2],
			["t1:smoke", null, "stale", 0, 0],
		],
	});
	await live.stop();
});

test("a changed site keeps the values of the points that stay, drops those that go and forgets a value of another type", async () => {
	const { live, world, now } = await started();
	live.update([reading(now, 1), reading(now, true, { point: "t1:smoke" })], false);
	const site = smallSite();
	const points = site.racks[0]?.devices[0]?.points ?? [];
	points.splice(1, 1, { id: "smoke", kind: "smoke", type: "number" }, { id: "extra", kind: "humidity" });
	world.change({ ...site, doors: [] });
	expect(live.get(POINT)?.value).toBe(1);
	expect(live.get("t1:smoke")?.value).toBeNull();
	expect(live.get("t1:extra")?.value).toBeNull();
	expect(live.get("c1:main")).toBeUndefined();
	await live.stop();
});

test("a history that is away doesn't hold up the start", async () => {
	const [world, clock, realtime] = [worldSource(), settableClock(), recordingRealtime()];
	const history = { latest: () => Promise.reject(new Error("away")) };
	const live = new LivePoints({ world, clock, realtime, history, logger: silentLogger() });
	await live.start();
	live.update([reading(clock.time, 20)], false);
	expect(live.get(POINT)?.value).toBe(20);
	await live.stop();
});
