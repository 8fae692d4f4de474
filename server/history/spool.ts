import { type FileHandle, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Logger } from "pino";

/** Lines that wait for the store, all for one retention policy. */
export interface Frame {
	policy: string;
	rows: number;
	/** Must not overtake frames before it: it may hold a newer value for one of their (point, ts). */
	barrier: boolean;
	lines: Buffer;
}
export class SpoolFullError extends Error {}

/** length u32, crc32 u32 (of what follows), rows u32, flags u8, length of policy u8, policy, lines. */
const HEADER = 14;
const SUFFIX = ".spool";
const MAX_FRAME = 64 * 1024 * 1024;

interface Segment {
	number: number;
	path: string;
	size: number;
}

/**
 * An ordered queue of frames in fsynced, append-only segment files. A segment is deleted only after all of its frames have
 * been {@link commit}ted; frames may therefore be read again after a crash, never lost. What a kill tore off at the end of a
 * file had not been promised and is cut away. One writer and one reader at a time.
 */
export class Spool {
	private readonly directory: string;
	private readonly maxBytes: number;
	private readonly segmentBytes: number;
	private readonly logger: Logger;
	private segments: Segment[] = [];
	private writer: FileHandle | null = null;
	private reader: { handle: FileHandle; segment: Segment; offset: number } | null = null;
	/** Up to here the first segment has been written to the store. */
	private committed = 0;
	private waitingRows = 0;
	private readRows = 0;
	private writing = false;
	private refusedUntil = 0;
	/** Highest segment number used so far. */
	private highest = 0;

	constructor(options: { directory: string; maxBytes: number; segmentBytes?: number; logger: Logger }) {
		this.directory = options.directory;
		this.maxBytes = options.maxBytes;
		this.segmentBytes = options.segmentBytes ?? 16 * 1024 * 1024;
		this.logger = options.logger;
	}

	/** Bytes on disk. */
	get bytes(): number {
		return this.segments.reduce((sum, segment) => sum + segment.size, 0);
	}
	/** Rows not yet committed. */
	get rows(): number {
		return this.waitingRows;
	}
	/** It refused frames a moment ago. */
	get full(): boolean {
		return performance.now() < this.refusedUntil;
	}
	/** Nothing waits. */
	get empty(): boolean {
		const first = this.segments[0];
		return first === undefined || (this.segments.length === 1 && this.committed >= first.size);
	}

	/** Finds what an earlier process left, and cuts torn ends off. */
	async open(): Promise<void> {
		await mkdir(this.directory, { recursive: true });
		const names = (await readdir(this.directory)).filter((name) => name.endsWith(SUFFIX)).sort();
		for (const name of names) {
			const path = join(this.directory, name);
			const segment = { number: Number.parseInt(name, 10), path, size: (await stat(path)).size };
			const handle = await open(path, "r+");
			try {
				let offset = 0;
				for (;;) {
					const frame = await readFrame(handle, offset, segment.size);
					if (frame === null) break;
					offset = frame.next;
					this.waitingRows += frame.rows;
				}
				if (offset < segment.size) {
					this.logger.warn({ file: path, bytes: segment.size - offset }, "cut a torn end off the history spool");
					await handle.truncate(offset);
					await handle.sync();
					segment.size = offset;
				}
			} finally {
				await handle.close();
			}
			if (segment.size === 0) await rm(path, { force: true });
			else this.segments.push(segment);
		}
	}

	async close(): Promise<void> {
		await this.writer?.close();
		this.writer = null;
		await this.reader?.handle.close();
		this.reader = null;
	}

	/**
	 * Appends frames and resolves when they are on disk. Throws SpoolFullError when they don't fit in the bound or on the disk;
	 * then none of them is kept.
	 */
	async write(frames: readonly Frame[]): Promise<void> {
		const buffers = frames.map(encodeFrame);
		const size = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
		this.writing = true;
		try {
			if (this.bytes + size > this.maxBytes) throw new SpoolFullError(`The history spool holds its bound of ${this.maxBytes} bytes.`);
			await this.append(buffers, size);
		} catch (error) {
			this.refusedUntil = performance.now() + 1000;
			throw error;
		} finally {
			this.writing = false;
		}
		for (const frame of frames) this.waitingRows += frame.rows;
	}

	private async append(buffers: Buffer[], size: number): Promise<void> {
		const { segment, handle } = await this.active();
		try {
			await handle.write(Buffer.concat(buffers), 0, size, segment.size);
			await handle.datasync();
		} catch (error) {
			await handle.truncate(segment.size).catch(() => undefined);
			throw new SpoolFullError(`The history spool can't be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
		}
		segment.size += size;
	}

	/** The next frame not yet read, in the order of writing; `null` at the end. */
	async next(): Promise<Frame | null> {
		for (;;) {
			if (!this.reader) {
				const segment = this.segments[0];
				if (!segment) return null;
				this.reader = { handle: await open(segment.path, "r"), segment, offset: this.committed };
				this.readRows = 0;
			}
			const { handle, segment, offset } = this.reader;
			if (offset >= segment.size) return null;
			const frame = await readFrame(handle, offset, segment.size);
			if (frame) {
				this.reader.offset = frame.next;
				this.readRows += frame.rows;
				return frame;
			}
			this.logger.error({ file: segment.path, offset }, "the history spool is damaged; the rest of this file can't be read");
			this.reader.offset = segment.size;
			return null;
		}
	}

	/** Everything read so far is in the store: frees it, and goes on to the next segment when this one is done. */
	async commit(): Promise<void> {
		if (!this.reader) return;
		const { handle, segment, offset } = this.reader;
		this.committed = offset;
		this.waitingRows -= this.readRows;
		this.readRows = 0;
		if (offset < segment.size) return;
		const last = this.segments.length === 1;
		if (last && this.writing) return;
		const writer = last ? this.writer : null;
		if (last) this.writer = null;
		this.reader = null;
		this.committed = 0;
		this.segments.shift();
		this.refusedUntil = 0;
		if (this.segments.length === 0) this.waitingRows = 0;
		await writer?.close();
		await handle.close();
		await rm(segment.path, { force: true });
	}

	/** Reads again from the first frame that is not committed. */
	async rewind(): Promise<void> {
		await this.reader?.handle.close();
		this.reader = null;
	}

	private async active(): Promise<{ segment: Segment; handle: FileHandle }> {
		const last = this.segments.at(-1);
		if (last && this.writer && last.size < this.segmentBytes) return { segment: last, handle: this.writer };
		await this.writer?.close();
		this.writer = null;
		const number = Math.max(this.highest, this.segments.at(-1)?.number ?? 0) + 1;
		this.highest = number;
		const segment = { number, path: join(this.directory, `${String(number).padStart(12, "0")}${SUFFIX}`), size: 0 };
		try {
			this.writer = await open(segment.path, "wx");
			await syncDirectory(this.directory);
		} catch (error) {
			throw new SpoolFullError(`The history spool can't be written: ${String(error)}`, { cause: error });
		}
		this.segments.push(segment);
		return { segment, handle: this.writer };
	}
}

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
	const handle = await open(path, "r");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

function encodeFrame({ policy, rows, barrier, lines }: Frame): Buffer {
	const name = Buffer.from(policy);
	const buffer = Buffer.allocUnsafe(HEADER + name.length + lines.length);
	buffer.writeUInt32LE(buffer.length - 8, 0);
	buffer.writeUInt32LE(rows, 8);
	buffer.writeUInt8(barrier ? 1 : 0, 12);
	buffer.writeUInt8(name.length, 13);
	name.copy(buffer, HEADER);
	lines.copy(buffer, HEADER + name.length);
	buffer.writeUInt32LE(crc32(buffer.subarray(8)), 4);
	return buffer;
}

/** `null` where no whole, undamaged frame begins. */
async function readFrame(handle: FileHandle, offset: number, size: number): Promise<(Frame & { next: number }) | null> {
	if (offset + HEADER > size) return null;
	const head = Buffer.alloc(8);
	await handle.read(head, 0, 8, offset);
	const length = head.readUInt32LE(0);
	if (length < HEADER - 8 || length > MAX_FRAME || offset + 8 + length > size) return null;
	const body = Buffer.allocUnsafe(length);
	const { bytesRead } = await handle.read(body, 0, length, offset + 8);
	if (bytesRead !== length || crc32(body) !== head.readUInt32LE(4)) return null;
	const nameLength = body.readUInt8(5);
	return {
		rows: body.readUInt32LE(0),
		barrier: body.readUInt8(4) === 1,
		policy: body.toString("utf8", 6, 6 + nameLength),
		lines: body.subarray(6 + nameLength),
		next: offset + 8 + length,
	};
}
