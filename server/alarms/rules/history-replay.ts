import { setImmediate } from "node:timers/promises";
import type { ReplaySide } from "../../../contracts/rule-replay.ts";
import type { Rule } from "../../../contracts/rules.ts";
import type { World, WorldPoint } from "../../../contracts/world.ts";
import type { History, PointExtremes, RawRow } from "../../history/history.ts";
import { isoOf } from "../../platform/database/instants.ts";
import { AppError } from "../../platform/errors.ts";
import { Combination, combinationPlaces } from "./combination.ts";
import { isBounded, SpanFinder } from "./replay-spans.ts";
import { type Firing, RuleReplay } from "./rule-replay.ts";
import { selects } from "./rule-selection.ts";

interface Found {
	point: WorldPoint;
	firings: readonly Firing[];
}
type Stored = Pick<History, "query" | "extremes">;

const HOUR = 3_600_000;
/** Points whose extremes are asked for at once, and readings of one answer. */
const POINTS_AT_ONCE = 50;
const ROWS_AT_ONCE = 20_000;
const WORST = 100;

/** How much one replay may look at. */
export interface ReplayBounds {
	readings: number;
	/** Unix ms. */
	deadline: number;
	now: () => number;
}

/**
 * Rules over stored history in [from, to), Unix ms, both on whole hours. Limits and rates look only at hours in which they may do something;
 * everything else is evaluated reading by reading. The event loop goes on meanwhile.
 */
export class HistoryReplay {
	readonly #history: Stored;
	readonly #bounds: ReplayBounds;
	/** Evaluated one by one. */
	readings = 0;

	constructor(history: Stored, bounds: ReplayBounds) {
		this.#history = history;
		this.#bounds = bounds;
	}

	/**
	 * What each of the rules would have done. Throws AppError `replay-too-large` (422) when it goes beyond its bounds, `history-unavailable`
	 * (503).
	 */
	async run(rules: readonly Rule[], world: World, from: number, to: number): Promise<ReplaySide[]> {
		const found = rules.map((): Found[] => []);
		const devices = [...world.devices.values()];
		const selected = devices.flatMap((device) =>
			device.points.flatMap((point) => {
				const by = rules.flatMap((rule, index) => (rule.kind !== "combination" && selects(rule.on, point, device) ? [{ rule, index }] : []));
				return by.length > 0 ? [{ point, by }] : [];
			}),
		);
		const bounded = rules.filter(isBounded);
		const back = Math.min(from, ...bounded.map((rule) => before(rule, from)));
		for (let start = 0; start < selected.length; start += POINTS_AT_ONCE) {
			const some = selected.slice(start, start + POINTS_AT_ONCE);
			const ids = some.map(({ point }) => point.id);
			const extremes = bounded.length > 0 ? await this.#history.extremes(ids, back, to) : null;
			for (const { point, by } of some)
				for (const { rule, index } of by)
					found[index]?.push({ point, firings: await this.#single(rule, point, extremes?.get(point.id) ?? null, from, to) });
			await setImmediate();
		}
		for (const [index, rule] of rules.entries())
			if (rule.kind === "combination")
				for (const place of combinationPlaces(rule, world))
					found[index]?.push({ point: place.point, firings: await this.#combined(rule, new Combination(place), from, to) });
		return found.map((side) => sideOf(side, to));
	}

	async #single(rule: Rule, point: WorldPoint, extremes: PointExtremes | null, from: number, to: number): Promise<readonly Firing[]> {
		const replay = new RuleReplay(rule, point.id, point.interval, from);
		const read = async (start: number, end: number) => {
			for await (const rows of this.#rows(point.id, start, end)) for (const row of rows) replay.take(row);
		};
		if (extremes === null || !isBounded(rule)) await read(from, to);
		else {
			const spans = new SpanFinder(rule, extremes);
			for (let span = spans.next(from, to); span; span = spans.next(span.to, to)) {
				await read(span.from, span.to);
				// What is active or waits for a delay is followed until it rests.
				for (; !replay.atRest && span.to < to; span = { from: span.to, to: Math.min(span.to + HOUR, to) })
					await read(span.to, Math.min(span.to + HOUR, to));
			}
		}
		replay.finish(to);
		return replay.firings;
	}

	/** All readings of one instant are judged together, as when they come together. */
	async #combined(rule: Rule, combination: Combination, from: number, to: number): Promise<readonly Firing[]> {
		const { point, inputs } = combination.place;
		const replay = new RuleReplay(rule, point.id, point.interval, from);
		const take = (rows: readonly (RawRow & { index: number })[]) => {
			for (const { index, ts, value, quality } of rows) {
				const ready = combination.take(index, { point: point.id, ts, receivedAt: ts, value, quality }, false);
				if (ready) replay.take(ready);
			}
		};
		// By the hour, so that the readings of many points never stand in memory for the whole time.
		for (let start = from; start < to; start += HOUR) {
			const rows: (RawRow & { index: number })[] = [];
			for (const [index, input] of inputs.entries())
				for await (const some of this.#rows(input.point.id, start, Math.min(start + HOUR, to))) for (const row of some) rows.push({ ...row, index });
			take(rows.sort((one, other) => one.ts - other.ts));
			for (const ready of combination.rest()) replay.take(ready);
		}
		replay.finish(to);
		return replay.firings;
	}

	async *#rows(point: string, from: number, to: number): AsyncGenerator<RawRow[]> {
		for (let start = from; start < to; ) {
			if (this.readings > this.#bounds.readings || this.#bounds.now() > this.#bounds.deadline)
				throw new AppError("replay-too-large", 422, "The replay takes too long; ask for fewer days, or select fewer points.");
			const result = await this.#history.query({ point, from: start, to, step: "raw", maxRows: ROWS_AT_ONCE });
			if (result.step !== "raw") throw new Error("asked for raw readings");
			this.readings += result.rows.length;
			yield result.rows;
			const last = result.rows.at(-1);
			if (!result.truncated || !last) return;
			start = last.ts + 1;
		}
	}
}

/** From when on extremes are needed: a rate looks back. */
const before = (rule: Rule, from: number): number => (rule.kind === "rate" ? Math.floor((from - rule.within) / HOUR) * HOUR : from);

function sideOf(found: readonly Found[], end: number): ReplaySide {
	const fired = found.flatMap(({ point, firings }) => {
		const [first, last] = [firings[0], firings.at(-1)];
		if (!first || !last) return [];
		const times = firings.map(({ from, to }) => (to ?? end) - from);
		const activeMs = times.reduce((sum, time) => sum + time, 0);
		const name = point.name === point.point ? `${point.device} ${point.point}` : point.name;
		const when = { first: isoOf(first.from), last: isoOf(last.from), active: last.to === null };
		return [{ point: point.id, name, fired: firings.length, activeMs, longestMs: Math.max(...times), ...when }];
	});
	const worst = [...fired].sort((one, other) => other.fired - one.fired || other.activeMs - one.activeMs).slice(0, WORST);
	return {
		watched: found.length,
		points: fired.length,
		fired: fired.reduce((sum, one) => sum + one.fired, 0),
		activeMs: fired.reduce((sum, one) => sum + one.activeMs, 0),
		worst,
	};
}
