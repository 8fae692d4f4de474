import { Socket } from "node:net";
import mqtt, { type MqttClient } from "mqtt";
import type { Logger } from "pino";
import { type Reading, toColumns } from "../../contracts/reading.ts";
import {
	ackSchema,
	type CheckpointOffer,
	checkpointOfferSchema,
	type DeviceCommand,
	type DeviceList,
	type DeviceResult,
	deviceCommandSchema,
	deviceListSchema,
	type Heartbeat,
	type Snapshot,
	type UplinkTopic,
	uplinkTopic,
	type WitnessAnswer,
} from "../../contracts/uplink.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { type BackOff, pauseBefore } from "./back-off.ts";
import { padJson } from "./pad-json.ts";
import { type Lane, SendWindow } from "./send-window.ts";

export interface UplinkOptions {
	/** `mqtt://` or `mqtts://` */
	url: string;
	agent: string;
	/** What the agent proves itself with; read anew for each connection, so that files may be replaced. */
	credentials?: () => { ca?: Buffer; cert?: Buffer; key?: Buffer; username?: string; password?: string };
	outbox: Outbox;
	/** What goes into a snapshot: the newest reading and status of everything. */
	snapshot(): { readings: readonly Reading[]; status: Snapshot["status"] };
	heartbeats: { reset(): void; next(now: number): { heartbeat: Heartbeat; delivered: () => void }[] };
	/** Answers a checkpoint of the ledger; `null`: nothing. */
	checkpoint?: (offer: CheckpointOffer) => WitnessAnswer | null;
	/** Takes a command for a device; {@link Uplink.result} answers it. */
	command?: (command: DeviceCommand) => void;
	/** Hears of each good device list, also when it is the one in use. */
	devices(list: DeviceList): void;
	/** Unix ms. */
	now: () => number;
	logger: Logger;
	backOff?: BackOff;
	/** An envelope without an answer for this long, ms, is sent again. */
	answerTimeout?: number;
}

const WINDOW = { envelopes: 64, bytes: 8 * 1024 * 1024 };
const ENVELOPE_BYTES = 256 * 1024;
/** Bytes sent before other work gets its turn. */
const BYTES_A_TURN = 1024 * 1024;
/** Batches that waited longer than this, ms, are sent as late: a short break of the line leaves them live. */
const LATE_AFTER = 10_000;
/** Least time between two live envelopes while one is without an answer, ms: a busy line fills its envelopes. */
const LIVE_GAP = 2;
const HEARTBEAT_INTERVAL = 2_000;
const SNAPSHOT_READINGS = 5_000;
/** A connection that lasted this long, ms, resets the back-off. */
const LASTING = 10_000;

/**
 * The line to the server, see contracts/uplink.ts. Batches go out of the outbox in envelopes and leave it when the server has
 * answered. After a connection: the snapshot if there is a backlog, then live batches, with the backlog behind them (EDG-4).
 * While a server whose stores are away answers nothing and the window is full, snapshots alone keep its live view and alarms going.
 * Every connection is a new MQTT client with a clean session, so that the only one who repeats anything is the send window.
 */
export class Uplink {
	readonly #options: UplinkOptions;
	readonly #window: SendWindow;
	#client: MqttClient | null = null;
	#running = false;
	#attempt = 0;
	#connectedAt = 0;
	#lastLive = 0;
	/** Whether the server has answered since the last tick. */
	#heard = false;
	#reconnect: NodeJS.Timeout | undefined;
	#beat: NodeJS.Timeout | undefined;
	#pumpSoon: NodeJS.Timeout | undefined;
	#pumpNow: NodeJS.Immediate | undefined;

	constructor(options: UplinkOptions) {
		this.#options = options;
		this.#window = new SendWindow({ ...WINDOW, timeout: options.answerTimeout ?? 10_000 });
	}

	/** Goes on trying to reach the server until `stop`. */
	start(): void {
		this.#running = true;
		this.#connect();
	}

	/** Says good-bye when it can, within 2 s. Idempotent. */
	async stop(): Promise<void> {
		this.#running = false;
		clearTimeout(this.#reconnect);
		clearInterval(this.#beat);
		const client = this.#client;
		this.#client = null;
		this.#connectedAt = 0;
		this.#window.disconnect();
		if (!client) return;
		if (client.connected) {
			const farewell = client.publishAsync(uplinkTopic(this.#options.agent, "status"), "offline", { qos: 1, retain: true }).catch(() => undefined);
			let timer: NodeJS.Timeout | undefined;
			await Promise.race([farewell, new Promise((resolve) => (timer = setTimeout(resolve, 2_000)))]);
			clearTimeout(timer);
		}
		await client.endAsync(true);
	}

	/** The outbox has committed up to `head`. */
	committed(head: number): void {
		this.#window.committed(head);
		this.#schedulePump(0);
	}

	/** Passes a device's answer on; without a connection it is lost, and the server asks again. */
	result(answer: DeviceResult): void {
		if (this.connected) this.#publish("result", JSON.stringify(answer), false);
	}

	get connected(): boolean {
		return this.#connectedAt > 0;
	}

	#connect(): void {
		const { url, agent, logger } = this.#options;
		let credentials = {};
		try {
			credentials = this.#options.credentials?.() ?? {};
		} catch (error) {
			logger.error({ err: error }, "uplink: certificate can't be read");
		}
		const client = mqtt.connect(url, {
			...credentials,
			// Not the agent's bare name: a second agent of that name must be able to take over, and does so by this very id.
			clientId: `watchroom-agent-${agent}`,
			clean: true,
			reconnectPeriod: 0,
			connectTimeout: 10_000,
			keepalive: 5,
			resubscribe: false,
			will: { topic: uplinkTopic(agent, "status"), payload: Buffer.from("offline"), qos: 1, retain: true },
		});
		this.#client = client;
		client.on("connect", () => {
			// Small packets one after another: Nagle's algorithm would hold each until the other side's delayed TCP acknowledgement, 40 ms.
			if (client.stream instanceof Socket) client.stream.setNoDelay(true);
			void this.#connected(client);
		});
		client.on("message", (topic, payload) => this.#receive(topic, payload));
		client.on("error", (error) => logger.debug({ reason: error.message }, "uplink error"));
		client.on("close", () => this.#closed(client));
	}

	async #connected(client: MqttClient): Promise<void> {
		const { agent, outbox, logger, heartbeats, now } = this.#options;
		try {
			const topics = (["ack", "devices", "checkpoint", "command"] as const).map((topic) => uplinkTopic(agent, topic));
			await client.subscribeAsync(topics, { qos: 1 });
		} catch (error) {
			logger.warn({ error }, "uplink: the server's broker refuses the subscription");
			client.end(true);
			return;
		}
		if (this.#client !== client) return;
		this.#connectedAt = now();
		this.#publish("status", "online", true);
		this.#window.connect(outbox.oldest, outbox.lastBefore(now() - LATE_AFTER), outbox.head);
		logger.info({ batches: outbox.stats().batches, backlog: this.#window.hasBacklog }, "uplink connected");
		if (this.#window.hasBacklog) this.#sendSnapshot();
		heartbeats.reset();
		clearInterval(this.#beat);
		this.#beat = setInterval(() => this.#tick(), HEARTBEAT_INTERVAL);
		this.#tick();
	}

	#closed(client: MqttClient): void {
		if (this.#client !== client || !this.#running) return;
		const { backOff = { first: 1_000, longest: 30_000 }, logger, now, url } = this.#options;
		clearInterval(this.#beat);
		this.#window.disconnect();
		this.#client = null;
		if (this.#connectedAt > 0 && now() - this.#connectedAt > LASTING) this.#attempt = 0;
		const pause = pauseBefore(this.#attempt++, backOff, Math.random());
		const { protocol, host } = new URL(url);
		logger.warn({ url: `${protocol}//${host}`, pause: Math.round(pause) }, this.#connectedAt > 0 ? "uplink lost" : "uplink: server not reachable");
		this.#connectedAt = 0;
		client.end(true);
		this.#reconnect = setTimeout(() => this.#connect(), pause);
	}

	#tick(): void {
		const { heartbeats, now, logger } = this.#options;
		if (this.#window.expire(now())) logger.warn("uplink: no answer from the server in time, batches will be sent again");
		for (const { heartbeat, delivered } of heartbeats.next(now())) this.#publish("heartbeat", JSON.stringify(heartbeat), false, delivered);
		if (this.#window.isStuck && !this.#heard) this.#sendSnapshot();
		this.#heard = false;
		this.#schedulePump(0);
	}

	#sendSnapshot(): void {
		const { readings, status } = this.#options.snapshot();
		for (let from = 0; from === 0 || from < readings.length; from += SNAPSHOT_READINGS) {
			const columns = toColumns(readings.slice(from, from + SNAPSHOT_READINGS)) ?? { points: [], base: 0, p: [], t: [], r: [], v: [], q: [] };
			this.#publish("snapshot", JSON.stringify({ readings: columns, status: from === 0 ? status : [] } satisfies Snapshot), false);
		}
	}

	#receive(topic: string, payload: Buffer): void {
		const { agent, logger } = this.#options;
		let body: unknown;
		try {
			body = JSON.parse(payload.toString("utf8"));
		} catch {
			logger.error({ topic }, "uplink: the server sent something that is not JSON");
			return;
		}
		if (topic === uplinkTopic(agent, "ack")) this.#answered(body);
		else if (topic === uplinkTopic(agent, "checkpoint")) this.#witness(body);
		else if (topic === uplinkTopic(agent, "command")) {
			const command = deviceCommandSchema.safeParse(body);
			if (command.success) this.#options.command?.(command.data);
			else logger.error({ problems: command.error.issues.slice(0, 10) }, "uplink: the server sent something that is not a command");
		} else if (topic === uplinkTopic(agent, "devices")) {
			const list = deviceListSchema.safeParse(body);
			if (list.success) this.#options.devices(list.data);
			else logger.error({ problems: list.error.issues.slice(0, 10) }, "uplink: wrong device list, the last good one stays in use");
		}
	}

	#witness(body: unknown): void {
		const { checkpoint, logger } = this.#options;
		const offer = checkpointOfferSchema.safeParse(body);
		if (!offer.success) {
			logger.error({ problems: offer.error.issues.slice(0, 10) }, "uplink: the server sent something that is not a checkpoint");
			return;
		}
		try {
			const answer = checkpoint?.(offer.data);
			if (answer) this.#publish("witness", JSON.stringify(answer), false);
		} catch (error) {
			logger.error({ err: error }, "the witness can't keep the checkpoint: nothing is co-signed");
		}
	}

	#answered(body: unknown): void {
		const { outbox, logger } = this.#options;
		const ack = ackSchema.safeParse(body);
		if (!ack.success) {
			logger.error({ problems: ack.error.issues.slice(0, 10) }, "uplink: wrong answer from the server");
			return;
		}
		const { stored, refused } = ack.data;
		if (ack.data.outbox !== outbox.id) return;
		this.#heard = true;
		outbox.free(stored);
		if (refused.length > 0) {
			try {
				outbox.refuse(refused);
			} catch (error) {
				// They stay where they are, are sent again after a while, and refused again.
				logger.error({ err: error, refused }, "uplink: refused batches can't be kept aside");
				this.#window.answered(stored);
				return;
			}
			logger.error({ refused }, "uplink: the server can never store these batches, they are kept aside in the outbox's table refused");
		}
		this.#window.answered([...stored, ...refused.map(({ seq }) => seq)]);
		this.#schedulePump(0);
	}

	#publish(topic: UplinkTopic, payload: string, retain: boolean, delivered?: () => void): void {
		const client = this.#client;
		const text = topic === "status" ? payload : padJson(payload);
		client?.publish(uplinkTopic(this.#options.agent, topic), text, { qos: 1, retain }, (error) => {
			if (!error && this.#client === client) delivered?.();
		});
	}

	#schedulePump(pause: number): void {
		if (this.#pumpNow || this.#connectedAt === 0) return;
		clearTimeout(this.#pumpSoon);
		if (pause > 0) this.#pumpSoon = setTimeout(() => this.#pump(), pause);
		else
			this.#pumpNow = setImmediate(() => {
				this.#pumpNow = undefined;
				this.#pump();
			});
	}

	#pump(): void {
		const { outbox, now } = this.#options;
		for (let bytes = 0; bytes < BYTES_A_TURN; ) {
			const next = this.#window.next();
			if (!next) return;
			const pause = LIVE_GAP - (performance.now() - this.#lastLive);
			if (next.lane === "live" && this.#window.liveInFlight > 0 && pause > 0) {
				this.#schedulePump(pause);
				return;
			}
			const batches = outbox.read(next.range.from, next.range.to, ENVELOPE_BYTES);
			const [first, last] = [batches[0], batches.at(-1)];
			if (!first || !last) {
				this.#window.sent(next.lane, [], next.range.to, 0, now());
				continue;
			}
			const lateBefore = now() - LATE_AFTER;
			if (next.lane === "live" && first.createdAt < lateBefore) {
				this.#window.fellBehind(outbox.lastBefore(lateBefore));
				continue;
			}
			bytes += this.#send(next.lane, batches, last.seq);
		}
		this.#schedulePump(0);
	}

	/** Returns the envelope's size. The batches are text in the outbox already, and stay so. */
	#send(lane: Lane, batches: readonly { seq: number; payload: string }[], through: number): number {
		const { outbox, now } = this.#options;
		const text = batches.map(({ payload }) => payload).join(",");
		const envelope = `{"outbox":${JSON.stringify(outbox.id)},"late":${lane === "late"},"batches":[${text}]}`;
		const seqs = batches.map(({ seq }) => seq);
		this.#window.sent(lane, seqs, through, envelope.length, now());
		if (lane === "live") this.#lastLive = performance.now();
		this.#publish("envelope", envelope, false);
		return envelope.length;
	}
}
