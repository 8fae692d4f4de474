/** PostgreSQL away under load, with an alarm that waits to be recorded: the live view goes on, and nothing is lost or doubled. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Alarm } from "../../../contracts/api.ts";
import { EmbeddedPostgres } from "../../../server/platform/database/embedded-postgres.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { type LiveClient, liveClient } from "../../helpers/live-client.ts";
import { type RecordingDevice, recordingDevice } from "../../helpers/recording-device.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { type TcpProxy, tcpProxy } from "../../helpers/tcp-proxy.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const POINTS = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"];
/** Rounds of readings, 25 a second, that the agent can't get rid of: far more than its window of 64 envelopes holds. */
const MEANWHILE = 600;
const SQUARE = "bench:square";

let folder: TemporaryDirectory;
let postgres: EmbeddedPostgres;
let proxy: TcpProxy;
let running: System;
let bench: RecordingDevice;
let live: LiveClient;
beforeAll(async () => {
	folder = await temporaryDirectory("postgres-outage");
	postgres = new EmbeddedPostgres({ directory: join(folder.path, "postgres"), logger: silentLogger() });
	const url = new URL(await postgres.start());
	proxy = await tcpProxy(Number(url.port));
	url.port = String(proxy.port);
	running = await system({ site: fixture("faults.yaml"), env: { DATABASE_URL: url.href } });
	await running.startServer();
	await running.startAgent();
	live = await liveClient(running, "faults");
	bench = recordingDevice(running.devicePort, "bench");
}, 120_000);
afterAll(async () => {
	live?.stop();
	await bench?.stop();
	await running?.stop();
	await proxy?.stop();
	await postgres?.stop();
	await folder?.remove();
});

test("the live view goes on while PostgreSQL is away and an alarm waits; afterwards nothing is lost or doubled", { timeout: 300_000 }, async () => {
	const from = Date.now();
	let [step, last] = [0, from];
	const load = setInterval(() => {
		last = Math.max(Date.now(), last + 1);
		step++;
		for (const [index, point] of POINTS.entries()) bench.reading(point, last, step + index / 10);
	}, 40);
	const shown = (value: number) => live.readings.some(([id, shownValue]) => id === "bench:p0" && Number(shownValue) >= value);
	try {
		await waitFor("readings at a dashboard", () => shown(10), 20_000);
		proxy.cut();
		await postgres.stop();
		const stoppedAt = step;
		bench.reading("square", Date.now(), 60);
		for (let seen = stoppedAt; seen < stoppedAt + MEANWHILE; seen += 100) {
			await waitFor(`round ${seen} sent`, () => step >= seen, 60_000);
			await waitFor(`round ${seen} at a dashboard`, () => shown(seen));
		}
		await waitFor("devices to be acknowledged all the while", () => bench.pending() < 1000);
		expect(
			live.alarms.filter(({ point }) => point === SQUARE),
			"nobody is told of what isn't recorded",
		).toEqual([]);
		proxy.restore(Number(new URL(await postgres.start()).port));
	} finally {
		clearInterval(load);
	}
	await waitFor("the alarm", () => live.alarms.some(({ point, active }) => point === SQUARE && active), 60_000);
	bench.reading("square", Date.now(), 20);
	await waitFor("its return", () => live.alarms.some(({ point, active }) => point === SQUARE && !active), 60_000);
	await waitFor("everything acknowledged", () => bench.pending() === 0, 20_000);
	for (const [point, acknowledged] of bench.readings) {
		const path = `/api/v1/points/bench:${point}/history?from=${from}&to=${Date.now() + 60_000}&step=raw&limit=50000`;
		const stored = async () => (await running.get<{ rows: { ts: string; value: number }[] }>(path)).rows;
		const rows = await waitFor(
			`${acknowledged.size} rows of ${point}`,
			async () => {
				const found = await stored();
				return found.length >= acknowledged.size ? found : null;
			},
			90_000,
			200,
		);
		expect(rows, point).toHaveLength(acknowledged.size);
		expect(new Map(rows.map(({ ts, value }) => [Date.parse(ts), value])), point).toEqual(acknowledged);
	}
	const [alarm, ...more] = await running.items<Alarm>(`/api/v1/alarms?point=${SQUARE}`);
	expect(more).toEqual([]);
	expect(alarm).toMatchObject({ rule: "too-hot", occurrences: 1, active: false });
	const transitions = await running.items<{ kind: string }>(`/api/v1/alarms/${alarm?.id}/transitions`);
	expect(transitions.map(({ kind }) => kind).sort()).toEqual(["raised", "returned"]);
});
