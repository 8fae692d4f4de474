import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import mqttPacket, { type Packet } from "mqtt-packet";
import { newState, REASON, toBroker, toDevice } from "./mqtt5.ts";

const { generate, parser } = mqttPacket;

/** How long a device may take for its first packet, ms. */
const FIRST_PACKET_LIMIT = 30_000;

/** What a broker's connection needs to be: a stream that knows how much it has read. */
export interface DeviceConnection extends Duplex {
	readonly bytesRead: number;
	readonly remoteAddress?: string | undefined;
}

/**
 * Waits for the beginning of the CONNECT packet, and calls back with the connection as a 3.1.1 broker understands it: the socket
 * itself, or for MQTT 5.0 a translation. A socket that says nothing is closed after 30 s, without a call.
 */
export function whenVersionIsKnown(socket: Socket, maximumPacketSize: number, next: (connection: DeviceConnection) => void): void {
	const timer = setTimeout(() => socket.destroy(), FIRST_PACKET_LIMIT);
	const look = () => {
		const chunk: Buffer | null = socket.read();
		if (chunk === null) return;
		socket.unshift(chunk);
		const level = protocolLevel(chunk);
		if (level === undefined) return;
		clearTimeout(timer);
		socket.off("readable", look);
		socket.off("error", ignore);
		next(level === 5 ? new Mqtt5Connection(socket, maximumPacketSize) : socket);
	};
	// Until the broker listens to it, an error is nobody's; `close` follows.
	socket.on("error", ignore);
	socket.on("readable", look);
	socket.on("close", () => clearTimeout(timer));
}

const ignore = () => {};

/** Protocol level of a CONNECT packet (§3.1.2.2), `null` for anything else, `undefined` while it can't be told yet. */
export function protocolLevel(start: Buffer): number | null | undefined {
	if (start.length === 0) return undefined;
	if (start[0] !== 0x10) return null;
	let at = 1;
	for (; at < 5; at++) {
		const byte = start[at];
		if (byte === undefined) return undefined;
		if (byte < 0x80) break;
	}
	if (at === 5) return null;
	at++;
	if (start.length < at + 2) return undefined;
	const length = start.readUInt16BE(at);
	if (length > 6) return null;
	return start[at + 2 + length];
}

/** A device that speaks MQTT 5.0, as a stream of 3.1.1 packets. */
class Mqtt5Connection extends Duplex implements DeviceConnection {
	readonly #socket: Socket;
	readonly #state;
	readonly #fromDevice = parser({ protocolVersion: 5 });
	readonly #fromBroker = parser({ protocolVersion: 4 });
	#full = false;
	/** A clean good-bye has been said, or a reason for the end. */
	#ended = false;

	constructor(socket: Socket, maximumPacketSize: number) {
		super({ readableHighWaterMark: socket.readableHighWaterMark });
		this.#socket = socket;
		this.#state = newState(maximumPacketSize);
		this.#fromDevice.on("packet", (packet: Packet) => this.#take(packet));
		this.#fromDevice.on("error", () => this.#close(REASON.malformedPacket));
		this.#fromBroker.on("packet", (packet: Packet) => this.#say(toDevice(packet, this.#state)));
		this.#fromBroker.on("error", (error: Error) => this.destroy(error));
		socket.on("readable", () => this.#pull());
		socket.on("error", (error) => this.destroy(error));
		socket.on("end", () => this.push(null));
		socket.on("close", () => this.destroy());
	}

	get bytesRead(): number {
		return this.#socket.bytesRead;
	}

	get remoteAddress(): string | undefined {
		return this.#socket.remoteAddress;
	}

	override _read(): void {
		this.#full = false;
		this.#pull();
	}

	override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
		this.#fromBroker.parse(chunk);
		if (this.#socket.writableNeedDrain) this.#socket.once("drain", () => done());
		else done();
	}

	override _final(done: () => void): void {
		this.#socket.end(done);
	}

	override _destroy(error: Error | null, done: (error: Error | null) => void): void {
		if (this.#ended) this.#socket.destroySoon();
		else this.#socket.destroy();
		done(error);
	}

	/** Reads no more from the device than the broker takes. */
	#pull(): void {
		while (!this.#full && !this.destroyed) {
			const chunk: Buffer | null = this.#socket.read();
			if (chunk === null) return;
			this.#fromDevice.parse(chunk);
		}
	}

	#take(packet: Packet): void {
		if (this.#ended || this.destroyed) return;
		const translated = toBroker(packet, this.#state);
		if ("close" in translated) {
			this.#close(translated.close);
			return;
		}
		try {
			if (!this.push(generate(translated.packet, { protocolVersion: 4 }))) this.#full = true;
		} catch {
			// What 5.0 can say and 3.1.1 can't, e.g. a will without a topic.
			this.#close(REASON.malformedPacket);
		}
	}

	/** The end without the broker's DISCONNECT packet: it publishes the will. */
	#close(reasonCode: number): void {
		if (reasonCode !== REASON.disconnectWithWill) this.#say({ cmd: "disconnect", reasonCode });
		this.#ended = true;
		this.destroy();
	}

	#say(packet: Packet): void {
		if (!this.#ended && this.#socket.writable) this.#socket.write(generate(packet, { protocolVersion: 5 }));
	}
}
