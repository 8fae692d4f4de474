import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { OwnCondition } from "../../alarms/own-conditions.ts";
import type { Actor } from "../../platform/actor.ts";
import { AppError, notFound } from "../../platform/errors.ts";
import type { WorldSource } from "../../site/world-source.ts";
import type { AccessRegister } from "../register/access-register.ts";
import { makePlan, type Plan } from "./controller-plan.ts";
import { ControllerWorker, type ControllerWorkerOptions } from "./controller-worker.ts";
import {
	type ControllerRecord,
	type ControllersTables,
	lastConfirmation,
	listRemovals,
	loadControllers,
	makeDue,
	type OpenRemovals,
	openRemovals,
	type RemovalFilter,
	type RemovalRow,
	removalsOf,
} from "./controllers-store.ts";
import type { RemovalProgress, Removals } from "./removal.ts";

export interface ControllerServiceOptions extends Omit<ControllerWorkerOptions, "worker"> {
	world: WorldSource;
	register: AccessRegister;
	/** Whether a device is heard now. */
	heard(device: string): boolean;
	/** How long a removal may be unconfirmed before that alarms, ms. */
	removalBound: number;
	/** Time between two looks at what is due, ms. */
	tickEvery?: number;
}

/** Changes that come within this time, ms, are planned together. */
const DEBOUNCE = 150;
/** Controllers that are worked at together. */
const TOGETHER = 4;
const STOP_LIMIT = 5000;
/** Failures that are over once the device is heard again. */
const AWAY: readonly string[] = ["offline", "agent-offline", "no-answer"];

/** Keeps the access lists of all controllers as the register wants them, and knows how far each removal has come (ACC-4). */
export class ControllerService implements Removals {
	readonly #options: ControllerServiceOptions;
	readonly #worker: ControllerWorker;
	readonly #listeners: (() => void)[] = [];
	readonly #working = new Map<string, Promise<void>>();
	readonly #heard = new Set<string>();
	#plan: Plan | undefined;
	#planning: Promise<Plan> | undefined;
	#open: ReadonlyMap<string, OpenRemovals> = new Map();
	#records: readonly ControllerRecord[] = [];
	/** Readings of the records that have begun, and which of them is shown. */
	#begun = 0;
	#shown = 0;
	#soon: NodeJS.Timeout | undefined;
	#timer: NodeJS.Timeout | undefined;
	#ticking: Promise<void> | undefined;
	#running = false;
	/** Whether the last look failed: it is said once. */
	#troubled = false;
	#confirmed = 0;
	/** When something was confirmed last, by whichever server. */
	#newest = 0;
	/** Whether the records have been read since the start. */
	#loaded = false;

	constructor(options: ControllerServiceOptions) {
		this.#options = options;
		this.#worker = new ControllerWorker({ ...options, worker: randomUUID() });
	}

	/** After the register. Plans what has changed while nothing ran, and begins to work. */
	async start(): Promise<void> {
		this.#running = true;
		await this.#replan();
		await this.#refresh();
		this.#options.register.onChange(() => {
			clearTimeout(this.#soon);
			if (this.#running) this.#soon = setTimeout(() => this.tick(), DEBOUNCE);
		});
		this.#timer = setInterval(() => this.tick(), this.#options.tickEvery ?? 1000);
	}

	/** Idempotent. Waits a little for what is under way. */
	async stop(): Promise<void> {
		this.#running = false;
		clearInterval(this.#timer);
		clearTimeout(this.#soon);
		const all = Promise.allSettled([this.#ticking, this.#planning, ...this.#working.values()]);
		await Promise.race([all, sleep(STOP_LIMIT, undefined, { ref: false })]);
	}

	/** Plans what the register has changed and works at what is due; while that is under way nothing more happens. */
	tick(): void {
		this.#ticking ??= this.#tick()
			.then(() => {
				this.#troubled = false;
			})
			.catch((error: unknown) => {
				if (!this.#troubled) this.#options.logger.warn({ err: error }, "the controllers' lists could not be looked at; trying again");
				this.#troubled = true;
			})
			.finally(() => {
				this.#ticking = undefined;
			});
	}

	async progress(asked: { credentials: readonly string[]; doors?: readonly string[]; since: number }): Promise<RemovalProgress> {
		// What has been decided just now must count, although nobody has worked at it yet.
		await this.#replan();
		const rows = asked.credentials.length === 0 ? [] : await removalsOf(this.#tables(), asked);
		const open = rows.some(({ confirmedAt }) => confirmedAt === null);
		const confirmedAt = open ? null : rows.reduce((latest, row) => Math.max(latest, row.confirmedAt ?? 0), asked.since);
		const records = rows.map(({ controller, door, credential, decidedAt, confirmedAt: at }) => ({
			controller,
			door,
			credential,
			decidedAt,
			confirmedAt: at,
		}));
		return { confirmedAt, records };
	}

	onConfirmed(listener: () => void): void {
		this.#listeners.push(listener);
	}

	/** All controllers, with what is known of each, and the register that holds the holders of their entries. */
	async list(): Promise<{ record: ControllerRecord; entries: number; open: OpenRemovals | null }[]> {
		const plan = await this.#replan();
		await this.#refresh();
		return this.#records.map((record) => ({
			record,
			entries: plan.lists.get(record.id)?.entries.length ?? 0,
			open: this.#open.get(record.id) ?? null,
		}));
	}

	/** Throws AppError 404. */
	async one(id: string) {
		const found = (await this.list()).find(({ record }) => record.id === id);
		if (!found) throw notFound("controller", id);
		return found;
	}

	async removals(filter: RemovalFilter, page: { limit: number; after: { decidedAt: number; id: number } | null }): Promise<RemovalRow[]> {
		await this.#replan();
		return await listRemovals(this.#tables(), filter, page);
	}

	/**
	 * Reads a controller's list back now and, to repair, puts it again where it differs. Throws AppError 404, 409 `controller-busy`
	 * when it has been worked at for long, here or by another server, and 409 `nothing-granted`.
	 */
	async look(id: string, what: "check" | "repair", actor: Actor) {
		const { record } = await this.one(id);
		if (isUntouched(await this.#replan()))
			throw new AppError("nothing-granted", 409, "Nothing was ever granted: the controllers are left as they were found.");
		const { audit, database, clock } = this.#options;
		await audit.note({ tag: "change", operation: `controller.${what}`, actor, object: { type: "controller", id }, result: "ok" });
		await Promise.race([this.#working.get(id), sleep(STOP_LIMIT, undefined, { ref: false })]);
		if (this.#working.has(id)) throw new AppError("controller-busy", 409, "It is being worked at; look at the result in a moment.");
		await makeDue(database.tables<ControllersTables>(), [record.id], clock.now());
		await this.#work(id, what === "check" ? "check" : null, actor);
		return await this.one(id);
	}

	/** Removals that are unconfirmed for too long; for the watch over the server's own conditions. */
	conditions(now: number): OwnCondition[] {
		const { world, removalBound } = this.#options;
		// Before they are known nothing can be told, and alarms from before the start stay.
		const known = this.#loaded ? this.#records : world.current().site.doors.map(({ controller }) => ({ id: controller, failure: null }));
		return known.map(({ id, failure }) => {
			const open = this.#open.get(id);
			const device = world.current().devices.get(id);
			const why = failure ? `: ${failure.detail}` : "";
			return {
				rule: "revocation-unconfirmed",
				subject: id,
				holds: this.#loaded ? open !== undefined && now - open.oldest > removalBound : null,
				onDelay: 0,
				offDelay: 0,
				message: `${device?.name ?? id} has not confirmed ${open?.count ?? 0} removals of access${why}`.slice(0, 300),
				...(device && { room: device.location.room, rack: device.location.rack }),
			};
		});
	}

	/** For /metrics. */
	stats() {
		return { confirmed: this.#confirmed, records: this.#records, open: this.#open };
	}

	async #tick(): Promise<void> {
		const { clock } = this.#options;
		const now = clock.now();
		const plan = await this.#replan();
		await this.#refresh();
		if (isUntouched(plan)) return;
		const back = this.#records
			.filter(({ id, failure }) => this.#cameBack(id) && failure !== null && AWAY.includes(failure.reason))
			.map(({ id }) => id);
		if (back.length > 0) await makeDue(this.#tables(), back, now);
		for (const { id, nextTry, wanted, confirmed, failure } of this.#records) {
			if (!this.#running || this.#working.size >= TOGETHER) return;
			const changed = wanted !== confirmed && failure === null;
			if (changed || nextTry <= now || back.includes(id)) void this.#work(id, null);
		}
	}

	#cameBack(id: string): boolean {
		const [before, heard] = [this.#heard.has(id), this.#options.heard(id)];
		if (heard) this.#heard.add(id);
		else this.#heard.delete(id);
		return heard && !before;
	}

	/** Never rejects. One work at a time for each controller. */
	#work(id: string, only: "check" | null, actor?: Actor): Promise<void> {
		const before = this.#working.get(id);
		if (before) return before;
		const { logger } = this.#options;
		const work = (async () => {
			const plan = await this.#replan();
			const wanted = plan.lists.get(id);
			const confirmed = wanted && !isUntouched(plan) ? await this.#worker.work(wanted, only, actor) : [];
			this.#confirmed += confirmed.length;
			if (confirmed.length > 0) await this.#refresh();
		})()
			.catch((error: unknown) => logger.warn({ err: error, controller: id }, "the controller could not be worked at; trying again"))
			.finally(() => this.#working.delete(id));
		this.#working.set(id, work);
		return work;
	}

	/** The plan by the newest register; made anew when that, or the time, has changed it. */
	async #replan(): Promise<Plan> {
		const { register, database, clock } = this.#options;
		await register.refresh();
		const plan = this.#plan;
		if (plan && plan.register === register.current() && clock.now() < plan.until) return plan;
		// One that began before this was asked may have read an older register.
		await this.#planning?.catch(() => undefined);
		this.#planning ??= makePlan(database, register, () => clock.now()).finally(() => {
			this.#planning = undefined;
		});
		this.#plan = await this.#planning;
		for (const subject of this.#plan.dropped)
			this.#options.report({ rule: "controller-drift", subject, active: false, at: clock.now(), message: "no longer part of the site" });
		return this.#plan;
	}

	async #refresh(): Promise<void> {
		const number = ++this.#begun;
		const records = await loadControllers(this.#tables());
		const open = await openRemovals(this.#tables());
		const newest = await lastConfirmation(this.#tables());
		// One that began later and was answered sooner knows more: what was asked for after a change must not be taken back by it.
		if (number < this.#shown) return;
		this.#shown = number;
		this.#records = records;
		this.#open = open;
		const news = this.#loaded && newest > this.#newest;
		this.#newest = newest;
		this.#loaded = true;
		if (news) for (const listener of this.#listeners) listener();
	}

	#tables() {
		return this.#options.database.tables<ControllersTables>();
	}
}

/** Before the first grant ever nothing has been decided: a controller in use is not emptied by a server that was just installed. */
function isUntouched({ register }: Plan): boolean {
	return register.grants.size === 0;
}
