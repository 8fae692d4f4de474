import { setImmediate } from "node:timers/promises";
import type { ReplaySide } from "../../../contracts/rule-replay.ts";
import { selects } from "../../../contracts/rule-selection.ts";
import type { Rule } from "../../../contracts/rules.ts";
import type { World, WorldPoint } from "../../../contracts/world.ts";
import type { History, PointExtremes, RawRow, Silence } from "../../history/history.ts";
import { Combination, type CombinationPlace, combinationPlaces, patienceOf } from "./combination.ts";
import { type HourBands, hourBands, hoursOfCombination } from "./combination-bounds.ts";
import { keepTime, type ReplayBounds } from "./replay-bounds.ts";
import { type FoundAt, sideOf } from "./replay-side.ts";
import { type Hours, hoursOfLimit, hoursOfRate, hoursOfState, nextSpan } from "./replay-spans.ts";
import { silenceOf } from "./rule-condition.ts";
import { type Firing, RuleReplay } from "./rule-replay.ts";

/** Unix ms; `end`: until when time has passed. Readings from then on are of clocks that are ahead, and not looked at. */
interface Stretch {
	from: number;
	to: number;
	end: number;
}
type Stored = Pick<History, "readings" | "extremes" | "silences" | "hoursOfStates">;
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
/** Points that are asked for at once, readings of one answer (about), and silences of a point that are fewer than its readings. */
const POINTS_AT_ONCE = 50;
const ROWS_AT_ONCE = 20_000;
const SILENCES_AT_ONCE = 2000;
const NOTHING: PointExtremes = { hours: [], unknown: [] };
/** What may do something in every hour is read from first to last. */
const EACH_HOUR: Hours = { mayRaise: () => true, begin: (hour) => hour };

/**
 * Rules over stored history in [from, to), Unix ms, both on whole hours. Limits, rates, states and combinations look only at hours in which they may do
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
			const rest: Watched[] = [];
			for (const { point, by } of some) {
				const others: typeof by = [];
				for (const one of by) {
					const firings = await this.#byWhatIsKnown(one.rule, point, known, stretch);
					if (firings) found[one.index]?.push({ ...named(point), firings });
					else others.push(one);
				}
				if (others.length > 0) rest.push({ point, by: others });
			}
			for (const { point, index, firings } of await this.#whole(rest, stretch)) found[index]?.push({ ...named(point), firings });
			await setImmediate();
		}
		for (const [index, rule] of rules.entries())
			if (rule.kind === "combination")
				for (const place of combinationPlaces(rule, world))
					found[index]?.push({ ...named(place.point), firings: await this.#combined(place, stretch) });
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

	/** Reads all that is stored of some points once, for as many rules as there are. */
	async #whole(watched: readonly Watched[], { from, end }: Stretch): Promise<{ point: WorldPoint; index: number; firings: readonly Firing[] }[]> {
		const replays = watched.flatMap(({ point, by }) =>
			by.map(({ rule, index }) => ({ point, index, replay: new RuleReplay(rule, point.id, point.interval, from) })),
		);
		const ids = watched.map(({ point }) => point.id);
		if (ids.length === 0) return [];
		for await (const rows of this.#slices(ids, from, end))
			for (const { point, replay } of replays) for (const row of rows.get(point.id) ?? []) replay.take(row);
		return replays.map(({ point, index, replay }) => {
			replay.finish(end);
			return { point, index, firings: replay.firings };
		});
	}

	/** Reads those stretches of a point in which the rule may do something. */
	async #atHours(rule: Rule, point: WorldPoint, hours: Hours, stretch: Stretch): Promise<readonly Firing[]> {
		const replay = new RuleReplay(rule, point.id, point.interval, stretch.from);
		await follow(replay, hours, stretch, async (start, until) => {
			for await (const rows of this.#slices([point.id], start, until)) for (const row of rows.get(point.id) ?? []) replay.take(row);
		});
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
	async #combined(place: CombinationPlace, stretch: Stretch): Promise<readonly Firing[]> {
		const { rule, point, inputs } = place;
		const combination = new Combination(place);
		const replay = new RuleReplay(rule, point.id, point.interval, stretch.from);
		const hours = (await this.#hoursOfPlace(place, stretch)) ?? EACH_HOUR;
		const ids = inputs.map((input) => input.point.id);
		await follow(replay, hours, stretch, async (begin, until) => {
			for await (const rows of this.#slices(ids, begin, until)) {
				const together = ids.flatMap((id, index) => (rows.get(id) ?? []).map((row) => ({ ...row, index })));
				for (const { index, ts, value, quality } of together.sort((one, other) => one.ts - other.ts)) {
					const ready = combination.take(index, { point: point.id, ts, receivedAt: ts, value, quality }, false);
					if (ready) replay.take(ready);
				}
				for (const ready of combination.rest()) replay.take(ready);
			}
		});
		return replay.firings;
	}

	/** In which hours what is combined may go beyond its limit; `null`: that isn't known, since a value of one of the points may be of any age. */
	async #hoursOfPlace(place: CombinationPlace, { from, to }: Stretch): Promise<Hours | null> {
		const { inputs } = place;
		if (inputs.some(({ point }) => point.interval === null)) return null;
		const bands: HourBands[] = [];
		for (let start = 0; start < inputs.length; start += POINTS_AT_ONCE) {
			keepTime(this.#bounds);
			const some = inputs.slice(start, start + POINTS_AT_ONCE).map(({ point }) => point);
			const ids = some.map(({ id }) => id);
			const extremes = await this.#history.extremes(ids, from, to);
			for (const point of some) bands.push(hourBands(extremes.get(point.id) ?? NOTHING, patienceOf(point), from, to));
		}
		return hoursOfCombination(place, bands, from);
	}

	/** All readings of some points, in slices of time that hold some thousands, so that they never stand in memory for the whole time. */
	async *#slices(points: readonly string[], from: number, to: number): AsyncGenerator<ReadonlyMap<string, readonly RawRow[]>> {
		let length = Math.max(HOUR, Math.floor(24 / points.length) * HOUR);
		for (let start = from; start < to; ) {
			const until = Math.min(start + length, to);
			const slice = new Map<string, readonly RawRow[]>();
			let count = 0;
			for (let first = 0; first < points.length; first += POINTS_AT_ONCE) {
				keepTime(this.#bounds);
				for (const [point, rows] of await this.#history.readings(points.slice(first, first + POINTS_AT_ONCE), start, until)) {
					slice.set(point, rows);
					count += rows.length;
				}
			}
			this.readings += count;
			yield slice;
			start = until;
			length = count < ROWS_AT_ONCE / 2 ? length * 2 : count > ROWS_AT_ONCE * 2 ? Math.max(HOUR, length / 2) : length;
		}
	}
}

/** Reads, from first to last, what a rule has to look at, and lets time pass until the end. `read`: stretches in [from, until), Unix ms. */
async function follow(
	replay: RuleReplay,
	hours: Hours,
	{ from, to, end }: Stretch,
	read: (from: number, until: number) => Promise<void>,
): Promise<void> {
	for (let span = nextSpan(hours, from, to); span; span = nextSpan(hours, span.to, to)) {
		await read(span.from, Math.min(span.to, end));
		// What is active or waits for a delay is followed until it rests.
		for (; !replay.atRest && span.to < to; span = { from: span.to, to: Math.min(span.to + HOUR, to) })
			await read(span.to, Math.min(span.to + HOUR, end));
	}
	replay.finish(end);
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
