import { floorTo, HOUR } from "./rollup.ts";

export interface DirtyMark {
	hour: number;
	/** `null`: every point. */
	point: string | null;
}

/**
 * Hours of points whose rollups no longer match the raw readings (late data), until they are computed anew. Bounded: beyond
 * `maxMarks` the hour with the most points is marked for every point. Marks under work still count as dirty for queries.
 *
 * What is marked again while it is under work may have its stored mark wiped by that work, or not: nobody knows. Until it is marked once
 * more after the work, {@link add} calls it new each time, so that no reading is ever stored without a mark that outlives it.
 */
export class DirtyHours {
	private readonly maxMarks: number;
	private readonly hours = new Map<number, Set<string> | null>();
	private taken: DirtyMark[] = [];
	/** Marks whose stored form may have been wiped, by hour and point. */
	private readonly unsure = new Set<string>();
	private marks = 0;

	constructor(maxMarks = 200_000) {
		this.maxMarks = maxMarks;
	}

	get size(): number {
		return this.marks + this.taken.length;
	}

	/** Returns the mark when it is new. */
	add(point: string | null, ts: number): DirtyMark | null {
		const hour = floorTo(ts, HOUR);
		const points = this.hours.get(hour);
		if (points === null) return null;
		if (point === null) {
			this.marks += 1 - (points?.size ?? 0);
			this.hours.set(hour, null);
			return { hour, point };
		}
		const again = this.mayBeWiped(point, hour);
		if (points?.has(point)) return again ? { hour, point } : null;
		if (points) points.add(point);
		else this.hours.set(hour, new Set([point]));
		this.marks++;
		if (this.marks > this.maxMarks) this.escalate();
		return { hour, point };
	}

	/** Whether this point's rollups of this hour can't be trusted. */
	has(point: string, hour: number): boolean {
		const points = this.hours.get(hour);
		if (points === null || points?.has(point)) return true;
		return this.isTaken(point, hour);
	}

	/** Asked at each mark: until one comes after the work that may have wiped those before it. */
	private mayBeWiped(point: string, hour: number): boolean {
		if (this.taken.length === 0 && this.unsure.size === 0) return false;
		const key = keyOf(hour, point);
		if (!this.isTaken(point, hour)) return this.unsure.delete(key);
		this.unsure.add(key);
		return true;
	}

	private isTaken(point: string, hour: number): boolean {
		return this.taken.some((mark) => mark.hour === hour && (mark.point === null || mark.point === point));
	}

	/** Whether this very mark is set and not under work. */
	includes({ point, hour }: DirtyMark): boolean {
		const points = this.hours.get(hour);
		return points === null || (point !== null && points?.has(point) === true);
	}

	/** Takes marks of one hour into work, the newest hour first; [] when there are none. Then {@link done} or {@link putBack}. */
	take(limit: number): DirtyMark[] {
		let hour = Number.NEGATIVE_INFINITY;
		for (const key of this.hours.keys()) if (key > hour) hour = key;
		const points = this.hours.get(hour);
		if (points === undefined) return [];
		if (points === null) this.taken.push({ hour, point: null });
		else for (const point of [...points].slice(0, limit)) this.taken.push({ hour, point });
		for (const { point } of this.taken) if (point !== null) points?.delete(point);
		if (points === null || points.size === 0) this.hours.delete(hour);
		this.marks -= this.taken.length;
		return [...this.taken];
	}

	/** The marks under work have been dealt with. */
	done(): void {
		this.taken = [];
	}

	putBack(): void {
		const marks = this.taken;
		this.taken = [];
		for (const { point, hour } of marks) this.add(point, hour);
	}

	/** All marks, those under work too. */
	all(): DirtyMark[] {
		const marks = [...this.taken];
		for (const [hour, points] of this.hours) {
			if (points === null) marks.push({ hour, point: null });
			else for (const point of points) marks.push({ hour, point });
		}
		return marks;
	}

	private escalate(): void {
		let largest: { hour: number; size: number } | undefined;
		for (const [hour, points] of this.hours) if (points && points.size > (largest?.size ?? 0)) largest = { hour, size: points.size };
		if (largest) this.add(null, largest.hour);
	}
}

const keyOf = (hour: number, point: string): string => `${hour} ${point}`;
