/** Devices at the agent's broker: each with its own password and its own topics (EDG-10). */
import { createHash } from "node:crypto";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeviceAccount } from "../../../contracts/uplink.ts";
import { accountsOf, type DeviceAuth } from "../../../edge-agent/devices/device-access.ts";
import { type AccessRefusal, DeviceBroker } from "../../../edge-agent/devices/device-broker.ts";
import { ownersOf } from "../../helpers/device-list.ts";
import { freePort } from "../../helpers/free-port.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const account = (name: string, password: string, devices = [name]): DeviceAccount => ({
	name,
	salt: `salt-${name}`,
	hash: createHash("sha256").update(`salt-${name}:${password}`).digest("hex"),
	devices,
});

let port: number;
let broker: DeviceBroker;
let accounts: DeviceAccount[];
let taken: string[];
let refused: AccessRefusal[];
const cleanUps: (() => Promise<unknown>)[] = [];

async function start(auth: DeviceAuth): Promise<void> {
	broker = new DeviceBroker({
		port,
		auth,
		owners: ownersOf,
		accounts: () => accountsOf({ accounts }),
		refused: (refusal) => refused.push(refusal),
		take: ({ topic }, settle) => {
			taken.push(topic);
			settle();
		},
		stalled: () => false,
		now: Date.now,
		logger: pino({ level: "silent" }),
	});
	await broker.start();
	cleanUps.push(() => broker.stop());
}
beforeEach(async () => {
	port = await freePort();
	accounts = [account("t1", "one"), account("t2", "two"), account("gateway", "three", ["t1", "t2"])];
	taken = [];
	refused = [];
});
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function connect(options: IClientOptions): Promise<{ client: MqttClient; outcome: string }> {
	const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options });
	cleanUps.push(() => client.endAsync(true));
	const outcome = await new Promise<string>((resolve) => {
		client.on("connect", () => resolve("connected"));
		client.on("error", (error) => resolve("code" in error ? `refused ${error.code}` : error.message));
	});
	return { client, outcome };
}

describe.each([
	{ version: 4 as const, code: 4 },
	{ version: 5 as const, code: 134 },
])("a device that speaks MQTT protocol level $version", ({ version: protocolVersion, code }) => {
	test("speaks for itself with its password", async () => {
		await start("required");
		const { client, outcome } = await connect({ protocolVersion, username: "t1", password: "one" });
		expect(outcome).toBe("connected");
		await client.publishAsync("watchroom/t1/temperature", '{"value":1}', { qos: 1 });
		expect(taken).toEqual(["watchroom/t1/temperature"]);
		expect(refused).toEqual([]);
	});

	test.each([
		["another device's password", { username: "t1", password: "two" }],
		["an unknown name", { username: "t9", password: "one" }],
		["no password", { username: "t1" }],
		["nothing", {}],
	])("is refused with %s, and counted", async (_, login) => {
		await start("required");
		const { outcome } = await connect({ protocolVersion, clientId: "t1", ...login });
		expect(outcome).toBe(`refused ${code}`);
		expect(refused).toMatchObject([{ device: "username" in login ? login.username : "t1", reason: "login-refused" }]);
		expect(JSON.stringify(refused)).not.toMatch(/"(one|two)"/);
	});

	test("can't publish as another device, nor commands", async () => {
		await start("required");
		const { client } = await connect({ protocolVersion, username: "t1", password: "one" });
		for (const topic of ["watchroom/t2/temperature", "watchroom/t2/status"]) await client.publishAsync(topic, "{}", { qos: 1 }).catch(() => {});
		await waitFor("both refusals", () => refused.length === 2);
		expect(taken).toEqual([]);
		expect(refused).toMatchObject([
			{ device: "t1", topic: "watchroom/t2/temperature", reason: "topic-refused" },
			{ device: "t1", topic: "watchroom/t2/status", reason: "topic-refused" },
		]);
	});

	test.each(["#", "watchroom/+/command", "watchroom/t2/command", "watchroom/t1/temperature", "watchroom/t1/#"])("doesn't hear %s", async (filter) => {
		await start("required");
		const { client } = await connect({ protocolVersion, username: "t1", password: "one" });
		const error = await new Promise<Error | null>((resolve) => client.subscribe(filter, resolve));
		expect(error).not.toBeNull();
		expect(refused).toMatchObject([{ device: "t1", topic: filter, reason: "topic-refused" }]);
	});
});

test("a gateway speaks for the devices of its account", async () => {
	await start("required");
	const { client } = await connect({ username: "gateway", password: "three" });
	for (const device of ["t1", "t2", "t3"]) await client.publishAsync(`watchroom/${device}/temperature`, "{}", { qos: 1 });
	expect(taken).toEqual(["watchroom/t1/temperature", "watchroom/t2/temperature"]);
	expect(refused).toMatchObject([{ device: "gateway", topic: "watchroom/t3/temperature" }]);
});
test("where log-in is optional, a client without one speaks for devices that have no password, and for no other", async () => {
	await start("optional");
	const { client } = await connect({ clientId: "simulators" });
	for (const device of ["t1", "t3"]) await client.publishAsync(`watchroom/${device}/temperature`, "{}", { qos: 1 });
	expect(taken).toEqual(["watchroom/t3/temperature"]);
	expect(refused).toMatchObject([{ device: "t1", reason: "topic-refused" }]);
});
test("a changed password ends the connection that was made with the old one, and no other", async () => {
	await start("required");
	const [first, other] = [await connect({ username: "t1", password: "one" }), await connect({ username: "t2", password: "two" })];
	const cut = new Promise<void>((resolve) => first.client.on("close", () => resolve()));
	accounts = [account("t1", "new"), account("t2", "two")];
	broker.recheck();
	await cut;
	expect(other.client.connected).toBe(true);
	expect((await connect({ username: "t1", password: "one" })).outcome).toMatch(/^refused/);
	expect((await connect({ username: "t1", password: "new" })).outcome).toBe("connected");
});
