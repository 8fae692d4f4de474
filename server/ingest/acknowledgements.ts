import { type Ack, uplinkTopic } from "../../contracts/uplink.ts";
import type { UplinkTransport } from "./uplink-transport.ts";

/** Collects what is to be said to each agent and says it once per turn of the event loop. */
export class Acknowledgements {
	readonly #transport: Pick<UplinkTransport, "publish">;
	#waiting = new Map<string, { agent: string; ack: Ack }>();
	#scheduled = false;

	constructor(transport: Pick<UplinkTransport, "publish">) {
		this.#transport = transport;
	}

	/** These batches are stored: the agent may free them. */
	stored(agent: string, outbox: string, seqs: readonly number[]): void {
		if (seqs.length > 0) this.#ack(agent, outbox).stored.push(...seqs);
	}

	/** These batches can never be stored. */
	refused(agent: string, outbox: string, refused: Ack["refused"]): void {
		if (refused.length > 0) this.#ack(agent, outbox).refused.push(...refused);
	}

	#ack(agent: string, outbox: string): Ack {
		const key = `${agent}/${outbox}`;
		let waiting = this.#waiting.get(key);
		if (!waiting) {
			waiting = { agent, ack: { outbox, stored: [], refused: [] } };
			this.#waiting.set(key, waiting);
		}
		if (!this.#scheduled) {
			this.#scheduled = true;
			setImmediate(() => this.#send());
		}
		return waiting.ack;
	}

	#send(): void {
		this.#scheduled = false;
		const waiting = this.#waiting;
		this.#waiting = new Map();
		for (const { agent, ack } of waiting.values()) this.#transport.publish(uplinkTopic(agent, "ack"), padded(JSON.stringify(ack)), { retain: false });
	}
}

const STEP = 256;

/** Few different lengths: mqtt-packet keeps some bytes of each that it has ever sent, and with them 64 KiB of Node's buffer pool. */
function padded(json: string): string {
	return json.padEnd(Math.ceil(json.length / STEP) * STEP);
}
