import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, describe, expect, test } from "vitest";
import { uplinkTopic } from "../../../contracts/uplink.ts";
import { ExternalUplink } from "../../../server/ingest/external-uplink.ts";
import { UplinkBroker } from "../../../server/ingest/uplink-broker.ts";
import type { UplinkMessage, UplinkTransport } from "../../../server/ingest/uplink-transport.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { type Child, startChild } from "../../helpers/child-process.ts";
import { freePort } from "../../helpers/free-port.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const MOSQUITTO = "/usr/sbin/mosquitto";
const canRunMosquitto = existsSync(MOSQUITTO) || process.env.CI === "true";
if (!canRunMosquitto) console.warn("skipped: uplink over Mosquitto; install mosquitto to run it");

interface Setup {
	transport: UplinkTransport;
	url: string;
	stop(): Promise<void>;
}
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function ownBroker(workLimit: number): Promise<Setup> {
	const port = await freePort();
	const transport = new UplinkBroker({ port, logger: silentLogger(), workLimit });
	return { transport, url: `mqtt://127.0.0.1:${port}`, stop: async () => {} };
}

async function startMosquitto(port: number, directory: TemporaryDirectory): Promise<Child> {
	const file = join(directory.path, "mosquitto.conf");
	await writeFile(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nset_tcp_nodelay true\n`);
	const child = startChild(MOSQUITTO, ["-c", file]);
	await waitFor("mosquitto", async () => (await connectAsync(`mqtt://127.0.0.1:${port}`, {}, false)).endAsync().then(() => true));
	return child;
}

async function foreignBroker(workLimit: number): Promise<Setup> {
	const [port, directory] = [await freePort(), await temporaryDirectory("mosquitto")];
	const child = await startMosquitto(port, directory);
	const url = `mqtt://127.0.0.1:${port}`;
	const transport = new ExternalUplink({ url, clientId: "server", logger: silentLogger(), workLimit });
	return {
		transport,
		url,
		async stop() {
			await child.stop();
			await directory.remove();
		},
	};
}

async function agent(url: string, options: object = {}): Promise<MqttClient> {
	const client = await connectAsync(url, { clientId: `agent-${Math.random()}`, ...options });
	cleanUps.push(() => client.endAsync(true));
	return client;
}

async function running(make: (workLimit: number) => Promise<Setup>, handler: (message: UplinkMessage) => Promise<void>, workLimit = 1_000_000) {
	const setup = await make(workLimit);
	cleanUps.push(() => setup.stop());
	await setup.transport.start(handler, () => {});
	cleanUps.push(() => setup.transport.stop());
	await waitFor("the connection", () => setup.transport.state().connected);
	return setup;
}

const TRANSPORTS = [
	{ name: "the own broker", make: ownBroker, can: true },
	{ name: "Mosquitto", make: foreignBroker, can: canRunMosquitto },
];

describe.each(TRANSPORTS)("over $name", ({ make, can }) => {
	test.runIf(can)("agents' messages come in with agent and topic, answers reach the agent, retained ones also later", async () => {
		const got: string[] = [];
		const { transport, url } = await running(
			make,
			async ({ agent: name, topic, payload }) => void got.push(`${name} ${topic} ${payload.toString()}`),
		);
		const client = await agent(url);
		const heard: string[] = [];
		client.on("message", (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
		await client.subscribeAsync([uplinkTopic("a", "ack"), uplinkTopic("a", "devices")], { qos: 1 });
		await waitFor("the subscription of the server", async () => {
			await client.publishAsync(uplinkTopic("a", "heartbeat"), "beat", { qos: 1 });
			return got.includes("a heartbeat beat");
		});
		await client.publishAsync(uplinkTopic("a", "envelope"), "data", { qos: 1 });
		await waitFor("the envelope", () => got.includes("a envelope data"));
		transport.publish(uplinkTopic("a", "ack"), "stored", { retain: false });
		transport.publish(uplinkTopic("a", "devices"), "list", { retain: true });
		await waitFor("both answers", () => heard.length === 2);
		expect(heard).toEqual([`${uplinkTopic("a", "ack")} stored`, `${uplinkTopic("a", "devices")} list`]);
		const later = await agent(url);
		const heardLater: string[] = [];
		later.on("message", (topic) => heardLater.push(topic));
		await later.subscribeAsync("watchroom-uplink/a/#", { qos: 1 });
		await waitFor("the retained list", () => heardLater.length > 0);
		expect(heardLater).toEqual([uplinkTopic("a", "devices")]);
	});

	test.runIf(can)("the last will of an agent whose connection breaks comes in", async () => {
		const got: string[] = [];
		const { url } = await running(make, async ({ agent: name, topic, payload }) => void got.push(`${name} ${topic} ${payload.toString()}`));
		const client = await agent(url, {
			reconnectPeriod: 0,
			will: { topic: uplinkTopic("a", "status"), payload: Buffer.from("offline"), qos: 1, retain: true },
		});
		await waitFor("the subscription of the server", async () => {
			await client.publishAsync(uplinkTopic("a", "status"), "online", { qos: 1, retain: true });
			return got.includes("a status online");
		});
		client.stream.destroy();
		await waitFor("the last will", () => got.includes("a status offline"));
	});

	test.runIf(can)("beyond the bound of bytes in work, messages wait unreceipted, and all of them come in the end", async () => {
		let release = () => {};
		const gate = new Promise<void>((resolve) => (release = resolve));
		let count = 0;
		let beats = 0;
		const { transport, url } = await running(
			make,
			async ({ topic }) => {
				if (topic === "heartbeat") beats++;
				if (topic !== "envelope") return;
				count++;
				await gate;
			},
			10_000,
		);
		const client = await agent(url);
		await waitFor("the subscription of the server", async () => {
			await client.publishAsync(uplinkTopic("a", "heartbeat"), "beat", { qos: 1 });
			return beats > 0;
		});
		let receipted = 0;
		const payload = Buffer.alloc(4000);
		const published = Array.from({ length: 200 }, () =>
			client.publishAsync(uplinkTopic("a", "envelope"), payload, { qos: 1 }).then(() => {
				receipted++;
			}),
		);
		await waitFor("held receipts", () => transport.load().held > 0);
		if (make === ownBroker) expect(receipted).toBeLessThan(20);
		expect(count).toBeLessThan(200);
		release();
		await Promise.all(published);
		await waitFor("all messages", () => count >= 200);
		await waitFor("no work", () => transport.load().bytes === 0);
	});
});

test("the own broker turns away who publishes what is the server's, and goes on", async () => {
	const got: string[] = [];
	const { url } = await running(ownBroker, async ({ topic }) => void got.push(topic));
	for (const topic of [uplinkTopic("a", "ack"), uplinkTopic("a", "devices"), "watchroom/t1/temperature", "other"]) {
		const client = await agent(url, { reconnectPeriod: 0 });
		client.on("error", () => {});
		client.publish(topic, "x", { qos: 1 });
		await waitFor(`the end of the connection after ${topic}`, () => !client.connected);
	}
	expect(got).toEqual([]);
	const good = await agent(url);
	await good.publishAsync(uplinkTopic("a", "heartbeat"), "beat", { qos: 1 });
	expect(got).toEqual(["heartbeat"]);
});

test("the own broker stops with clients connected, twice, and gives the port free", async () => {
	const setup = await ownBroker(1000);
	await setup.transport.start(
		async () => {},
		() => {},
	);
	await agent(setup.url, { reconnectPeriod: 0 });
	await Promise.all([setup.transport.stop(), setup.transport.stop()]);
	await setup.transport.stop();
	const again = new UplinkBroker({ port: Number(new URL(setup.url).port), logger: silentLogger() });
	await again.start(
		async () => {},
		() => {},
	);
	await again.stop();
});

test.runIf(canRunMosquitto)("what agents publish while the server is away waits in the persistent session at a foreign broker", async () => {
	let beats = 0;
	const { transport, url } = await running(foreignBroker, async () => void beats++);
	const client = await agent(url);
	await waitFor("the subscription", async () => {
		await client.publishAsync(uplinkTopic("a", "heartbeat"), "beat", { qos: 1 });
		return beats > 0;
	});
	await transport.stop();
	for (let index = 0; index < 50; index++) await client.publishAsync(uplinkTopic("a", "envelope"), String(index), { qos: 1 });
	const got: string[] = [];
	const next = new ExternalUplink({ url, clientId: "server", logger: silentLogger() });
	cleanUps.push(() => next.stop());
	await next.start(
		async ({ topic, payload }) => {
			if (topic === "envelope") got.push(payload.toString());
		},
		() => {},
	);
	await waitFor("what waited", () => got.length === 50);
	expect(got).toEqual(Array.from({ length: 50 }, (_, index) => String(index)));
});

test.runIf(canRunMosquitto)(
	"a foreign broker that comes only later, or comes again without its memory, is subscribed to and given what it must retain",
	async () => {
		const [port, directory] = [await freePort(), await temporaryDirectory("mosquitto")];
		cleanUps.push(() => directory.remove());
		const url = `mqtt://127.0.0.1:${port}`;
		const transport = new ExternalUplink({ url, clientId: "server", logger: silentLogger() });
		cleanUps.push(() => transport.stop());
		const got: string[] = [];
		await transport.start(
			async ({ payload }) => void got.push(payload.toString()),
			() => transport.publish(uplinkTopic("a", "devices"), "list", { retain: true }),
		);
		expect(transport.state().connected).toBe(false);
		for (const round of ["first", "again"]) {
			const child = await startMosquitto(port, directory);
			cleanUps.push(() => child.stop());
			await waitFor("the connection", () => transport.state().connected);
			const client = await agent(url, { reconnectPeriod: 0 });
			const heard: string[] = [];
			client.on("message", (_topic, payload) => heard.push(payload.toString()));
			await client.subscribeAsync(uplinkTopic("a", "devices"), { qos: 1 });
			await waitFor("the list", () => heard.includes("list"));
			await waitFor("a message", async () => {
				await client.publishAsync(uplinkTopic("a", "status"), round, { qos: 1 });
				return got.includes(round);
			});
			await child.stop("SIGKILL");
			await waitFor("the loss of the connection", () => !transport.state().connected);
		}
	},
);
