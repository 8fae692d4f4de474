import type { World } from "../../contracts/world.ts";
import { type AlarmRecord, alarmKey, applyTransition, type Change, type ChangeContext, underCause, withCause } from "./alarm.ts";
import type { AlarmEffect } from "./alarm-effect.ts";
import { stateOf, type Transition } from "./alarm-life-cycle.ts";
import { Causes } from "./causes.ts";

/** With these an alarm that was put aside is in the list again, and explains what it explained. */
const COMES_BACK: ReadonlySet<string> = new Set(["unshelved", "unsuppressed", "in-service"]);

/** Every alarm that has ever been, as it is now, recorded or on its way to be; also those whose rule is gone. Knows which explains which. */
export class AlarmBook {
	/** By {@link alarmKey}. */
	readonly #byKey = new Map<string, AlarmRecord>();
	readonly #keys = new Map<string, string>();
	readonly #open = new Map<string, AlarmRecord>();
	readonly #shelved = new Set<string>();
	readonly #causes = new Causes();

	/** Takes what was recorded. */
	load(alarms: readonly AlarmRecord[], world: World, now: number): void {
		for (const alarm of alarms) this.put(alarm);
		this.watch(world, now);
	}

	/** Goes by what the rules explain now. */
	watch(world: World, now: number): void {
		this.#causes.watch(world);
		for (const alarm of this.#open.values()) this.#causes.keep(alarm, alarm, now);
	}

	/** Keeps an alarm of which nothing has changed that others depend on. */
	put(alarm: AlarmRecord): void {
		const { id, rule, point } = alarm;
		const key = alarmKey(rule, point);
		this.#byKey.set(key, alarm);
		this.#keys.set(id, key);
		if (stateOf(alarm) === "normal") this.#open.delete(id);
		else this.#open.set(id, alarm);
		if (alarm.shelf) this.#shelved.add(key);
		else this.#shelved.delete(key);
	}

	/** Makes a change of an alarm, and what follows from it for those that it explains. Returns the alarm as it is then. */
	change(before: AlarmRecord, transition: Transition, context: ChangeContext, effects: AlarmEffect[]): AlarmRecord {
		const changed = applyTransition(before, transition, context);
		const raised = transition.kind === "raised";
		const explained = raised ? underCause(changed, this.#causes.causeOf(changed.record)) : changed;
		this.#keep(explained, before, context.now, effects);
		if (raised || COMES_BACK.has(transition.kind)) this.#explain(explained.record, context.now, effects);
		return explained.record;
	}

	/** Symptoms that have outlived their cause come forward, or stand under another. */
	bringForward(now: number, effects: AlarmEffect[]): void {
		for (const id of this.#causes.outlived(now)) {
			const alarm = this.byId(id);
			if (alarm) this.#fold(alarm, this.#causes.causeOf(alarm), now, effects);
		}
	}

	get(key: string): AlarmRecord | undefined {
		return this.#byKey.get(key);
	}
	byId(id: string): AlarmRecord | undefined {
		const key = this.#keys.get(id);
		return key === undefined ? undefined : this.#byKey.get(key);
	}
	/** With its key, in no order. */
	entries(): IterableIterator<[string, AlarmRecord]> {
		return this.#byKey.entries();
	}
	/** In every state but normal. */
	open(): IterableIterator<AlarmRecord> {
		return this.#open.values();
	}
	/** How many open alarms an alarm explains. */
	symptomsOf(id: string): number {
		return this.#causes.symptomsOf(id);
	}
	/** Those whose shelf's time is over. */
	unshelvable(now: number): AlarmRecord[] {
		const due: AlarmRecord[] = [];
		for (const key of this.#shelved) {
			const alarm = this.#byKey.get(key);
			if (alarm?.shelf && now >= alarm.shelf.until) due.push(alarm);
		}
		return due;
	}

	#keep({ record, transition }: Change, before: AlarmRecord, now: number, effects: AlarmEffect[]): void {
		this.put(record);
		this.#causes.keep(record, before, now);
		effects.push({ type: "transition", alarm: record, transition });
	}

	/** Folds what an alarm explains under it, or under its own cause. */
	#explain(cause: AlarmRecord, now: number, effects: AlarmEffect[]): void {
		for (const id of this.#causes.explainedBy(cause)) {
			const [alarm, root] = [this.byId(id), this.#causes.rootOf(cause.id, id)];
			if (alarm && root !== null && root !== alarm.causeId) this.#fold(alarm, root, now, effects);
		}
	}

	#fold(alarm: AlarmRecord, causeId: string | null, now: number, effects: AlarmEffect[]): void {
		const change = withCause(alarm, causeId, now);
		this.#keep(change, alarm, now, effects);
		if (causeId !== null) this.#explain(change.record, now, effects);
	}
}
