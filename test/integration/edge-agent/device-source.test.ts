import mqtt from "mqtt";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DeviceBroker } from "../../../edge-agent/devices/device-broker.ts";
import type { DeviceSource, TakeMessage } from "../../../edge-agent/devices/device-source.ts";
import { ExternalBroker } from "../../../edge-agent/devices/external-broker.ts";
import { ownersOf } from "../../helpers/device-list.ts";
import { freePort } from "../../helpers/free-port.ts";
import { hasMosquitto, type Mosquitto, startMosquitto } from "../../helpers/mosquitto.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const logger = pino({ level: "silent" });
type Taken = { topic: string; text: string; size: number; settle: () => void };

interface Kind {
	name: string;
	available: boolean;
	protocolVersion: 4 | 5;
	setUp: () => Promise<{
		url: string;
		source: (take: TakeMessage) => DeviceSource;
		/** Those that the broker has had from the source; `null`: they go to the device. */
		acknowledgements: () => number | null;
		tearDown: () => Promise<void>;
	}>;
}
function external(name: string, protocolVersion: 4 | 5, settings: readonly string[] = []): Kind {
	return {
		name,
		available: hasMosquitto,
		protocolVersion,
		setUp: async () => {
			const mosquitto: Mosquitto = await startMosquitto(settings);
			const source = (take: TakeMessage) => {
				const broker = new ExternalBroker({
					url: mosquitto.url,
					clientId: "agent",
					topics: () => ["watchroom/+/+"],
					take,
					now: Date.now,
					logger,
					reconnectPeriod: 50,
				});
				const start = broker.start.bind(broker);
				broker.start = async () => {
					await start();
					await waitFor("the subscription", () => mosquitto.process.output().includes("watchroom/+/+"));
				};
				return broker;
			};
			return {
				url: mosquitto.url,
				source,
				tearDown: () => mosquitto.stop(),
				acknowledgements: () => mosquitto.process.output().match(/Received PUBACK from agent/g)?.length ?? 0,
			};
		},
	};
}
function embedded(name: string, protocolVersion: 4 | 5): Kind {
	return {
		name,
		available: true,
		protocolVersion,
		setUp: async () => {
			const port = await freePort();
			return {
				url: `mqtt://127.0.0.1:${port}`,
				source: (take) => new DeviceBroker({ port, owners: ownersOf, take, stalled: () => false, now: Date.now, logger }),
				tearDown: async () => {},
				acknowledgements: () => null,
			};
		},
	};
}
const KINDS: Kind[] = [
	embedded("embedded broker", 4),
	embedded("embedded broker, MQTT 5", 5),
	external("Mosquitto", 4),
	external("Mosquitto, MQTT 5", 5),
];

describe.each(KINDS)("device source: $name", ({ setUp, available, protocolVersion }) => {
	const clients: mqtt.MqttClient[] = [];
	let fixture: Awaited<ReturnType<Kind["setUp"]>> | undefined;
	let source: DeviceSource | undefined;
	let taken: Taken[] = [];
	let settleAtOnce = true;

	async function start(): Promise<void> {
		if (!fixture) throw new Error("no fixture");
		taken = [];
		source = fixture.source(({ topic, payload }, settle) => {
			taken.push({ topic, text: payload.toString("utf8", 0, 40), size: payload.length, settle });
			if (settleAtOnce) setImmediate(settle);
		});
		await source.start();
	}
	async function device(options: mqtt.IClientOptions = {}): Promise<mqtt.MqttClient> {
		const client = await mqtt.connectAsync(fixture?.url ?? "", { reconnectPeriod: 50, protocolVersion, ...options });
		clients.push(client);
		client.on("error", () => {});
		return client;
	}
	beforeEach(async (context) => {
		if (!available) context.skip("Mosquitto is not installed");
		settleAtOnce = true;
		fixture = await setUp();
		await start();
	});
	afterEach(async () => {
		for (const client of clients.splice(0)) await client.endAsync(true);
		await source?.stop();
		await source?.stop();
		await fixture?.tearDown();
	});

	test.each([0, 1] as const)("hands over what is sent with QoS %i", async (qos) => {
		const client = await device();
		await client.publishAsync("watchroom/s0/temperature", '{"value":1}', { qos });
		await waitFor("the message", () => taken.length === 1);
		expect(taken[0]).toMatchObject({ topic: "watchroom/s0/temperature", text: '{"value":1}' });
	});

	test("lets many messages of a connection wait for settlement, and acknowledges them when it comes", async () => {
		settleAtOnce = false;
		const client = await device();
		let acknowledged = 0;
		for (let index = 0; index < 100; index++) client.publish("watchroom/s0/temperature", String(index), { qos: 1 }, () => acknowledged++);
		await waitFor("all messages", () => taken.length === 100);
		expect(taken.map(({ text }) => text)).toEqual(Array.from({ length: 100 }, (_, index) => String(index)));
		for (const { settle } of taken) settle();
		await waitFor("all acknowledgements", () => acknowledged === 100);
	});

	test("gets unsettled messages again after it was stopped, settled ones not", async () => {
		settleAtOnce = false;
		const client = await device({ clientId: "device", clean: false });
		let toDevice = 0;
		for (let index = 0; index < 20; index++) client.publish("watchroom/s0/temperature", String(index), { qos: 1 }, () => toDevice++);
		await waitFor("all messages", () => taken.length === 20);
		for (const { settle } of taken.slice(0, 10)) settle();
		await waitFor("the acknowledgements", () => (fixture?.acknowledgements() ?? toDevice) === 10);
		await source?.stop();
		settleAtOnce = true;
		await start();
		await waitFor("what was not settled", () => new Set(taken.map(({ text }) => text)).size >= 10);
		expect([...new Set(taken.map(({ text }) => text))].toSorted((a, b) => Number(a) - Number(b))).toEqual(
			Array.from({ length: 10 }, (_, index) => String(index + 10)),
		);
	});

	test("hands over the last will of a device that is cut off", async () => {
		const client = await device({
			will: { topic: "watchroom/s0/status", payload: Buffer.from("offline"), qos: 1, retain: true },
			reconnectPeriod: 0,
		});
		await client.publishAsync("watchroom/s0/status", "online", { qos: 1, retain: true });
		await waitFor("the birth", () => taken.some(({ text }) => text === "online"));
		client.stream.destroy();
		await waitFor("the will", () => taken.some(({ topic, text }) => topic === "watchroom/s0/status" && text === "offline"));
	});

	test("hands over a megabyte, to be refused, and what comes behind it", async () => {
		const client = await device();
		await client.publishAsync("watchroom/s0/temperature", Buffer.alloc(1_000_000, 0x20), { qos: 1 });
		await client.publishAsync("watchroom/s0/temperature", "1", { qos: 1 });
		await waitFor("both", () => taken.length === 2);
		expect(taken.map(({ size }) => size)).toEqual([1_000_000, 1]);
	});

	test("stands a flood without end of its own", async () => {
		const flooding = await Promise.all(Array.from({ length: 10 }, () => device()));
		let acknowledged = 0;
		for (let index = 0; index < 2_000; index++)
			for (const client of flooding) client.publish("watchroom/s0/temperature", String(index), { qos: 1 }, () => acknowledged++);
		await waitFor("every acknowledgement", () => acknowledged === 20_000, 90_000);
		await waitFor("every message", () => taken.length >= 20_000, 90_000);
	}, 200_000);
});

describe("the embedded broker", () => {
	test("lets devices hear commands and nothing of each other", async () => {
		const port = await freePort();
		const broker = new DeviceBroker({ port, owners: ownersOf, take: (_, settle) => settle(), stalled: () => false, now: Date.now, logger });
		await broker.start();
		const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 });
		try {
			const granted = await client.subscribeAsync(["watchroom/s0/command", "watchroom/s1/access", "#"]).catch((error: unknown) => error);
			expect(String(granted)).toMatch(/Unspecified error|subscribe/i);
			let heard = 0;
			client.on("message", () => heard++);
			await client.publishAsync("watchroom/s1/access", "{}", { qos: 1 });
			await client.publishAsync("watchroom/s0/command", "{}", { qos: 1 });
			expect(heard).toBe(0);
		} finally {
			await client.endAsync(true);
			await broker.stop();
		}
	});

	test("lets nobody in while nothing can be stored", async () => {
		const port = await freePort();
		const broker = new DeviceBroker({ port, owners: ownersOf, take: () => {}, stalled: () => true, now: Date.now, logger });
		await broker.start();
		try {
			await expect(mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, connectTimeout: 2_000 })).rejects.toThrow();
		} finally {
			await broker.stop();
		}
	});
});

describe.skipIf(!hasMosquitto)("an external broker", () => {
	test("is come back to after it was away, with what it kept", async () => {
		const mosquitto = await startMosquitto();
		const texts: string[] = [];
		const source = new ExternalBroker({
			url: mosquitto.url,
			clientId: "agent",
			topics: () => ["watchroom/+/+"],
			take: ({ payload }, settle) => {
				texts.push(payload.toString());
				settle();
			},
			now: Date.now,
			logger,
			reconnectPeriod: 50,
		});
		await source.start();
		await waitFor("the subscription", () => mosquitto.process.output().includes("watchroom/+/+"));
		try {
			await mosquitto.restart();
			const client = await mqtt.connectAsync(mosquitto.url);
			await client.publishAsync("watchroom/s0/temperature", "after", { qos: 1 });
			await client.endAsync();
			await waitFor("the message", () => texts.includes("after"));
		} finally {
			await source.stop();
			await mosquitto.stop();
		}
	});
});
