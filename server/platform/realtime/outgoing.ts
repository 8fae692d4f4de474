import type { Socket } from "socket.io";
import type { Link } from "./client-pace.ts";

/** What Engine.IO still has to send to one client, counted from the events of its connection. */
export class Outgoing {
	readonly #connection: Socket["conn"];
	#packets = 0;
	#bytes = 0;

	constructor(connection: Socket["conn"]) {
		this.#connection = connection;
		connection.on("packetCreate", (packet: { data?: unknown }) => {
			this.#packets++;
			if (typeof packet.data === "string") this.#bytes += packet.data.length;
		});
		// All that waited has gone to the transport, which is writable again once the network has taken it.
		connection.on("flush", () => {
			this.#packets = 0;
			this.#bytes = 0;
		});
	}

	link(): Link {
		return { drained: this.#packets === 0 && this.#connection.transport.writable, waitingBytes: this.#bytes };
	}
}
