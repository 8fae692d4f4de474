import type { AccessEventView, DoorEventView, DoorView, Page } from "../../contracts/api.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { notFound } from "../platform/errors.ts";
import { pageOfRows } from "../platform/http/paging.ts";
import type { Realtime } from "../platform/realtime-port.ts";
import type { WorldSource } from "../site/world-source.ts";
import { accessView, type DeviceEvent, type DoorRecord, doorView, type EventRecord } from "./access-event.ts";
import { eventRow } from "./access-rows.ts";
import { AccessStore, type EventFilter, type EventPosition, type RecordedGap, renameInEvents } from "./access-store.ts";
import { type DoorUsage, doorUsage } from "./access-usage.ts";
import { type Standing, standingAfter } from "./door-standing.ts";
import type { Register } from "./register/register.ts";

export interface AccessServiceOptions {
	world: WorldSource;
	database: Database;
	realtime: Realtime;
	clock: Clock;
	/** The access register as it is now, with its history. */
	register: () => Register;
	/** Whether a door's controller is heard now; without this it always is. */
	heard?: (device: string) => boolean;
}
/** For /metrics; counted since the start. */
export interface AccessStats {
	accessEvents: number;
	doorEvents: number;
	denied: number;
	late: number;
	/** Events that came again. */
	duplicates: number;
	/** Events whose number the device had used for another one. */
	conflicts: number;
	gaps: number;
}

/** How long somebody stays in a room after passing its door, at most; and how far two clocks may be apart. Milliseconds. */
const STAY = 12 * 3_600_000;
const CLOCKS_APART = 5 * 60_000;

/** Access and door events, and the doors' states now (ACC-2, EDG-7). */
export class AccessService {
	readonly #options: AccessServiceOptions;
	readonly #store: AccessStore;
	readonly #listeners: (() => void)[] = [];
	readonly #doors = new Map<string, Standing>();
	readonly #stats: AccessStats = { accessEvents: 0, doorEvents: 0, denied: 0, late: 0, duplicates: 0, conflicts: 0, gaps: 0 };

	constructor(options: AccessServiceOptions) {
		this.#options = options;
		this.#store = new AccessStore(options.database);
	}

	/** Loads the doors' states. MUST come before the first event. */
	async start(): Promise<void> {
		for (const event of await this.#store.doorStates()) this.#keepState(event, false);
	}

	/**
	 * Resolves once the events are committed, all of them, and the new ones among them published. The same events again change
	 * nothing. Rejects when the database can't take them: nothing is kept then, and they MUST come again.
	 */
	async record(events: readonly DeviceEvent[], late: boolean): Promise<void> {
		if (events.length === 0) return;
		const { clock } = this.#options;
		const register = this.#options.register();
		const rows = events.map((event) => eventRow(event, late, register));
		const recorded = await this.#store.record(rows, clock.now());
		for (const count of ["duplicates", "conflicts", "gaps"] as const) this.#stats[count] += recorded[count];
		for (const event of recorded.events) this.#tell(event);
		if (recorded.events.length > 0) for (const listener of this.#listeners) listener();
	}

	/** Calls back once new events are committed. MUST NOT throw. */
	onRecorded(listener: () => void): void {
		this.#listeners.push(listener);
	}

	/** Newest first. */
	async accessEvents(filter: EventFilter, page: { limit: number; after: EventPosition | null }): Promise<Page<AccessEventView>> {
		return pageOfRows(await this.#store.accessEvents(filter, page.after, page.limit + 1), page.limit, accessView, positionOf);
	}

	/** Newest first. */
	async doorEvents(filter: EventFilter, page: { limit: number; after: EventPosition | null }): Promise<Page<DoorEventView>> {
		return pageOfRows(await this.#store.doorEvents(filter, page.after, page.limit + 1), page.limit, doorView, positionOf);
	}

	/** When each of these credentials was last let in, Unix ms. */
	async lastUse(credentials: readonly string[]): Promise<ReadonlyMap<string, number>> {
		return await this.#store.lastUse(credentials);
	}

	/**
	 * Whether the doors of a room know that the person of an account was there at a moment (Unix ms): was let through one of them within
	 * the twelve hours before. `null`: the room has no door that could know.
	 */
	async wasThere(transaction: AnyTransaction, account: string, room: string, at: number): Promise<boolean | null> {
		const doors = this.#options.world.current().site.doors.filter((door) => door.from === room || door.to === room);
		if (doors.length === 0) return null;
		const holder = this.#options.register().holderOfAccount(account);
		if (!holder) return false;
		const asked = { holders: [holder.id], doors: doors.map(({ id }) => id), from: at - STAY, to: at + CLOCKS_APART };
		return await this.#store.letThrough(transaction, asked);
	}

	/** Events of these holders name them so from now on: who they were isn't to be known any more. */
	async renameInEvents(transaction: AnyTransaction, holders: readonly string[], name: string): Promise<void> {
		await renameInEvents(transaction, holders, name);
	}

	/** What every holder did at every door in (from, to], Unix ms. */
	async usage(from: number, to: number): Promise<DoorUsage[]> {
		return await doorUsage(this.#options.database, this.#options.register(), from, to);
	}

	/** How each door stands that has had an event. */
	standing(): ReadonlyMap<string, Standing> {
		return this.#doors;
	}

	/** Id of the site whose events these are. */
	site(): string {
		return this.#options.world.current().site.id;
	}

	/** Every door of the site with its newest state, `null` before its first event; stale while its controller isn't heard. */
	doors(): DoorView[] {
		const { world, heard } = this.#options;
		return world.current().site.doors.map(({ id, name, from, to, factors, controller }) => {
			const event = this.#doors.get(id)?.state;
			const since = event ? new Date(event.ts).toISOString() : null;
			return {
				id,
				name,
				from,
				to,
				factors,
				controller,
				state: event?.state ?? null,
				since,
				stale: event === undefined || (heard !== undefined && !heard(controller)),
			};
		});
	}

	/**
	 * Numbers that a device skipped, the newest gap first. After an outage new events come before the backlog, so gaps open that
	 * late events fill: those are listed only with `filled`. Throws AppError `not-found` (404).
	 */
	async sequenceGaps(device: string, page: { filled: boolean; limit: number; before: number | null }): Promise<Page<SequenceGapView>> {
		if (!this.#options.world.current().devices.has(device)) throw notFound("device", device);
		return pageOfRows(await this.#store.gaps(device, page.filled, page.before, page.limit + 1), page.limit, gapView, ({ id }) => id);
	}

	stats(): AccessStats {
		return { ...this.#stats };
	}

	#tell(event: EventRecord): void {
		const { realtime, world } = this.#options;
		const site = world.current().site.id;
		if (event.late) this.#stats.late++;
		if (event.type === "access") {
			this.#stats.accessEvents++;
			if (event.result === "denied") this.#stats.denied++;
			realtime.publish(site, "access", accessView(event));
		} else {
			this.#stats.doorEvents++;
			this.#keepState(event, !event.late);
			// One that only says again that a door is open which stands held would hide that it is.
			const stands = this.#doors.get(event.door)?.state;
			if (event.state !== "open" || stands?.state !== "held") realtime.publish(site, "door", doorView(event));
		}
	}

	#keepState(event: DoorRecord, live: boolean): void {
		const { world, clock } = this.#options;
		const heldOpenAfter = world.current().site.doors.find(({ id }) => id === event.door)?.heldOpenAfter ?? 0;
		this.#doors.set(event.door, standingAfter(this.#doors.get(event.door), event, { now: clock.now(), live, heldOpenAfter }));
	}
}

/** A gap as the API shows it. */
export interface SequenceGapView {
	id: string;
	/** First and last number that was missing. */
	from: number;
	to: number;
	/** Numbers that are still missing. */
	missing: number;
	noticedAt: string;
	/** When late events had filled all of it. */
	filledAt: string | null;
}

function gapView({ id, from, to, missing, noticedAt, filledAt }: RecordedGap): SequenceGapView {
	const filled = filledAt === null ? null : new Date(filledAt).toISOString();
	return { id: String(id), from, to, missing, noticedAt: new Date(noticedAt).toISOString(), filledAt: filled };
}

const positionOf = ({ ts, id }: EventRecord): EventPosition => ({ ts, id: Number(id) });
