import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Reading, toColumns } from "../../../contracts/reading.ts";
import { ackSchema, deviceListSchema, uplinkTopic } from "../../../contracts/uplink.ts";
import { IngestService } from "../../../server/ingest/ingest-service.ts";
import { UplinkBroker } from "../../../server/ingest/uplink-broker.ts";
import { systemClock } from "../../../server/platform/clock.ts";
import { AppError } from "../../../server/platform/errors.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { Agents } from "../../../server/site/agents.ts";
import { Devices } from "../../../server/site/devices.ts";
import { LivePoints } from "../../../server/site/live-points.ts";
import { Quarantine } from "../../../server/site/quarantine.ts";
import { siteMigrations } from "../../../server/site/site-migrations.ts";
import { freePort } from "../../helpers/free-port.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { recordingRealtime, smallSite, worldSource } from "../../helpers/small-world.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let records: TestDatabase;
const cleanUps: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
	records = await testDatabase(siteMigrations);
});
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
	await records.drop();
});

/** One run of a server's ingest on a real broker and database; what is stored outlives the run, as in a store. */
async function run(port: number, stored: Map<string, Reading>, append?: (count: number) => Promise<void>) {
	const [world, realtime, clock, logger] = [worldSource(), recordingRealtime(), systemClock, silentLogger()];
	const agents = new Agents({ world, database: records.database, realtime, clock, logger });
	const devices = new Devices({ world, agents, database: records.database, logger });
	const quarantine = new Quarantine({ database: records.database, world, logger });
	const live = new LivePoints({
		world,
		clock,
		realtime,
		logger,
		history: { latest: async () => new Map() },
		voidUntil: (device) => devices.voidUntil(device),
	});
	let appended = 0;
	const ingest = new IngestService({
		transport: new UplinkBroker({ port, logger }),
		world,
		live,
		devices,
		agents,
		quarantine,
		clock,
		logger,
		alarms: { evaluate: async () => {} },
		access: { record: async () => {} },
		history: {
			async append(_batch, readings) {
				await append?.(++appended);
				for (const reading of readings) stored.set(`${reading.point} ${reading.ts}`, reading);
			},
		},
	});
	await agents.start();
	await devices.start();
	await live.start();
	quarantine.start();
	await ingest.start();
	const stop = async () => {
		for (const part of [ingest, live, quarantine, devices, agents]) await part.stop();
	};
	cleanUps.push(stop);
	return { ingest, agents, devices, quarantine, live, world, stop };
}

async function connect(port: number): Promise<MqttClient> {
	const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: "agent-a", reconnectPeriod: 20 });
	cleanUps.push(() => client.endAsync(true));
	return client;
}

const START = Date.now() - 100_000;
const batch = (seq: number) => ({
	seq,
	readings: toColumns([{ point: "t1:temperature", ts: START + seq, receivedAt: START + seq, value: seq, quality: "good" }]),
	events: [],
});

test("an agent that sends again what isn't acknowledged gets everything stored, over failures of the store and restarts of the server", async () => {
	const port = await freePort();
	const stored = new Map<string, Reading>();
	const flaky = async (count: number) => {
		if (count % 7 === 3) throw new AppError("history-full", 503, "full");
		await sleep(count % 3);
	};
	let server = await run(port, stored, flaky);
	const client = await connect(port);
	const waiting = new Map(Array.from({ length: 300 }, (_, index) => [index + 1, batch(index + 1)]));
	client.on("message", (_topic, payload) => {
		for (const seq of ackSchema.parse(JSON.parse(payload.toString())).stored) {
			expect(stored.has(`t1:temperature ${START + seq}`)).toBe(true);
			waiting.delete(seq);
		}
	});
	client.on("connect", () => client.subscribe(uplinkTopic("a", "ack"), { qos: 1 }));
	await client.subscribeAsync(uplinkTopic("a", "ack"), { qos: 1 });
	// The newest are for the last server: only it is asked for its live view.
	let newest = 290;
	const sendWaiting = () => {
		const some = [...waiting.values()].filter(({ seq }) => seq <= newest).slice(0, 20);
		if (client.connected && some.length > 0)
			client.publish(uplinkTopic("a", "envelope"), JSON.stringify({ outbox: "o", late: false, batches: some }), { qos: 1 });
	};
	const sender = setInterval(sendWaiting, 5);
	cleanUps.push(async () => clearInterval(sender));
	for (const left of [200, 100]) {
		await waitFor(`${left} batches left`, () => waiting.size <= left);
		await server.stop();
		server = await run(port, stored, flaky);
	}
	newest = 300;
	await waitFor("all acknowledged", () => waiting.size === 0);
	expect(stored.size).toBe(300);
	expect(server.live.get("t1:temperature")?.value).toBe(300);
});

test("a device's going makes its points stale as it is told, until what it says when it is back", async () => {
	const port = await freePort();
	const { live } = await run(port, new Map());
	const client = await connect(port);
	const at = Date.now() - 1000;
	const send = (seq: number, value: number | null, status: "online" | "offline", ts: number) => {
		const readings = value === null ? null : toColumns([{ point: "t1:temperature", ts, receivedAt: ts, value, quality: "good" }]);
		const events = [{ type: "status", device: "t1", status, ts, receivedAt: ts }];
		return client.publishAsync(uplinkTopic("a", "envelope"), JSON.stringify({ outbox: "o", late: false, batches: [{ seq, readings, events }] }), {
			qos: 1,
		});
	};
	const shown = () => {
		const { value, quality } = live.get("t1:temperature") ?? {};
		return `${value} ${quality}`;
	};
	await send(1, 21, "online", at);
	await waitFor("the value", () => shown() === "21 good");
	await send(2, null, "offline", at + 10);
	await waitFor("stale", () => shown() === "21 stale");
	await send(3, null, "online", at + 10);
	await send(4, 22, "online", at + 10);
	await waitFor("good again", () => shown() === "22 good");
});

test("an agent gets its device list when it comes, and the new one when the site changes", async () => {
	const port = await freePort();
	const { world } = await run(port, new Map());
	const client = await connect(port);
	const lists: unknown[] = [];
	client.on("message", (_topic, payload) => lists.push(deviceListSchema.parse(JSON.parse(payload.toString()))));
	await client.subscribeAsync(uplinkTopic("a", "devices"), { qos: 1 });
	await waitFor("the list", () => lists.length === 1);
	world.change({ ...smallSite(), racks: [] });
	await waitFor("the changed list", () => lists.length === 2);
	expect(lists[1]).toMatchObject({ devices: [{ id: "c1", doors: ["main"] }, { id: "r1" }] });
});

test("a heartbeat reaches agent, device and quarantine; a broken connection is the agent's end at once", async () => {
	const port = await freePort();
	const { agents, devices, quarantine } = await run(port, new Map());
	const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
		clientId: "agent-a",
		reconnectPeriod: 0,
		will: { topic: uplinkTopic("a", "status"), payload: Buffer.from("offline"), qos: 1, retain: true },
	});
	const now = Date.now();
	const heartbeat = {
		sentAt: now,
		startedAt: now - 1000,
		devicesVersion: null,
		outbox: { batches: 0, bytes: 0, oldest: null },
		dropped: 0,
		rejectedUnknown: 0,
		devices: [{ device: "t1", accepted: 5, rejected: 1, sequenceGaps: 0, clockSkewMs: 12, lastSeen: now, status: "online" }],
		quarantine: [{ device: "t1", topic: "watchroom/t1/temperature", receivedAt: now, reason: "not-json", detail: "", payload: "{", size: 1 }],
	};
	await client.publishAsync(uplinkTopic("a", "heartbeat"), JSON.stringify(heartbeat), { qos: 1 });
	await waitFor("the agent online", () => agents.get("a")?.status === "online");
	expect(devices.get("t1")).toMatchObject({ status: "online", accepted: 5, rejected: 1, clockSkewMs: 12 });
	await waitFor("the refused payload", async () => (await quarantine.list({ device: "t1" }, 10, null)).length === 1);
	client.stream.destroy();
	await waitFor("the agent offline", () => agents.get("a")?.status === "offline");
	expect(devices.get("t1")?.status).toBe("unknown");
});
