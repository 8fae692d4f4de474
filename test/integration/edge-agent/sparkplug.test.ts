/** Sparkplug B through the whole agent (EDG-8): births, data, deaths and rebirths, also when the agent is killed in between. */
import mqtt from "mqtt";
import { afterEach, describe, expect, test } from "vitest";
import type { DeviceList, UplinkStatusEvent } from "../../../contracts/uplink.ts";
import { type SentMetric, sparkplugPayload } from "../../../edge-agent/devices/profiles/sparkplug.samples.ts";
import { DATATYPE, readPayload } from "../../../edge-agent/devices/profiles/sparkplug-payload.ts";
import { startEdgeAgent } from "../../helpers/edge-agent.ts";
import { freePort } from "../../helpers/free-port.ts";
import { bytesOf, type RealSample, realSamples, sparkplugOrders } from "../../helpers/real-samples.ts";
import { temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { startUplinkServer } from "../../helpers/uplink-server.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const stop of stops.splice(0).reverse()) await stop();
});

interface Source {
	/** Of the device in the device list. */
	id: string;
	address: string;
	/** What it measures, by metric: the point's id is the metric's place. */
	metrics: readonly string[];
}

/** An agent with these devices, a client on the devices' side that hears what edge nodes are told, and the server's side. */
async function world(sources: readonly Source[]) {
	const uplink = await startUplinkServer();
	stops.push(() => uplink.stop());
	const directory = await temporaryDirectory("sparkplug");
	stops.push(() => directory.remove());
	const options = { data: directory.path, devicePort: await freePort(), uplinkUrl: uplink.url };
	const start = () => {
		const child = startEdgeAgent(options);
		stops.push(() => child.stop("SIGKILL"));
		return child;
	};
	let child = start();
	await waitFor("the agent to be online", () => uplink.statuses.includes("online"), 30_000);
	uplink.sendDevices("agent-1", listOf(sources));
	await child.says(/edge agent ready/);
	const requests: { topic: string; payload: Buffer }[] = [];
	const connect = async () => {
		const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${options.devicePort}`, { reconnectPeriod: 0 });
		client.on("error", () => {});
		stops.push(() => client.endAsync(true));
		client.on("message", (topic, payload) => requests.push({ topic, payload }));
		await client.subscribeAsync("spBv1.0/+/NCMD/+", { qos: 1 });
		return client;
	};
	let client = await connect();
	const status = (device: string) =>
		uplink.events().findLast((event): event is UplinkStatusEvent => event.type === "status" && event.device === device)?.status;
	return {
		uplink,
		requests,
		status,
		publish: (topic: string, payload: Buffer) => client.publishAsync(topic, payload, { qos: 1 }),
		reading: (point: string, value: number | boolean | string) =>
			waitFor(`${point} = ${value}`, () => uplink.readings().findLast((one) => one.point === point && one.value === value)),
		becomes: (device: string, wanted: string) => waitFor(`${device} to be ${wanted}`, () => status(device) === wanted),
		killAndRestart: async () => {
			await child.stop("SIGKILL");
			await client.endAsync(true);
			child = start();
			await child.says(/edge agent ready/);
			client = await connect();
		},
	};
}

function listOf(sources: readonly Source[]): DeviceList {
	return {
		version: "sparkplug",
		site: "demo",
		devices: sources.map(({ id, address, metrics }) => ({
			id,
			kind: "temperature-sensor" as const,
			profile: "sparkplug",
			address,
			doors: [],
			points: metrics.map((source, index) => ({ point: `p${index}`, source, type: "number" as const, states: null, range: null })),
		})),
	};
}

/** An edge node with one device, as the specification has it: numbered, named in births and by alias only afterwards. */
class EdgeNode {
	#seq = 0;
	#bdSeq = 0;
	readonly #publish: (topic: string, payload: Buffer) => Promise<unknown>;
	values = { outside: 4.5, inside: 21.5 };

	constructor(publish: (topic: string, payload: Buffer) => Promise<unknown>) {
		this.#publish = publish;
	}

	async birth(session: "new" | "same"): Promise<void> {
		if (session === "new") this.#bdSeq++;
		this.#seq = 0;
		await this.nodeBirth();
		await this.deviceBirth();
	}
	nodeBirth(): Promise<unknown> {
		return this.#send("NBIRTH", [
			{ name: "bdSeq", type: DATATYPE.Int64, long: BigInt(this.#bdSeq) },
			{ name: "Outside/Temperature", alias: 1, type: DATATYPE.Double, value: this.values.outside, unit: "°C" },
		]);
	}
	deviceBirth(): Promise<unknown> {
		return this.#send("DBIRTH", [{ name: "Inside/Temperature", alias: 2, type: DATATYPE.Float, value: this.values.inside, unit: "°C" }], "rack");
	}
	nodeData(value: number, rest: Partial<SentMetric> = {}): Promise<unknown> {
		return this.#send("NDATA", [{ alias: 1, value, ...rest }]);
	}
	deviceData(value: number): Promise<unknown> {
		return this.#send("DDATA", [{ alias: 2, type: DATATYPE.Float, value }], "rack");
	}
	/** A message is lost on its way. */
	lose(): void {
		this.#seq++;
	}
	death(bdSeq = this.#bdSeq): Promise<unknown> {
		this.#seq = 0;
		return this.#publish("spBv1.0/hall/NDEATH/edge 1", sparkplugPayload([{ name: "bdSeq", type: DATATYPE.Int64, long: BigInt(bdSeq) }], null));
	}

	#send(type: string, metrics: readonly SentMetric[], device?: string): Promise<unknown> {
		const topic = `spBv1.0/hall/${type}/edge 1${device === undefined ? "" : `/${device}`}`;
		return this.#publish(topic, sparkplugPayload(metrics, this.#seq++ & 255, Date.now()));
	}
}

describe("an edge node of Sparkplug B", () => {
	test("is followed through births, gaps, deaths and the agent's own death", async () => {
		const { uplink, requests, publish, reading, becomes, status, killAndRestart } = await world([
			{ id: "node", address: "hall/edge 1", metrics: ["Outside/Temperature"] },
			{ id: "rack", address: "hall/edge 1/rack", metrics: ["Inside/Temperature"] },
		]);
		const node = new EdgeNode(publish);
		const asked = (count: number) => waitFor(`${count} requests for births`, () => requests.length === count);

		await node.birth("new");
		await reading("node:p0", 4.5);
		await reading("rack:p0", 21.5);
		await node.nodeData(5);
		await node.deviceData(22.1);
		expect(await reading("node:p0", 5)).toMatchObject({ quality: "good" });
		expect(await reading("rack:p0", 22.1)).toMatchObject({ quality: "good" });
		await node.nodeData(-3, { historical: true, at: Date.now() - 60_000 });
		expect(await reading("node:p0", -3)).toMatchObject({ historical: true });
		expect(requests).toEqual([]);

		// A gap: until the births values are uncertain.
		node.lose();
		await node.deviceData(23);
		expect(await reading("rack:p0", 23)).toMatchObject({ quality: "uncertain" });
		await asked(1);
		expect(requests[0]?.topic).toBe("spBv1.0/hall/NCMD/edge 1");
		expect(readPayload(requests[0]?.payload ?? Buffer.alloc(0)).metrics).toMatchObject([{ name: "Node Control/Rebirth", boolean: true }]);
		await node.birth("same");
		await node.deviceData(23.5);
		expect(await reading("rack:p0", 23.5)).toMatchObject({ quality: "good" });

		// Death, of this session only; each is back with its own birth.
		await node.death(0);
		await node.birth("same");
		await node.death();
		await becomes("node", "offline");
		await becomes("rack", "offline");
		node.values = { outside: 6.5, inside: 24.5 };
		const before = uplink.events().filter((event) => event.type === "status").length;
		await node.nodeBirth();
		await becomes("node", "online");
		expect([before, status("rack")]).toEqual([4, "offline"]);
		await node.deviceBirth();
		await becomes("rack", "online");
		await reading("rack:p0", 24.5);

		// The agent has forgotten what aliases mean.
		await killAndRestart();
		await node.deviceData(25);
		await asked(2);
		expect(uplink.readings().some(({ value }) => value === 25)).toBe(false);
		node.values = { outside: 7.5, inside: 25 };
		await node.birth("same");
		expect(await reading("rack:p0", 25)).toMatchObject({ quality: "good" });
		await node.death();
		await becomes("node", "offline");
		await becomes("rack", "offline");
	}, 120_000);
});

const orders = sparkplugOrders();
const samples = new Map(realSamples("sparkplug").map((sample) => [sample.id, sample]));

/** Devices and metrics of the samples, as their records name them. */
function sourcesOf(order: readonly RealSample[]): Source[] {
	const metrics = new Map<string, Set<string>>();
	for (const { expect: wanted } of order) {
		for (const { device } of wanted.status ?? []) metrics.set(device, metrics.get(device) ?? new Set());
		for (const { device = "", metric } of wanted.readings ?? [])
			if (typeof metric === "string") metrics.set(device, (metrics.get(device) ?? new Set()).add(metric));
	}
	return [...metrics].map(([address, names], index) => ({ id: `d${index}`, address, metrics: [...names] }));
}

describe.skipIf(orders.length === 0)("messages of real edge nodes", () => {
	test.each(orders)(
		"in the order $name",
		async ({ ids }) => {
			const order = ids.flatMap((id) => samples.get(id) ?? []);
			const isWhole = order.length === ids.length;
			if (!isWhole) process.stdout.write(`not there, passed over: ${ids.filter((id) => !samples.has(id)).join(", ")}\n`);
			const sources = sourcesOf(
				[...order, ...samples.values()].filter(({ expect: { readings = [], status = [] } }) => readings.length + status.length > 0),
			);
			const idOf = (address: string | undefined) => sources.find((source) => source.address === address)?.id ?? "";
			const { publish, reading, becomes, requests, status, uplink, killAndRestart } = await world(sources);

			const play = async (messages: readonly RealSample[], isFollowed: boolean) => {
				for (const sample of messages) {
					await publish(sample.topic ?? "", bytesOf(sample));
					const { readings = [], status: states = [], action = "" } = sample.expect;
					if (isFollowed) for (const { device, value } of readings) await reading(`${idOf(device)}:p0`, value);
					for (const { device, online } of states) await becomes(idOf(device), online ? "online" : "offline");
					if (/rebirth/.test(String(action))) await waitFor("a request for births", () => requests.length > 0);
					if (/ignore/.test(String(action))) await waitFor("an empty outbox", () => uplink.heartbeats.at(-1)?.outbox.batches === 0);
					if (/ignore/.test(String(action))) expect(status(idOf("G1/E1"))).toBe("online");
				}
			};
			await play(order, true);
			if (isWhole && !order.some(({ expect: { action } }) => /rebirth/.test(String(action)))) expect(requests).toEqual([]);

			// The same again with a kill in the middle: what refers to the birth waits for it.
			const [birth, ...rest] = order;
			if (birth === undefined || rest.length === 0) return;
			await play([birth], true);
			await killAndRestart();
			requests.length = 0;
			const data = rest.find(({ topic }) => topic?.includes("DATA"));
			if (data) {
				await publish(data.topic ?? "", bytesOf(data));
				await waitFor("a request for births", () => requests.length > 0);
			}
			await play([birth, ...rest], true);
		},
		120_000,
	);
});
