/** Done when 6: InfluxDB away under load loses nothing and stops neither alarms nor the live view. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Health } from "../../../contracts/api.ts";
import { type InfluxServer, influxAvailable, startInflux } from "../../helpers/influx.ts";
import { type LiveClient, liveClient } from "../../helpers/live-client.ts";
import { type RecordingDevice, recordingDevice } from "../../helpers/recording-device.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const POINTS = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"];
/** Readings of each point that are sent while InfluxDB is away: 20 s at 25 a second. */
const MEANWHILE = 500;

let influx: InfluxServer;
let running: System;
let bench: RecordingDevice;
let live: LiveClient;
beforeAll(async () => {
	if (!influxAvailable) return;
	influx = await startInflux();
	running = await system({ site: fixture("faults.yaml"), env: { INFLUX_URL: influx.url("outage") } });
	await running.startServer();
	await running.startAgent();
	live = await liveClient(running, "faults");
	bench = recordingDevice(running.devicePort, "bench");
});
afterAll(async () => {
	live?.stop();
	await bench?.stop();
	await running?.stop();
	await influx?.remove();
});

const storedOf = async (point: string, from: number) =>
	(
		await running.get<{ rows: { ts: string; value: number }[] }>(
			`/api/v1/points/bench:${point}/history?from=${from}&to=${Date.now() + 60_000}&step=raw&limit=50000`,
		)
	).rows;

describe.skipIf(!influxAvailable)("InfluxDB stopped under load", () => {
	test("nothing is lost, alarms and live view go on, and it is reported", { timeout: 300_000 }, async () => {
		const from = Date.now();
		let step = 0;
		let last = from;
		const load = setInterval(() => {
			last = Math.max(Date.now(), last + 1);
			step++;
			for (const [index, point] of POINTS.entries()) bench.reading(point, last, step + index / 10);
		}, 40);
		try {
			await waitFor("readings in InfluxDB", async () => (await storedOf("p0", from)).length > 20, 20_000, 200);
			await influx.stop();
			const stoppedAt = step;
			const health = await waitFor(
				"the outage to be reported",
				async () => {
					const answer = await fetch(`${running.url}/readyz`);
					const found = (await answer.json()) as Health;
					return found.parts.some(({ name, status }) => name === "history" && status === "degraded") && { ...found, http: answer.status };
				},
				20_000,
			);
			expect(health, "not down: everything but old readings works").toMatchObject({ status: "degraded", http: 200 });

			bench.reading("square", Date.now(), 60);
			await waitFor("an alarm during the outage", () => live.alarms.find(({ point, active }) => point === "bench:square" && active));
			bench.reading("square", Date.now() + 1, 20);
			await waitFor("its return during the outage", () => live.alarms.find(({ point, active }) => point === "bench:square" && !active));
			await waitFor("the load of the outage", () => step >= stoppedAt + MEANWHILE, 60_000);
			const seen = step;
			await waitFor("a new reading at a dashboard", () => live.readings.some(([id, value]) => id === "bench:p0" && Number(value) >= seen));
			await waitFor("devices to be acknowledged all the while", () => bench.pending() < 1000);
			await influx.restart();
		} finally {
			clearInterval(load);
		}
		await waitFor("everything acknowledged", () => bench.pending() === 0, 20_000);
		for (const [point, acknowledged] of bench.readings) {
			const rows = await waitFor(
				`${acknowledged.size} rows of ${point}`,
				async () => {
					const found = await storedOf(point, from);
					return found.length >= acknowledged.size ? found : null;
				},
				40_000,
				200,
			);
			expect(new Map(rows.map(({ ts, value }) => [Date.parse(ts), value])), point).toEqual(acknowledged);
			expect(rows).toHaveLength(acknowledged.size);
		}
		await waitFor("readiness again", async () => (await running.get<Health>("/readyz")).status === "ok", 20_000);
	});
});
