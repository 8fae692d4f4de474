import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import type { Reading } from "../../contracts/reading.ts";
import {
	heartbeatSchema,
	type QuarantineEntry,
	type SeenDevice,
	snapshotSchema,
	type UplinkAccessEvent,
	type UplinkDoorEvent,
	type UplinkStatusEvent,
} from "../../contracts/uplink.ts";
import type { History } from "../history/history.ts";
import type { Clock } from "../platform/clock.ts";
import { AppError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import type { Agents } from "../site/agents.ts";
import type { Devices } from "../site/devices.ts";
import type { LivePoints } from "../site/live-points.ts";
import type { Quarantine } from "../site/quarantine.ts";
import type { WorldSource } from "../site/world-source.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { AppliedBatches } from "./applied-batches.ts";
import { type DeviceAccounts, DeviceListPublisher } from "./device-list-publisher.ts";
import { type ReceivedBatch, type ReceivedEnvelope, readColumns, readEnvelope, reasonOf } from "./envelope.ts";
import { withJudgedTimes } from "./judged-time.ts";
import { keepKnown } from "./known-readings.ts";
import type { UplinkMessage, UplinkTransport } from "./uplink-transport.ts";

/** See {@link IngestOptions.patience}. */
const PATIENCE = 5000;
/** Bytes of envelopes whose stores have not answered yet; beyond it they are left to the agents. Reached only when many agents fill their windows. */
const PENDING_LIMIT = 128 * 1024 * 1024;
/** How long a stop waits for stores that don't answer, ms. */
const STOP_LIMIT = 5000;

/** What ingest wants of the alarms. */
export interface AlarmSink {
	/**
	 * Evaluates readings as they come. MUST take them into account before it returns its promise, which resolves once the
	 * transitions are committed. The same readings again MUST change nothing. `late`: back-filled, never paged (ALM-5).
	 */
	evaluate(readings: readonly Reading[], late: boolean): Promise<void>;
}

/** What ingest wants of the access events. */
export interface AccessSink {
	/** Resolves once the events are committed. The same events again MUST change nothing. A 4xx AppError: they can never be stored. */
	record(events: readonly (UplinkAccessEvent | UplinkDoorEvent)[], late: boolean): Promise<void>;
}

export interface IngestOptions {
	transport: UplinkTransport;
	world: WorldSource;
	live: Pick<LivePoints, "update" | "tick" | "get">;
	alarms: AlarmSink;
	history: Pick<History, "append">;
	access: AccessSink;
	devices: Pick<Devices, "heartbeat" | "status">;
	agents: Pick<Agents, "heartbeat" | "status" | "heardReadings">;
	quarantine: Pick<Quarantine, "add">;
	/** Accounts of devices, which go to their agents with the device list. */
	accounts?: DeviceAccounts;
	/** Devices that agents hear and the site doesn't know; MUST NOT throw. */
	seen?: { heard(agent: string, devices: readonly SeenDevice[]): void };
	/** The ledger's witnesses; `heartbeat` MUST NOT throw. */
	witnesses?: {
		heartbeat(agent: string, state: { size: number; fork: string | null }): Promise<void>;
		answer(agent: string, payload: Buffer): Promise<void>;
	};
	/** Takes an agent's answer to a command; throws when it can't be read or isn't the agent's to give. */
	results?: (agent: string, payload: Buffer) => void;
	/** Hears of what agents refused; MUST NOT throw and MUST bound what it makes of it. */
	refusals?: (agent: string, entries: readonly QuarantineEntry[]) => void;
	clock: Clock;
	logger: Logger;
	/** How long a message counts as work when a store doesn't answer, ms. */
	patience?: number;
}

/** Counters since the start, for /metrics. */
export interface IngestStats {
	/** Readings stored, and the ones among them that came late. */
	readings: number;
	lateReadings: number;
	/** Access, door and status events stored. */
	events: number;
	batches: number;
	/** Batches that came again and were not worked on again. */
	duplicates: number;
	/** Batches that can never be stored. */
	refused: number;
	/** Batches not acknowledged because a store failed; they come again. */
	failed: number;
	/** Readings of points that the site doesn't know, or whose type has changed. */
	unknownPoints: number;
	/** Messages that could not be read at all. */
	malformed: number;
	/** Messages of agents that the site doesn't know. */
	unknownAgents: number;
	/** Messages in work now. */
	inWork: number;
	/** Per agent: age of the newest reading of its newest batch that isn't late, when that was stored, ms. */
	lastLagMs: ReadonlyMap<string, number>;
}

/**
 * Takes what agents send: live view and alarms first, then the stores, then the acknowledgement. A batch is acknowledged only when
 * every store has it; whatever fails for the moment is not acknowledged, and comes again.
 */
export class IngestService {
	readonly #options: IngestOptions;
	readonly #applied = new AppliedBatches();
	readonly #acks: Acknowledgements;
	readonly #lists: DeviceListPublisher;
	readonly #lags = new Map<string, number>();
	readonly #stats = {
		readings: 0,
		lateReadings: 0,
		events: 0,
		batches: 0,
		duplicates: 0,
		refused: 0,
		failed: 0,
		unknownPoints: 0,
		malformed: 0,
		unknownAgents: 0,
	};
	readonly #working = new Set<Promise<void>>();
	readonly #warned = new Map<string, number>();
	#pendingBytes = 0;
	#stopping = false;

	constructor(options: IngestOptions) {
		this.#options = options;
		this.#acks = new Acknowledgements(options.transport);
		this.#lists = new DeviceListPublisher(options.world, options.transport, options.accounts);
	}

	/** Starts the transport and hands out the device lists. Everything that it passes on to must have been started. */
	async start(): Promise<void> {
		this.#lists.start();
		await this.#options.transport.start(
			(message) => this.handle(message),
			() => this.#lists.publishAll(),
		);
	}

	/** Takes nothing more, finishes what is in work, and stops the transport. Idempotent. */
	async stop(): Promise<void> {
		this.#stopping = true;
		await Promise.race([Promise.allSettled(this.#working), sleep(STOP_LIMIT, undefined, { ref: false })]);
		// A turn of the loop for the last acknowledgements; a batch whose acknowledgement is lost comes again and is found stored.
		await turn();
		await this.#options.transport.stop();
	}

	stats(): IngestStats {
		return { ...this.#stats, inWork: this.#working.size, lastLagMs: this.#lags };
	}

	/**
	 * Deals with one message of an agent. Never throws. Resolves when that is done, or after a while when a store doesn't answer: the
	 * agent's connection must not stand still, or the live view would with it. The work goes on, and is acknowledged when it is done.
	 */
	handle(message: UplinkMessage): Promise<void> {
		if (this.#stopping) return Promise.resolve();
		const bytes = message.payload.length;
		if (this.#pendingBytes + bytes > PENDING_LIMIT && message.topic === "envelope") {
			this.#stats.failed++;
			this.#warn("pending", { bytes: this.#pendingBytes }, "stores don't answer; envelopes are left to the agents for now");
			return Promise.resolve();
		}
		this.#pendingBytes += bytes;
		const work = this.#dispatch(message).catch((error: unknown) => {
			this.#stats.malformed++;
			this.#warn(
				`malformed/${message.agent}`,
				{ agent: message.agent, topic: message.topic, reason: reasonOf(error) },
				"message of an agent could not be read",
			);
		});
		this.#working.add(work);
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, this.#options.patience ?? PATIENCE);
			void work.then(() => {
				clearTimeout(timer);
				this.#working.delete(work);
				this.#pendingBytes -= bytes;
				resolve();
			});
		});
	}

	async #dispatch({ agent, topic, payload }: UplinkMessage): Promise<void> {
		const { agents, devices, quarantine, live, world } = this.#options;
		const { site } = world.current();
		if (!site.agents.some(({ id }) => id === agent)) {
			// Not acknowledged: its data stays with it until the site file knows it.
			this.#stats.unknownAgents++;
			this.#warn(`unknown/${agent}`, { agent }, "message of an agent that the site file doesn't name");
			return;
		}
		switch (topic) {
			case "envelope":
				await this.#envelope(agent, readEnvelope(payload));
				break;
			case "snapshot": {
				const snapshot = snapshotSchema
					.pick({ status: true })
					.loose()
					.parse(JSON.parse(payload.toString("utf8")));
				const readings = this.#known(readColumns(snapshot.readings));
				devices.status(snapshot.status);
				live.update(readings, true);
				this.#newest(agent, readings);
				// Not waited for: snapshots come all through an outage of the database, and each would be held until its end.
				void this.#evaluate(withJudgedTimes(readings), false);
				break;
			}
			case "heartbeat": {
				const heartbeat = heartbeatSchema.parse(JSON.parse(payload.toString("utf8")));
				agents.heartbeat(agent, heartbeat);
				devices.heartbeat(agent, heartbeat);
				quarantine.add(agent, heartbeat.quarantine);
				this.#options.seen?.heard(agent, heartbeat.seen ?? []);
				if (heartbeat.witness) await this.#options.witnesses?.heartbeat(agent, heartbeat.witness);
				this.#options.refusals?.(agent, heartbeat.quarantine);
				break;
			}
			case "witness":
				await this.#options.witnesses?.answer(agent, payload);
				break;
			case "result":
				this.#options.results?.(agent, payload);
				break;
			case "status":
				agents.status(agent, payload.toString("utf8") === "online" ? "online" : "offline");
				break;
			default:
		}
	}

	async #envelope(agent: string, { outbox, late, batches, refused }: ReceivedEnvelope): Promise<void> {
		if (refused.length > 0) {
			this.#stats.refused += refused.length;
			this.#options.logger.error({ agent, outbox, refused: refused.slice(0, 5) }, "batches refused: they can never be stored");
			this.#acks.refused(agent, outbox, refused);
		}
		const fresh: ReceivedBatch[] = [];
		for (const batch of batches) {
			const found = this.#applied.find(agent, outbox, batch.seq);
			if (found === "new") fresh.push(batch);
			else this.#stats.duplicates++;
			if (found === "applied") this.#acks.stored(agent, outbox, [batch.seq]);
		}
		if (fresh.length > 0) await this.#apply(agent, outbox, late, fresh);
	}

	/** Applies batches that are not in work and not applied as far as is known. */
	async #apply(agent: string, outbox: string, late: boolean, batches: readonly ReceivedBatch[]): Promise<void> {
		const { live, devices, clock } = this.#options;
		const known = batches.map((batch) => this.#known([...batch.readings, ...doorReadings(batch, live)]));
		const all = known.length === 1 ? (known[0] ?? []) : known.flat();
		// What a device recorded in the past says nothing of now, however fresh its batch is.
		const past = all.some(({ historical }) => historical) ? all.filter(({ historical }) => historical) : [];
		const fresh = past.length > 0 ? known.map((readings) => readings.filter(({ historical }) => !historical)) : known;
		// Before the readings: what a device says when it is back must not look like what it said before it went.
		const statuses = batches.flatMap(({ events }) => events.filter((event): event is UplinkStatusEvent => event.type === "status"));
		if (statuses.length > 0) devices.status(statuses);
		// Neither the live view nor the alarms wait for a store.
		const now = fresh.length === 1 ? (fresh[0] ?? []) : fresh.flat();
		if (now.length > 0) live.update(now, late);
		if (statuses.length > 0) live.tick(clock.now());
		let evaluated = this.#evaluate(fresh.length === 1 ? withJudgedTimes(now) : fresh.flatMap(withJudgedTimes), late);
		if (past.length > 0) evaluated = both(evaluated, this.#evaluate(withJudgedTimes(past), true));
		const outcomes = batches.map((batch, index) => this.#store(agent, outbox, late, batch, known[index] ?? [], evaluated));
		for (const [index, batch] of batches.entries()) {
			const outcome = outcomes[index];
			if (outcome)
				this.#applied.begin(
					agent,
					outbox,
					batch.seq,
					outcome.then((stored) => stored === true),
				);
		}
		const results = await Promise.all(outcomes);
		const stored = batches.filter((_batch, index) => results[index] === true);
		for (const [index, batch] of batches.entries()) {
			const result = results[index];
			if (result === true) this.#count(batch, known[index] ?? [], late);
			else if (result === false) this.#stats.failed++;
			else if (result) {
				this.#stats.refused++;
				this.#options.logger.error({ agent, outbox, seq: batch.seq, reason: result.refused }, "batch refused: it can never be stored");
				this.#acks.refused(agent, outbox, [{ seq: batch.seq, reason: result.refused }]);
			}
		}
		const newest = this.#newest(agent, now);
		if (!late && stored.length > 0 && newest !== null) this.#lags.set(agent, clock.now() - newest);
		this.#acks.stored(
			agent,
			outbox,
			stored.map(({ seq }) => seq),
		);
	}

	/** `true` once everything of the batch is stored, `false` when a store can't for the moment, or why it never can. Never rejects. */
	async #store(
		agent: string,
		outbox: string,
		late: boolean,
		batch: ReceivedBatch,
		readings: readonly Reading[],
		evaluated: Promise<boolean>,
	): Promise<boolean | { refused: string }> {
		const { history, access } = this.#options;
		const events = batch.events.filter((event) => event.type !== "status");
		const results = await Promise.all([
			evaluated,
			readings.length === 0 || this.#outcome("history", () => history.append({ agent, outbox, seq: batch.seq }, readings)),
			events.length === 0 || this.#outcome("access", () => access.record(events, late)),
		]);
		return results.find((result) => typeof result === "object") ?? results.every((result) => result === true);
	}

	/** Whether the alarms have taken the readings. They never refuse: a failure is the database's, for the moment. Holds no readings meanwhile. */
	#evaluate(readings: readonly Reading[], late: boolean): Promise<boolean> {
		if (readings.length === 0) return Promise.resolve(true);
		return this.#options.alarms.evaluate(readings, late).then(
			() => true,
			(error: unknown) => {
				this.#storeFailed("alarms", error);
				return false;
			},
		);
	}

	async #outcome(store: string, work: () => Promise<void>): Promise<boolean | { refused: string }> {
		try {
			await work();
			return true;
		} catch (error) {
			if (error instanceof AppError && error.status < 500) return { refused: `${error.code}: ${error.message}` };
			this.#storeFailed(store, error);
			return false;
		}
	}

	#known(readings: Reading[]): Reading[] {
		const kept = keepKnown(readings, this.#options.world.current());
		this.#stats.unknownPoints += readings.length - kept.length;
		return kept;
	}

	/** Notes the newest device time among the readings, Unix ms; `null` without readings. */
	#newest(agent: string, readings: readonly Reading[]): number | null {
		let newest = Number.NEGATIVE_INFINITY;
		for (const { ts } of readings) if (ts > newest) newest = ts;
		if (readings.length === 0) return null;
		this.#options.agents.heardReadings(agent, newest);
		return newest;
	}

	#count({ events }: ReceivedBatch, readings: readonly Reading[], late: boolean): void {
		this.#stats.batches++;
		this.#stats.events += events.length;
		this.#stats.readings += readings.length;
		if (late) this.#stats.lateReadings += readings.length;
	}

	#storeFailed(store: string, error: unknown): void {
		this.#warn(`store/${store}`, { store, err: error }, "not stored; the agents keep what they have and send it again");
	}

	/** Warns once in ten seconds of the same thing. */
	#warn(key: string, detail: object, text: string): void {
		const now = this.#options.clock.now();
		if (now - (this.#warned.get(key) ?? Number.NEGATIVE_INFINITY) < 10_000) return;
		if (this.#warned.size > 1000) this.#warned.clear();
		this.#warned.set(key, now);
		this.#options.logger.warn(detail, text);
	}
}

async function both(one: Promise<boolean>, other: Promise<boolean>): Promise<boolean> {
	return (await one) && (await other);
}

/**
 * A door's state is also a point, `{controller}:{door}`. A contact says again and again that it is open: a door that stands held is held
 * until something else is said of it.
 */
function doorReadings({ events }: ReceivedBatch, live: Pick<LivePoints, "get">): Reading[] {
	const held = new Map<string, boolean>();
	return events
		.filter((event): event is UplinkDoorEvent => event.type === "door")
		.map(({ device, door, state, ts, receivedAt }) => {
			const point = `${device}:${door}`;
			const known = live.get(point);
			const stood = held.get(point) ?? (known?.value === "held" && known.ts !== null && Date.parse(known.ts) <= ts);
			const value = stood && state === "open" ? "held" : state;
			held.set(point, value === "held");
			return { point, value, ts, receivedAt, quality: "good" };
		});
}
