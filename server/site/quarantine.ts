import { type Generated, type Kysely, sql } from "kysely";
import type { Quarantined } from "../../contracts/api.ts";
import type { QuarantineEntry } from "../../contracts/uplink.ts";
import type { Database } from "../platform/database/database.ts";
import type { Logger } from "../platform/logger.ts";
import type { WorldSource } from "./world-source.ts";

interface QuarantineTables {
	quarantine: {
		id: Generated<string>;
		agent: string;
		device: string;
		/** Whether the site knew the device. */
		known: boolean;
		topic: string;
		received_at: Date;
		reason: Quarantined["reason"];
		detail: string;
		payload: string;
		size: number | string;
	};
}
type NewEntry = Omit<QuarantineTables["quarantine"], "id">;

/** Newest entries that are kept of a device, and of all devices of an agent together that the site doesn't know. */
const KEPT = 200;
/** Entries that wait for the database at most; the oldest go first. */
const WAITING = 2000;
const RETRY_EVERY = 2000;

/** What devices sent that the agents refused (EDG-5), for an operator to read. */
export class Quarantine {
	readonly #database: Database;
	readonly #world: WorldSource;
	readonly #logger: Logger;
	#waiting: NewEntry[] = [];
	#writing: Promise<void> | undefined;
	#timer: NodeJS.Timeout | undefined;
	#dropped = 0;

	constructor(options: { database: Database; world: WorldSource; logger: Logger }) {
		this.#database = options.database;
		this.#world = options.world;
		this.#logger = options.logger;
	}

	start(): void {
		this.#timer = setInterval(() => void this.#write(), RETRY_EVERY);
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		if (!this.#timer) return;
		clearInterval(this.#timer);
		this.#timer = undefined;
		await this.#write();
	}

	/** Entries that were dropped because the database was away for long. */
	get dropped(): number {
		return this.#dropped;
	}

	/** Takes an agent's new entries; they are stored soon after. The same (agent, device, receivedAt, topic) again changes nothing. */
	add(agent: string, entries: readonly QuarantineEntry[]): void {
		if (entries.length === 0) return;
		const { devices } = this.#world.current();
		for (const entry of entries)
			this.#waiting.push({
				agent,
				device: printable(entry.device),
				known: devices.has(entry.device),
				topic: printable(entry.topic),
				received_at: new Date(entry.receivedAt),
				reason: entry.reason,
				detail: printable(entry.detail),
				payload: printable(entry.payload),
				size: entry.size,
			});
		this.#bound();
		void this.#write();
	}

	/** Newest entries first. `before`: the id of the last one of the page before. */
	async list(of: { device: string } | { agent: string }, limit: number, before: string | null): Promise<Quarantined[]> {
		let query = this.#database.tables<QuarantineTables>().selectFrom("quarantine").selectAll().orderBy("id", "desc").limit(limit);
		query = "device" in of ? query.where("device", "=", of.device) : query.where("agent", "=", of.agent);
		if (before !== null) query = query.where("id", "<", before);
		const rows = await query.execute();
		return rows.map(({ id, device, topic, received_at, reason, detail, payload, size }) => ({
			id: String(id),
			device,
			topic,
			receivedAt: received_at.toISOString(),
			reason,
			detail,
			payload,
			size: Number(size),
		}));
	}

	async #write(): Promise<void> {
		this.#writing ??= this.#drain().finally(() => {
			this.#writing = undefined;
		});
		await this.#writing;
	}

	async #drain(): Promise<void> {
		while (this.#waiting.length > 0) {
			const entries = this.#waiting.splice(0, KEPT);
			try {
				await this.#database.transaction<QuarantineTables, void>(async (tables) => {
					await tables
						.insertInto("quarantine")
						.values(entries)
						.onConflict((conflict) => conflict.doNothing())
						.execute();
					await trim(tables, entries);
				});
			} catch (error) {
				this.#waiting.unshift(...entries);
				this.#bound();
				this.#logger.warn({ err: error, waiting: this.#waiting.length }, "refused payloads could not be stored; trying again");
				return;
			}
		}
	}

	#bound(): void {
		const over = this.#waiting.length - WAITING;
		if (over <= 0) return;
		this.#waiting.splice(0, over);
		this.#dropped += over;
	}
}

/** Removes what is beyond the newest {@link KEPT} of each device, or of the unknown ones of each agent. */
async function trim(tables: Kysely<QuarantineTables>, entries: readonly NewEntry[]): Promise<void> {
	const devices = new Set(entries.filter(({ known }) => known).map(({ device }) => device));
	const agents = new Set(entries.filter(({ known }) => !known).map(({ agent }) => agent));
	for (const device of devices)
		await sql`DELETE FROM quarantine WHERE known AND device = ${device} AND id <= (
			SELECT id FROM quarantine WHERE known AND device = ${device} ORDER BY id DESC OFFSET ${KEPT} LIMIT 1)`.execute(tables);
	for (const agent of agents)
		await sql`DELETE FROM quarantine WHERE NOT known AND agent = ${agent} AND id <= (
			SELECT id FROM quarantine WHERE NOT known AND agent = ${agent} ORDER BY id DESC OFFSET ${KEPT} LIMIT 1)`.execute(tables);
}

/** PostgreSQL's text can't hold U+0000, and its UTF-8 no half surrogates. */
function printable(text: string): string {
	return text.replaceAll("\u0000", "\uFFFD").toWellFormed();
}
