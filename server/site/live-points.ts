import type { Point } from "../../contracts/api.ts";
import type { LiveQuality, Quality, Value } from "../../contracts/kinds.ts";
import { orderTime, type Reading } from "../../contracts/reading.ts";
import type { LiveReading } from "../../contracts/realtime.ts";
import { locationText, type World, type WorldPoint } from "../../contracts/world.ts";
import type { History } from "../history/history.ts";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/logger.ts";
import type { Realtime } from "../platform/realtime-port.ts";
import { fits } from "./value-type.ts";
import type { WorldSource } from "./world-source.ts";

/** Time between two attempts to read the newest stored readings while the history is away, ms. */
const RECALL_EVERY = 5000;
/** So many expected intervals without a reading make a point stale. */
const MISSED_INTERVALS = 3;

interface Entry {
	point: WorldPoint;
	/** `null` before the first reading. */
	value: Value | null;
	quality: Quality;
	ts: number;
	receivedAt: number;
	/** When something was last heard of this point, server time; the start of the watch where nothing has been. */
	heardAt: number;
	/** When its agent received the newest of it, agent time. */
	saidAt: number;
	/** Silence that makes it stale, ms. */
	patience: number;
	stale: boolean;
	changed: boolean;
}

export interface LivePointsOptions {
	world: WorldSource;
	history: Pick<History, "latest">;
	realtime: Realtime;
	clock: Clock;
	logger: Logger;
	/**
	 * Whether a device is heard now. A point without an interval (a door) speaks only when something happens, so its silence says
	 * nothing: it is stale while its device or agent isn't heard. Without this such points are never stale.
	 */
	heard?: (device: string) => boolean;
	/** What a device said up to this time of receipt is no longer so, since it went offline; `null`: it has not been. */
	voidUntil?: (device: string) => number | null;
	/** Shortest time between two pushes to the dashboards, ms. */
	pushEvery?: number;
}

/** The newest reading of every point, in memory. */
export class LivePoints {
	readonly #options: LivePointsOptions;
	readonly #pushEvery: number;
	#entries = new Map<string, Entry>();
	#changed: Entry[] = [];
	#lastPush = 0;
	#pushTimer: NodeJS.Timeout | undefined;
	#tickTimer: NodeJS.Timeout | undefined;
	#recallTimer: NodeJS.Timeout | undefined;
	#running = false;

	constructor(options: LivePointsOptions) {
		this.#options = options;
		this.#pushEvery = options.pushEvery ?? 100;
	}

	/** Takes the newest readings from the history and begins to watch for silence. A history that is away is asked again later. */
	async start(): Promise<void> {
		const { world, clock } = this.#options;
		this.#running = true;
		this.#adopt(world.current());
		world.onChange((changed) => this.#adopt(changed));
		await this.#recall([...this.#entries.keys()]);
		this.tick(clock.now());
		this.#tickTimer = setInterval(() => this.tick(clock.now()), 1000);
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		this.#running = false;
		clearInterval(this.#tickTimer);
		clearTimeout(this.#pushTimer);
		clearTimeout(this.#recallTimer);
		this.#pushTimer = undefined;
	}

	/**
	 * Takes every reading that isn't older than the one it has. `late`: the readings tell of the past (back-filled, or the
	 * snapshot after an outage), so that the time at which the agent received them counts for staleness, not the time of their
	 * coming here. Points that the site doesn't know are passed over. Returns the number of points that have changed.
	 */
	update(readings: readonly Reading[], late: boolean): number {
		const now = this.#options.clock.now();
		let count = 0;
		for (const reading of readings) {
			const entry = this.#entries.get(reading.point);
			if (entry === undefined) continue;
			const heardAt = late && reading.receivedAt < now ? reading.receivedAt : now;
			let changed = false;
			if (heardAt > entry.heardAt) entry.heardAt = heardAt;
			if (reading.receivedAt > entry.saidAt) entry.saidAt = reading.receivedAt;
			if (entry.stale && !this.#silent(entry, now)) {
				entry.stale = false;
				changed = true;
			}
			if (orderTime(reading) >= orderTime(entry)) {
				changed ||= reading.ts !== entry.ts || reading.value !== entry.value || reading.quality !== entry.quality;
				entry.value = reading.value;
				entry.quality = reading.quality;
				entry.ts = reading.ts;
				entry.receivedAt = reading.receivedAt;
			}
			if (changed) {
				count++;
				this.#mark(entry);
			}
		}
		if (count > 0) this.#schedulePush();
		return count;
	}

	/**
	 * Makes points stale that have been silent for three of their intervals or have said nothing since their device went offline,
	 * or whose device isn't heard where they have no interval; the latter are good again when it is. `now` in Unix ms. Returns how
	 * many have changed.
	 */
	tick(now: number): number {
		let count = 0;
		for (const entry of this.#entries.values()) {
			const silent = this.#silent(entry, now);
			if (entry.stale === silent || (entry.stale && entry.point.interval !== null)) continue;
			entry.stale = silent;
			count++;
			this.#mark(entry);
		}
		if (count > 0) this.#schedulePush();
		return count;
	}

	/** The newest reading of a point; `null`: none, or it is stale. */
	newest(id: string): Reading | null {
		const entry = this.#entries.get(id);
		if (!entry || entry.value === null || entry.stale) return null;
		const { value, quality, ts, receivedAt } = entry;
		return { point: id, ts, receivedAt, value, quality };
	}

	/** The point as the API shows it; `undefined` for one that the site doesn't know. */
	get(id: string): Point | undefined {
		const entry = this.#entries.get(id);
		return entry && view(entry);
	}

	/** All points, in the order of the site file. */
	list(): Point[] {
		return Array.from(this.#entries.values(), view);
	}

	/** Number of points by the quality of their newest value. */
	qualities(): Record<LiveQuality, number> {
		const counts = { good: 0, uncertain: 0, bad: 0, stale: 0 };
		for (const entry of this.#entries.values()) counts[shownQuality(entry)]++;
		return counts;
	}

	#silent(entry: Entry, now: number): boolean {
		const { heard, voidUntil } = this.#options;
		const { device, interval } = entry.point;
		if (interval === null) return heard !== undefined && !heard(device);
		const until = voidUntil?.(device) ?? null;
		if (until !== null && entry.saidAt <= until) return true;
		return now - entry.heardAt > entry.patience;
	}

	#adopt(world: World): void {
		const now = this.#options.clock.now();
		const before = this.#entries;
		const added: string[] = [];
		this.#entries = new Map();
		for (const point of world.points.values()) {
			const patience = point.interval === null ? Number.POSITIVE_INFINITY : MISSED_INTERVALS * point.interval;
			const known = before.get(point.id);
			if (known && (known.value === null || fits(known.value, point))) {
				this.#entries.set(point.id, Object.assign(known, { point, patience }));
			} else {
				this.#entries.set(point.id, blank(point, patience, now));
				added.push(point.id);
			}
		}
		this.#changed = this.#changed.filter((entry) => this.#entries.get(entry.point.id) === entry);
		// At the start the caller waits for the history; on a reload what is missing there comes with the next reading.
		if (before.size > 0) void this.#recall(added);
	}

	/** Fills in what the history has; anything newer that has come meanwhile stays. Never throws. */
	async #recall(points: string[]): Promise<void> {
		if (points.length === 0) return;
		try {
			this.#fillIn([...(await this.#options.history.latest(points)).values()]);
		} catch (error) {
			this.#options.logger.warn({ err: error, points: points.length }, "the newest stored readings could not be read; trying again");
			if (!this.#running) return;
			clearTimeout(this.#recallTimer);
			const blank = () => [...this.#entries.values()].filter(({ value }) => value === null).map(({ point }) => point.id);
			this.#recallTimer = setTimeout(() => void this.#recall(blank()), RECALL_EVERY);
		}
	}

	#fillIn(readings: readonly Reading[]): void {
		const now = this.#options.clock.now();
		const fitting = readings.filter((reading) => {
			const entry = this.#entries.get(reading.point);
			return entry !== undefined && fits(reading.value, entry.point);
		});
		for (const reading of fitting) {
			const entry = this.#entries.get(reading.point);
			if (!entry || entry.value !== null) continue;
			entry.heardAt = Math.min(now, reading.receivedAt);
			entry.saidAt = reading.receivedAt;
			entry.stale = this.#silent(entry, now);
		}
		this.update(fitting, true);
	}

	#mark(entry: Entry): void {
		if (entry.changed) return;
		entry.changed = true;
		this.#changed.push(entry);
	}

	/** At once after a pause, else when `pushEvery` has passed since the last push. */
	#schedulePush(): void {
		if (this.#pushTimer || !this.#running) return;
		const wait = Math.max(0, this.#lastPush + this.#pushEvery - this.#options.clock.now());
		this.#pushTimer = setTimeout(() => this.#push(), Math.min(wait, this.#pushEvery));
	}

	#push(): void {
		this.#pushTimer = undefined;
		const now = this.#options.clock.now();
		this.#lastPush = now;
		const readings = this.#changed.map((entry): LiveReading => {
			const { point, value, ts, receivedAt } = entry;
			return [point.id, value, shownQuality(entry), value === null ? 0 : ts, value === null ? 0 : receivedAt];
		});
		for (const entry of this.#changed) entry.changed = false;
		this.#changed = [];
		if (readings.length > 0) {
			const site = this.#options.world.current().site.id;
			this.#options.realtime.publish(site, "reading", { site, sentAt: now, readings });
		}
	}
}

function blank(point: WorldPoint, patience: number, now: number): Entry {
	return {
		point,
		patience,
		value: null,
		quality: "good",
		ts: Number.NEGATIVE_INFINITY,
		receivedAt: 0,
		heardAt: now,
		saidAt: Number.NEGATIVE_INFINITY,
		stale: false,
		changed: false,
	};
}

/** Missing is never "good": a point without a value is stale from the start. */
function shownQuality({ value, quality, stale }: Entry): LiveQuality {
	return stale || value === null ? "stale" : quality;
}

function view(entry: Entry): Point {
	const { point, value, ts, receivedAt } = entry;
	return {
		id: point.id,
		device: point.device,
		point: point.point,
		name: point.name,
		kind: point.kind,
		type: point.type,
		unit: point.unit,
		location: locationText(point.location),
		room: point.location.room,
		rack: point.location.rack,
		normal: point.normal,
		interval: point.interval,
		value,
		quality: shownQuality(entry),
		ts: value === null ? null : new Date(ts).toISOString(),
		receivedAt: value === null ? null : new Date(receivedAt).toISOString(),
	};
}
