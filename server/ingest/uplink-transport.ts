import type { UplinkTopic } from "../../contracts/uplink.ts";

/** A message of an agent. */
export interface UplinkMessage {
	agent: string;
	topic: UplinkTopic;
	payload: Buffer;
}

/** MUST NOT throw. Its promise resolves when the message has been dealt with, well or not: its bytes no longer count as work. */
export type UplinkHandler = (message: UplinkMessage) => Promise<void>;

/** The way to the agents: the own broker or a foreign one. */
export interface UplinkTransport {
	/**
	 * Begins to take messages. `opened` is called each time that the way is open: at once, or when a foreign broker that was away is
	 * there (again); what agents must find retained is to be published then, for that broker may have lost it.
	 */
	start(handler: UplinkHandler, opened: () => void): Promise<void>;
	/** Idempotent. Messages that aren't acknowledged come again from their agents. */
	stop(): Promise<void>;
	/** Sends at least once to who listens now; `retain`: also to who comes later. Never throws; what can't be sent is lost, and agents ask again. */
	publish(topic: string, payload: string, options: { retain: boolean }): void;
	state(): { connected: boolean; detail: string };
	/** Bytes in work, and receipts that are held because they are too many. */
	load(): { bytes: number; held: number };
}
