/**
 * Appends batches until it is killed, and says `stored {seq}` for each one that was acknowledged.
 * Arguments: `duckdb` or an InfluxDB URL, the directory, the first batch number, the time of batch 0.
 */
import { pino } from "pino";
import { DuckDbHistory } from "../../../server/history/duckdb.ts";
import { InfluxHistory } from "../../../server/history/influx.ts";

const [store = "", directory = "", first = "1", base = "0"] = process.argv.slice(2);
const options = { directory, logger: pino({ level: "silent" }), clock: { now: () => Date.now() }, lingerMs: 1, maintainEveryMs: 50 };
const history = store === "duckdb" ? new DuckDbHistory(options) : new InfluxHistory({ ...options, url: store, timeoutMs: 1000 });
await history.start();
const POINTS = Array.from({ length: 20 }, (_, index) => `k:${index}`);
let next = Number(first);
const lane = async () => {
	for (;;) {
		const seq = next++;
		const ts = Number(base) + seq;
		await history.append(
			{ agent: "a", outbox: "o", seq },
			POINTS.map((point) => ({ point, ts, receivedAt: ts, value: seq, quality: "good" as const })),
		);
		process.stdout.write(`stored ${seq}\n`);
	}
};
await Promise.all([lane(), lane(), lane(), lane()]);
