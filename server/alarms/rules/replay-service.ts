import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { MOST_REPLAYED_DAYS, type Replay, type ReplaySide, replaySideSchema } from "../../../contracts/rule-replay.ts";
import { ruleText } from "../../../contracts/rule-text.ts";
import type { Rule } from "../../../contracts/rules.ts";
import type { History } from "../../history/history.ts";
import type { Json } from "../../ledger/ledger-entry.ts";
import type { Clock } from "../../platform/clock.ts";
import type { AnyTransaction, Database } from "../../platform/database/database.ts";
import { dateOf, isoOf } from "../../platform/database/instants.ts";
import { conflict, invalid } from "../../platform/errors.ts";
import { type CountedEvents, EventReplay } from "./event-replay.ts";
import { HistoryReplay } from "./history-replay.ts";
import type { RuleBook } from "./rule-book-service.ts";

export interface ReplayServiceOptions {
	history: Pick<History, "readings" | "extremes" | "silences" | "hoursOfStates">;
	book: Pick<RuleBook, "rules" | "current">;
	database: Database;
	/** What rules on access events would have counted. */
	counted: CountedEvents;
	clock: Clock;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const USUAL = 30 * DAY;
/** How long one replay takes at most. */
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
		const { history, book, database, clock, counted } = this.#options;
		const now = clock.now();
		const to = Math.min(Math.ceil((range.to ?? now) / HOUR) * HOUR, Math.ceil(now / HOUR) * HOUR);
		const from = Math.floor((range.from ?? to - USUAL) / HOUR) * HOUR;
		if (from >= to) throw invalid("The range is empty.", [{ field: "from", message: "expected an instant before `to`" }]);
		if (to - from > MOST_REPLAYED_DAYS * DAY)
			throw invalid("The range is too long.", [{ field: "from", message: `expected at most ${MOST_REPLAYED_DAYS} days before \`to\`` }]);
		if (this.#running) throw conflict("replay-running", "Another rule is being replayed; try again when that is done.");
		this.#running = true;
		try {
			const bounds = { deadline: now + PATIENCE, now: () => clock.now() };
			// The last hour may not be over.
			const end = Math.min(to, now);
			const current = book.rules().find((one) => one.id === rule.id)?.rule;
			const wanted = current ? [rule, current] : [rule];
			const run = new HistoryReplay(history, bounds);
			const onReadings = await run.run(wanted.filter(isOnReadings), book.current(), from, to, end);
			const events = new EventReplay(counted, bounds);
			const sides: ReplaySide[] = [];
			for (const one of wanted) {
				const side = one.kind === "access-count" ? await events.run(one, book.current(), from, to) : onReadings.shift();
				if (side) sides.push(side);
			}
			const [proposed, today = null] = sides;
			if (!proposed) throw new Error("a replay without a result");
			const readings = run.readings + events.events;
			const id = randomUUID();
			const tookMs = clock.now() - now;
			const replay = { id, rule: rule.id, from: isoOf(from), to: isoOf(end), proposed, inForce: today, readings, tookMs };
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

const isOnReadings = ({ kind }: Rule): boolean => kind !== "access-count";
