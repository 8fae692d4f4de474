import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { AppError } from "../platform/errors.ts";
import type { WriteOutcome } from "./influx-http.ts";
import { type Frame, type Spool, SpoolFullError } from "./spool.ts";

/** Writes lines to the store; never throws. */
export interface LineSink {
	write(policy: string, lines: Buffer): Promise<WriteOutcome>;
	/** Creates the database and what belongs to it; true when it is there. */
	prepare(): Promise<boolean>;
}
export interface WriterOptions {
	/** Rows of one write; fewer when the pipe is idle. */
	chunkRows: number;
	/** Writes under way at once. */
	inFlight: number;
	/** A chunk that is not full goes no sooner than this after the one before, ms. */
	lingerMs: number;
	/** More rows than this waiting in memory: the store is slow, readings go through the spool. */
	queueRows: number;
	/** File for lines that the store refuses, and its bound. */
	rejectedFile: string;
	rejectedBytes: number;
}
interface Chunk {
	policy: string;
	text: string;
	rows: number;
	barrier: boolean;
	firstPiece: number;
	done: PromiseWithResolvers<void>;
}

/**
 * Brings lines to the store: coalesces small writes, keeps several under way, and goes through the fsynced spool while the
 * store is down or slow. {@link write} resolves when the lines are durable in one of the two. While the spool isn't empty
 * new lines go behind it, so that the order stays.
 */
export class InfluxWriter {
	readonly counters = { written: 0, spooled: 0, rejected: 0, expired: 0, writes: 0, retries: 0 };
	private readonly sink: LineSink;
	private readonly spool: Spool;
	private readonly options: WriterOptions;
	private readonly logger: Logger;
	private queue: Chunk[] = [];
	private readonly flying = new Set<Chunk>();
	private failed: Chunk[] = [];
	private queuedRows = 0;
	private flyingRows = 0;
	private pieces = 0;
	private lastDispatch = 0;
	private timer: NodeJS.Timeout | null = null;
	private mode: "direct" | "spooling" = "spooling";
	private trouble = "";
	private spooling: Promise<void> | null = null;
	private draining: Promise<void> | null = null;
	private stopping: AbortController | null = null;
	private rejectedSize = 0;
	private prepared = false;
	/** The spool is all but empty: nothing more goes into it until it is known whether it can be left. */
	private held = false;

	constructor(sink: LineSink, spool: Spool, options: WriterOptions, logger: Logger) {
		this.sink = sink;
		this.spool = spool;
		this.options = options;
		this.logger = logger;
	}

	/** Begins behind what is in the spool; the spool must be open. */
	start(): void {
		this.stopping = new AbortController();
		this.mode = "spooling";
		this.drain();
	}

	/** Lets the sink be prepared again before the next drain, as after a lost connection. */
	forgetPrepared(): void {
		this.prepared = false;
	}

	/** Writes what waits, to the spool if it must be, within `limitMs`; later writes are refused. */
	async stop(limitMs: number): Promise<void> {
		const stopping = this.stopping;
		if (!stopping) return;
		const end = performance.now() + limitMs;
		while (this.mode === "direct" && (this.queue.length > 0 || this.flying.size > 0) && performance.now() < end) {
			this.pump(true);
			await Promise.race([...[...this.flying].map((chunk) => chunk.done.promise.catch(() => undefined)), sleep(50)]);
		}
		this.stopping = null;
		if (this.timer) clearTimeout(this.timer);
		stopping.abort();
		this.mode = "spooling";
		await this.draining;
		this.held = false;
		while (this.spooling || this.queue.length + this.failed.length + this.flying.size > 0) {
			this.toSpool();
			await (this.spooling ?? Promise.race([...this.flying].map((chunk) => chunk.done.promise.catch(() => undefined)).concat(sleep(50))));
		}
	}

	get direct(): boolean {
		return this.mode === "direct";
	}
	/** What keeps the store from being written to directly, "" when nothing does. */
	get reason(): string {
		return this.mode === "direct" ? "" : this.trouble || "the spool is being drained";
	}
	get waiting(): number {
		return this.queuedRows + this.flyingRows + this.spool.rows;
	}
	/** Whether a {@link write} now would be refused for want of room. */
	get full(): boolean {
		return this.mode === "spooling" && (this.spool.full || this.queuedRows > 4 * this.options.queueRows);
	}
	/** Number of the piece that the next write gets. */
	get nextPiece(): number {
		return this.pieces + 1;
	}
	/** Pieces from this one on may still be under way to the store. */
	get oldestPiece(): number {
		let oldest = this.queue[0]?.firstPiece ?? this.nextPiece;
		for (const chunk of this.flying) oldest = Math.min(oldest, chunk.firstPiece);
		for (const chunk of this.failed) oldest = Math.min(oldest, chunk.firstPiece);
		return oldest;
	}

	/**
	 * Takes lines, each with its end. `barrier`: they hold a (point, ts) that may be under way with another value.
	 * Throws AppError `history-full` when neither the store nor the spool takes them.
	 */
	write(policy: string, text: string, rows: number, barrier: boolean): Promise<void> {
		if (!this.stopping) return Promise.reject(new AppError("history-unavailable", 503, "The history is stopped."));
		const piece = ++this.pieces;
		const last = this.queue.at(-1);
		this.queuedRows += rows;
		if (last && last.policy === policy && last.rows + rows <= this.options.chunkRows) {
			last.text += text;
			last.rows += rows;
			last.barrier ||= barrier;
			this.schedule();
			return last.done.promise;
		}
		const chunk = { policy, text, rows, barrier, firstPiece: piece, done: Promise.withResolvers<void>() };
		this.queue.push(chunk);
		this.schedule();
		return chunk.done.promise;
	}

	/** Resolves true when everything taken before is in the store itself, false when that can't be said (spooling). */
	async settled(): Promise<boolean> {
		const chunks = [...this.flying, ...this.queue];
		await Promise.allSettled(chunks.map((chunk) => chunk.done.promise));
		return this.mode === "direct";
	}

	private schedule(): void {
		if (this.mode === "spooling") this.toSpool();
		else if (this.queuedRows > this.options.queueRows) this.divert("the store is slower than the readings come in");
		// A full chunk goes at once; readings that come in the same turn of an idle pipe go together.
		else if (this.queue.length > 1) this.pump();
		else if (this.queue.length === 1) this.timer ??= setTimeout(() => this.onTimer(), Math.max(0, this.lingerLeft()));
	}

	private onTimer(): void {
		this.timer = null;
		this.pump();
	}

	private lingerLeft(): number {
		return this.lastDispatch + this.options.lingerMs - performance.now();
	}

	private pump(force = false): void {
		while (this.mode === "direct" && this.flying.size < this.options.inFlight) {
			const chunk = this.queue[0];
			if (!chunk || (chunk.barrier && this.flying.size > 0)) return;
			if (!force && this.queue.length === 1 && chunk.rows < this.options.chunkRows * 0.9 && this.lingerLeft() > 0) {
				this.schedule();
				return;
			}
			this.queue.shift();
			void this.send(chunk);
		}
	}

	private async send(chunk: Chunk): Promise<void> {
		this.flying.add(chunk);
		this.queuedRows -= chunk.rows;
		this.flyingRows += chunk.rows;
		this.lastDispatch = performance.now();
		const outcome = await this.deliver(chunk.policy, Buffer.from(chunk.text), chunk.rows);
		this.flying.delete(chunk);
		this.flyingRows -= chunk.rows;
		if (outcome === null) {
			chunk.done.resolve();
			this.schedule();
		} else {
			this.failed.push(chunk);
			this.queuedRows += chunk.rows;
			this.divert(outcome);
		}
	}

	/** Returns null when the lines are dealt with, otherwise why the store can't take them now. Sets lines aside that it never will. */
	private async deliver(policy: string, lines: Buffer, rows: number): Promise<string | null> {
		this.counters.writes++;
		const outcome = await this.sink.write(policy, lines);
		switch (outcome.kind) {
			case "written":
				this.counters.written += rows - outcome.expired;
				this.counters.expired += outcome.expired;
				return null;
			case "retry":
			case "no-database":
				this.counters.retries++;
				this.prepared = false;
				return outcome.reason;
			default:
				if (rows <= 1) {
					await this.reject(lines, outcome.reason);
					return null;
				}
				return await this.halve(policy, lines, rows);
		}
	}

	/** Finds the lines that the store refuses by writing halves; what it has taken already is only written over. */
	private async halve(policy: string, lines: Buffer, rows: number): Promise<string | null> {
		let cut = 0;
		for (let row = 0; row < rows >> 1; row++) cut = lineEnd(lines, cut);
		return (await this.deliver(policy, lines.subarray(0, cut), rows >> 1)) ?? (await this.deliver(policy, lines.subarray(cut), rows - (rows >> 1)));
	}

	private async reject(line: Buffer, reason: string): Promise<void> {
		this.counters.rejected++;
		if (this.counters.rejected === 1 || this.counters.rejected % 1000 === 0)
			this.logger.error({ reason, rejected: this.counters.rejected, file: this.options.rejectedFile }, "InfluxDB refuses a reading; set aside");
		if (this.rejectedSize + line.length > this.options.rejectedBytes) return;
		try {
			const file = await open(this.options.rejectedFile, "a");
			try {
				await file.write(Buffer.concat([Buffer.from(`# ${reason.replaceAll("\n", " ")}\n`), line]));
				this.rejectedSize = (await file.stat()).size;
			} finally {
				await file.close();
			}
		} catch (error) {
			this.logger.warn({ err: error }, "a refused reading can't be set aside");
		}
	}

	/** From now on through the spool, until it is empty again. */
	private divert(reason: string): void {
		if (this.mode === "direct") this.logger.warn({ reason }, "readings go through the spool");
		this.trouble = reason;
		this.mode = "spooling";
		this.toSpool();
		this.drain();
	}

	/** Writes what waits to the spool, in order, all that came meanwhile with one fsync. */
	private toSpool(): void {
		// What is still under way is older than what waits: its fate first.
		if (this.spooling || this.held || this.flying.size > 0 || this.queue.length + this.failed.length === 0) return;
		this.spooling = this.spoolQueue().finally(() => {
			this.spooling = null;
			if (this.mode === "spooling") this.toSpool();
		});
	}

	private async spoolQueue(): Promise<void> {
		const chunks = [...this.failed, ...this.queue].sort((a, b) => a.firstPiece - b.firstPiece);
		this.failed = [];
		this.queue = [];
		const frames = chunks.map(({ policy, text, rows, barrier }): Frame => ({ policy, rows, barrier, lines: Buffer.from(text) }));
		try {
			await this.spool.write(frames);
			for (const chunk of chunks) chunk.done.resolve();
			for (const chunk of chunks) this.counters.spooled += chunk.rows;
		} catch (error) {
			const detail = error instanceof SpoolFullError ? error.message : "The history spool can't be written.";
			this.logger.error({ err: error }, "readings can't be stored");
			for (const chunk of chunks) chunk.done.reject(new AppError("history-full", 503, detail, { cause: error }));
		} finally {
			for (const chunk of chunks) this.queuedRows -= chunk.rows;
		}
	}

	private drain(): void {
		const signal = this.stopping?.signal;
		if (this.draining || !signal) return;
		this.draining = this.drainSpool(signal)
			.catch((error: unknown) => this.logger.error({ err: error }, "the history spool can't be drained"))
			.finally(() => {
				this.draining = null;
				if (this.mode === "spooling" && this.stopping) setTimeout(() => this.drain(), 1000).unref();
			});
	}

	private async drainSpool(signal: AbortSignal): Promise<void> {
		for (let attempt = 0; !signal.aborted; ) {
			const trouble = await this.drainOnce(signal);
			if (trouble === null) {
				attempt = 0;
				if (!this.spool.empty || this.flying.size > 0 || this.failed.length > 0) {
					await Promise.race([...this.flying].map((chunk) => chunk.done.promise).concat(sleep(1))).catch(() => undefined);
					this.toSpool();
					continue;
				}
				if (this.spooling) {
					// Nearly there: what comes from now on waits in memory, so that the end of the spool doesn't run away.
					this.held = true;
					await this.spooling;
					continue;
				}
				this.held = false;
				if (this.trouble !== "") this.logger.info("the spool is empty; readings go to InfluxDB directly");
				this.trouble = "";
				this.mode = "direct";
				this.schedule();
				return;
			}
			await this.spool.rewind();
			this.trouble = trouble;
			this.held = false;
			this.toSpool();
			const delay = Math.min(5000, 100 * 2 ** attempt++);
			await sleep(delay * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
		}
	}

	/** Brings what is in the spool's first segment to the store. Returns what is in the way, or null. */
	private async drainOnce(signal: AbortSignal): Promise<string | null> {
		if (!this.prepared) {
			if (!(await this.sink.prepare())) return "InfluxDB can't be reached";
			this.prepared = true;
		}
		const under = new Set<Promise<void>>();
		let trouble: string | null = null;
		for (let frame = await this.spool.next(); frame && trouble === null && !signal.aborted; ) {
			// Small frames go together: within one write the order holds.
			const { policy } = frame;
			const lines: Buffer[] = [];
			let rows = 0;
			let barrier = false;
			do {
				lines.push(frame.lines);
				rows += frame.rows;
				barrier ||= frame.barrier;
				frame = await this.spool.next();
			} while (frame && frame.policy === policy && rows + frame.rows <= this.options.chunkRows);
			while (under.size >= (barrier ? 1 : this.options.inFlight)) await Promise.race(under);
			const one: Promise<void> = this.deliver(policy, Buffer.concat(lines), rows).then((outcome) => {
				trouble ??= outcome;
				under.delete(one);
			});
			under.add(one);
		}
		await Promise.all(under);
		if (trouble !== null) return trouble;
		if (signal.aborted) return "stopping";
		await this.spool.commit();
		return null;
	}
}

/** Where the line that begins at `start` ends, past its end mark; a line end within a string field belongs to the string. */
function lineEnd(lines: Buffer, start: number): number {
	let quoted = false;
	for (let at = start; at < lines.length; at++) {
		const byte = lines[at];
		if (byte === 0x5c && quoted) at++;
		else if (byte === 0x22) quoted = !quoted;
		else if (byte === 0x0a && !quoted) return at + 1;
	}
	return lines.length;
}
