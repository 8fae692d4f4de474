import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import mqtt from "mqtt";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Reading } from "../../../contracts/reading.ts";
import { ackSchema, type DeviceList, envelopeSchema, uplinkTopic } from "../../../contracts/uplink.ts";
import { Outbox } from "../../../edge-agent/outbox/outbox.ts";
import { Uplink } from "../../../edge-agent/uplink/uplink.ts";
import { deviceList } from "../../helpers/device-list.ts";
import { hasMosquitto, startMosquitto } from "../../helpers/mosquitto.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { startUplinkServer, type UplinkServer } from "../../helpers/uplink-server.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const HOUR = 3_600_000;
let folder: TemporaryDirectory;
let server: UplinkServer;
let outbox: Outbox;
let uplink: Uplink;
/** Added to the time that the agent sees. */
let shift = 0;
let lists: DeviceList[] = [];

const now = () => Date.now() + shift;
const reading = (value: number): Reading => ({ point: "s0:temperature", ts: now(), receivedAt: now(), value, quality: "good" });
function commit(value: number): void {
	uplink.committed(outbox.append([{ readings: [reading(value)], events: [] }], []));
}
/** 750,000 readings. Between two batches the line gets its turn: without a sign of life for seconds the broker would cut it. */
async function commitMuch(): Promise<void> {
	const big = Array.from({ length: 5_000 }, (_, index) => ({ ...reading(index), point: `s${index}:temperature` }));
	for (let index = 0; index < 150; index++) {
		uplink.committed(outbox.append([{ readings: big, events: [] }], []));
		await turn();
	}
}
const values = () => server.batches.map(({ readings, late }) => [readings?.v[0], late]);

function make(url: string, answerTimeout = 10_000): Uplink {
	return new Uplink({
		url,
		agent: "agent-1",
		outbox,
		snapshot: () => ({ readings: [reading(99)], status: [{ device: "s0", status: "online", ts: now() }] }),
		heartbeats: {
			reset: () => {},
			next: (sentAt) => [
				{
					heartbeat: {
						sentAt,
						startedAt: 0,
						devicesVersion: null,
						outbox: outbox.stats(),
						dropped: 0,
						rejectedUnknown: 0,
						devices: [],
						quarantine: [],
					},
					delivered: () => {},
				},
			],
		},
		devices: (list) => lists.push(list),
		now,
		logger: pino({ level: "silent" }),
		backOff: { first: 50, longest: 200 },
		answerTimeout,
	});
}
beforeEach(async () => {
	shift = 0;
	lists = [];
	folder = await temporaryDirectory("uplink");
	server = await startUplinkServer();
	outbox = new Outbox({ path: join(folder.path, "outbox.db"), maxBytes: 100_000_000, now });
	uplink = make(server.url);
});
afterEach(async () => {
	await uplink.stop();
	await uplink.stop();
	outbox.close();
	await server.stop();
	await folder.remove();
});

describe("the uplink", () => {
	test("sends the newest state first after an outage, then what is fresh, then the backlog, marked late", async () => {
		shift = -HOUR;
		for (let index = 1; index <= 5; index++) outbox.append([{ readings: [reading(index)], events: [] }], []);
		shift = 0;
		outbox.append([{ readings: [reading(6)], events: [] }], []);
		uplink.start();
		await waitFor("everything", () => server.batches.length === 6);
		expect(server.order.filter((topic) => topic !== "status" && topic !== "heartbeat")).toEqual(["snapshot", "envelope", "envelope"]);
		expect(server.snapshots).toMatchObject([{ readings: { v: [99] }, status: [{ device: "s0", status: "online" }] }]);
		expect(values()).toEqual([[6, false], ...[1, 2, 3, 4, 5].map((value) => [value, true])]);
		await waitFor("an empty outbox", () => outbox.stats().batches === 0);
	});

	test("sends no snapshot and nothing as late when nothing has waited long", async () => {
		outbox.append([{ readings: [reading(1)], events: [] }], []);
		uplink.start();
		await waitFor("the batch", () => server.batches.length === 1);
		commit(2);
		await waitFor("the next", () => server.batches.length === 2);
		expect([values(), server.snapshots]).toEqual([
			[
				[1, false],
				[2, false],
			],
			[],
		]);
	});

	test("sends again what has had no answer, and keeps it until there is one", async () => {
		uplink = make(server.url, 100);
		server.answer = () => null;
		uplink.start();
		await waitFor("the connection", () => uplink.connected);
		commit(1);
		await waitFor("the first envelope", () => server.order.includes("envelope"));
		expect(outbox.stats().batches).toBe(1);
		server.answer = ({ outbox: name, batches }) => ({ outbox: name, stored: batches.map(({ seq }) => seq), refused: [] });
		await waitFor("the second", () => server.batches.length === 1);
		await waitFor("an empty outbox", () => outbox.stats().batches === 0);
	});

	test("comes back after the line was cut, any number of times, and loses and repeats nothing", async () => {
		uplink.start();
		for (let round = 1; round <= 5; round++) {
			await waitFor("the connection", () => uplink.connected);
			for (let index = 0; index < 20; index++) commit(round * 100 + index);
			server.cut();
			await waitFor("the loss to be noticed", () => !uplink.connected);
			for (let index = 20; index < 40; index++) commit(round * 100 + index);
		}
		await waitFor("everything", () => server.batches.length === 200);
		await waitFor("an empty outbox", () => outbox.stats().batches === 0);
		expect(new Set(server.batches.map(({ seq }) => seq)).size).toBe(200);
	});

	test("keeps aside what the server refuses, and goes on", async () => {
		server.answer = ({ outbox: name, batches }) => ({
			outbox: name,
			stored: batches.map(({ seq }) => seq).filter((seq) => seq !== 2),
			refused: batches.some(({ seq }) => seq === 2) ? [{ seq: 2, reason: "unreadable" }] : [],
		});
		uplink.start();
		await waitFor("the connection", () => uplink.connected);
		for (let index = 1; index <= 3; index++) commit(index);
		await waitFor("an empty outbox", () => outbox.stats().batches === 0);
		expect(server.batches.map(({ seq }) => seq)).toEqual([1, 3]);
	});

	test("bears nonsense and answers for another outbox", async () => {
		server.answer = () => null;
		uplink.start();
		await waitFor("the connection", () => uplink.connected);
		commit(1);
		await waitFor("the envelope", () => server.order.includes("envelope"));
		server.send("agent-1", "ack", "nonsense");
		server.send("agent-1", "ack", '{"stored":"all"}');
		server.send("agent-1", "ack", JSON.stringify({ outbox: "another", stored: [1], refused: [] }));
		server.send("agent-1", "devices", '{"version":1}');
		server.sendDevices("agent-1", deviceList());
		await waitFor("the good list", () => lists.length === 1);
		expect(outbox.stats().batches).toBe(1);
	});

	test("keeps its window when the server is there but doesn't answer", async () => {
		server.answer = () => null;
		uplink.start();
		await waitFor("the connection", () => uplink.connected);
		await commitMuch();
		const beats = server.heartbeats.length;
		await waitFor("two heartbeats", () => server.heartbeats.length > beats + 1);
		const envelopes = server.order.filter((topic) => topic === "envelope").length;
		expect(envelopes).toBeLessThanOrEqual(64);
		expect(outbox.stats().batches).toBe(150);
	});

	test("keeps the live view going with snapshots while nothing is answered and the window is full, and no longer than that", async () => {
		server.answer = () => null;
		uplink.start();
		await waitFor("the connection", () => uplink.connected);
		await commitMuch();
		await waitFor("two snapshots", () => server.snapshots.length >= 2);
		server.answer = ({ outbox: name, batches }) => ({ outbox: name, stored: batches.map(({ seq }) => seq), refused: [] });
		await waitFor("an empty outbox", () => outbox.stats().batches === 0, 90_000);
		// A snapshot that was on its way then has come before this.
		await waitFor("a heartbeat that says so", () => server.heartbeats.at(-1)?.outbox.batches === 0);
		const [snapshots, beats] = [server.snapshots.length, server.heartbeats.length];
		await waitFor("two heartbeats", () => server.heartbeats.length > beats + 1);
		expect(server.snapshots).toHaveLength(snapshots);
	}, 200_000);

	test("says that it goes: retained, and by its last will when it can't", async () => {
		uplink.start();
		await waitFor("online", () => server.statuses.at(-1) === "online");
		server.cut();
		await waitFor("the last will", () => server.statuses.includes("offline"));
		await waitFor("online again", () => server.statuses.at(-1) === "online");
		await uplink.stop();
		await waitFor("offline", () => server.statuses.at(-1) === "offline");
	});
});

test.skipIf(!hasMosquitto)("the uplink works over a broker that is not the server's own", async () => {
	const mosquitto = await startMosquitto();
	const peer = await mqtt.connectAsync(mosquitto.url);
	const seqs: number[] = [];
	peer.on("message", (topic, payload) => {
		if (topic !== uplinkTopic("agent-1", "envelope")) return;
		const envelope = envelopeSchema.parse(JSON.parse(payload.toString()));
		const stored = envelope.batches.map(({ seq }) => seq);
		seqs.push(...stored);
		peer.publish(uplinkTopic("agent-1", "ack"), JSON.stringify(ackSchema.parse({ outbox: envelope.outbox, stored, refused: [] })), { qos: 1 });
	});
	await peer.subscribeAsync(uplinkTopic("+", "envelope"), { qos: 1 });
	uplink = make(mosquitto.url);
	try {
		uplink.start();
		await waitFor("the connection", () => uplink.connected);
		for (let index = 0; index < 50; index++) commit(index);
		await waitFor("an empty outbox", () => outbox.stats().batches === 0);
		expect(new Set(seqs).size).toBe(50);
	} finally {
		await uplink.stop();
		await peer.endAsync(true);
		await mosquitto.stop();
	}
});
