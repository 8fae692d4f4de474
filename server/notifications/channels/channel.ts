import type { Channel } from "../../../contracts/notification-policy.ts";
import type { Message } from "../message.ts";
import type { TryResult } from "../retry.ts";

/** One message to one receiver by one channel. */
export interface Outgoing {
	/** The same for every try, so that a receiver can tell that it has the message already. */
	id: string;
	/** When the message was made, Unix ms. */
	at: number;
	/** Where to: an e-mail address, a number, a username. */
	address: string;
	message: Message;
}

/**
 * A way to tell somebody. `send` MUST resolve within the signal's time, MUST NOT throw for what the other side does or doesn't, and
 * MUST pass `id` on so that the receiver can drop what comes twice.
 */
export interface NotificationChannel {
	readonly name: Channel;
	send(outgoing: Outgoing, signal: AbortSignal): Promise<TryResult>;
	/** Idempotent. */
	stop?(): void;
}
