import { setImmediate } from "node:timers/promises";
import type { ReplaySide } from "../../../contracts/rule-replay.ts";
import type { Rule } from "../../../contracts/rules.ts";
import type { World, WorldPoint } from "../../../contracts/world.ts";
import type { History, PointExtremes, RawRow, Silence } from "../../history/history.ts";
import { Combination, combinationPlaces } from "./combination.ts";
import { keepTime, type ReplayBounds } from "./replay-bounds.ts";
import { type FoundAt, sideOf } from "./replay-side.ts";
import { type Hours, hoursOfLimit, hoursOfRate, hoursOfState, nextSpan } from "./replay-spans.ts";
import { silenceOf } from "./rule-condition.ts";
import { type Firing, RuleReplay } from "./rule-replay.ts";
import { selects } from "./rule-selection.ts";

/** Unix ms; `end`: until when time has passed. Readings from then on are of clocks that are ahead, and not looked at. */
interface Stretch {
	from: number;
	to: number;
	end: number;
}
type Stored = Pick<History, "query" | "extremes" | "silences" | "hoursOfStates">;
/** A point with the rules on it, each with its place among those that are replayed. */
interface Watched {
	point: WorldPoint;
	by: { rule: Rule; index: number }[];
}
/** What is known of some points without looking at their readings. */
interface Known {
	extremes: ReadonlyMap<string, PointExtremes>;
	/** `null`: there are too many. */
	silences: ReadonlyMap<string, readonly Silence[]> | null;
	states: ReadonlyMap<Rule, ReadonlyMap<string, readonly number[]>>;
}

const HOUR = 3_600_000;
/** Points that are asked for at once, readings of one answer, and silences of a point that are fewer than its readings. */
const POINTS_AT_ONCE = 50;
const ROWS_AT_ONCE = 20_000;
const SILENCES_AT_ONCE = 2000;

/**
 * Rules over stored history in [from, to), Unix ms, both on whole hours. Limits, rates and states look only at hours in which they may do
 * something, no-data rules at the times between readings; everything else is evaluated reading by reading. The event loop goes on meanwhile.
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
	 * What each of the rules would have done until `end`, which is before `to` where that lies in the future. Throws AppError `replay-too-large` (422) when it goes beyond its bounds, `history-unavailable`
	 * (503).
	 */
	async run(rules: readonly Rule[], world: World, from: number, to: number, end = to): Promise<ReplaySide[]> {
		const found = rules.map((): FoundAt[] => []);
		const stretch: Stretch = { from, to, end };
		const watched = [...world.devices.values()].flatMap((device) =>
			device.points.flatMap((point): Watched[] => {
				const by = rules.flatMap((rule, index) => (rule.kind !== "combination" && selects(rule.on, point, device) ? [{ rule, index }] : []));
				return by.length > 0 ? [{ point, by }] : [];
			}),
		);
		for (let start = 0; start < watched.length; start += POINTS_AT_ONCE) {
			const some = watched.slice(start, start + POINTS_AT_ONCE);
			const known = await this.#known(some, stretch);
			for (const { point, by } of some) {
				const keep = (index: number, firings: readonly Firing[]) => found[index]?.push({ ...named(point), firings });
				const others: typeof by = [];
				for (const one of by) {
					const firings = await this.#byWhatIsKnown(one.rule, point, known, stretch);
					if (firings) keep(one.index, firings);
					else others.push(one);
				}
				const firings = await this.#whole(
					others.map(({ rule }) => rule),
					point,
					stretch,
				);
				for (const [at, { index }] of others.entries()) keep(index, firings[at] ?? []);
			}
			await setImmediate();
		}
		for (const [index, rule] of rules.entries())
			if (rule.kind === "combination")
				for (const place of combinationPlaces(rule, world))
					found[index]?.push({ ...named(place.point), firings: await this.#combined(rule, new Combination(place), stretch) });
		return found.map((side) => sideOf(side, end));
	}

	async #known(some: readonly Watched[], { from, to, end }: Stretch): Promise<Known> {
		keepTime(this.#bounds);
		const rules = new Set(some.flatMap(({ by }) => by.map(({ rule }) => rule)));
		const idsBy = (of: (rule: Rule) => boolean) => some.filter(({ by }) => by.some(({ rule }) => of(rule))).map(({ point }) => point.id);
		const states = new Map<Rule, ReadonlyMap<string, readonly number[]>>();
		for (const rule of rules)
			if (rule.kind === "state") {
				const ids = idsBy((one) => one === rule);
				states.set(rule, await this.#history.hoursOfStates(ids, from, to, rule.states));
			}
		const ofExtremes = idsBy(({ kind }) => kind === "limit" || kind === "rate");
		const back = Math.min(from, ...[...rules].map((rule) => before(rule, from)));
		const extremes = ofExtremes.length > 0 ? await this.#history.extremes(ofExtremes, back, to) : new Map();
		const silent = idsBy(({ kind }) => kind === "no-data");
		const waits = some.flatMap(({ point, by }) =>
			by.map(({ rule }) => (rule.kind === "no-data" ? silenceOf(rule, point.interval) : Number.POSITIVE_INFINITY)),
		);
		const shortest = Math.min(...waits);
		const asked = Number.isFinite(shortest);
		const silences = asked ? await this.#history.silences(silent, from, end, shortest, SILENCES_AT_ONCE) : new Map();
		return { states, extremes, silences };
	}

	/** `null`: all readings must be looked at. */
	async #byWhatIsKnown(rule: Rule, point: WorldPoint, known: Known, stretch: Stretch): Promise<readonly Firing[] | null> {
		if (rule.kind === "no-data") return known.silences && this.#silent(rule, point, known.silences.get(point.id) ?? [], stretch);
		const hours = hoursOf(rule, point.id, known);
		return hours && (await this.#atHours(rule, point, hours, stretch));
	}

	/** Reads all that is stored of a point once, for as many rules as there are. */
	async #whole(rules: readonly Rule[], point: WorldPoint, { from, end }: Stretch): Promise<readonly (readonly Firing[])[]> {
		const replays = rules.map((rule) => new RuleReplay(rule, point.id, point.interval, from));
		if (replays.length > 0)
			for await (const rows of this.#rows(point.id, from, end)) for (const replay of replays) for (const row of rows) replay.take(row);
		for (const replay of replays) replay.finish(end);
		return replays.map(({ firings }) => firings);
	}

	/** Reads those stretches of a point in which the rule may do something. */
	async #atHours(rule: Rule, point: WorldPoint, hours: Hours, { from, to, end }: Stretch): Promise<readonly Firing[]> {
		const replay = new RuleReplay(rule, point.id, point.interval, from);
		const read = async (start: number, until: number) => {
			for await (const rows of this.#rows(point.id, start, Math.min(until, end))) for (const row of rows) replay.take(row);
		};
		for (let span = nextSpan(hours, from, to); span; span = nextSpan(hours, span.to, to)) {
			await read(span.from, span.to);
			// What is active or waits for a delay is followed until it rests.
			for (; !replay.atRest && span.to < to; span = { from: span.to, to: Math.min(span.to + HOUR, to) })
				await read(span.to, Math.min(span.to + HOUR, to));
		}
		replay.finish(end);
		return replay.firings;
	}

	/** Nothing but the first and the last reading around a silence matters to a rule that waits for one. */
	#silent(rule: Rule, point: WorldPoint, silences: readonly Silence[], { from, end }: Stretch): readonly Firing[] {
		const replay = new RuleReplay(rule, point.id, point.interval, from);
		const heard = (ts: number): RawRow => ({ ts, value: 0, quality: "good" });
		for (const silence of silences) {
			replay.resume(heard(silence.from));
			if (silence.to < end) replay.take(heard(silence.to));
		}
		if (silences.at(-1)?.to !== end) replay.resume(heard(end));
		replay.finish(end);
		return replay.firings;
	}

	/** All readings of one instant are judged together, as when they come together. */
	async #combined(rule: Rule, combination: Combination, { from, to, end }: Stretch): Promise<readonly Firing[]> {
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
				for await (const some of this.#rows(input.point.id, start, Math.min(start + HOUR, end))) for (const row of some) rows.push({ ...row, index });
			take(rows.sort((one, other) => one.ts - other.ts));
			for (const ready of combination.rest()) replay.take(ready);
		}
		replay.finish(end);
		return replay.firings;
	}

	async *#rows(point: string, from: number, to: number): AsyncGenerator<RawRow[]> {
		for (let start = from; start < to; ) {
			keepTime(this.#bounds);
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

/** In which hours a rule may do something; `null`: that isn't known. */
function hoursOf(rule: Rule, point: string, { extremes, states }: Known): Hours | null {
	const known = extremes.get(point);
	if (rule.kind === "state") return hoursOfState(states.get(rule)?.get(point) ?? []);
	if (rule.kind === "limit") return known ? hoursOfLimit(rule, known) : null;
	return rule.kind === "rate" && known ? hoursOfRate(rule, known) : null;
}

/** From when on extremes are needed: a rate looks back. */
const before = (rule: Rule, from: number): number => (rule.kind === "rate" ? Math.floor((from - rule.within) / HOUR) * HOUR : from);

const named = ({ id, name, point, device }: WorldPoint) => ({ point: id, name: name === point ? `${device} ${point}` : name });
