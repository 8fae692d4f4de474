/** Commands over real brokers: server, agent process and a device, each broker the own one and Mosquitto. */
import mqtt from "mqtt";
import { afterEach, describe, expect, test } from "vitest";
import { deviceTopic, nativeCommandSchema } from "../../../contracts/native-dialect.ts";
import { uplinkTopic } from "../../../contracts/uplink.ts";
import { DeviceCommands } from "../../../server/ingest/device-commands.ts";
import { ExternalUplink } from "../../../server/ingest/external-uplink.ts";
import { UplinkBroker } from "../../../server/ingest/uplink-broker.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { deviceListFor } from "../../../server/site/device-lists.ts";
import { startEdgeAgent } from "../../helpers/edge-agent.ts";
import { freePort } from "../../helpers/free-port.ts";
import { hasMosquitto, startMosquitto } from "../../helpers/mosquitto.ts";
import { worldSource } from "../../helpers/small-world.ts";
import { temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function setUp(foreign: boolean, timeout = 12_000) {
	const world = worldSource();
	const folder = await temporaryDirectory("commands");
	cleanUps.push(() => folder.remove());
	const devicePort = await freePort();
	const mosquitto = foreign ? [await startMosquitto(), await startMosquitto()] : [];
	for (const broker of mosquitto) cleanUps.push(() => broker.stop());
	const [uplinkBroker, deviceBroker] = mosquitto;
	const uplinkPort = uplinkBroker?.port ?? (await freePort());
	const transport = uplinkBroker
		? new ExternalUplink({ url: uplinkBroker.url, clientId: "server", logger: silentLogger() })
		: new UplinkBroker({ port: uplinkPort, logger: silentLogger() });
	const commands = new DeviceCommands({ world, agents: { statusOf: () => "online" }, transport, timeout, repeatEvery: 500 });
	const refused: string[] = [];
	const online = new Set<string>();
	await transport.start(
		async ({ agent, topic, payload }) => {
			if (topic === "status") online.add(agent);
			if (topic !== "result") return;
			try {
				commands.result(agent, payload);
			} catch (error) {
				refused.push(String(error));
			}
		},
		() => transport.publish(uplinkTopic("a", "devices"), JSON.stringify(deviceListFor(world.current(), "a", [])), { retain: true }),
	);
	cleanUps.push(() => transport.stop());
	cleanUps.push(() => commands.stop());
	const uplinkUrl = `mqtt://127.0.0.1:${uplinkPort}`;
	const agent = startEdgeAgent({
		data: folder.path,
		devicePort,
		uplinkUrl,
		env: { WATCHROOM_AGENT_ID: "a", ...(deviceBroker && { DEVICE_BROKER_URL: deviceBroker.url }) },
	});
	cleanUps.push(() => agent.stop());
	await agent.says(/edge agent ready/);
	const deviceUrl = deviceBroker?.url ?? `mqtt://127.0.0.1:${devicePort}`;
	if (deviceBroker) await waitFor("the agent at the devices' broker", () => deviceBroker.process.output().includes("watchroom/+/+"));
	return { commands, refused, uplinkUrl, deviceUrl };
}

async function controller(url: string, act: (command: { id: string; op: string }, say: (result: object) => void) => void) {
	const client = await mqtt.connectAsync(url, { clientId: `c1-${Math.random()}` });
	cleanUps.push(() => client.endAsync(true));
	client.on("message", (_, payload) => {
		const command = nativeCommandSchema.parse(JSON.parse(payload.toString()));
		act(command, (result) => client.publish(deviceTopic("c1", "result"), JSON.stringify(result), { qos: 1 }));
	});
	await client.subscribeAsync(deviceTopic("c1", "command"), { qos: 1 });
	await client.publishAsync(deviceTopic("c1", "status"), "online", { qos: 1, retain: true });
	return client;
}

describe.each([
	{ name: "the own brokers", foreign: false, can: true },
	{ name: "Mosquitto on both sides", foreign: true, can: hasMosquitto },
])("over $name", ({ foreign, can }) => {
	test.runIf(can)("a command reaches its device and the answer comes back, with bodies of 60 KiB both ways", async () => {
		const { commands, deviceUrl } = await setUp(foreign);
		// Of several words: a single one of this length would be taken for biometric data.
		const large = "list ".repeat(12_000);
		await controller(deviceUrl, ({ id, op }, say) => say({ id, ok: true, error: null, body: { op, large } }));
		expect(await commands.send("c1", "access-list.put", { large })).toEqual({ ok: true, body: { op: "access-list.put", large } });
	});

	test.runIf(can)("an error, a silent device, and one that went offline are each answered as such", async () => {
		const { commands, deviceUrl } = await setUp(foreign, 5000);
		let mute = false;
		const device = await controller(deviceUrl, ({ id }, say) => mute || say({ id, ok: false, error: "busy opening a door", body: {} }));
		expect(await commands.send("c1", "identify", {})).toEqual({ ok: false, reason: "device-refused", detail: "busy opening a door" });
		mute = true;
		expect(await commands.send("c1", "identify", {})).toMatchObject({ ok: false, reason: "no-answer" });
		await device.publishAsync(deviceTopic("c1", "status"), "offline", { qos: 1, retain: true });
		const offline = await waitFor("the agent to have heard it", async () => {
			const outcome = await commands.send("c1", "identify", {});
			return !outcome.ok && outcome.reason === "offline" && outcome;
		});
		expect(offline.detail).toBe("the device is offline");
	});

	test.runIf(can)("an agent's answer to what another agent was asked changes nothing", async () => {
		const { commands, refused, uplinkUrl, deviceUrl } = await setUp(foreign);
		let asked: { id: string; say: (result: object) => void } | undefined;
		await controller(deviceUrl, ({ id }, say) => {
			asked = { id, say };
		});
		const outcome = commands.send("c1", "identify", {});
		const { id, say } = await waitFor("the command", () => asked);
		const intruder = await mqtt.connectAsync(uplinkUrl, { clientId: "watchroom-agent-b" });
		cleanUps.push(() => intruder.endAsync(true));
		const lie = JSON.stringify({ device: "c1", result: { id, ok: true, error: null, body: { lie: true } } });
		await intruder.publishAsync(uplinkTopic("b", "result"), lie, { qos: 1 });
		await waitFor("the refusal", () => refused.length === 1);
		say({ id, ok: true, error: null, body: { lie: false } });
		expect(await outcome).toEqual({ ok: true, body: { lie: false } });
	});
});
