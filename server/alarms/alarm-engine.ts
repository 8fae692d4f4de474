/** Over 400 lines: readings, ticks, people and the site file move the same tracks; what decides stands in files of its own. */
import type { Value } from "../../contracts/kinds.ts";
import type { Reading } from "../../contracts/reading.ts";
import type { Rule } from "../../contracts/rules.ts";
import type { World, WorldPoint } from "../../contracts/world.ts";
import { type AlarmRecord, alarmKey, type ChangeContext, cycleOf, newAlarm, wordsOf } from "./alarm.ts";
import { AlarmBook } from "./alarm-book.ts";
import type { AlarmEffect } from "./alarm-effect.ts";
import {
	type Flags,
	type LifeCycle,
	NORMAL,
	obstacle,
	onCondition,
	onDesign,
	onOperator,
	onRemoved,
	onShelfTime,
	onTick,
	type Step,
	type Transition,
} from "./alarm-life-cycle.ts";
import { evaluateLate, finishCursor, IDLE, type LateEffect, type LateRun, restoreCursor } from "./late-cursor.ts";
import type { OperatorAct } from "./operator-act.ts";
import { isOwnPoint, type NotedRule, type OwnReport, ownPointOf, reported } from "./own-alarm.ts";
import { PointTable } from "./point-table.ts";
import { type CombinationTrack, PointTrack, type RuleTrack } from "./point-track.ts";
import { Combination, type CombinationPlace, combinationPlaces } from "./rules/combination.ts";
import { AGENT_OFFLINE } from "./rules/place.ts";
import { conditionOf, excuseSilence, lapsed, lapses, newMemory, silentSince } from "./rules/rule-condition.ts";
import { rulesByPoint } from "./rules/rule-selection.ts";
import { Suppression } from "./suppression.ts";

export interface EngineStats {
	/** Evaluations of a rule on a reading, live and late. */
	evaluations: number;
	lateEvaluations: number;
	/** Readings that came again, with a time already evaluated. */
	duplicates: number;
	points: number;
	tracks: number;
	/** Delays that run. */
	pending: number;
}

/**
 * All alarm evaluation, without I/O: readings, ticks and people's acts in, effects out; the caller records them in order.
 *
 * The memory of conditions isn't persisted. After a restart `load` brings the alarms' states back, and the first readings the
 * conditions: an active alarm whose first reading is normal returns, one that is still beyond its limit goes on, an on-delay or
 * off-delay that was running starts anew. Readings no newer than an alarm's newest transition are late for it (late-cursor.ts).
 */
export class AlarmEngine {
	readonly #newId: () => string;
	readonly #ruleByRule: boolean;
	readonly #points = new PointTable();
	readonly #tracks = new Map<string, RuleTrack>();
	readonly #book = new AlarmBook();
	readonly #suppression = new Suppression();
	/** What a tick has to look at. */
	readonly #pending = new Set<RuleTrack>();
	readonly #withLate = new Set<RuleTrack>();
	/** Those whose condition time alone can change. */
	#timed: RuleTrack[] = [];
	#devices: World["devices"] = new Map();
	/** By {@link alarmKey}. */
	#combinations = new Map<string, CombinationTrack>();
	/** Combinations that have taken a reading and are judged once all readings that came with it are in. */
	readonly #touched = new Set<CombinationTrack>();
	#evaluations = 0;
	#lateEvaluations = 0;
	#duplicates = 0;

	/** `ruleByRule`: no reading is taken calmly (point-row.ts); the outcome is the same, which the tests prove by this. */
	constructor(newId: () => string, { ruleByRule = false } = {}) {
		this.#newId = newId;
		this.#ruleByRule = ruleByRule;
	}

	/** Takes the recorded alarms and the late runs that are not over. Before `watch`, once. Ends the shelves whose time has gone by meanwhile. `grace` as in `watch`. */
	load(alarms: readonly AlarmRecord[], runs: readonly LateRun[], world: World, now: number, grace = 0): AlarmEffect[] {
		this.#book.load(alarms, world, now);
		const effects = this.watch(world, now, { grace });
		this.#unshelve(now, effects);
		for (const run of runs) {
			const track = this.#tracks.get(alarmKey(run.rule, run.point));
			if (!track) continue;
			track.late.push(restoreCursor(track.rule, run, now));
			this.#withLate.add(track);
		}
		return effects;
	}

	/**
	 * Watches what the site file says now. A rule that is the same goes on; a changed one begins anew with the newest reading of
	 * its point, and an alarm that goes on says what the rule says now; the alarms of (rule, point) pairs that are gone return with the
	 * comment "rule removed". `grace`: how long a point may take to be heard for the first time, ms. `newest`: readings of points that no
	 * rule has watched before.
	 */
	watch(world: World, now: number, { grace = 0, newest = () => null }: Partial<Pick<Pass, "grace" | "newest">> = {}): AlarmEffect[] {
		const pass: Pass = { now, grace, newest, kept: new Set(), changed: [], effects: [] };
		const { kept, changed, effects } = pass;
		this.#book.watch(world, now);
		this.#devices = world.devices;
		const points = new Map<string, PointTrack>();
		for (const point of this.#points.all()) {
			point.settle();
			point.stir();
			point.leavesAll();
		}
		for (const [point, rules] of rulesByPoint(world)) {
			const { track, same } = this.#pointTrack(point, points, newest);
			track.tracks = rules.map((rule) => this.#watched(track, rule, same, pass));
		}
		const combinations = new Map<string, CombinationTrack>();
		for (const rule of world.site.rules)
			if (rule.kind === "combination")
				for (const place of combinationPlaces(rule, world)) combinations.set(alarmKey(rule.id, place.point.id), this.#combined(place, points, pass));
		this.#combinations = combinations;
		for (const [key, track] of this.#tracks) if (!kept.has(key)) this.#forget(track, now, effects);
		this.#points.keep([...points.values()]);
		for (const [key, alarm] of this.#book.entries())
			if (!kept.has(key) && (alarm.active || alarm.suppressed) && !isOwnPoint(alarm.point))
				this.#record(key, onRemoved(cycleOf(alarm), now), { now, comment: "rule removed", cursorAt: null }, null, effects);
		this.#timed = [...this.#tracks.values()].filter(({ rule }) => lapses(rule));
		this.#suppressBy(world, now, effects);
		for (const track of changed) if (track.point.last && track.rule.kind !== "no-data") this.#live(track, track.point.last, now, effects);
		for (const { key, rule, point } of changed) {
			const alarm = this.#book.get(key);
			if (alarm?.active) this.#reword(key, wordsOf(rule, point.point, alarm.value), effects);
		}
		return effects;
	}

	/** Evaluates readings in the order in which they came. `now` is the server's time. */
	evaluate(readings: readonly Reading[], now: number): AlarmEffect[] {
		const effects: AlarmEffect[] = [];
		for (const reading of readings) {
			for (const key of this.#suppression.take(reading)) this.#suppress(key, now, effects);
			const number = this.#points.find(reading.point);
			if (number < 0) continue;
			const calm = !this.#ruleByRule && this.#points.takeCalmly(number, reading, now);
			if (!calm) this.#consider(this.#points.track(number), reading, now, effects);
			else if (this.#points.isPart(number)) this.#combine(this.#points.track(number), reading, true, now, effects);
		}
		for (const of of this.#touched) for (const reading of of.combination.rest()) this.#derived(of, reading, now, effects);
		this.#touched.clear();
		return effects;
	}

	/**
	 * Lets delays, shelves and causes run out, notices silence and ends late runs: a scan over what waits for time, meant for once a second.
	 * First out: what is behind an agent of `unheard` is silent only once the alarm on that agent says so.
	 */
	tick(now: number, unheard: readonly string[] = []): AlarmEffect[] {
		const effects: AlarmEffect[] = [];
		const doubtful = unheard.filter((agent) => !this.#book.get(alarmKey(AGENT_OFFLINE, ownPointOf(agent)))?.active);
		for (const track of this.#pending) this.#move(track, onTick(track.cycle, track.rule, now), now, effects);
		for (const track of this.#timed) {
			if (track.point.heardBy(now)) continue;
			track.point.settle();
			if (track.memory.kind === "no-data" && doubtful.includes(this.#devices.get(track.point.point.device)?.agent ?? ""))
				excuseSilence(track.memory, now);
			const lapse = lapsed(track.rule, track.memory, now);
			if (lapse) this.#judge(track, lapse.holds, lapse.at, null, now, effects);
		}
		for (const track of this.#withLate) this.#dropCursors(track, now, effects, IDLE + track.rule.onDelay);
		this.#unshelve(now, effects);
		this.#book.bringForward(now, effects);
		return effects;
	}

	/** Does what a person wants done to an alarm: `unknown` when there is no such alarm, else the flag that stands in the way. */
	act(id: string, { kind, by, comment, shelf }: OperatorAct, now: number): AlarmEffect[] | "unknown" | keyof Flags {
		const alarm = this.#book.byId(id);
		if (!alarm) return "unknown";
		const cycle = this.#cycle(alarm);
		const hindered = obstacle(cycle.flags, kind);
		const step = hindered === null ? onOperator(cycle, kind, now, shelf) : null;
		const effects: AlarmEffect[] = [];
		if (step) this.#turn(alarm, step, { now, by, comment, cursorAt: null }, effects);
		return hindered ?? effects;
	}

	/** Takes note of one of the server's own conditions, or of what another part has counted. Throws RangeError for a subject that is no id. */
	report(rule: NotedRule, report: Omit<OwnReport, "rule">, site: string, now: number): AlarmEffect[] {
		const key = alarmKey(rule.id, ownPointOf(report.subject));
		const effects: AlarmEffect[] = [];
		const apply = (before: AlarmRecord, transition: Transition) => this.#book.change(before, transition, { now, cursorAt: null }, effects);
		reported(this.#book.get(key), rule, report, { now, site, newId: this.#newId, apply });
		const { active, message } = report;
		if (active && effects.length === 0 && !rule.momentary) this.#reword(key, { message }, effects);
		return effects;
	}

	/** The alarms as they are now, recorded or on their way to be. */
	get alarms(): Pick<AlarmBook, "byId" | "open" | "symptomsOf"> {
		return this.#book;
	}

	/** How many points each rule watches. */
	pointsByRule(): Map<string, number> {
		const counts = new Map<string, number>();
		for (const { rule } of this.#tracks.values()) counts.set(rule.id, (counts.get(rule.id) ?? 0) + 1);
		return counts;
	}

	stats(): EngineStats {
		return {
			evaluations: this.#evaluations + this.#points.calmEvaluations,
			lateEvaluations: this.#lateEvaluations,
			duplicates: this.#duplicates,
			points: this.#points.size,
			tracks: this.#tracks.size,
			pending: this.#pending.size,
		};
	}

	/** The track of a point of the site, and whether it is still watched as it was. */
	#pointTrack(point: WorldPoint, points: Map<string, PointTrack>, newest: Pass["newest"]): { track: PointTrack; same: boolean } {
		const known = points.get(point.id) ?? this.#points.get(point.id);
		const track = known ?? new PointTrack(point);
		const last = known ? null : newest(point.id);
		if (last) track.advance(last);
		points.set(point.id, track);
		const same = sameWatch(track.point, point);
		track.point = point;
		return { track, same };
	}

	/** The track of a rule on a point: the one there is where the rule and the point are the same, or a new one. */
	#watched(point: PointTrack, rule: Rule, same: boolean, { now, grace, kept, changed, effects }: Pass): RuleTrack {
		const key = alarmKey(rule.id, point.point.id);
		kept.add(key);
		const old = this.#tracks.get(key);
		if (old && same && sameRule(old.rule, rule)) {
			old.rule = rule;
			return old;
		}
		const track = this.#track(key, rule, point, old, now, grace);
		if (old) this.#dropCursors(old, now, effects);
		this.#tracks.set(key, track);
		changed.push(track);
		return track;
	}

	/** Follows a combination; a new one begins with the newest readings of its points. */
	#combined(place: CombinationPlace, points: Map<string, PointTrack>, pass: Pass): CombinationTrack {
		const inputs = place.inputs.map(({ point }) => this.#pointTrack(point, points, pass.newest).track);
		let of = this.#combinations.get(alarmKey(place.rule.id, place.point.id));
		const same = of !== undefined && samePlace(of.combination.place, place);
		if (!of || !same) {
			const combination = new Combination(place);
			const point = new PointTrack(place.point);
			of = { combination, point, track: this.#watched(point, place.rule, false, pass) };
			for (const [index, { last }] of inputs.entries()) if (last) combination.take(index, last, false);
			for (const reading of combination.rest()) point.advance(reading);
		} else this.#watched(of.point, place.rule, true, pass);
		for (const [index, input] of inputs.entries()) input.joins(of, index);
		return of;
	}

	#track(key: string, rule: Rule, point: PointTrack, old: RuleTrack | undefined, now: number, grace: number): RuleTrack {
		const alarm = this.#book.get(key);
		const cycle: LifeCycle = alarm ? cycleOf(alarm) : NORMAL;
		const memory = newMemory(rule, point.point.interval, cycle.flags.active, now, grace);
		if (old) this.#pending.delete(old);
		return { key, rule, point, memory, cycle, cursorTs: old?.cursorTs ?? alarm?.cursorAt ?? Number.NEGATIVE_INFINITY, late: [] };
	}

	/** Lets each rule on a point look at a reading. */
	#consider(point: PointTrack, reading: Reading, now: number, effects: AlarmEffect[]): void {
		point.settle();
		if (reading.ts === point.liveTs) {
			this.#duplicates++;
			for (const track of point.tracks) if (track.late.length > 0) this.#late(track, reading, now, effects);
			return;
		}
		const newest = reading.ts > point.liveTs;
		for (const track of point.tracks) {
			if (track.rule.kind === "no-data") this.#heard(track, reading, now, effects);
			else if (newest && reading.ts > track.cursorTs) this.#live(track, reading, now, effects);
			else if (reading.ts < track.cursorTs) this.#late(track, reading, now, effects);
		}
		this.#combine(point, reading, newest, now, effects);
		if (!newest) return;
		point.advance(reading);
		if (typeof reading.value === "number") point.calm();
	}

	#combine(point: PointTrack, reading: Reading, newest: boolean, now: number, effects: AlarmEffect[]): void {
		for (const { of, index } of point.parts) {
			const waited = of.combination.take(index, reading, !newest);
			if (waited) this.#derived(of, waited, now, effects);
			this.#touched.add(of);
		}
	}

	#live(track: RuleTrack, reading: Reading, now: number, effects: AlarmEffect[]): void {
		this.#evaluations++;
		track.cursorTs = reading.ts;
		if (track.memory.kind === "count") {
			const lapse = lapsed(track.rule, track.memory, now, reading.ts);
			if (lapse) this.#judge(track, lapse.holds, lapse.at, null, now, effects);
		}
		const condition = conditionOf(track.rule, track.memory, reading, now);
		this.#judge(track, condition, reading.ts, reading.value, now, effects);
	}

	/** What a combination gives, in place of a reading; several at the same instant where its points came apart. */
	#derived({ point, track }: CombinationTrack, reading: Reading, now: number, effects: AlarmEffect[]): void {
		const newest = reading.ts >= point.liveTs;
		if (newest && reading.ts >= track.cursorTs) this.#live(track, reading, now, effects);
		else this.#late(track, reading, now, effects);
		if (newest) point.advance(reading);
	}

	#heard(track: RuleTrack, reading: Reading, now: number, effects: AlarmEffect[]): void {
		this.#evaluations++;
		const condition = conditionOf(track.rule, track.memory, reading, now);
		if (track.memory.kind !== "no-data" || condition === null) return;
		const at = condition ? silentSince(track.memory, now) : track.memory.heardAt;
		this.#judge(track, condition, at, condition ? null : reading.value, now, effects);
	}

	#judge(track: RuleTrack, condition: boolean | null, at: number, value: Value | null, now: number, effects: AlarmEffect[]): void {
		const { cycle } = track;
		if (cycle.pending === null && (condition === null || condition === cycle.flags.active)) return;
		this.#move(track, onCondition(cycle, track.rule, condition, { at, now, value }), now, effects);
	}

	#late(track: RuleTrack, reading: Reading, now: number, effects: AlarmEffect[]): void {
		const place = track.point.placeOf(reading.ts, track.rule.onDelay);
		if (!place && track.late.length === 0) return;
		this.#lateEvaluations++;
		this.#withLate.add(track);
		this.#recordLate(track, evaluateLate(track.late, track.rule, reading, place, now), now, effects);
	}

	/** Ends the late cursors that nothing has come for during `idle` ms. */
	#dropCursors(track: RuleTrack, now: number, effects: AlarmEffect[], idle = Number.NEGATIVE_INFINITY): void {
		track.late = track.late.filter((cursor) => {
			if (now - cursor.touchedAt < idle) return true;
			this.#recordLate(track, finishCursor(cursor, track.late, track.rule, track.point.point.id), now, effects);
			return false;
		});
		if (track.late.length === 0) this.#withLate.delete(track);
	}

	#forget(track: RuleTrack, now: number, effects: AlarmEffect[]): void {
		this.#dropCursors(track, now, effects);
		this.#pending.delete(track);
		this.#tracks.delete(track.key);
	}

	#move(track: RuleTrack, step: Step, now: number, effects: AlarmEffect[]): void {
		track.cycle = step.next;
		track.point.stir();
		if (step.next.pending) this.#pending.add(track);
		else this.#pending.delete(track);
		const cursorAt = Number.isFinite(track.cursorTs) ? track.cursorTs : null;
		this.#record(track.key, step, { now, cursorAt }, track, effects);
	}

	/** What an alarm's next transitions start from; a delay that runs is only known to its track. */
	#cycle(alarm: AlarmRecord): LifeCycle {
		return this.#tracks.get(alarmKey(alarm.rule, alarm.point))?.cycle ?? cycleOf(alarm);
	}

	/** Takes a step that no condition made. */
	#turn(alarm: AlarmRecord, step: Step, context: ChangeContext, effects: AlarmEffect[]): void {
		const key = alarmKey(alarm.rule, alarm.point);
		const track = this.#tracks.get(key);
		if (track) track.cycle = step.next;
		this.#record(key, step, context, null, effects);
	}

	#unshelve(now: number, effects: AlarmEffect[]): void {
		for (const alarm of this.#book.unshelvable(now)) {
			const step = onShelfTime(this.#cycle(alarm), now);
			if (step) this.#turn(alarm, step, { now, cursorAt: null }, effects);
		}
	}

	#record(key: string, step: Step, context: ChangeContext, track: RuleTrack | null, effects: AlarmEffect[]): void {
		for (const transition of step.transitions) {
			const old = this.#book.get(key) ?? (track && newAlarm(this.#newId(), track.rule, track.point.point, transition.at));
			if (!old) continue;
			const words = track && transition.kind === "raised" ? wordsOf(track.rule, track.point.point, transition.value) : {};
			this.#book.change({ ...old, ...words }, transition, context, effects);
		}
	}

	/** An alarm that goes on says what is said of it now. */
	#reword(key: string, words: Partial<Words>, effects: AlarmEffect[]): void {
		const alarm = this.#book.get(key);
		if (!alarm?.active || Object.entries(words).every(([name, word]) => alarm[name as keyof Words] === word)) return;
		const reworded: AlarmRecord = { ...alarm, ...words, version: alarm.version + 1 };
		this.#book.put(reworded);
		effects.push({ type: "reworded", alarm: reworded });
	}

	/** Goes by what the rules say of suppression now. */
	#suppressBy(world: World, now: number, effects: AlarmEffect[]): void {
		this.#suppression.watch(this.#tracks.values(), world);
		for (const { key, rule, cycle } of this.#tracks.values()) if (rule.suppressedWhile || cycle.flags.suppressed) this.#suppress(key, now, effects);
	}

	#suppress(key: string, now: number, effects: AlarmEffect[]): void {
		const [state, track] = [this.#suppression.state(key), this.#tracks.get(key)];
		const step = state && track ? onDesign(track.cycle, state.suppressed, now, state.by) : null;
		if (!step || !track) return;
		track.cycle = step.next;
		this.#record(key, step, { now, cursorAt: null }, null, effects);
	}

	#recordLate(track: RuleTrack, found: readonly LateEffect[], now: number, effects: AlarmEffect[]): void {
		for (const effect of found) {
			if (effect.type === "late-began") {
				effects.push(effect);
				continue;
			}
			const { from, value } = effect.run;
			let alarm = this.#book.get(track.key);
			if (!alarm) {
				const added = newAlarm(this.#newId(), track.rule, track.point.point, from);
				alarm = { ...added, clearedAt: effect.to, value, ...wordsOf(track.rule, track.point.point, value) };
			}
			// Everything up to the run's end has been evaluated: after a restart it must not pass for something new and live.
			track.cursorTs = Math.max(track.cursorTs, effect.to);
			track.point.stir();
			if (alarm.cursorAt === null || alarm.cursorAt < effect.to) alarm = { ...alarm, cursorAt: effect.to, version: alarm.version + 1 };
			this.#book.put(alarm);
			effects.push({ ...effect, alarm, recordedAt: now });
		}
	}
}

type Words = ReturnType<typeof wordsOf>;

/** What one look at the site file finds. */
interface Pass {
	now: number;
	grace: number;
	newest: (point: string) => Reading | null;
	/** Keys of what is watched. */
	kept: Set<string>;
	/** What begins anew. */
	changed: RuleTrack[];
	effects: AlarmEffect[];
}

const samePlace = (one: CombinationPlace, other: CombinationPlace): boolean => JSON.stringify(one) === JSON.stringify(other);
const sameRule = (one: Rule, other: Rule): boolean => JSON.stringify(one) === JSON.stringify(other);
const sameWatch = (one: WorldPoint, other: WorldPoint): boolean =>
	one.interval === other.interval && one.type === other.type && one.unit === other.unit;
