/** Decides which batch goes to the server next; no I/O, time comes as an argument. */

export type Lane = "live" | "late";
/** Batch numbers, both included. */
export interface Range {
	from: number;
	to: number;
}
export interface SendWindowOptions {
	/** Most envelopes without an answer. */
	envelopes: number;
	/** Most bytes without an answer. */
	bytes: number;
	/** An envelope without an answer for this long, ms, is sent again; doubles with each time-out up to eight times this. */
	timeout: number;
}
interface Flight {
	lane: Lane;
	left: Set<number>;
	bytes: number;
	sentAt: number;
}

/** Share of the window that the backlog may use, so that something new never waits for it. */
const LATE_SHARE = 0.75;

/**
 * Two lanes: what is fresh is live; what has waited too long or has timed out is the backlog, sent behind it and marked late. Every batch that has been committed is in exactly one place: waiting in the
 * live lane, waiting in the backlog, in flight, or answered.
 */
export class SendWindow {
	readonly #options: SendWindowOptions;
	#connected = false;
	/** First batch that the live lane has not sent. */
	#live = 1;
	#head = 0;
	/** Oldest first, not overlapping. */
	#backlog: Range[] = [];
	#flights: Flight[] = [];
	#bytes = 0;
	#lateEnvelopes = 0;
	#lateBytes = 0;
	#timeout: number;

	constructor(options: SendWindowOptions) {
		this.#options = options;
		this.#timeout = options.timeout;
	}

	/** A connection is there: of what the outbox holds, `oldest` to `lateThrough` is backlog, and from there to `head` live. */
	connect(oldest: number, lateThrough: number, head: number): void {
		this.#flights = [];
		this.#bytes = this.#lateBytes = this.#lateEnvelopes = 0;
		this.#timeout = this.#options.timeout;
		this.#backlog = oldest <= lateThrough ? [{ from: oldest, to: lateThrough }] : [];
		this.#live = Math.max(oldest, lateThrough + 1);
		this.#head = head;
		this.#connected = true;
	}

	disconnect(): void {
		this.#connected = false;
	}

	/** The outbox has committed up to `head`. */
	committed(head: number): void {
		this.#head = Math.max(this.#head, head);
	}

	get hasBacklog(): boolean {
		return this.#backlog.length > 0;
	}

	/** Envelopes of the live lane without an answer. */
	get liveInFlight(): number {
		return this.#flights.length - this.#lateEnvelopes;
	}

	/** Something fresh waits, and can't go: the window is full. */
	get isStuck(): boolean {
		return this.#connected && this.#live <= this.#head && this.#isFull;
	}

	get inFlight(): { envelopes: number; bytes: number } {
		return { envelopes: this.#flights.length, bytes: this.#bytes };
	}

	/** What to read and send next; `null`: nothing waits, or the window is full. */
	next(): { lane: Lane; range: Range } | null {
		if (!this.#connected) return null;
		const { envelopes, bytes } = this.#options;
		if (this.#isFull) return null;
		if (this.#live <= this.#head) return { lane: "live", range: { from: this.#live, to: this.#head } };
		const first = this.#backlog[0];
		if (!first || this.#lateEnvelopes >= envelopes * LATE_SHARE || this.#lateBytes >= bytes * LATE_SHARE) return null;
		return { lane: "late", range: first };
	}

	/** The live lane has fallen behind: what waits in it up to `lateThrough` has become late. */
	fellBehind(lateThrough: number): void {
		const to = Math.min(lateThrough, this.#head);
		if (this.#live > to) return;
		this.#addBacklog({ from: this.#live, to });
		this.#live = to + 1;
	}

	/** These batches of what `next` named have been sent; `through` is the last number covered, those between are gone. */
	sent(lane: Lane, seqs: readonly number[], through: number, bytes: number, now: number): void {
		if (lane === "live") this.#live = Math.max(this.#live, through + 1);
		else this.#cutBacklog(through);
		if (seqs.length === 0) return;
		this.#flights.push({ lane, left: new Set(seqs), bytes, sentAt: now });
		this.#count(lane, bytes, 1);
	}

	/** The server has answered for these batches, in whichever way. */
	answered(seqs: readonly number[]): void {
		for (const seq of seqs) for (const flight of this.#flights) if (flight.left.delete(seq)) break;
		const before = this.#flights.length;
		this.#flights = this.#flights.filter((flight) => flight.left.size > 0 || this.#land(flight));
		if (this.#flights.length < before) this.#timeout = this.#options.timeout;
	}

	/** Takes back what has had no answer for too long, to be sent again behind the live lane; true when there was any. */
	expire(now: number): boolean {
		const expired = this.#flights.filter((flight) => now - flight.sentAt > this.#timeout);
		if (expired.length === 0) return false;
		this.#flights = this.#flights.filter((flight) => !expired.includes(flight));
		for (const flight of expired) {
			this.#land(flight);
			for (const seq of flight.left) this.#addBacklog({ from: seq, to: seq });
		}
		this.#timeout = Math.min(this.#timeout * 2, this.#options.timeout * 8);
		return true;
	}

	get #isFull(): boolean {
		return this.#flights.length >= this.#options.envelopes || this.#bytes >= this.#options.bytes;
	}

	#land(flight: Flight): false {
		this.#count(flight.lane, -flight.bytes, -1);
		return false;
	}

	#count(lane: Lane, bytes: number, envelopes: number): void {
		this.#bytes += bytes;
		if (lane === "live") return;
		this.#lateBytes += bytes;
		this.#lateEnvelopes += envelopes;
	}

	#cutBacklog(through: number): void {
		this.#backlog = this.#backlog.flatMap((range) => (range.to <= through ? [] : [{ from: Math.max(range.from, through + 1), to: range.to }]));
	}

	#addBacklog(added: Range): void {
		const index = this.#backlog.findIndex((range) => range.from > added.from);
		this.#backlog.splice(index < 0 ? this.#backlog.length : index, 0, added);
		const merged: Range[] = [];
		for (const range of this.#backlog) {
			const last = merged.at(-1);
			if (last && range.from <= last.to + 1) last.to = Math.max(last.to, range.to);
			else merged.push({ ...range });
		}
		this.#backlog = merged;
	}
}
