/** What every history answers, on each implementation; long since all of it runs on the same stores, which are dear to start. */
import fc from "fast-check";
import { pino } from "pino";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { Reading } from "../../contracts/reading.ts";
import { DuckDbHistory } from "../../server/history/duckdb.ts";
import type { History, HistoryQuery, RollupRow } from "../../server/history/history.ts";
import { InfluxHistory } from "../../server/history/influx.ts";
import type { Retention } from "../../server/history/resolution.ts";
import { floorTo, HOUR, MINUTE } from "../../server/history/rollup.ts";
import { silencesOf } from "../../server/history/silences.ts";
import { HistoryModel } from "../helpers/history-model.ts";
import { type InfluxServer, influxAvailable, startInflux } from "../helpers/influx.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../helpers/temporary-directory.ts";
import { waitFor } from "../helpers/wait-for.ts";

interface TestedHistory extends History {
	maintain(): Promise<void>;
}
interface Setup {
	/** A history on the same data each time it is called. */
	open(retention?: Retention): TestedHistory;
	remove(): Promise<void>;
}
const logger = pino({ level: "silent" });
/** InfluxDB expires by the real time: tests live in the three hours before now. */
const BASE = floorTo(Date.now() - 3 * HOUR, HOUR);
const clock = { time: BASE, now: () => clock.time };
const retention: Retention = { rawMs: 24 * HOUR, minuteMs: 48 * HOUR, hourMs: 96 * HOUR };

let influx: InfluxServer | undefined;
let databases = 0;
afterAll(() => influx?.remove());

const implementations: [string, () => Promise<Setup>][] = [
	[
		"DuckDB",
		async () => {
			const directory = await temporaryDirectory("duckdb");
			return {
				open: (kept = retention) => new DuckDbHistory({ directory: directory.path, logger, clock, retention: kept, maintainEveryMs: 0, lingerMs: 0 }),
				remove: () => directory.remove(),
			};
		},
	],
	[
		"InfluxDB",
		async () => {
			influx ??= await startInflux();
			const directory: TemporaryDirectory = await temporaryDirectory("influx-history");
			const url = influx.url(`history${++databases}`);
			return {
				open: (kept = retention) =>
					new InfluxHistory({ url, directory: directory.path, logger, clock, retention: kept, maintainEveryMs: 0, lingerMs: 0 }),
				remove: () => directory.remove(),
			};
		},
	],
];

let seq = 0;
const batch = () => ({ agent: "a1", outbox: "o1", seq: ++seq });
const reading = (point: string, ts: number, value: Reading["value"], quality: Reading["quality"] = "good"): Reading => ({
	point,
	ts,
	receivedAt: ts + 2500,
	value,
	quality,
});
const ask = (point: string, step: HistoryQuery["step"], from = BASE - HOUR, to = BASE + 4 * HOUR, maxRows = 10_000): HistoryQuery => ({
	point,
	step,
	from,
	to,
	maxRows,
});

describe.each(implementations)("%s", (name, setUp) => {
	const skipped = name === "InfluxDB" && !influxAvailable;
	let setup: Setup;
	let history: TestedHistory;
	const started = async (made: TestedHistory) => {
		await made.start();
		await waitFor("the history to be ready", () => made.state().status === "ok");
		return made;
	};
	const rows = async (point: string, step: "raw" | "1m" | "1h", from?: number, to?: number) => (await history.query(ask(point, step, from, to))).rows;

	beforeEach(async ({ skip }) => {
		if (skipped) skip("influxd is not installed");
		clock.time = BASE;
		setup = await setUp();
		history = await started(setup.open());
		return async () => {
			await history.stop();
			await setup.remove();
		};
	});

	test("numbers, booleans and states come back as they were, in order of time, with their quality", async () => {
		await history.append(batch(), [
			reading("d:n", BASE + 3, -0.5, "bad"),
			reading("d:n", BASE + 1, 23.41),
			reading("d:n", BASE + 2, 1e21, "uncertain"),
			reading("d:b", BASE, true),
			reading("d:b", BASE + 1, false),
			reading("d:s", BASE, "open"),
			reading("d:s", BASE + 1, 'a "quoted\\" state, with=all\nof it ü'),
		]);
		expect(await rows("d:n", "raw")).toEqual([
			{ ts: BASE + 1, value: 23.41, quality: "good" },
			{ ts: BASE + 2, value: 1e21, quality: "uncertain" },
			{ ts: BASE + 3, value: -0.5, quality: "bad" },
		]);
		expect((await rows("d:b", "raw")).map((row) => "value" in row && row.value)).toEqual([true, false]);
		expect((await rows("d:s", "raw")).map((row) => "value" in row && row.value)).toEqual(["open", 'a "quoted\\" state, with=all\nof it ü']);
		expect(await rows("d:unknown", "raw")).toEqual([]);
	});

	test("from is inclusive, to exclusive, and a cut answer says so", async () => {
		await history.append(
			batch(),
			Array.from({ length: 10 }, (_, at) => reading("d:n", BASE + at * 1000, at)),
		);
		expect((await rows("d:n", "raw", BASE + 2000, BASE + 5000)).map(({ ts }) => (ts - BASE) / 1000)).toEqual([2, 3, 4]);
		expect(await history.query(ask("d:n", "raw", BASE, BASE + 10_000, 10))).toMatchObject({ truncated: false });
		const cut = await history.query(ask("d:n", "raw", BASE, BASE + 10_000, 9));
		expect(cut).toMatchObject({ truncated: true, step: "raw" });
		expect(cut.rows.at(-1)?.ts).toBe(BASE + 8000);
		expect(await rows("d:n", "raw", BASE + 5000, BASE + 5000)).toEqual([]);
	});

	test("the same batch, and the same (point, ts), again is one reading, with the later value", async () => {
		const first = batch();
		await history.append(first, [reading("d:n", BASE, 1), reading("d:n", BASE + 1, 1)]);
		await history.append(batch(), [reading("d:n", BASE, 2, "uncertain")]);
		await history.append(first, [reading("d:n", BASE, 1), reading("d:n", BASE + 1, 1)]);
		await history.append(batch(), [reading("d:n", BASE + 1, "odd"), reading("d:n", BASE + 1, 7), reading("d:n", BASE + 1, 8)]);
		expect(await rows("d:n", "raw")).toEqual([
			{ ts: BASE, value: 2, quality: "uncertain" },
			{ ts: BASE + 1, value: 8, quality: "good" },
		]);
		expect(await history.count(["d:n"], BASE, BASE + HOUR)).toBe(2);
	});

	test("parallel appends of the same (point, ts) end with the value of the last", async () => {
		await Promise.all(
			Array.from({ length: 200 }, (_, value) => history.append(batch(), [reading("d:n", BASE, value), reading(`d:${value}`, BASE, value)])),
		);
		expect(await rows("d:n", "raw")).toEqual([{ ts: BASE, value: 199, quality: "good" }]);
	});

	test.each(["before", "after"])("minutes and hours are right %s the rollups have run", async (when) => {
		await history.append(batch(), [
			reading("d:n", BASE, 10),
			reading("d:n", BASE + 20_000, 30),
			reading("d:n", BASE + 40_000, 1000, "bad"),
			reading("d:n", BASE + MINUTE, -1, "uncertain"),
			reading("d:n", BASE + HOUR + 1, 5, "bad"),
			reading("d:s", BASE, "open"),
			reading("d:s", BASE + 1, "closed"),
			reading("d:b", BASE, true),
		]);
		clock.time = BASE + 2 * HOUR + 30_000;
		if (when === "after") await history.maintain();
		expect(await rows("d:n", "1m")).toEqual([
			{ ts: BASE, min: 10, max: 30, mean: 20, last: 1000, count: 3 },
			{ ts: BASE + MINUTE, min: -1, max: -1, mean: -1, last: -1, count: 1 },
			{ ts: BASE + HOUR, min: null, max: null, mean: null, last: 5, count: 1 },
		]);
		expect(await rows("d:n", "1h")).toEqual([
			{ ts: BASE, min: -1, max: 30, mean: 13, last: -1, count: 4 },
			{ ts: BASE + HOUR, min: null, max: null, mean: null, last: 5, count: 1 },
		]);
		expect(await rows("d:s", "1h")).toEqual([{ ts: BASE, min: null, max: null, mean: null, last: "closed", count: 2 }]);
		expect(await rows("d:b", "1m")).toEqual([{ ts: BASE, min: null, max: null, mean: null, last: true, count: 1 }]);
		// The bucket that holds `from` comes whole.
		expect(await rows("d:n", "1m", BASE + 30_000, BASE + MINUTE)).toHaveLength(1);
		expect(await history.query(ask("d:n", "1m", BASE, BASE + 2 * HOUR, 2))).toMatchObject({
			truncated: true,
			rows: [{ ts: BASE }, { ts: BASE + MINUTE }],
		});
	});

	test("late and repeated readings change the buckets that were stored, once", async () => {
		await history.append(batch(), [reading("d:n", BASE, 10), reading("d:n", BASE + 30 * MINUTE, 20), reading("d:s", BASE, "a")]);
		clock.time = BASE + 2 * HOUR + 30_000;
		await history.maintain();
		await history.append(batch(), [reading("d:n", BASE + 1, 40), reading("d:n", BASE, 20), reading("d:s", BASE + 5, "b"), reading("d:new", BASE, 1)]);
		const expected: RollupRow[] = [
			{ ts: BASE, min: 20, max: 40, mean: 30, last: 40, count: 2 },
			{ ts: BASE + 30 * MINUTE, min: 20, max: 20, mean: 20, last: 20, count: 1 },
		];
		const check = async () => {
			expect(await rows("d:n", "1m")).toEqual(expected);
			expect(await rows("d:n", "1h")).toEqual([{ ts: BASE, min: 20, max: 40, mean: 80 / 3, last: 20, count: 3 }]);
			expect(await rows("d:s", "1h")).toMatchObject([{ last: "b", count: 2 }]);
			expect(await rows("d:new", "1h")).toMatchObject([{ last: 1, count: 1 }]);
		};
		await check();
		await history.maintain();
		await check();
		await history.maintain();
		await check();
	});

	test.each(["before", "after"])("extremes of hours hold every good or uncertain number, %s the rollups have run", async (when) => {
		await history.append(batch(), [
			reading("d:n", BASE, 10),
			reading("d:n", BASE + 40_000, 30, "uncertain"),
			reading("d:n", BASE + 2 * HOUR, 5),
			reading("d:n", BASE + 2 * HOUR + MINUTE, -5),
			reading("d:m", BASE + HOUR - 1, 7),
			reading("d:s", BASE, "open"),
		]);
		clock.time = BASE + 3 * HOUR + 30_000;
		if (when === "after") await history.maintain();
		const found = await history.extremes(["d:n", "d:m", "d:s", "d:none"], BASE, BASE + 3 * HOUR);
		const hours = (point: string) => found.get(point)?.hours.toSorted((one, other) => one.ts - other.ts);
		expect(hours("d:n")).toEqual([
			{ ts: BASE, min: 10, max: 30 },
			{ ts: BASE + 2 * HOUR, min: -5, max: 5 },
		]);
		expect([hours("d:m"), hours("d:none")]).toEqual([[{ ts: BASE, min: 7, max: 7 }], []]);
		expect(hours("d:s")?.every(({ min, max }) => min === null && max === null)).toBe(true);
		expect([...found.values()].flatMap(({ unknown }) => unknown)).toEqual([]);
		expect((await history.extremes(["d:n"], BASE + HOUR, BASE + 2 * HOUR)).get("d:n")?.hours).toEqual([]);
	});

	test("an hour that a late reading has come for is unknown until it is rolled up anew", async () => {
		await history.append(batch(), [reading("d:n", BASE, 10), reading("d:m", BASE, 10)]);
		clock.time = BASE + 2 * HOUR + 30_000;
		await history.maintain();
		await history.append(batch(), [reading("d:n", BASE + 5000, 99)]);
		const ask = () => history.extremes(["d:n", "d:m"], BASE, BASE + HOUR);
		expect([...(await ask())].map(([point, { unknown }]) => [point, unknown])).toEqual([
			["d:n", [BASE]],
			["d:m", []],
		]);
		await history.maintain();
		expect((await ask()).get("d:n")).toEqual({ hours: [{ ts: BASE, min: 10, max: 99 }], unknown: [] });
	});

	test("readings of several points come together, each point's oldest first and as it was told last", async () => {
		await history.append(batch(), [
			reading("d:n", BASE + 2 * MINUTE, 2),
			reading("d:n", BASE + MINUTE, 1, "uncertain"),
			reading("d:s", BASE + MINUTE, "open"),
			reading("d:b", BASE + MINUTE, false, "bad"),
			reading("d:n", BASE + 3 * MINUTE, 3),
		]);
		await history.append(batch(), [reading("d:n", BASE + 2 * MINUTE, 22)]);
		expect(await history.readings(["d:n", "d:s", "d:none"], BASE, BASE + 3 * MINUTE)).toEqual(
			new Map<string, object[]>([
				[
					"d:n",
					[
						{ ts: BASE + MINUTE, value: 1, quality: "uncertain" },
						{ ts: BASE + 2 * MINUTE, value: 22, quality: "good" },
					],
				],
				["d:s", [{ ts: BASE + MINUTE, value: "open", quality: "good" }]],
				["d:none", []],
			]),
		);
		expect(await history.readings(["d:b"], BASE + MINUTE, BASE + MINUTE)).toEqual(new Map([["d:b", []]]));
		expect(await history.readings(["d:b"], BASE, BASE + HOUR)).toEqual(new Map([["d:b", [{ ts: BASE + MINUTE, value: false, quality: "bad" }]]]));
		expect(await history.readings([], BASE, BASE + HOUR)).toEqual(new Map());
	});

	test("silences lie between readings that aren't bad, and where the range begins or ends with one", async () => {
		const at = (minute: number) => BASE + minute * MINUTE;
		await history.append(batch(), [
			...[10, 20, 60].map((minute) => reading("d:n", at(minute), minute)),
			reading("d:n", at(40), 40, "bad"),
			reading("d:u", at(0), 1, "uncertain"),
			reading("d:u", at(30), 1),
			reading("d:b", at(20), true),
			reading("d:s", at(20), "open"),
			reading("d:bad", at(20), 1, "bad"),
			reading("d:mixed", at(15), 1),
			reading("d:mixed", at(30), "odd"),
			reading("d:mixed", at(45), false),
		]);
		const points = ["d:n", "d:u", "d:b", "d:s", "d:bad", "d:mixed", "d:none"];
		const ask = async (to: number, longer: number, most = 10) => {
			const found = await history.silences(points, at(0), at(to), longer * MINUTE, most);
			const minute = (ts: number) => (ts - BASE) / MINUTE;
			return found && Object.fromEntries([...found].map(([point, all]) => [point, all.map(({ from, to: end }) => [minute(from), minute(end)])]));
		};
		const [whole, end] = [[[0, 60]], [[20, 60]]];
		expect(await ask(60, 31)).toEqual({ "d:n": end, "d:u": [], "d:b": end, "d:s": end, "d:bad": whole, "d:mixed": [], "d:none": whole });
		expect(await ask(65, 40), "of the length itself, too").toMatchObject({ "d:n": [[20, 60]], "d:u": [], "d:mixed": [] });
		const edges = (...minutes: number[]) => minutes.slice(1).map((minute, index) => [minutes[index], minute]);
		expect(await ask(65, 10)).toMatchObject({ "d:n": edges(0, 10, 20, 60), "d:u": edges(0, 30, 65), "d:b": edges(0, 20, 65) });
		expect((await ask(65, 10))?.["d:mixed"]).toEqual(edges(0, 15, 30, 45, 65));
		expect([await ask(65, 10, 3), await ask(60, 70)], "more than asked for; longer than the range").toEqual([
			null,
			Object.fromEntries(points.map((point) => [point, []])),
		]);
		await history.append(batch(), [reading("d:n", at(20), 0, "bad"), reading("d:n", at(40), 40), reading("d:bad", at(20), 1)]);
		expect(await ask(65, 21), "what replaced them counts").toMatchObject({ "d:n": [[10, 40]], "d:bad": [[20, 65]] });
		expect((await ask(65, 20))?.["d:n"], "what replaced them counts").toEqual([
			[10, 40],
			[40, 60],
		]);
	});

	test("hours of a state are all in which it was told", async () => {
		await history.append(batch(), [
			reading("d:s", BASE, "open"),
			reading("d:s", BASE + HOUR, "closed"),
			reading("d:s", BASE + HOUR + 1, "it's\\ odd"),
			reading("d:s", BASE + 3 * HOUR - 1, "open"),
			reading("d:b", BASE + HOUR, true),
			reading("d:b", BASE + 2 * HOUR, false),
			reading("d:n", BASE, 1),
		]);
		const points = ["d:s", "d:b", "d:n", "d:none"];
		const ask = async (states: (string | boolean)[], from = BASE, to = BASE + 3 * HOUR) => {
			const found = await history.hoursOfStates(points, from, to, states);
			expect([...found.keys()].sort()).toEqual(points.toSorted());
			return Object.fromEntries(
				[...found].flatMap(([point, hours]) =>
					hours.length > 0 ? [[point, hours.map((ts) => (ts - BASE) / HOUR).toSorted((one, other) => one - other)]] : [],
				),
			);
		};
		expect(await ask(["open"])).toEqual({ "d:s": [0, 2] });
		expect(await ask(["it's\\ odd", false, "never told"])).toEqual({ "d:s": [1], "d:b": [2] });
		expect(await ask([true], BASE + 2 * HOUR)).toEqual({});
		expect(await ask(["open", "closed"], BASE + HOUR, BASE + 2 * HOUR)).toEqual({ "d:s": [1] });
	});

	test("late readings that a restart found unprocessed are in the rollups afterwards", async () => {
		await history.append(batch(), [reading("d:n", BASE, 10)]);
		clock.time = BASE + 2 * HOUR + 30_000;
		await history.maintain();
		await history.append(batch(), [reading("d:n", BASE + 1, 30)]);
		await history.append(batch(), [reading("d:n", clock.time, 1)]);
		await history.stop();
		history = await started(setup.open());
		const check = async () => {
			expect(await rows("d:n", "1h")).toMatchObject([{ mean: 20, count: 2 }, { count: 1 }]);
			expect(await rows("d:n", "1m")).toMatchObject([{ mean: 20, count: 2 }, { count: 1 }]);
		};
		await check();
		await history.append(batch(), [reading("d:n", clock.time + 1, 3)]);
		clock.time += 2 * MINUTE;
		await history.maintain();
		expect(await rows("d:n", "1m")).toMatchObject([
			{ mean: 20, count: 2 },
			{ mean: 2, count: 2 },
		]);
		clock.time += 2 * HOUR;
		await history.maintain();
		expect(await rows("d:n", "1h")).toMatchObject([
			{ mean: 20, count: 2 },
			{ mean: 2, count: 2 },
		]);
	});

	test("minutes ahead of the clock, twice and out of order, are rolled up once they are over, also across a restart", async () => {
		const ahead = [reading("d:n", BASE + MINUTE, 1), reading("d:n", BASE + MINUTE, 2), reading("d:n", BASE + 2 * MINUTE, 3), reading("d:n", BASE, 4)];
		await history.append(batch(), ahead);
		clock.time = BASE + MINUTE;
		await history.maintain();
		await history.append(batch(), [reading("d:n", BASE + MINUTE + 1, 6)]);
		await history.maintain();
		await history.stop();
		history = await started(setup.open());
		clock.time = BASE + 10 * MINUTE;
		await history.maintain();
		expect(await rows("d:n", "1m")).toMatchObject([
			{ count: 1, mean: 4 },
			{ count: 2, mean: 4, last: 6 },
			{ count: 1, mean: 3 },
		]);
	});

	test("latest is the newest by time of each point, whenever it came, also after a restart", async () => {
		await history.append(batch(), [reading("d:n", BASE + 5, 5), reading("d:s", BASE - 2 * HOUR, "open", "uncertain"), reading("d:b", BASE, false)]);
		await history.append(batch(), [reading("d:n", BASE + 4, 4)]);
		const expected = new Map([
			["d:n", reading("d:n", BASE + 5, 5)],
			["d:s", reading("d:s", BASE - 2 * HOUR, "open", "uncertain")],
			["d:b", reading("d:b", BASE, false)],
		]);
		expect(await history.latest(["d:n", "d:s", "d:b", "d:none"])).toEqual(expected);
		await history.stop();
		history = await started(setup.open());
		expect(await history.latest(["d:n", "d:s", "d:b", "d:none"])).toEqual(expected);
		expect(await history.latest([])).toEqual(new Map());
	});

	test("count is of distinct (point, ts) of the points and the time asked for", async () => {
		const readings = Array.from({ length: 500 }, (_, at) => reading(`d:${at % 250}`, BASE + at, at));
		await Promise.all([history.append(batch(), readings), history.append(batch(), readings.toReversed())]);
		const points = readings.slice(0, 250).map(({ point }) => point);
		expect(await history.count(points, BASE, BASE + HOUR)).toBe(500);
		expect(await history.count(points.slice(0, 3), BASE, BASE + HOUR)).toBe(6);
		expect(await history.count(points, BASE + 10, BASE + 20)).toBe(10);
		expect(await history.count([], BASE, BASE + HOUR)).toBe(0);
	});

	test.each([
		["raw fits", { interval: 60_000, from: BASE, maxRows: 500 }, "raw"],
		["raw does not fit, minutes do", { interval: 1000, from: BASE, maxRows: 500 }, "1m"],
		["only hours fit", { interval: 1000, from: BASE - 20 * HOUR, maxRows: 500 }, "1h"],
		["raw does not reach back", { interval: 3_600_000, from: BASE - 40 * HOUR, maxRows: 5000 }, "1m"],
		["minutes do not reach back", { interval: 3_600_000, from: BASE - 90 * HOUR, maxRows: 5000 }, "1h"],
		["nothing is known of the point: its rows are counted", { from: BASE, maxRows: 2 }, "raw"],
	])("step auto: %s", async (_, query, step) => {
		clock.time = BASE + HOUR;
		await history.append(batch(), [reading("d:n", BASE, 1), reading("d:n", BASE + HOUR - 1, 1)]);
		expect(await history.query({ point: "d:n", step: "auto", to: BASE + HOUR, ...query })).toMatchObject({ step });
	});

	test("what is past its retention is neither taken nor answered", async () => {
		await history.append(batch(), [reading("d:n", BASE - 25 * HOUR, 1), reading("d:n", BASE, 2)]);
		expect(await rows("d:n", "raw", BASE - 30 * HOUR)).toHaveLength(1);
		clock.time = BASE + 24 * HOUR + MINUTE;
		await history.maintain();
		expect(await rows("d:n", "raw", BASE - 30 * HOUR)).toEqual([]);
		expect(await rows("d:n", "1m", BASE - 30 * HOUR)).toMatchObject([{ ts: BASE, last: 2 }]);
		clock.time = BASE + 49 * HOUR;
		await history.maintain();
		expect(await rows("d:n", "1m", BASE - 30 * HOUR)).toEqual([]);
		expect(await rows("d:n", "1h", BASE - 30 * HOUR)).toMatchObject([{ ts: BASE, last: 2, count: 1 }]);
	});

	test("a changed retention holds at once, and what is past it is deleted for good", async () => {
		// Hours younger than InfluxDB keeps them by its own clock, which is up to four hours ahead.
		await history.append(batch(), [reading("d:n", BASE - 18 * HOUR, 1), reading("d:n", BASE - HOUR, 2)]);
		expect(await rows("d:n", "raw", BASE - 30 * HOUR)).toHaveLength(2);
		await history.setRetention({ ...retention, rawMs: 12 * HOUR });
		expect(await rows("d:n", "raw", BASE - 30 * HOUR)).toMatchObject([{ ts: BASE - HOUR }]);
		await history.maintain();
		await history.append(batch(), [reading("d:n", BASE - 17 * HOUR, 3)]);
		expect(await history.count(["d:n"], BASE - 30 * HOUR, BASE + HOUR)).toBe(1);
		await history.setRetention(retention);
		await history.append(batch(), [reading("d:n", BASE - 16 * HOUR, 4)]);
		expect(await history.count(["d:n"], BASE - 17 * HOUR, BASE)).toBe(2);
	});

	test("a retention set before the start is that of the start", async () => {
		await history.stop();
		history = setup.open();
		await history.setRetention({ ...retention, rawMs: 12 * HOUR });
		await started(history);
		await history.append(batch(), [reading("d:n", BASE - 13 * HOUR, 1), reading("d:n", BASE - HOUR, 2)]);
		expect(await rows("d:n", "raw", BASE - 30 * HOUR)).toMatchObject([{ ts: BASE - HOUR }]);
	});

	test("appending after the stop is refused, stopping twice is not", async () => {
		await history.stop();
		await history.stop();
		await expect(history.append(batch(), [reading("d:n", BASE, 1)])).rejects.toMatchObject({ code: "history-unavailable" });
	});

	test("any order of readings, repeats, rollups and restarts answers as a plain model does", { timeout: 240_000 }, async () => {
		const value = fc.oneof(fc.integer({ min: -50, max: 50 }), fc.boolean(), fc.constantFrom("open", "closed"));
		const one = fc.record({
			point: fc.constantFrom("p:1", "p:2"),
			at: fc.integer({ min: 0, max: 2 * 60 - 1 }),
			value,
			quality: fc.constantFrom("good" as const, "good" as const, "uncertain" as const, "bad" as const),
		});
		const step = fc.oneof(
			{ weight: 6, arbitrary: fc.record({ kind: fc.constant("append" as const), readings: fc.array(one, { minLength: 1, maxLength: 8 }) }) },
			{ weight: 3, arbitrary: fc.record({ kind: fc.constant("pass" as const), minutes: fc.integer({ min: 1, max: 60 }) }) },
			{ weight: 1, arbitrary: fc.record({ kind: fc.constant("repeat" as const) }) },
			{ weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
		);
		await fc.assert(
			fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
				clock.time = BASE;
				const own = await setUp();
				let tested = await started(own.open());
				const model = new HistoryModel();
				let last: { id: ReturnType<typeof batch>; readings: Reading[] } | undefined;
				try {
					for (const action of steps) {
						if (action.kind === "append") {
							// Half-minute raster, so that repeats and shared buckets are common.
							const readings = action.readings.map(({ point, at, value, quality }) => reading(point, BASE + at * 30_000, value, quality));
							last = { id: batch(), readings };
							await tested.append(last.id, readings);
							model.append(readings);
						} else if (action.kind === "pass") {
							clock.time += action.minutes * MINUTE;
							await tested.maintain();
						} else if (action.kind === "repeat") {
							if (last) await tested.append(last.id, last.readings);
						} else {
							await tested.stop();
							tested = await started(own.open());
						}
					}
					for (const point of ["p:1", "p:2"]) {
						expect((await tested.query(ask(point, "raw"))).rows).toEqual(model.raw(point));
						for (const [name, ms] of [
							["1m", MINUTE],
							["1h", HOUR],
						] as const)
							expect((await tested.query(ask(point, name))).rows.map(rounded)).toEqual(model.rolled(point, ms).map(rounded));
						expect((await tested.readings(["p:1", "p:2"], BASE, BASE + 4 * HOUR)).get(point)).toEqual(model.raw(point));
						expect(await tested.count([point], BASE, BASE + 4 * HOUR)).toBe(model.raw(point).length);
						const silences = (await tested.silences([point], BASE, BASE + 4 * HOUR, 5 * MINUTE, 1000))?.get(point);
						expect(silences).toEqual(silencesOf(model.raw(point), BASE, BASE + 4 * HOUR, 5 * MINUTE));
					}
				} finally {
					await tested.stop();
					await own.remove();
				}
			}),
			{ numRuns: Number(process.env.PROPERTY_RUNS ?? 25) },
		);
	});
});

/** Sums in another order differ in the last bits. */
const rounded = (row: object): object => ("mean" in row && typeof row.mean === "number" ? { ...row, mean: Math.round(row.mean * 1e6) / 1e6 } : row);
