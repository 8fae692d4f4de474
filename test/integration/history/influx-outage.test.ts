import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Reading } from "../../../contracts/reading.ts";
import { InfluxHistory, type InfluxHistoryOptions } from "../../../server/history/influx.ts";
import { type InfluxServer, influxAvailable, startInflux } from "../../helpers/influx.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const logger = pino({ level: "silent" });
const POINTS = Array.from({ length: 100 }, (_, index) => `d:${index}`);
/** Between two rounds of all points of one of the three senders: 30,000 readings a second together. */
const PACE_MS = 10;

describe.skipIf(!influxAvailable)("InfluxDB down, slow or full", { timeout: 300_000 }, () => {
	let influx: InfluxServer;
	let directory: TemporaryDirectory;
	let histories: InfluxHistory[] = [];
	let seq = 0;
	const base = Date.now() - 3_600_000;
	const open = async (options: Partial<InfluxHistoryOptions> = {}) => {
		const history = new InfluxHistory({
			url: influx.url("w"),
			directory: directory.path,
			logger,
			clock: { now: () => Date.now() },
			timeoutMs: 1000,
			...options,
		});
		histories.push(history);
		await history.start();
		return history;
	};
	const ready = (history: InfluxHistory) => waitFor("the history to write directly", () => history.state().status === "ok", 90_000);
	/** One reading of each point. */
	const round = (at: number): Reading[] => POINTS.map((point) => ({ point, ts: base + at, receivedAt: base + at, value: at, quality: "good" }));
	const append = (history: InfluxHistory, readings: Reading[]) => history.append({ agent: "a", outbox: "o", seq: ++seq }, readings);

	beforeEach(async () => {
		influx = await startInflux();
		directory = await temporaryDirectory("outage");
		histories = [];
	});
	afterEach(async () => {
		for (const history of histories) await history.stop();
		await influx.remove();
		await directory.remove();
	});

	test.each([
		["killed", (server: InfluxServer) => server.kill(), (server: InfluxServer) => server.restart()],
		["stopped", (server: InfluxServer) => server.stop(), (server: InfluxServer) => server.restart()],
		[
			"hanging",
			async (server: InfluxServer) => void process.kill(server.pid(), "SIGSTOP"),
			async (server: InfluxServer) => void process.kill(server.pid(), "SIGCONT"),
		],
	])("InfluxDB %s under load: nothing is lost, order stays, and the spool is empty afterwards", async (_, away, back) => {
		const history = await open();
		await ready(history);
		let at = 0;
		let loading = true;
		const load = async () => {
			while (loading) {
				const now = at++;
				// The same (point, ts) with a new value each time: the last must win, through the spool too.
				await append(history, [...round(now), { point: "d:same", ts: base, receivedAt: base, value: now, quality: "good" }]);
				// A large site's load, not all that the disk takes: the spool has to be emptied beside it.
				await sleep(PACE_MS);
			}
		};
		const loads = [load(), load(), load()];
		for (const one of loads) one.catch(() => undefined);
		await waitFor("some rounds", () => at > 50);
		await away(influx);
		await waitFor("readings in the spool", () => history.state().spoolBytes > 0);
		const spooledFrom = at;
		await waitFor("more rounds", () => at > spooledFrom + 100);
		expect(history.state()).toMatchObject({ status: "degraded" });
		await back(influx);
		await ready(history);
		const directFrom = at;
		await waitFor("more rounds", () => at > directFrom + 50);
		loading = false;
		await Promise.all(loads);
		await append(history, [{ point: "d:same", ts: base, receivedAt: base, value: -1, quality: "good" }]);
		// A write that took more than its second has sent the last of them through the spool again.
		await ready(history);
		expect(history.state()).toMatchObject({ status: "ok", spoolBytes: 0, waiting: 0 });
		expect(await history.count(POINTS, base, base + at + 1)).toBe(at * POINTS.length);
		expect(await history.query({ point: "d:same", step: "raw", from: base, to: base + 1, maxRows: 5 })).toMatchObject({ rows: [{ value: -1 }] });
		expect(history.counters()).toMatchObject({ rejected: 0 });
	});

	test("a full spool refuses with history-full, keeps what it has, and takes again once drained", async () => {
		await influx.stop();
		const history = await open({ spoolBytes: 200_000 });
		let stored = 0;
		await expect(
			(async () => {
				for (;;) {
					await append(history, round(stored));
					stored++;
				}
			})(),
		).rejects.toMatchObject({ code: "history-full", status: 503 });
		expect(stored).toBeGreaterThan(10);
		expect(history.state().status).toBe("down");
		await expect(history.query({ point: "d:0", step: "raw", from: base, to: base + 10, maxRows: 5 })).rejects.toMatchObject({
			code: "history-unavailable",
		});
		await influx.restart();
		await ready(history);
		expect(await history.count(POINTS, base, base + stored)).toBe(stored * POINTS.length);
		await append(history, round(stored));
		await ready(history);
		expect(await history.count(POINTS, base, base + stored + 1)).toBe((stored + 1) * POINTS.length);
	});

	test("what waits in the spool survives a stop of the server and is written by the next", async () => {
		await influx.stop();
		const first = await open();
		for (let at = 0; at < 20; at++) await append(first, round(at));
		await first.stop();
		await influx.restart();
		const second = await open();
		await ready(second);
		expect(await second.count(POINTS, base, base + 20)).toBe(2000);
		expect((await second.latest(["d:7"])).get("d:7")).toMatchObject({ value: 19, ts: base + 19 });
		expect(await second.query({ point: "d:7", step: "1h", from: base, to: base + 20, maxRows: 5 })).toMatchObject({ rows: [{ count: 20 }] });
	});

	test("readings that InfluxDB refuses for good are set aside and counted; the others go on", async () => {
		const history = await open();
		await ready(history);
		// Somebody else wrote a text where our number belongs.
		const poison = await fetch(`${influx.url("").replace(/\/$/, "")}/write?db=w&rp=raw&precision=ms`, {
			method: "POST",
			body: `reading,point=x delay="text" ${base}\n`,
		});
		expect(poison.status).toBe(204);
		const readings = round(1).map(
			(reading, index): Reading =>
				index % 10 === 0 ? { ...reading, quality: "bad" } : { ...reading, ts: Date.now() + index, receivedAt: Date.now() },
		);
		await append(history, readings);
		await ready(history);
		expect(history.counters()).toMatchObject({ rejected: 10 });
		expect(await history.count(POINTS, base, Date.now() + 10_000)).toBe(90);
		expect(await readFile(join(directory.path, "history.rejected"), "utf8")).toMatch(/field type conflict[\s\S]*reading,point=d:0 value=1/);
		expect(history.state()).toMatchObject({ status: "ok", waiting: 0 });
	});

	test("a database that is dropped while running is made again", async () => {
		const history = await open();
		await ready(history);
		await fetch(`${influx.url("").replace(/\/$/, "")}/query?q=${encodeURIComponent("DROP DATABASE w")}`, { method: "POST" });
		await append(history, round(1));
		await ready(history);
		expect(await history.count(POINTS, base, base + 10)).toBe(100);
	});
});
