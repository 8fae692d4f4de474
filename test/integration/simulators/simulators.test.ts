import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
	deviceStatusSchema,
	nativeAccessSchema,
	nativeDoorSchema,
	nativeReadingsSchema,
	parseDeviceTopic,
} from "../../../contracts/native-dialect.ts";
import { addHash, readingHash } from "../../../simulators/load/load-points.ts";
import { manifestSchema } from "../../../simulators/load/manifest.ts";
import { type Child, NODE, startChild } from "../../helpers/child-process.ts";
import { hasMosquitto, type Mosquitto, startMosquitto } from "../../helpers/mosquitto.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";
import { demoWorld } from "../../unit/simulators/demo-site.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const RECORDING = fileURLToPath(new URL("../../../../shared/data/nab/ambient_temperature_system_failure.csv", import.meta.url));
const world = demoWorld();

interface Heard {
	device: string;
	name: string;
	payload: unknown;
	retain: boolean;
}

describe.skipIf(!hasMosquitto)("simulators against Mosquitto", { timeout: 180_000 }, () => {
	let broker: Mosquitto;
	let folder: TemporaryDirectory;
	let client: MqttClient;
	let heard: Heard[];
	let children: Child[];

	beforeAll(async () => {
		broker = await startMosquitto();
	});
	afterAll(() => broker?.stop());
	beforeEach(async () => {
		folder = await temporaryDirectory("simulators");
		heard = [];
		children = [];
		client = await mqtt.connectAsync(broker.url);
		client.on("message", (topic, payload, packet) => {
			const at = parseDeviceTopic(topic);
			if (!at || payload.length === 0) return;
			const text = payload.toString();
			heard.push({ ...at, payload: at.name === "status" ? text : JSON.parse(text), retain: packet.retain });
		});
		await client.subscribeAsync("watchroom/+/+", { qos: 1 });
	});
	afterEach(async () => {
		await Promise.all(children.map((child) => child.stop()));
		await client.endAsync();
		await folder.remove();
	});
	const simulate = (...args: string[]): Child => {
		const env = { DEVICE_BROKER_URL: broker.url, WATCHROOM_DATA: folder.path, WATCHROOM_SITE: "sites/demo.yaml" };
		const child = startChild(NODE, ["simulators/main.ts", ...args], { cwd: ROOT, env });
		children.push(child);
		return child;
	};
	const ended = (child: Child) => waitFor("the process to end", () => child.process.exitCode !== null, 60_000);
	const said = (name: string) => heard.filter((one) => one.name === name);

	test("every device of the demo site is online and says only valid native payloads of points and doors that it has", async () => {
		await simulate("normal").says(/simulators ready: \d+ devices/);
		const points = [...world.points.values()].filter((point) => point.kind !== "door-state" && (point.interval ?? 0) <= 10_000);
		await waitFor(
			"a word of each device, and a reading of each of these points",
			() => {
				const seen = new Set(heard.map((one) => `${one.device}:${one.name}`));
				return [...world.devices.keys()].every((device) => seen.has(`${device}:status`)) && points.every((point) => seen.has(point.id));
			},
			60_000,
		);
		expect(new Set(said("status").map((one) => one.device)).size).toBe(world.devices.size);
		for (const { device, name, payload } of heard) {
			if (name === "status") deviceStatusSchema.parse(payload);
			else if (name === "access") nativeAccessSchema.parse(payload);
			else if (name === "door") expect(world.devices.get(device)?.doors).toContain(nativeDoorSchema.parse(payload).door);
			else {
				nativeReadingsSchema.parse(payload);
				expect(world.points.has(`${device}:${name}`), `${device}:${name}`).toBe(true);
			}
		}
	});

	test("a signal ends a scenario that was asked of running simulators, without a complaint", async () => {
		await simulate("normal").says(/simulators ready/);
		const second = simulate("forced-door", "--at", "0");
		await waitFor("the forced door", () => said("door").find((one) => nativeDoorSchema.parse(one.payload).state === "forced"), 60_000);
		second.process.kill("SIGTERM");
		await ended(second);
		expect(second.process.exitCode).toBe(0);
		expect(second.output()).toMatch(/Ended/);
		expect(second.output()).not.toMatch(/Warning/);
	});

	test("a scenario asked for while simulators run is played by them, event numbers go on, and normal ends it", async () => {
		const running = simulate("normal");
		await running.says(/simulators ready/);
		const second = simulate("forced-door", "--at", "0");
		await waitFor("the forced door", () => said("door").find((one) => nativeDoorSchema.parse(one.payload).state === "forced"), 60_000);
		await simulate("normal").says(/have ended/);
		await second.says(/Ended/);
		await ended(second);
		await waitFor("the door to close", () =>
			said("door").find((one) => nativeDoorSchema.parse(one.payload).seq >= 4 && one.device === "controller-2"),
		);
		await running.stop();
		await simulate("normal").says(/simulators ready/);
		await waitFor("the doors again", () => said("door").filter((one) => one.device === "controller-5").length >= 4);
		for (const controller of ["controller-2", "controller-5"]) {
			const numbers = heard
				.filter((one) => one.device === controller && (one.name === "door" || one.name === "access"))
				.map((one) => (one.name === "door" ? nativeDoorSchema : nativeAccessSchema).parse(one.payload).seq);
			expect(numbers).toEqual(numbers.map((_, index) => index + 1));
		}
	});

	test("with no simulators running a scenario plays itself and ends", async () => {
		const child = simulate("badge-guessing", "--at", "0", "--duration", "12");
		await child.says(/simulators ready/);
		await ended(child);
		expect(child.process.exitCode).toBe(0);
		// What the broker has acknowledged to the simulators may still be on its way to whoever listens.
		const reasons = () => said("access").map((one) => nativeAccessSchema.parse(one.payload).reason);
		await waitFor("the denials", () => reasons().filter((reason) => reason === "denied-unknown-credential").length >= 6);
		await waitFor("the lockout", () =>
			said("lockout").some((one) => nativeReadingsSchema.safeParse(one.payload).success && JSON.stringify(one.payload).includes("true")),
		);
	});

	test("a device that is cut off goes offline by its last will, says nothing meanwhile, and comes back", async () => {
		await simulate("normal").says(/simulators ready/);
		const status = (device: string) => said("status").findLast((one) => one.device === device && !one.retain)?.payload;
		await waitFor("online", () => status("B05-climate") === "online");
		await waitFor("the other one online", () => status("A05-climate") === "online");
		const cut = simulate("network-cut", "--at", "0", "--duration", "4");
		await waitFor("the last will", () => said("status").some((one) => one.device === "B05-climate" && one.payload === "offline" && !one.retain));
		expect(status("A05-climate")).toBe("online");
		await waitFor("the connection again", () => status("B05-climate") === "online");
		await ended(cut);
	});

	test("simulators survive a restart of the broker", async () => {
		await simulate("normal").says(/simulators ready/);
		await broker.restart();
		heard.length = 0;
		const devices = [...world.devices.values()].filter((device) => device.points.some((point) => (point.interval ?? Infinity) <= 10_000));
		await waitFor(
			"readings of all devices",
			() => {
				const seen = new Set(heard.filter((one) => one.name !== "status").map((one) => one.device));
				return devices.every((device) => seen.has(device.id));
			},
			60_000,
		);
	});

	test.each([
		["paced, one connection", ["--points", "250", "--rate", "5000", "--seconds", "2"]],
		["paced, many connections", ["--points", "200", "--rate", "3000", "--seconds", "2", "--connections", "100"]],
		["in batches", ["--points", "50", "--rate", "20000", "--seconds", "2", "--batch", "20"]],
		["unpaced", ["--points", "500", "--rate", "0", "--seconds", "1", "--connections", "3", "--in-flight", "200"]],
	])("load, %s: the manifest says exactly what a subscriber counted", async (_, options) => {
		const file = `${folder.path}/manifest.json`;
		await ended(simulate("load", ...options, "--manifest", file));
		const manifest = manifestSchema.parse(JSON.parse(readFileSync(file, "utf8")));
		expect(manifest.summary.sent).toBeGreaterThan(1000);
		expect(manifest.summary.acknowledged).toBe(manifest.summary.sent);
		expect(manifest.unacknowledged).toEqual([]);
		const counted = new Map<string, { times: Set<number>; checksum: number }>();
		const readings = () => heard.filter((one) => one.device.startsWith("load-"));
		const count = () => readings().reduce((sum, one) => sum + (Array.isArray(one.payload) ? one.payload.length : 1), 0);
		await waitFor("all readings at the subscriber", () => count() >= manifest.summary.sent, 30_000, 200);
		for (const { device, name, payload } of readings())
			for (const { ts = 0, value } of [nativeReadingsSchema.parse(payload)].flat()) {
				const point = counted.get(`${device}:${name}`) ?? { times: new Set(), checksum: 0 };
				point.times.add(ts);
				point.checksum = addHash(point.checksum, readingHash(ts, Math.round(Number(value) * 1000)));
				counted.set(`${device}:${name}`, point);
			}
		for (const point of manifest.points.filter((one) => one.count > 0)) {
			const { times, checksum } = counted.get(point.id) ?? expect.fail(point.id);
			expect({ id: point.id, count: times.size, checksum, first: Math.min(...times), last: Math.max(...times) }).toEqual(point);
		}
	});

	test("load goes on after the broker has restarted: what was in flight is sent again and acknowledged", async () => {
		const file = `${folder.path}/manifest.json`;
		const child = simulate("load", "--points", "100", "--rate", "2000", "--seconds", "4", "--manifest", file);
		await child.says(/load ready/);
		await broker.restart();
		await ended(child);
		const { summary } = manifestSchema.parse(JSON.parse(readFileSync(file, "utf8")));
		expect(summary.lostConnections).toBeGreaterThan(0);
		expect(summary.acknowledged).toBe(summary.sent);
		expect(summary.sent).toBeGreaterThan(1000);
	});

	test.skipIf(!existsSync(RECORDING))(
		"the recorded temperatures replay whole, in order, in °C and with distinct times (needs ../shared/data/nab)",
		async () => {
			const child = simulate("replay", "--file", RECORDING, "--point", "A01-climate:inlet", "--speed", "10000000", "--fahrenheit");
			await ended(child);
			expect(JSON.parse(child.output().trim().split("\n").at(-1) ?? "")).toEqual({ rows: 7267, skipped: 0, sent: 7267, acknowledged: 7267 });
			await waitFor("all rows", () => said("inlet").length === 7267);
			const rows = said("inlet").flatMap((one) => nativeReadingsSchema.parse(one.payload));
			for (let index = 1; index < rows.length; index++) expect(rows[index]?.ts).toBeGreaterThan(rows[index - 1]?.ts ?? 0);
			expect(rows[0]?.value).toBe(21.04);
		},
	);
});
