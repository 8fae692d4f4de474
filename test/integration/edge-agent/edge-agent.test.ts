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
		expect(uplink.statuses.at(-1)).toBe("offline");
	});
});
