import { once } from "node:events";
import { connect, type Socket } from "node:net";
import mqtt from "mqtt";
import mqttPacket, { type Packet } from "mqtt-packet";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DeviceBroker } from "../../../edge-agent/devices/device-broker.ts";
import { protocolLevel } from "../../../edge-agent/devices/mqtt5-connection.ts";
import { ownersOf } from "../../helpers/device-list.ts";
import { freePort } from "../../helpers/free-port.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const logger = pino({ level: "silent" });
let port: number;
let broker: DeviceBroker;
let taken: { topic: string; text: string }[];
const sockets: Socket[] = [];

beforeEach(async () => {
	port = await freePort();
	taken = [];
	const take = ({ topic, payload }: { topic: string; payload: Buffer }, settle: () => void) => {
		taken.push({ topic, text: payload.toString() });
		settle();
	};
	broker = new DeviceBroker({ port, owners: ownersOf, take, stalled: () => false, now: Date.now, logger });
	await broker.start();
});
afterEach(async () => {
	for (const socket of sockets.splice(0)) socket.destroy();
	await broker.stop();
});

/** A device that says packets one by one, and keeps what it hears. */
async function device(first: Partial<mqttPacket.IConnectPacket> = {}) {
	const socket = connect(port, "127.0.0.1");
	sockets.push(socket);
	await once(socket, "connect");
	const heard: Packet[] = [];
	const parser = mqttPacket.parser({ protocolVersion: 5 });
	parser.on("packet", (packet) => heard.push(packet));
	let closed = false;
	socket.on("data", (chunk) => parser.parse(chunk));
	socket.on("error", () => {});
	socket.on("close", () => {
		closed = true;
	});
	const say = (packet: Packet) => socket.write(mqttPacket.generate(packet, { protocolVersion: 5 }));
	say({ cmd: "connect", protocolId: "MQTT", protocolVersion: 5, clientId: "d1", clean: true, keepalive: 60, ...first });
	const hears = async (cmd: Packet["cmd"]) => {
		await waitFor(cmd, () => heard.some((packet) => packet.cmd === cmd));
		return heard.find((packet) => packet.cmd === cmd);
	};
	return { socket, say, hears, closed: () => closed };
}
const will = { topic: "watchroom/d1/status", payload: Buffer.from("offline"), qos: 1 as const, retain: true };

test("a client without a name is given one and told it (§3.1.3.1)", async () => {
	const connack = await (await device({ clientId: "" })).hears("connack");
	expect(connack).toMatchObject({ reasonCode: 0, properties: { assignedClientIdentifier: expect.stringMatching(/^auto-/) } });
});

test("properties of a message are passed over, its content counts", async () => {
	const { say, hears } = await device();
	await hears("connack");
	say({
		cmd: "publish",
		topic: "watchroom/d1/temperature",
		payload: "1",
		qos: 1,
		dup: false,
		retain: false,
		messageId: 7,
		properties: { contentType: "application/json", userProperties: { a: "b" }, messageExpiryInterval: 5 },
	});
	expect(await hears("puback")).toMatchObject({ messageId: 7, reasonCode: 0 });
	expect(taken).toEqual([{ topic: "watchroom/d1/temperature", text: "1" }]);
});

test("a clean good-bye publishes no will, one with reason 4 does (§3.14.2.1)", async () => {
	const clean = await device({ clientId: "d2", will: { ...will, topic: "watchroom/d2/status" } });
	await clean.hears("connack");
	clean.say({ cmd: "disconnect", reasonCode: 0 });
	await waitFor("the end", clean.closed);
	const other = await device({ will });
	await other.hears("connack");
	other.say({ cmd: "disconnect", reasonCode: 4 });
	await waitFor("the will", () => taken.length > 0);
	expect(taken).toEqual([{ topic: "watchroom/d1/status", text: "offline" }]);
});

test("a subscription that is not the device's is refused as not authorised, and UNSUBACK answers every topic", async () => {
	const { say, hears } = await device();
	await hears("connack");
	say({
		cmd: "subscribe",
		messageId: 1,
		subscriptions: [
			{ topic: "watchroom/d1/command", qos: 1, nl: false, rap: false, rh: 0 },
			{ topic: "#", qos: 0, nl: false, rap: false, rh: 0 },
		],
	});
	expect(await hears("suback")).toMatchObject({ messageId: 1, granted: [1, 0x87] });
	say({ cmd: "unsubscribe", messageId: 2, unsubscriptions: ["watchroom/d1/command", "watchroom/d1/other"] });
	expect(await hears("unsuback")).toMatchObject({ messageId: 2, granted: [0, 0] });
});

test.each([{ what: "a topic alias, which the broker has not allowed (§3.3.2.3.4)", packet: { topicAlias: 1 }, reason: 0x94 }])(
	"$what ends the connection with its reason",
	async ({ packet, reason }) => {
		const { say, hears, closed } = await device({ will });
		await hears("connack");
		say({ cmd: "publish", topic: "watchroom/d1/t", payload: "1", qos: 0, dup: false, retain: false, properties: packet });
		expect(await hears("disconnect")).toMatchObject({ reasonCode: reason });
		await waitFor("the end", closed);
		await waitFor("the will", () => taken.some(({ text }) => text === "offline"));
	},
);

test("what is no MQTT is cut off, and the broker goes on", async () => {
	const { socket, hears, closed } = await device();
	await hears("connack");
	socket.write(Buffer.from([0xf3, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00]));
	await waitFor("the end", closed);
	const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
	await client.publishAsync("watchroom/d3/t", "2", { qos: 1 });
	await client.endAsync();
	expect(taken).toEqual([{ topic: "watchroom/d3/t", text: "2" }]);
});

test("a CONNECT that comes byte by byte is understood, whatever its version", async () => {
	for (const protocolVersion of [3, 4, 5] as const) {
		const socket = connect(port, "127.0.0.1");
		sockets.push(socket);
		socket.setNoDelay(true);
		await once(socket, "connect");
		const protocolId = protocolVersion === 3 ? "MQIsdp" : "MQTT";
		const bytes = mqttPacket.generate({ cmd: "connect", protocolId, protocolVersion, clientId: `slow-${protocolVersion}`, clean: true });
		const answered = once(socket, "data");
		for (const byte of bytes) await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
		const [answer] = await answered;
		expect(answer[0]).toBe(0x20);
		expect(answer[3]).toBe(0);
	}
});

test("the protocol level is found where the packet has it, and nowhere else", () => {
	expect(protocolLevel(Buffer.alloc(0))).toBeUndefined();
	expect(protocolLevel(Buffer.from([0x10, 0x0c, 0, 4]))).toBeUndefined();
	expect(protocolLevel(Buffer.from([0x10, 0x0c, 0, 4, 77, 81, 84, 84, 5]))).toBe(5);
	expect(protocolLevel(Buffer.from([0x10, 0x80, 0x01, 0, 4, 77, 81, 84, 84, 4]))).toBe(4);
	expect(protocolLevel(Buffer.from([0x10, 0x0e, 0, 6, 77, 81, 73, 115, 100, 112, 3]))).toBe(3);
	expect(protocolLevel(Buffer.from([0x16, 0x03, 0x01]))).toBeNull();
	expect(protocolLevel(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01]))).toBeNull();
	expect(protocolLevel(Buffer.from([0x10, 0x0c, 1, 4, 77]))).toBeNull();
});
