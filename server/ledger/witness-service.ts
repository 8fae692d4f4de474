import { sql } from "kysely";
import type { LedgerState } from "../../contracts/ledger.ts";
import { uplinkTopic, witnessAnswerSchema } from "../../contracts/uplink.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import { isoOf } from "../platform/database/instants.ts";
import type { Logger } from "../platform/logger.ts";
import type { Cosignatures, LedgerService } from "./ledger-service.ts";
import { LedgerStore, type LedgerTables, type StoredCheckpoint } from "./ledger-store.ts";
import { checkSignature, parseNote, parseVerifier } from "./signed-note.ts";

/** A checkpoint without an answer for this long, ms, is offered again at the next heartbeat. */
const PATIENCE = 10_000;
/** A witness that was not heard of for this long, ms, is silent. */
const SILENT = 60_000;

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
	/** When each agent's witness was heard last, Unix ms. */
	readonly #heardAt = new Map<string, number>();
	readonly #startedAt: number;

	constructor(options: WitnessOptions) {
		this.#options = options;
		this.#startedAt = options.clock.now();
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

	/** What an agent's heartbeat says of its witness. Never throws. */
	async heartbeat(agent: string, state: { size: number; fork: string | null }): Promise<void> {
		try {
			this.#seen.set(agent, state.size);
			this.#fork(agent, state.fork);
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
		if (answer.result === "fork") return this.#fork(agent, answer.detail);
		if (answer.result === "conflict") return await this.#offer(agent, await ledger.newest());
		const checkpoint = await this.#store.checkpoint(answer.size);
		if (!checkpoint) throw new Error(`cosignature of a tree of ${answer.size}, for which there is no checkpoint`);
		const checked = checkSignature(parseNote(`${checkpoint.note}${answer.line}\n`), key);
		if (checked?.good !== true || checked.seconds === null) throw new Error("the cosignature doesn't hold");
		await this.#tables()
			.insertInto("ledger_cosignatures")
			.values({ size: answer.size, agent, key: answer.key, line: answer.line })
			.onConflict((conflict) => conflict.doNothing())
			.execute();
		this.#fork(agent, null);
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
		const { rows } = await sql<{ agent: string; key: string; size: number; line: string; note: string }>`
			SELECT w.agent, w.key, c.size, c.line, p.note FROM ledger_witnesses w
			JOIN LATERAL (SELECT size, line FROM ledger_cosignatures c WHERE c.agent = w.agent AND c.key = w.key ORDER BY size DESC LIMIT 1) c ON true
			JOIN ledger_checkpoints p ON p.size = c.size ORDER BY w.agent, c.size`.execute(this.#tables());
		const signed = rows.map(({ agent, key, size: cosigned, line, note }) => {
			const seconds = checkSignature(parseNote(`${note}${line}\n`), parseVerifier(key))?.seconds ?? null;
			return { agent, key, size: cosigned, signedAt: seconds === null ? null : isoOf(seconds * 1000), ...this.#stateOf(agent, cosigned === size) };
		});
		const known = new Set(rows.map(({ agent }) => agent));
		const others = [...this.#forks].filter(([agent, fork]) => fork !== null && !known.has(agent));
		return [...signed, ...others.map(([agent]) => ({ agent, key: "", size: null, signedAt: null, ...this.#stateOf(agent, false) }))];
	}

	#stateOf(agent: string, current: boolean): Pick<LedgerState["witnesses"][number], "state" | "detail"> {
		const fork = this.#forks.get(agent);
		if (fork) return { state: "fork", detail: fork };
		if (current) return { state: "current", detail: "" };
		const heardAt = this.#heardAt.get(agent);
		const silent = this.#options.clock.now() - (heardAt ?? this.#startedAt) > SILENT;
		return silent
			? { state: "silent", detail: `not heard of since ${heardAt === undefined ? "the server's start" : isoOf(heardAt)}` }
			: { state: "behind", detail: "" };
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

	#fork(agent: string, detail: string | null): void {
		this.#heardAt.set(agent, this.#options.clock.now());
		const before = this.#forks.get(agent);
		this.#forks.set(agent, detail);
		if (detail !== null && detail !== before)
			this.#options.logger.error(
				{ agent, detail },
				"a witness was shown another history of the ledger: it was rewritten, or restored from an old backup",
			);
	}

	#tables() {
		return this.#options.database.tables<LedgerTables>();
	}
}
