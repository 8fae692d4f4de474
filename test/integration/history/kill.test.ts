import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { expect, test } from "vitest";
import { DuckDbHistory } from "../../../server/history/duckdb.ts";
import type { History } from "../../../server/history/history.ts";
import { InfluxHistory } from "../../../server/history/influx.ts";
import { NODE, startChild } from "../../helpers/child-process.ts";
import { influxAvailable, startInflux } from "../../helpers/influx.ts";
import { temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const logger = pino({ level: "silent" });
const clock = { now: () => Date.now() };

/** Kills appending processes one after the other at odd moments; returns the numbers of all batches that were acknowledged. */
async function killRepeatedly(
	store: string,
	directory: string,
	base: number,
	kills: number,
	between: (kill: number) => Promise<void> = async () => {},
) {
	const acknowledged = new Set<number>();
	for (let kill = 0, first = 1; kill < kills; kill++) {
		await between(kill);
		const child = startChild(NODE, [join(import.meta.dirname, "appender.ts"), store, directory, String(first), String(base)]);
		await child.says(/stored \d+\n/);
		await sleep((kill * 37) % 150);
		await child.stop("SIGKILL");
		let newest = first;
		for (const [, seq] of child.output().matchAll(/stored (\d+)\n/g)) {
			acknowledged.add(Number(seq));
			newest = Math.max(newest, Number(seq));
		}
		// The next one sends some batches again, as an agent does that hasn't had the acknowledgement.
		first = Math.max(1, newest - 3);
	}
	return acknowledged;
}

async function verify(history: History, acknowledged: Set<number>, base: number): Promise<void> {
	await history.start();
	try {
		await waitFor("the history to be ready", () => history.state().status === "ok", 90_000);
		const to = base + Math.max(...acknowledged) + 100;
		for (const point of ["k:0", "k:19"]) {
			const { rows } = await history.query({ point, step: "raw", from: base, to, maxRows: 1_000_000 });
			const stored = new Set(rows.map(({ ts }) => ts - base));
			expect([...acknowledged].filter((seq) => !stored.has(seq))).toEqual([]);
			expect(rows).toHaveLength(stored.size);
			for (const row of rows) if ("value" in row && row.value !== row.ts - base) throw new Error(`${row.ts - base} has ${row.value}`);
			const minutes = await history.query({ point, step: "1m", from: base, to, maxRows: 1_000_000 });
			expect(minutes.rows.reduce((sum, row) => sum + ("count" in row ? row.count : 0), 0)).toBe(rows.length);
		}
	} finally {
		await history.stop();
	}
}

test("DuckDB: what was acknowledged is there after 15 kills, once", { timeout: 300_000 }, async () => {
	const directory = await temporaryDirectory("kill");
	try {
		const base = Date.now() - 3_600_000;
		const acknowledged = await killRepeatedly("duckdb", directory.path, base, 15);
		expect(acknowledged.size).toBeGreaterThan(15);
		await verify(new DuckDbHistory({ directory: directory.path, logger, clock }), acknowledged, base);
	} finally {
		await directory.remove();
	}
});

test.skipIf(!influxAvailable)(
	"InfluxDB: what was acknowledged is there after 12 kills, once, with the store away for some of them",
	{ timeout: 400_000 },
	async () => {
		const influx = await startInflux();
		const directory = await temporaryDirectory("kill");
		try {
			const base = Date.now() - 3_600_000;
			const acknowledged = await killRepeatedly(influx.url("kills"), directory.path, base, 12, async (kill) => {
				if (kill === 3) await influx.kill();
				if (kill === 6) await influx.restart();
				if (kill === 8) await influx.stop();
				if (kill === 10) await influx.restart();
			});
			expect(acknowledged.size).toBeGreaterThan(12);
			await verify(new InfluxHistory({ url: influx.url("kills"), directory: directory.path, logger, clock }), acknowledged, base);
		} finally {
			await influx.remove();
			await directory.remove();
		}
	},
);
