import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { MOST_REPLAYED_DAYS, type Replay, replaySideSchema } from "../../../contracts/rule-replay.ts";
import { ruleText } from "../../../contracts/rule-text.ts";
import type { Rule } from "../../../contracts/rules.ts";
import type { History } from "../../history/history.ts";
import type { Json } from "../../ledger/ledger-entry.ts";
import type { Clock } from "../../platform/clock.ts";
import type { AnyTransaction, Database } from "../../platform/database/database.ts";
import { dateOf, isoOf } from "../../platform/database/instants.ts";
import { conflict, invalid } from "../../platform/errors.ts";
import { HistoryReplay } from "./history-replay.ts";
import type { BookedRule } from "./rule-book.ts";
import type { RuleBook } from "./rule-book-service.ts";

export interface ReplayServiceOptions {
	history: Pick<History, "query" | "extremes">;
	book: Pick<RuleBook, "rules" | "current">;
	database: Database;
	clock: Clock;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const USUAL = 30 * DAY;
/** Readings that one replay evaluates one by one, and how long it takes at most. */
const MOST_READINGS = 20_000_000;
const PATIENCE = 2 * 60_000;
/** How long what a replay found is kept for proposals. */
const KEPT = 30 * DAY;

/** Replays proposed rules over stored history, and keeps what they found for the proposals (ALM-9). */
export class ReplayService {
	readonly #options: ReplayServiceOptions;
	#running = false;

	constructor(options: ReplayServiceOptions) {
		this.#options = options;
	}

	/**
	 * Replays a rule, and the one in force by its id, over [from, to), Unix ms, widened to whole hours; without times the last 30 days. One at a time.
	 * Throws AppError `replay-running` (409), `invalid-request` (400), `replay-too-large` (422), `history-unavailable` (503).
	 */
	async replay(rule: Rule, range: { from?: number | undefined; to?: number | undefined }): Promise<Replay> {
		const { history, book, database, clock } = this.#options;
		if (rule.kind === "access-count")
			throw invalid("Rules on access events look at no readings.", [{ field: "rule.kind", message: "expected a rule on points" }]);
		const now = clock.now();
		const to = Math.min(Math.ceil((range.to ?? now) / HOUR) * HOUR, Math.ceil(now / HOUR) * HOUR);
		const from = Math.floor((range.from ?? to - USUAL) / HOUR) * HOUR;
		if (from >= to) throw invalid("The range is empty.", [{ field: "from", message: "expected an instant before `to`" }]);
		if (to - from > MOST_REPLAYED_DAYS * DAY)
			throw invalid("The range is too long.", [{ field: "from", message: `expected at most ${MOST_REPLAYED_DAYS} days before \`to\`` }]);
		if (this.#running) throw conflict("replay-running", "Another rule is being replayed; try again when that is done.");
		this.#running = true;
		try {
			const run = new HistoryReplay(history, { readings: MOST_READINGS, deadline: now + PATIENCE, now: () => clock.now() });
			const current = inForce(book.rules(), rule.id);
			const world = book.current();
			const [proposed, today = null] = await run.run(current ? [rule, current] : [rule], world, from, to);
			if (!proposed) throw new Error("a replay without a result");
			const id = randomUUID();
			const tookMs = clock.now() - now;
			const replay = { id, rule: rule.id, from: isoOf(from), to: isoOf(to), proposed, inForce: today, readings: run.readings, tookMs };
			await sql`INSERT INTO rule_replays (id, rule, definition, result, at)
				VALUES (${id}, ${rule.id}, ${JSON.stringify(ruleText(rule))}::jsonb, ${JSON.stringify(replay)}::jsonb, ${dateOf(now)})`.execute(
				database.tables(),
			);
			await sql`DELETE FROM rule_replays WHERE at < ${dateOf(now - KEPT)}`.execute(database.tables());
			return replay;
		} finally {
			this.#running = false;
		}
	}

	/** What a replay of exactly this rule found, in short, for who approves; `null` where there is no such replay. */
	readonly evidence = async (transaction: AnyTransaction, id: string, rule: Rule): Promise<Json> => {
		const { rows } = await sql<{ result: Replay }>`SELECT result FROM rule_replays
			WHERE id = ${id} AND definition = ${JSON.stringify(ruleText(rule))}::jsonb`.execute(transaction);
		const found = rows[0]?.result;
		if (!found) return null;
		const short = (side: unknown): Json => {
			const { worst, ...figures } = replaySideSchema.parse(side);
			return { ...figures, worst: worst.slice(0, 5).map(({ point, name, fired, activeMs }) => ({ point, name, fired, activeMs })) };
		};
		return { from: found.from, to: found.to, proposed: short(found.proposed), inForce: found.inForce && short(found.inForce) };
	};
}

const inForce = (rules: readonly BookedRule[], id: string): Rule | null => {
	const rule = rules.find((one) => one.id === id)?.rule ?? null;
	return rule?.kind === "access-count" ? null : rule;
};
