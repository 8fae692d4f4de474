import { sql } from "kysely";
import type { LedgerState } from "../../contracts/ledger.ts";
import { uplinkTopic, witnessAnswerSchema } from "../../contracts/uplink.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import { dateOf, isoOf, msOf } from "../platform/database/instants.ts";
import type { Logger } from "../platform/logger.ts";
import type { Cosignatures, LedgerService } from "./ledger-service.ts";
import { LedgerStore, type LedgerTables, type StoredCheckpoint } from "./ledger-store.ts";
import { checkSignature, parseNote, parseVerifier } from "./signed-note.ts";

/** A checkpoint without an answer for this long, ms, is offered again at the next heartbeat. */
const PATIENCE = 10_000;
/** A witness that was not heard of for this long, ms, is silent. */
const SILENT = 60_000;

/** What a witness says of a fork; an honest server makes an alarm of it. */
export interface ForkReport {
	agent: string;
	/** `null`: cleared by a person at the agent. */
	detail: string | null;
}

export interface WitnessOptions {
	ledger: LedgerService;
	database: Database;
	/** Agents of the site. */
	agents: () => readonly string[];
	publish: (topic: string, payload: string, options: { retain: boolean }) => void;
	clock: Clock;
	logger: Logger;
}

/**
 * Offers each new checkpoint to the edge agents, with the consistency proof from what each saw last (C2SP tlog-witness add-checkpoint,
 * carried over the uplink), and keeps their cosignatures.
 */
export class WitnessService implements Cosignatures {
	readonly #options: WitnessOptions;
	readonly #store: LedgerStore;
	/** Size that each agent last said it has seen. */
	readonly #seen = new Map<string, number>();
	readonly #offeredAt = new Map<string, number>();
	readonly #forks = new Map<string, string | null>();
	readonly #listeners: ((report: ForkReport) => void)[] = [];

	constructor(options: WitnessOptions) {
		this.#options = options;
		this.#store = new LedgerStore(options.database);
		options.ledger.setWitnesses(this);
		options.ledger.onCheckpoint((checkpoint) => {
			for (const agent of options.agents()) if (this.#seen.has(agent)) void this.#offer(agent, checkpoint);
		});
	}

	/** What an agent says it was shown; `null`: no fork, `undefined`: it has not been heard since the start. */
	forkOf(agent: string): string | null | undefined {
		return this.#forks.get(agent);
	}

	/** Calls back when an agent says that it was shown a fork, and when that is over. */
	onFork(listener: (report: ForkReport) => void): void {
		this.#listeners.push(listener);
	}

	/** What an agent's heartbeat says of its witness. Never throws. */
	async heartbeat(agent: string, state: { size: number; fork: string | null }): Promise<void> {
		try {
			this.#seen.set(agent, state.size);
			await this.#fork(agent, state.fork);
			const checkpoint = await this.#options.ledger.newest();
			if (state.fork === null && state.size !== checkpoint.size) await this.#offer(agent, checkpoint);
		} catch (error) {
			this.#options.logger.debug({ err: error, agent }, "witness: heartbeat not followed");
		}
	}

	/** An agent's answer to a checkpoint. Throws when it can't be read or doesn't hold. */
	async answer(agent: string, payload: Buffer): Promise<void> {
		const answer = witnessAnswerSchema.parse(JSON.parse(payload.toString("utf8")));
		const { ledger } = this.#options;
		this.#offeredAt.delete(agent);
		this.#seen.set(agent, answer.size);
		const key = parseVerifier(answer.key);
		if (key.name !== `watchroom-agent/${agent}`) throw new Error(`the witness's key is named ${key.name}`);
		if (answer.result === "fork") return await this.#fork(agent, answer.detail, answer.key);
		if (answer.result === "conflict") return await this.#offer(agent, await ledger.newest());
		const checkpoint = await this.#store.checkpoint(answer.size);
		if (!checkpoint) throw new Error(`cosignature of a tree of ${answer.size}, for which there is no checkpoint`);
		const checked = checkSignature(parseNote(`${checkpoint.note}${answer.line}\n`), key);
		if (checked?.good !== true || checked.seconds === null) throw new Error("the cosignature doesn't hold");
		await this.#heard(agent, answer.key);
		await this.#tables()
			.insertInto("ledger_cosignatures")
			.values({ size: answer.size, agent, key: answer.key, line: answer.line, signed_at: dateOf(checked.seconds * 1000) })
			.onConflict((conflict) => conflict.doNothing())
			.execute();
		await this.#fork(agent, null);
		const newest = await ledger.newest();
		if (newest.size > answer.size) await this.#offer(agent, newest);
	}

	async of(size: number): Promise<{ lines: string[]; keys: string[] }> {
		const rows = await this.#tables()
			.selectFrom("ledger_cosignatures")
			.select(["line", "key"])
			.where("size", "=", size)
			.orderBy("agent")
			.limit(90)
			.execute();
		return { lines: rows.map(({ line }) => line), keys: rows.map(({ key }) => key) };
	}

	async witnesses(size: number): Promise<LedgerState["witnesses"]> {
		const { rows } = await sql<{ agent: string; key: string; heard_at: Date; fork: string | null; size: number | null; signed_at: Date | null }>`
			SELECT w.agent, w.key, w.heard_at, w.fork, c.size, c.signed_at FROM ledger_witnesses w
			LEFT JOIN LATERAL (SELECT size, signed_at FROM ledger_cosignatures c WHERE c.agent = w.agent AND c.key = w.key ORDER BY size DESC LIMIT 1) c ON true
			ORDER BY w.agent, w.since`.execute(this.#tables());
		const now = this.#options.clock.now();
		return rows.map((row) => {
			const silent = now - msOf(row.heard_at) > SILENT;
			const state = row.fork !== null ? "fork" : row.size === size ? "current" : silent ? "silent" : "behind";
			const detail = row.fork ?? (state === "silent" ? `not heard of since ${isoOf(msOf(row.heard_at))}` : "");
			return { agent: row.agent, key: row.key, size: row.size, signedAt: isoOf(msOf(row.signed_at)), state, detail };
		});
	}

	async #offer(agent: string, { size, note }: StoredCheckpoint): Promise<void> {
		const { ledger, publish, clock, logger } = this.#options;
		const now = clock.now();
		if (now - (this.#offeredAt.get(agent) ?? Number.NEGATIVE_INFINITY) < PATIENCE) return;
		this.#offeredAt.set(agent, now);
		try {
			const seen = this.#seen.get(agent) ?? 0;
			// An agent that has seen more than there is must be shown what there is: that is what it watches for.
			const old = seen <= size ? seen : 0;
			const { hashes } = await ledger.consistency(old, size);
			const request = `old ${old}\n${hashes.map((hash) => `${hash}\n`).join("")}\n${note}`;
			publish(uplinkTopic(agent, "checkpoint"), JSON.stringify({ key: ledger.key(), request }), { retain: false });
		} catch (error) {
			this.#offeredAt.delete(agent);
			logger.warn({ err: error, agent }, "the checkpoint can't be offered to the witness");
		}
	}

	/** Notes that the witness is there; without a key only where it is known already. */
	async #heard(agent: string, key: string): Promise<void> {
		const now = dateOf(this.#options.clock.now());
		await this.#tables()
			.insertInto("ledger_witnesses")
			.values({ agent, key, since: now, heard_at: now, fork: null })
			.onConflict((conflict) => conflict.columns(["agent", "key"]).doUpdateSet({ heard_at: now }))
			.execute();
	}

	async #fork(agent: string, detail: string | null, key?: string): Promise<void> {
		if (key !== undefined) await this.#heard(agent, key);
		await this.#tables()
			.updateTable("ledger_witnesses")
			.set({ fork: detail, heard_at: dateOf(this.#options.clock.now()) })
			.where("agent", "=", agent)
			.where("key", "=", key ?? sql<string>`(SELECT key FROM ledger_witnesses n WHERE n.agent = ${agent} ORDER BY heard_at DESC LIMIT 1)`)
			.execute();
		const before = this.#forks.get(agent);
		this.#forks.set(agent, detail);
		if (before === detail || (before === undefined && detail === null)) return;
		if (detail !== null)
			this.#options.logger.error(
				{ agent, detail },
				"a witness was shown another history of the ledger: it was rewritten, or restored from an old backup",
			);
		for (const listener of this.#listeners) listener({ agent, detail });
	}

	#tables() {
		return this.#options.database.tables<LedgerTables>();
	}
}
