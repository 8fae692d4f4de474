import type { Value } from "../../contracts/kinds.ts";
import type { Reading } from "../../contracts/reading.ts";
import { selects } from "../../contracts/rule-selection.ts";
import type { SuppressedWhile } from "../../contracts/rules.ts";
import type { World } from "../../contracts/world.ts";
import type { RuleTrack } from "./point-track.ts";
import { placeOf } from "./rules/place.ts";

/** An alarm, there or to come, whose rule says when it is suppressed. */
interface Watched {
	states: SuppressedWhile["states"];
	points: readonly Source[];
}
/** A point that suppresses others; `value`: its newest good one. */
interface Source {
	id: string;
	value: Value | null;
	ts: number;
	keys: string[];
}

/** Which alarms are suppressed by design (ISA-18.2, clause 12.4), by the states of the points that their rules name. No I/O. */
export class Suppression {
	#sources = new Map<string, Source>();
	#alarms = new Map<string, Watched>();

	/** What is to be watched from now on; what is known of points that stay, stays. */
	watch(tracks: Iterable<Pick<RuleTrack, "key" | "rule" | "point">>, world: World): void {
		const before = this.#sources;
		this.#sources = new Map();
		this.#alarms = new Map();
		const groups = new Map<string, Map<string, Source[]>>();
		for (const { key, rule, point } of tracks) {
			const by = rule.suppressedWhile;
			if (!by) continue;
			const { id, location } = point.point;
			const selector = JSON.stringify([by.on, by.where]);
			const group = groups.get(selector) ?? this.#select(by, world, before);
			groups.set(selector, group);
			const place = placeOf({ rule: rule.id, point: id, ...location }, world)[by.where];
			const points = (place === null ? undefined : group.get(place)) ?? [];
			for (const source of points) source.keys.push(key);
			this.#alarms.set(key, { states: by.states, points });
		}
	}

	/** Takes note of a reading; the alarms for which that may change something. Back-filled readings change nothing. */
	take({ point, value, quality, ts }: Reading): readonly string[] {
		const source = this.#sources.get(point);
		if (!source || quality === "bad" || ts < source.ts) return NONE;
		const changed = value !== source.value;
		source.value = value;
		source.ts = ts;
		return changed ? source.keys : NONE;
	}

	/** Whether an alarm is suppressed, and by which point; `null`: nothing is known of its points yet. */
	state(key: string): { suppressed: boolean; by: string | null } | null {
		const watched = this.#alarms.get(key);
		if (!watched) return { suppressed: false, by: null };
		const { states, points } = watched;
		const by = points.find(({ value }) => value !== null && typeof value !== "number" && states.includes(value));
		if (by) return { suppressed: true, by: by.id };
		return points.some(({ value }) => value === null) ? null : { suppressed: false, by: null };
	}

	/** The selected points by their places. */
	#select({ on, where }: SuppressedWhile, world: World, before: ReadonlyMap<string, Source>): Map<string, Source[]> {
		const found = new Map<string, Source[]>();
		for (const device of world.devices.values())
			for (const point of device.points) {
				if (!selects(on, point, device)) continue;
				const { id, location } = point;
				const place = placeOf({ rule: "", point: id, ...location }, world)[where];
				if (place === null) continue;
				const { value = null, ts = Number.NEGATIVE_INFINITY } = before.get(id) ?? {};
				const source = this.#sources.get(id) ?? { id, value, ts, keys: [] };
				this.#sources.set(id, source);
				found.set(place, [...(found.get(place) ?? []), source]);
			}
		return found;
	}
}

const NONE: readonly string[] = [];
