import Database from "better-sqlite3";
import { type QuarantineEntry, quarantineEntrySchema } from "../../contracts/uplink.ts";
import type { DeviceMessage } from "./device-source.ts";
import type { RefusalSink } from "./intake.ts";
import type { Refusal } from "./profiles/profile.ts";
import { redact } from "./redact.ts";

/** Entries kept of one device, of all devices, and of devices that are not in the device list; the oldest go first. */
export const PER_DEVICE = 100;
export const IN_ALL = 2_000;
export const OF_UNKNOWN = 500;
/** Entries taken of one device in a second; what is beyond is only counted. */
export const PER_SECOND = 10;
/** Entries taken of all devices in a second. */
const ALL_PER_SECOND = 200;
const SAVE_INTERVAL = 1_000;
const UNKNOWN = "\u0000unknown";

interface Kept {
	number: number;
	group: string;
	entry: QuarantineEntry;
}

/**
 * Refused payloads for a person to look at (EDG-5), bounded in number, size and rate: a broken device costs little and can't
 * push out what others sent. Card numbers and fingerprint data are never
 * kept. Kept in memory, saved once a second to a file of its own that no acknowledgement waits for.
 */
export class Quarantine implements RefusalSink {
	readonly #db: Database.Database;
	#kept: Kept[] = [];
	#counts = new Map<string, number>();
	/** Numbers of saved entries that were pushed out. */
	#gone: number[] = [];
	#second = 0;
	#thisSecond = new Map<string, number>();
	#allThisSecond = 0;
	#next = 1;
	#saved = 0;
	#reported = 0;
	#timer: NodeJS.Timeout | undefined;
	readonly #failed: (error: unknown) => void;

	/** `failed` hears of a save that failed; it is tried again. Throws when the file can't be opened. */
	constructor(path: string, failed: (error: unknown) => void) {
		this.#failed = failed;
		this.#db = new Database(path);
		this.#db.pragma("journal_mode = WAL");
		this.#db.pragma("synchronous = NORMAL");
		this.#db.pragma("cache_size = -512");
		this.#db.exec(`
			CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY, known INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
			CREATE TABLE IF NOT EXISTS reported (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL) STRICT;
		`);
		for (const row of this.#db.prepare<[], { number: number; known: number; json: string }>("SELECT * FROM entry ORDER BY number").all()) {
			const entry = quarantineEntrySchema.safeParse(JSON.parse(row.json));
			if (entry.success) this.#keep({ number: row.number, group: row.known ? entry.data.device : UNKNOWN, entry: entry.data });
			this.#next = row.number + 1;
		}
		this.#saved = this.#next - 1;
		this.#gone = [];
		this.#reported = this.#db.prepare<[], { number: number }>("SELECT number FROM reported").get()?.number ?? 0;
		this.#next = Math.max(this.#next, this.#reported + 1);
	}

	start(): void {
		this.#timer = setInterval(() => this.save(), SAVE_INTERVAL);
	}

	/** Saves and closes. Idempotent. */
	stop(): void {
		clearInterval(this.#timer);
		if (!this.#db.open) return;
		this.save();
		this.#db.close();
	}

	add(device: string, known: boolean, message: DeviceMessage, refusal: Refusal): void {
		const group = known ? device : UNKNOWN;
		const second = Math.floor(message.receivedAt / 1000);
		if (second !== this.#second) {
			this.#second = second;
			this.#thisSecond.clear();
			this.#allThisSecond = 0;
		}
		const count = this.#thisSecond.get(group) ?? 0;
		if (count >= PER_SECOND || this.#allThisSecond >= ALL_PER_SECOND) return;
		this.#thisSecond.set(group, count + 1);
		this.#allThisSecond++;
		const kept = redact(message, refusal.detail, refusal.reason);
		const entry: QuarantineEntry = {
			device: device.slice(0, 64),
			topic: message.topic.slice(0, 256),
			receivedAt: message.receivedAt,
			reason: refusal.reason,
			detail: kept.detail.slice(0, 500),
			payload: kept.payload.slice(0, 1024),
			size: message.payload.length,
			...(message.address !== undefined && { address: message.address.slice(0, 64) }),
		};
		this.#keep({ number: this.#next++, group, entry });
	}

	entries(): QuarantineEntry[] {
		return this.#kept.map(({ entry }) => entry);
	}

	/** Entries that the server has not been told of, oldest first; `upTo` is for {@link reported}. */
	unreported(limit: number): { entries: QuarantineEntry[]; upTo: number } {
		const found = this.#kept.filter(({ number }) => number > this.#reported).slice(0, limit);
		return { entries: found.map(({ entry }) => entry), upTo: found.at(-1)?.number ?? this.#reported };
	}

	/** The server has been told of everything up to here. */
	reported(upTo: number): void {
		this.#reported = Math.max(this.#reported, upTo);
	}

	/** Writes what changed since the last time. */
	save(): void {
		const fresh = this.#kept.filter(({ number }) => number > this.#saved);
		try {
			const insert = this.#db.prepare("INSERT INTO entry (number, known, json) VALUES (?, ?, ?)");
			this.#db.transaction(() => {
				for (const { number, group, entry } of fresh) insert.run(number, group === UNKNOWN ? 0 : 1, JSON.stringify(entry));
				const remove = this.#db.prepare("DELETE FROM entry WHERE number = ?");
				for (const number of this.#gone) remove.run(number);
				this.#db.prepare("INSERT INTO reported VALUES (1, ?) ON CONFLICT DO UPDATE SET number = excluded.number").run(this.#reported);
			})();
			this.#saved = this.#next - 1;
			this.#gone = [];
		} catch (error) {
			this.#failed(error);
		}
	}

	#keep(kept: Kept): void {
		this.#kept.push(kept);
		const count = (this.#counts.get(kept.group) ?? 0) + 1;
		this.#counts.set(kept.group, count);
		if (count > (kept.group === UNKNOWN ? OF_UNKNOWN : PER_DEVICE)) this.#drop(this.#kept.findIndex(({ group }) => group === kept.group));
		else if (this.#kept.length > IN_ALL) this.#drop(0);
	}

	#drop(index: number): void {
		const [dropped] = this.#kept.splice(index, 1);
		if (!dropped) return;
		if (dropped.number <= this.#saved) this.#gone.push(dropped.number);
		const left = (this.#counts.get(dropped.group) ?? 1) - 1;
		if (left === 0) this.#counts.delete(dropped.group);
		else this.#counts.set(dropped.group, left);
	}
}
