import type { World } from "../../contracts/world.ts";
import type { AlarmRecord } from "./alarm.ts";
import { isAside, isPending } from "./alarm-life-cycle.ts";
import { type Explains, OWN_RULES } from "./own-rules.ts";
import { type Place, placeOf, samePlace } from "./rules/place.ts";

/** How long after the return of their cause symptoms may return too, before they come forward, ms. */
export const LINGER = 60_000;

interface Rule {
	kind: string | null;
	explains: readonly Explains[];
}
const UNKNOWN: Rule = { kind: null, explains: [] };

/**
 * Which alarm explains which (ALM-6), without I/O. A cause is an alarm that is active and in the list: what is put aside explains
 * nothing, so that nothing is hidden under what is hidden. A symptom stands under the first cause there was (first out); where that
 * is a symptom itself, under its cause.
 */
export class Causes {
	readonly #rules = new Map<string, Rule>();
	#world: World | null = null;
	/** By alarm; the site file says them. */
	readonly #places = new Map<string, Place>();
	/** Alarms that explain others now, by id. */
	readonly #causes = new Map<string, AlarmRecord>();
	/** Those of them that stand under no other: in a flood they are few. */
	readonly #roots = new Map<string, AlarmRecord>();
	/** Those whose own condition is gone, and which are still in the list: what is gone with them stays under them. */
	readonly #resting = new Set<string>();
	/** Open alarms under each cause, by id, and whether they are active. */
	readonly #symptoms = new Map<string, Map<string, boolean>>();
	/** Alarms that want attention and stand under no other. */
	readonly #free = new Map<string, AlarmRecord>();
	/** The cause of each symptom, by ids. */
	readonly #under = new Map<string, string>();
	/** Causes that explain nothing any more, with the time from which their symptoms come forward. */
	readonly #over = new Map<string, number>();

	watch(world: World): void {
		this.#world = world;
		this.#places.clear();
		this.#rules.clear();
		for (const [id, rule] of OWN_RULES) this.#rules.set(id, { kind: null, explains: rule.explains ?? [] });
		for (const { id, kind, explains } of world.site.rules) this.#rules.set(id, { kind, explains });
	}

	/** The cause that an alarm stands under from now on: the first there was of those that explain it, `null` where none does. */
	causeOf(alarm: AlarmRecord): string | null {
		let first: AlarmRecord | null = null;
		for (const cause of this.#roots.values())
			if ((first === null || isBefore(cause, first)) && this.#explainsWith(cause, alarm) && this.rootOf(cause.id, alarm.id) !== null) first = cause;
		return first?.id ?? null;
	}

	/** The first cause in the chain above an alarm that goes on, itself where there is none; `null` when `alarm` stands in that chain. */
	rootOf(id: string, alarm: string | null): string | null {
		let root = id;
		for (let next: string | undefined = id; next !== undefined; next = this.#under.get(next)) {
			if (next === alarm) return null;
			if (this.#causes.has(next)) root = next;
		}
		return root;
	}

	/** Ids of alarms that have come before their cause, or stand under an alarm that has become a symptom itself. */
	explainedBy(cause: AlarmRecord): string[] {
		if (!this.#causes.has(cause.id)) return [];
		const found = cause.causeId === null ? [] : [...(this.#symptoms.get(cause.id)?.keys() ?? [])];
		for (const alarm of this.#free.values()) if (this.#explains(cause, alarm) && this.rootOf(cause.id, alarm.id) !== null) found.push(alarm.id);
		return found;
	}

	/** Takes note of how an alarm is now. `before`: as it was. */
	keep(alarm: AlarmRecord, before: AlarmRecord | undefined, now: number): void {
		const { id, causeId } = alarm;
		const wasCause = this.#causes.has(id);
		if (before?.causeId && before.causeId !== causeId) this.#leave(before.causeId, id);
		if (causeId === null && isPending(alarm)) this.#free.set(id, alarm);
		else this.#free.delete(id);
		if (causeId === null) this.#under.delete(id);
		else {
			this.#under.set(id, causeId);
			this.#symptoms.set(causeId, (this.#symptoms.get(causeId) ?? new Map<string, boolean>()).set(id, alarm.active));
			if (!this.#causes.has(causeId) && !this.#over.has(causeId)) this.#over.set(causeId, now);
		}
		const listed = this.#rule(alarm).explains.length > 0 && isPending(alarm) && !isAside(alarm);
		const leaves = this.#resting.delete(id) && !listed;
		if (listed && alarm.active) {
			this.#causes.set(id, alarm);
			this.#over.delete(id);
		} else {
			const ends = this.#causes.delete(id);
			if (listed) this.#resting.add(id);
			if ((ends || leaves) && this.#symptoms.has(id)) this.#over.set(id, ends && !isAside(alarm) ? now + LINGER : now);
		}
		this.#rank(id);
		if (this.#causes.has(id) !== wasCause) for (const symptom of this.#symptoms.get(id)?.keys() ?? []) this.#rank(symptom);
	}

	/**
	 * Symptoms that have outlived their cause, the first one first: MUST be placed in this order, each under what is placed already. What
	 * is gone with its cause and waits to be acknowledged hasn't: it stays there until the cause has left the list.
	 */
	outlived(now: number): string[] {
		const found: string[] = [];
		for (const [cause, from] of this.#over) {
			if (now < from) continue;
			this.#over.delete(cause);
			for (const [symptom, active] of this.#symptoms.get(cause) ?? []) if (active || !this.#resting.has(cause)) found.push(symptom);
		}
		const raisedAt = (id: string) => this.#causes.get(id)?.raisedAt ?? Number.POSITIVE_INFINITY;
		found.sort((one, other) => raisedAt(one) - raisedAt(other) || (one < other ? -1 : 1));
		for (const id of found) this.#roots.delete(id);
		return found;
	}

	/** How many open alarms stand under one. */
	symptomsOf(id: string): number {
		return this.#symptoms.get(id)?.size ?? 0;
	}

	/** Whether it is a cause that stands under no other. */
	#rank(id: string): void {
		const cause = this.#causes.get(id);
		const above = this.#under.get(id);
		if (cause && (above === undefined || !this.#causes.has(above))) this.#roots.set(id, cause);
		else this.#roots.delete(id);
	}

	#leave(cause: string, symptom: string): void {
		const symptoms = this.#symptoms.get(cause);
		symptoms?.delete(symptom);
		if (symptoms?.size !== 0) return;
		this.#symptoms.delete(cause);
		this.#over.delete(cause);
	}

	/** By itself, or by one of those that stand under it. */
	#explainsWith(cause: AlarmRecord, alarm: AlarmRecord): boolean {
		if (this.#explains(cause, alarm)) return true;
		for (const id of this.#symptoms.get(cause.id)?.keys() ?? []) {
			const symptom = this.#causes.get(id);
			if (symptom && this.#explains(symptom, alarm)) return true;
		}
		return false;
	}

	#explains(cause: AlarmRecord, alarm: AlarmRecord): boolean {
		if (cause.id === alarm.id || !isPending(alarm) || alarm.occurrence === 0) return false;
		const rule = this.#rule(alarm);
		return this.#rule(cause).explains.some((explains) => {
			const { rules, ruleKind, pointKind, deviceKind, where, before, within } = explains;
			if (rules && !rules.includes(alarm.rule)) return false;
			if (ruleKind !== undefined && ruleKind !== rule.kind) return false;
			const later = alarm.raisedAt - cause.raisedAt;
			if (later < -before || later > within) return false;
			const place = this.#place(alarm);
			if (pointKind && (place.pointKind === null || !pointKind.includes(place.pointKind))) return false;
			if (deviceKind && (place.deviceKind === null || !deviceKind.includes(place.deviceKind))) return false;
			return samePlace(this.#place(cause), place, where);
		});
	}

	#rule({ rule }: AlarmRecord): Rule {
		return this.#rules.get(rule) ?? UNKNOWN;
	}

	#place(alarm: AlarmRecord): Place {
		const known = this.#places.get(alarm.id);
		if (known || !this.#world) return known ?? NOWHERE;
		const place = placeOf(alarm, this.#world);
		this.#places.set(alarm.id, place);
		return place;
	}
}

const isBefore = (one: AlarmRecord, other: AlarmRecord): boolean =>
	one.raisedAt < other.raisedAt || (one.raisedAt === other.raisedAt && one.id < other.id);
const NOWHERE: Place = { device: null, rack: null, room: null, feed: null, agent: null, site: null, pointKind: null, deviceKind: null };
