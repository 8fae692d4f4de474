import type { Reading } from "../../contracts/reading.ts";
import { advance, isCalm, noteCalm, ROW, ROW_LENGTH, type Rows } from "./point-row.ts";
import type { PointTrack } from "./point-track.ts";

/** The points with rules on them, found by id, with a row of numbers each. */
export class PointTable {
	#rows: Rows = new Float64Array(0);
	#tracks: PointTrack[] = [];
	#ids: string[] = [];
	/** Row numbers by id. */
	readonly #numbers = new Map<string, number>();
	/** Row number of the point that was found last. */
	#last = 0;
	#calm = 0;

	/** Evaluations that calm readings have spared, each the same as one of a rule that finds nothing to do. */
	get calmEvaluations(): number {
		return this.#calm;
	}
	get size(): number {
		return this.#tracks.length;
	}

	all(): readonly PointTrack[] {
		return this.#tracks;
	}
	get(id: string): PointTrack | undefined {
		const number = this.#numbers.get(id);
		return number === undefined ? undefined : this.#tracks[number];
	}

	/** From now on these are the points, with rows in this order. */
	keep(tracks: readonly PointTrack[]): void {
		this.#rows = new Float64Array(tracks.length * ROW_LENGTH);
		this.#tracks = [...tracks];
		this.#ids = tracks.map(({ point }) => point.id);
		this.#numbers.clear();
		this.#last = 0;
		for (const [number, track] of tracks.entries()) {
			track.moveTo(this.#rows, number * ROW_LENGTH);
			this.#rows[number * ROW_LENGTH + ROW.follower] = (number + 1) % tracks.length;
			this.#numbers.set(track.point.id, number);
		}
	}

	/** Row number of a point, -1: it has no rules. Readings mostly come in the order of the last time, so that is tried first. */
	find(id: string): number {
		const place = this.#last * ROW_LENGTH + ROW.follower;
		const expected = this.#rows[place] as number;
		if (this.#ids[expected] === id) {
			this.#last = expected;
			return expected;
		}
		const number = this.#numbers.get(id);
		if (number === undefined) return -1;
		this.#rows[place] = number;
		this.#last = number;
		return number;
	}
	track(number: number): PointTrack {
		return this.#tracks[number] as PointTrack;
	}

	/**
	 * Takes a reading that changes no condition. What rules must know of it later they learn by {@link PointTrack.settle}.
	 * `false`: it has not been taken, each rule must look at it.
	 */
	takeCalmly(number: number, reading: Reading, now: number): boolean {
		const [rows, at] = [this.#rows, number * ROW_LENGTH];
		if (!isCalm(rows, at, reading, now)) return false;
		const { ts, value, receivedAt } = reading;
		if (ts >= (rows[at + ROW.due] as number)) this.track(number).tellWindows(ts);
		noteCalm(rows, at, ts, value as number, Math.min(receivedAt, now));
		advance(rows, at, reading);
		this.#calm += rows[at + ROW.rules] as number;
		return true;
	}
	/** Whether a point is part of a combination. */
	isPart(number: number): boolean {
		return (this.#rows[number * ROW_LENGTH + ROW.parts] as number) > 0;
	}
}
