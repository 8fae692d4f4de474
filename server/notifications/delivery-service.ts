import type { Channel } from "../../contracts/notification-policy.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import type { Logger } from "../platform/logger.ts";
import { Rounds } from "../platform/rounds.ts";
import type { NotificationChannel } from "./channels/channel.ts";
import { recordTry, takeDeliveries } from "./deliveries-store.ts";
import type { Message } from "./message.ts";
import type { NotificationTables, StoredDelivery, StoredNotification } from "./notifications-store.ts";
import { afterTry, LEASE, TRY_LIMIT, type TryResult } from "./retry.ts";

export interface DeliveryOptions {
	database: Database;
	channels: readonly NotificationChannel[];
	/** What a notification says to its receiver now. */
	message: (notification: StoredNotification) => Promise<Message>;
	clock: Clock;
	logger: Logger;
}
/** How a channel fares; `failingSince`: its newest try has failed, and so have all since (Unix ms). */
export interface ChannelHealth {
	failingSince: number | null;
	reason: string | null;
}

const LOOK_EVERY = 1000;
const AT_ONCE = 10;
const ATTEMPTS_OF_A_LOOK = 50;

/**
 * Delivers what waits: at least once each, with an id that stays the same, so that a receiver that drops what it has already sees it
 * once. A try that a killed server began is made again once its lease has run out.
 */
export class DeliveryService {
	readonly #options: DeliveryOptions;
	readonly #channels: ReadonlyMap<Channel, NotificationChannel>;
	readonly #health = new Map<Channel, ChannelHealth>();
	readonly #rounds: Rounds;
	readonly #stop = new AbortController();

	constructor(options: DeliveryOptions) {
		this.#options = options;
		this.#channels = new Map(options.channels.map((channel) => [channel.name, channel]));
		const { logger } = options;
		this.#rounds = new Rounds({ look: () => this.look(), every: LOOK_EVERY, logger, failed: "notifications could not be delivered; trying again" });
	}

	start(): void {
		this.#rounds.start();
	}

	/** Looks soon. */
	wake(): void {
		this.#rounds.wake();
	}

	/** Idempotent. Tries under way are given up; they are made again after the next start. */
	async stop(): Promise<void> {
		this.#stop.abort();
		await this.#rounds.stop();
		for (const channel of this.#channels.values()) channel.stop?.();
	}

	configured(channel: Channel): boolean {
		return this.#channels.has(channel);
	}

	health(channel: Channel): ChannelHealth {
		return this.#health.get(channel) ?? { failingSince: null, reason: null };
	}

	/** Tries everything that is due, some at a time. */
	async look(): Promise<void> {
		const { database, clock } = this.#options;
		for (let tried = 0; tried < ATTEMPTS_OF_A_LOOK && !this.#stop.signal.aborted; ) {
			const now = clock.now();
			const due = await takeDeliveries(database.tables<NotificationTables>(), { now, until: now + LEASE, limit: AT_ONCE });
			if (due.length === 0) return;
			await Promise.all(due.map((one) => this.#try(one)));
			tried += due.length;
		}
	}

	async #try({ delivery, notification }: { delivery: StoredDelivery; notification: StoredNotification }): Promise<void> {
		const { database, clock } = this.#options;
		const outcome = await this.#send(delivery, notification);
		if (this.#stop.signal.aborted && outcome.result !== "delivered") return;
		const now = clock.now();
		const { state, reason, ...rest } = afterTry(outcome, { tries: delivery.triesMade, createdAt: delivery.createdAt, now });
		this.#note(delivery.channel, outcome, now);
		const said = outcome.result === "delivered" ? outcome.detail : outcome.reason;
		const nextAt = "nextAt" in rest ? rest.nextAt : null;
		await recordTry(database.tables<NotificationTables>(), delivery.id, {
			state,
			reason,
			nextAt,
			tried: { at: now, result: outcome.result, reason: said },
			now,
		});
	}

	async #send({ id, channel, address, createdAt }: StoredDelivery, notification: StoredNotification): Promise<TryResult> {
		const by = this.#channels.get(channel);
		if (!by || address === null) return { result: "permanent", reason: "channel not set" };
		const signal = AbortSignal.any([AbortSignal.timeout(TRY_LIMIT), this.#stop.signal]);
		try {
			return await by.send({ id, at: createdAt, address, message: await this.#options.message(notification) }, signal);
		} catch (error) {
			this.#options.logger.warn({ err: error, channel, delivery: id }, "a notification could not be sent");
			return { result: "temporary", reason: error instanceof Error ? error.message : String(error) };
		}
	}

	#note(channel: Channel, outcome: TryResult, now: number): void {
		// A dashboard that isn't open is no failure of the channel.
		if (channel === "dashboard") return;
		const before = this.health(channel);
		const failed = outcome.result !== "delivered";
		this.#health.set(channel, failed ? { failingSince: before.failingSince ?? now, reason: outcome.reason } : { failingSince: null, reason: null });
	}
}
