import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { connectPacket, payloadLength, publishHead, writePublish } from "./publish-packet.ts";

const FREE = -1;
const LARGEST_ID = 65_535;
/** Bytes waiting in the socket beyond which nothing more is sent. */
const SOCKET_LIMIT = 512 * 1024;
const OUT = 256 * 1024;
const RECONNECT = 250;

/** Called for each PUBACK: the point's index, the first time stamp and the number of readings of the message. */
export type OnAcknowledged = (index: number, ts: number, count: number) => void;

/**
 * One MQTT connection that publishes at QoS 1. Messages in flight when the connection breaks are sent again on the next one, as a
 * device does; {@link inFlight} lists those without a PUBACK.
 */
export class LoadConnection {
	readonly #url: URL;
	readonly #clientId: string;
	readonly #topic: (index: number) => string;
	readonly #window: number;
	readonly #onAcknowledged: OnAcknowledged;
	readonly #heads = new Map<number, Buffer>();
	readonly #index = new Int32Array(LARGEST_ID + 1).fill(FREE);
	readonly #ts = new Float64Array(LARGEST_ID + 1);
	readonly #batch: number;
	#socket: Socket | null = null;
	#ready = false;
	#stopped = false;
	#timer: NodeJS.Timeout | null = null;
	#packetId = 1;
	#waiting = 0;
	#out = Buffer.allocUnsafe(OUT);
	#used = 0;
	#rest: Buffer = Buffer.alloc(0);
	/** Connections lost so far. */
	lost = 0;

	constructor(url: string, clientId: string, batch: number, window: number, topic: (index: number) => string, onAcknowledged: OnAcknowledged) {
		this.#url = new URL(url);
		this.#clientId = clientId;
		this.#batch = batch;
		this.#window = Math.min(window, LARGEST_ID - 1);
		this.#topic = topic;
		this.#onAcknowledged = onAcknowledged;
	}

	get ready(): boolean {
		return this.#ready;
	}

	/** Messages without a PUBACK. */
	get waiting(): number {
		return this.#waiting;
	}

	start(): void {
		const { hostname: host, protocol, username, password } = this.#url;
		const secure = protocol === "mqtts:";
		const port = Number(this.#url.port || (secure ? 8883 : 1883));
		const socket = secure ? connectTls({ host, port }) : connectTcp({ host, port, noDelay: true });
		this.#socket = socket;
		this.#rest = Buffer.alloc(0);
		const user = username ? decodeURIComponent(username) : null;
		socket.once(secure ? "secureConnect" : "connect", () =>
			socket.write(connectPacket(this.#clientId, user, password ? decodeURIComponent(password) : null)),
		);
		socket.on("data", (data) => this.#read(data));
		socket.on("error", () => {});
		socket.once("close", () => {
			if (this.#ready) this.lost++;
			this.#ready = false;
			this.#used = 0;
			if (!this.#stopped) this.#timer = setTimeout(() => this.start(), RECONNECT);
		});
	}

	/** Whether one more message may be sent now. */
	get free(): boolean {
		return this.#ready && this.#waiting < this.#window && (this.#socket?.writableLength ?? 0) < SOCKET_LIMIT && this.#index[this.#packetId] === FREE;
	}

	/** Puts a message into the output; {@link flush} sends it. Only when {@link free}. */
	send(index: number, ts: number): void {
		const id = this.#packetId;
		this.#packetId = id === LARGEST_ID ? 1 : id + 1;
		this.#index[id] = index;
		this.#ts[id] = ts;
		this.#waiting++;
		this.#write(id, index, ts);
	}

	flush(): void {
		if (this.#used === 0) return;
		this.#socket?.write(Buffer.from(this.#out.subarray(0, this.#used)));
		this.#used = 0;
	}

	/** Calls `visit` for each message without a PUBACK, oldest first. */
	inFlight(visit: (index: number, ts: number, packetId: number) => void): void {
		for (let step = 0; step < LARGEST_ID; step++) {
			const id = ((this.#packetId - 1 + step) % LARGEST_ID) + 1;
			const index = this.#index[id];
			if (index !== undefined && index !== FREE) visit(index, this.#ts[id] ?? 0, id);
		}
	}

	/** Idempotent. */
	stop(): void {
		this.#stopped = true;
		if (this.#timer) clearTimeout(this.#timer);
		const socket = this.#socket;
		this.#socket = null;
		if (!socket) return;
		// DISCONNECT (3.14), then the end.
		if (this.#ready) socket.end(Buffer.from([0xe0, 0]));
		else socket.destroy();
		this.#ready = false;
	}

	#write(id: number, index: number, ts: number): void {
		let head = this.#heads.get(index);
		if (!head) {
			head = publishHead(this.#topic(index), this.#batch);
			this.#heads.set(index, head);
		}
		const size = head.length + 2 + payloadLength(this.#batch);
		if (this.#used + size > this.#out.length) {
			this.flush();
			if (size > this.#out.length) this.#out = Buffer.allocUnsafe(size);
		}
		this.#used = writePublish(this.#out, this.#used, head, id, index, ts, this.#batch);
	}

	/** CONNACK (3.2) and PUBACK (3.4); both are four bytes long, and nothing else comes to who has not subscribed. */
	#read(data: Buffer): void {
		const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, data]) : data;
		let at = 0;
		for (; at + 4 <= bytes.length; at += 4) {
			const type = bytes[at];
			if (type === 0x40) this.#acknowledged(bytes.readUInt16BE(at + 2));
			else if (type === 0x20 && bytes[at + 3] === 0) this.#accepted();
			else {
				this.#socket?.destroy();
				return;
			}
		}
		this.#rest = bytes.subarray(at);
	}

	#accepted(): void {
		this.#ready = true;
		this.inFlight((index, ts, id) => this.#write(id, index, ts));
		this.flush();
	}

	#acknowledged(id: number): void {
		const index = this.#index[id];
		if (index === undefined || index === FREE) return;
		this.#index[id] = FREE;
		this.#waiting--;
		this.#onAcknowledged(index, this.#ts[id] ?? 0, this.#batch);
	}
}
