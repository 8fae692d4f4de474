import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import mqtt from "mqtt";
import { afterEach, describe, expect, test } from "vitest";
import type { Child } from "../../helpers/child-process.ts";
import { deviceList } from "../../helpers/device-list.ts";
import { startEdgeAgent } from "../../helpers/edge-agent.ts";
import { freePort } from "../../helpers/free-port.ts";
import { temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { startUplinkServer, type UplinkServer } from "../../helpers/uplink-server.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const READY = /edge agent ready/;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const stop of stops.splice(0).reverse()) await stop();
});

async function folder(): Promise<string> {
	const directory = await temporaryDirectory("agent");
	stops.push(() => directory.remove());
	return directory.path;
}
async function server(port?: number): Promise<UplinkServer> {
	const started = await startUplinkServer(port === undefined ? {} : { port });
	stops.push(() => started.stop());
	return started;
}
function agent(options: Parameters<typeof startEdgeAgent>[0]): Child {
	const child = startEdgeAgent(options);
	stops.push(() => child.stop("SIGKILL"));
	return child;
}
async function device(port: number, options: mqtt.IClientOptions = {}): Promise<mqtt.MqttClient> {
	const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 100, ...options });
	stops.push(() => client.endAsync(true));
	return client;
}

describe("the edge agent as a process", () => {
	test("passes readings and events on, and leaves nothing in the outbox once they are stored", async () => {
		const uplink = await server();
		const devicePort = await freePort();
		const child = agent({ data: await folder(), devicePort, uplinkUrl: uplink.url });
		await child.says(/waiting for the device list/);
		await waitFor("the agent to be online", () => uplink.statuses.includes("online"));
		uplink.sendDevices("agent-1", deviceList());
		await child.says(READY);

		const client = await device(devicePort);
		const ts = Date.now();
		await client.publishAsync("watchroom/s0/temperature", JSON.stringify({ ts, value: 21.5 }), { qos: 1 });
		await client.publishAsync("watchroom/c0/door", JSON.stringify({ ts, seq: 1, door: "d0", state: "open" }), { qos: 1 });
		await client.publishAsync("watchroom/c0/door", JSON.stringify({ ts, seq: 4, door: "d0", state: "closed" }), { qos: 1 });
		await client.publishAsync("watchroom/s0/temperature", '{"value":NaN}', { qos: 1 });
		await client.publishAsync("watchroom/ghost/temperature", '{"value":1}', { qos: 1 });
		await waitFor("the events", () => uplink.events().filter(({ type }) => type === "door").length === 2);
		expect(uplink.readings()).toMatchObject([{ point: "s0:temperature", ts, value: 21.5, quality: "good" }]);
		expect(uplink.batches.every(({ late }) => !late)).toBe(true);
		const heartbeat = await waitFor("a heartbeat with an empty outbox", () =>
			uplink.heartbeats.findLast(({ outbox, rejectedUnknown }) => outbox.batches === 0 && rejectedUnknown === 1),
		);
		const told = new Map(uplink.heartbeats.flatMap(({ devices }) => devices).map((counters) => [counters.device, counters]));
		expect(told.get("c0")).toMatchObject({ accepted: 2, rejected: 0, sequenceGaps: 2, status: "online" });
		expect(told.get("s0")).toMatchObject({ accepted: 1, rejected: 1 });
		expect(heartbeat.devicesVersion).toBe("v1");
		expect(uplink.heartbeats.flatMap(({ quarantine }) => quarantine).map(({ device: id, reason }) => [id, reason])).toEqual([
			["s0", "not-finite"],
			["ghost", "unknown-device"],
		]);
		await child.stop();
		expect(child.process.exitCode).toBe(0);
		await waitFor("the good-bye", () => uplink.statuses.at(-1) === "offline");
	});
});

describe("the edge agent on its own", () => {
	test("starts without the server on the list that it saved, and hands over afterwards what devices sent meanwhile", async () => {
		const data = await folder();
		const devicePort = await freePort();
		// Not any free port: while nobody listens on it, somebody's outgoing connection could take it.
		const first = await server(await freePort());
		const one = agent({ data, devicePort, uplinkUrl: first.url });
		await waitFor("the agent to be online", () => first.statuses.includes("online"));
		first.sendDevices("agent-1", deviceList());
		await one.says(READY);
		await one.stop();
		await first.stop();

		const two = agent({ data, devicePort, uplinkUrl: first.url });
		await two.says(READY);
		const client = await device(devicePort);
		await client.publishAsync("watchroom/s0/temperature", '{"value":20}', { qos: 1 });
		await client.publishAsync("watchroom/c0/door", '{"seq":1,"door":"d0","state":"open"}', { qos: 1 });
		const again = await server(first.port);
		// The agent's pauses between two tries have become longer meanwhile.
		await waitFor("reading and event", () => again.readings().length === 1 && again.events().some(({ type }) => type === "door"), 60_000);
	}, 150_000);

	test("keeps everything that was acknowledged through kill -9, and hands it over once", async () => {
		const data = await folder();
		const devicePort = await freePort();
		const uplink = await server();
		let child = agent({ data, devicePort, uplinkUrl: uplink.url });
		await waitFor("the agent to be online", () => uplink.statuses.includes("online"));
		uplink.sendDevices("agent-1", deviceList());
		await child.says(READY);

		const client = await device(devicePort, { clientId: "device", clean: false, reconnectPeriod: 50 });
		client.on("error", () => {});
		const begun = Date.now();
		const acknowledged = new Set<number>();
		let sent = 0;
		// The client library gives up some messages when a connection ends; a device sends them again.
		const publish = (ts: number): void => {
			client.publish("watchroom/s0/temperature", JSON.stringify({ ts, value: 20 }), { qos: 1 }, (error) => {
				if (!error) acknowledged.add(ts);
				else if (!client.disconnecting) setTimeout(() => publish(ts), 20);
			});
		};
		const pump = setInterval(() => {
			// mqtt.js repeats what was under way one by one after a reconnect: few enough that this takes no time.
			if (sent - acknowledged.size > 400) return;
			for (let index = 0; index < 50; index++) publish(begun - 1_000_000 + sent++);
		}, 5);
		stops.push(async () => clearInterval(pump));
		for (let kill = 0; kill < 5; kill++) {
			const before = acknowledged.size;
			await waitFor("more acknowledgements", () => acknowledged.size > before + 300, 60_000);
			// Some of the kills while the server doesn't answer.
			if (kill === 2) uplink.answer = () => null;
			await child.stop("SIGKILL");
			child = agent({ data, devicePort, uplinkUrl: uplink.url });
			await child.says(READY);
		}
		uplink.answer = ({ outbox, batches }) => ({ outbox, stored: batches.map(({ seq }) => seq), refused: [] });
		clearInterval(pump);
		await waitFor("every acknowledgement", () => acknowledged.size === sent, 90_000);
		await waitFor("an empty outbox", () => uplink.heartbeats.at(-1)?.outbox.batches === 0 && uplink.readings().length >= sent, 90_000);
		const stored = new Set(uplink.readings().map(({ ts }) => ts));
		expect([...acknowledged].filter((ts) => !stored.has(ts))).toEqual([]);
		expect(new Set(uplink.batches.map(({ seq }) => seq)).size).toBe(uplink.batches.length);
	}, 600_000);

	test("a fire that a controller tells again after the agent was killed is not raised a second time", async () => {
		const uplink = await server();
		const [data, devicePort] = [await folder(), await freePort()];
		const fire = { "device-id": 303986753, "event-id": 81, "event-type": 3, "event-reason": 39, "access-granted": false };
		const point = { point: "fire", type: "boolean" as const, states: null, range: null };
		const controller = { id: "panel", kind: "door-controller" as const, profile: "uhppoted", address: "303986753", doors: [], points: [point] };
		const start = async () => {
			const child = agent({ data, devicePort, uplinkUrl: uplink.url });
			await waitFor("the agent to be online", () => uplink.statuses.at(-1) === "online");
			uplink.sendDevices("agent-1", { ...deviceList(), devices: [...deviceList().devices, controller] });
			await child.says(READY);
			return child;
		};
		const told = (message: object) => JSON.stringify({ message });
		const at = (timestamp: string) => ({ event: { event: { ...fire, timestamp } } });
		const fires = () => uplink.readings().filter(({ point: id, value }) => id === "panel:fire" && value === true).length;
		let child = await start();
		let client = await device(devicePort);
		const [hourAgo, now] = [Math.floor(Date.now() / 1000) * 1000 - 3_600_000, Date.now()];
		const written = (ts: number) => `${new Date(ts).toISOString().slice(0, 19).replace("T", " ")} UTC`;
		await client.publishAsync("uhppoted/gateway/events", told(at(written(now))), { qos: 1 });
		await waitFor("the fire", () => fires() === 1);
		await client.endAsync(true);
		await child.stop("SIGKILL");
		await waitFor("the agent to be missed", () => uplink.statuses.at(-1) === "offline");
		child = await start();
		client = await device(devicePort);
		const status = { "device-id": 303986753, status: { "door-states": { 1: false }, event: { ...fire, timestamp: written(now) } } };
		await client.publishAsync("uhppoted/reply/get-status", told({ reply: { method: "get-status", response: status } }), { qos: 1 });
		// What the controller tells next comes after it: its numbers have begun anew.
		await client.publishAsync("uhppoted/gateway/events", told(at(written(hourAgo))), { qos: 1 });
		await waitFor("another fire", () => uplink.readings().some(({ point: id, ts }) => id === "panel:fire" && ts === hourAgo));
		expect(fires()).toBe(2);
	}, 60_000);

	test("serves good devices while others send rubbish without end", async () => {
		const uplink = await server();
		const devicePort = await freePort();
		const child = agent({ data: await folder(), devicePort, uplinkUrl: uplink.url });
		await waitFor("the agent to be online", () => uplink.statuses.includes("online"));
		uplink.sendDevices("agent-1", deviceList());
		await child.says(READY);
		const [good, bad, ghost] = await Promise.all([device(devicePort), device(devicePort), device(devicePort)]);
		let refused = 0;
		for (let index = 0; index < 10_000; index++) {
			bad.publish("watchroom/s1/temperature", '{"value":"rubbish', { qos: 1 }, () => refused++);
			ghost.publish(`watchroom/ghost${index}/temperature`, '{"value":1}', { qos: 1 }, () => refused++);
		}
		bad.publish("watchroom/s1/temperature", Buffer.alloc(1_000_000, 0x20), { qos: 1 }, () => refused++);
		for (let index = 0; index < 50; index++)
			await good.publishAsync("watchroom/s0/temperature", JSON.stringify({ ts: Date.now() - 1000 + index, value: 20 }), { qos: 1 });
		await waitFor("the good readings", () => uplink.readings().length === 50);
		await waitFor("every acknowledgement", () => refused === 20_001, 90_000);
		// A heartbeat may be made between the last message of one device and that of the other.
		const counters = () => uplink.heartbeats.flatMap(({ devices }) => devices).findLast(({ device: id }) => id === "s1");
		await waitFor("the counts", () => uplink.heartbeats.at(-1)?.rejectedUnknown === 10_000 && counters()?.rejected === 10_001);
		expect(counters()).toMatchObject({ accepted: 0, rejected: 10_001 });
		const reasons = uplink.heartbeats.flatMap(({ quarantine }) => quarantine.map(({ reason }) => reason));
		// Ten of a device are kept in a second: the megabyte is among them only where a new second has just begun.
		expect(new Set(reasons.filter((reason) => reason !== "too-large"))).toEqual(new Set(["not-json", "unknown-device"]));
		expect(child.process.exitCode).toBeNull();
	}, 200_000);

	test("stands an unpaced flood from many connections", async () => {
		const uplink = await server();
		const devicePort = await freePort();
		const child = agent({ data: await folder(), devicePort, uplinkUrl: uplink.url });
		await waitFor("the agent to be online", () => uplink.statuses.includes("online"));
		uplink.sendDevices("agent-1", deviceList(200));
		await child.says(READY);
		const devices = await Promise.all(Array.from({ length: 200 }, () => device(devicePort)));
		const begun = Date.now() - 10_000;
		let acknowledged = 0;
		for (let index = 0; index < 250; index++)
			for (const [number, client] of devices.entries())
				client.publish(`watchroom/s${number}/temperature`, JSON.stringify({ ts: begun + index, value: 20 }), { qos: 1 }, () => acknowledged++);
		await waitFor("every acknowledgement", () => acknowledged === 50_000, 120_000);
		// A device that lost its connection would have sent some of them again.
		const stored = () => new Set(uplink.readings().map(({ point, ts }) => `${point} ${ts}`)).size;
		await waitFor("every reading", () => stored() === 50_000, 120_000, 200);
		expect(child.process.exitCode).toBeNull();
	}, 330_000);

	test.skipIf(!existsSync("/usr/bin/prlimit"))(
		"acknowledges nothing while the disk is full, lives on, and goes on when there is room",
		async () => {
			const data = await folder();
			const devicePort = await freePort();
			const uplink = await server();
			const child = agent({ data, devicePort, uplinkUrl: uplink.url });
			await waitFor("the agent to be online", () => uplink.statuses.includes("online"));
			uplink.sendDevices("agent-1", deviceList());
			await child.says(READY);
			// The system lets no file of this process grow beyond this: to the process that is a full disk.
			execFileSync("/usr/bin/prlimit", ["--pid", String(child.pid), "--fsize=1000000:unlimited"]);
			uplink.answer = () => null;
			const client = await device(devicePort);
			const begun = Date.now() - 100_000;
			const acknowledged = new Set<number>();
			const readings = (from: number) => JSON.stringify(Array.from({ length: 500 }, (_, index) => ({ ts: begun + from + index, value: index / 7 })));
			for (let index = 0; index < 200; index++)
				client.publish("watchroom/s0/temperature", readings(index * 500), { qos: 1 }, (error) => {
					if (!error) acknowledged.add(index);
				});
			await child.says(/outbox can't store/);
			expect(acknowledged.size).toBeLessThan(200);
			uplink.answer = ({ outbox, batches }) => ({ outbox, stored: batches.map(({ seq }) => seq), refused: [] });
			execFileSync("/usr/bin/prlimit", ["--pid", String(child.pid), "--fsize=unlimited:unlimited"]);
			await waitFor("every acknowledgement", () => acknowledged.size === 200, 60_000);
			await waitFor("every reading", () => new Set(uplink.readings().map(({ ts }) => ts)).size === 100_000, 60_000, 200);
		},
		240_000,
	);
});
