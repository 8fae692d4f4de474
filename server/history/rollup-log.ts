import { type FileHandle, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { DirtyMark } from "./dirty-hours.ts";
import { syncDirectory } from "./spool.ts";

/** How far rollups have been stored, Unix ms; `null` before the first. */
export interface RollupProgress {
	minutesDone: number | null;
	hoursDone: number | null;
	/** The newest minute that readings were seen of, where that lay ahead of the clock. */
	newestMinute: number | null;
}
const COMPACT_BYTES = 4 * 1024 * 1024;

/**
 * Remembers, in one fsynced append-only file, how far rollups are stored and which hours must be computed anew. Lines:
 * `m <ms>`, `h <ms>`, `n <ms>` progress; `d <hour> <point or *>` dirty; `c <hour> <point or *>` clean again. A torn last line is ignored.
 */
export class RollupLog {
	private readonly path: string;
	private handle: FileHandle | null = null;
	private size = 0;
	private pending = "";
	private writing: Promise<void> | null = null;

	constructor(path: string) {
		this.path = path;
	}

	async open(): Promise<{ progress: RollupProgress; dirty: DirtyMark[] }> {
		const text = await readFile(this.path, "utf8").catch(() => "");
		const progress: RollupProgress = { minutesDone: null, hoursDone: null, newestMinute: null };
		const dirty = new Map<string, DirtyMark>();
		for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n")) {
			const [kind, time, point] = line.split(" ");
			const ms = Number(time);
			if (!Number.isSafeInteger(ms)) continue;
			if (kind === "m") progress.minutesDone = ms;
			else if (kind === "h") progress.hoursDone = ms;
			else if (kind === "n") progress.newestMinute = ms;
			else if (kind === "d" && point) dirty.set(`${ms} ${point}`, { hour: ms, point: point === "*" ? null : point });
			else if (kind === "c" && point) dirty.delete(`${ms} ${point}`);
		}
		const marks = [...dirty.values()];
		await this.rewrite(progress, marks);
		return { progress, dirty: marks };
	}

	/** Resolves when the marks and the progress are on disk. */
	async append(entries: {
		dirty?: readonly DirtyMark[];
		clean?: readonly DirtyMark[];
		minutesDone?: number;
		hoursDone?: number;
		newestMinute?: number;
	}): Promise<void> {
		const mark = (kind: string) => (entry: DirtyMark) => `${kind} ${entry.hour} ${entry.point ?? "*"}\n`;
		this.pending += (entries.dirty ?? []).map(mark("d")).join("") + (entries.clean ?? []).map(mark("c")).join("");
		if (entries.minutesDone !== undefined) this.pending += `m ${entries.minutesDone}\n`;
		if (entries.hoursDone !== undefined) this.pending += `h ${entries.hoursDone}\n`;
		if (entries.newestMinute !== undefined) this.pending += `n ${entries.newestMinute}\n`;
		// One fsync for all that came while the one before ran.
		while (this.writing) await this.writing;
		if (this.pending === "") return;
		this.writing = this.write().finally(() => {
			this.writing = null;
		});
		await this.writing;
	}

	get needsCompaction(): boolean {
		return this.size > COMPACT_BYTES;
	}

	/** Replaces the file by what is true now. */
	async compact(progress: RollupProgress, dirty: readonly DirtyMark[]): Promise<void> {
		while (this.writing) await this.writing;
		this.writing = this.rewrite(progress, dirty).finally(() => {
			this.writing = null;
		});
		await this.writing;
	}

	async close(): Promise<void> {
		while (this.writing) await this.writing;
		await this.handle?.close();
		this.handle = null;
	}

	private async write(): Promise<void> {
		const text = Buffer.from(this.pending);
		this.pending = "";
		if (!this.handle) throw new Error("the rollup log is closed");
		await this.handle.write(text, 0, text.length, this.size);
		await this.handle.datasync();
		this.size += text.length;
	}

	private async rewrite({ minutesDone, hoursDone, newestMinute }: RollupProgress, dirty: readonly DirtyMark[]): Promise<void> {
		const lines = dirty.map(({ hour, point }) => `d ${hour} ${point ?? "*"}\n`);
		if (minutesDone !== null) lines.push(`m ${minutesDone}\n`);
		if (hoursDone !== null) lines.push(`h ${hoursDone}\n`);
		if (newestMinute !== null) lines.push(`n ${newestMinute}\n`);
		const temporary = `${this.path}.new`;
		const handle = await open(temporary, "w");
		const text = Buffer.from(lines.join(""));
		await handle.write(text);
		await handle.sync();
		await rename(temporary, this.path);
		await syncDirectory(dirname(this.path));
		await this.handle?.close();
		this.handle = handle;
		this.size = text.length;
	}
}
