import { randomUUID } from "node:crypto";
import { z } from "zod";
import { DUTY_PLACES, type DutyPlace, type DutyPlan } from "../../contracts/duty-plan.ts";
import type { AbsenceInput, absenceViewSchema, DutyName, DutyView, RosterView } from "../../contracts/roster.ts";
import type { Audit } from "../audit/audit.ts";
import { type Actor, SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { isoOf } from "../platform/database/instants.ts";
import { AppError, conflict, invalid, notFound } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { Rounds } from "../platform/rounds.ts";
import type { WorldSource } from "../site/world-source.ts";
import { type Duty, duties, dutyOf, type Gap, gaps, NOBODY, onDuty, type Roster } from "./roster.ts";
import * as store from "./roster-store.ts";

/** An account that is in use. */
export interface DutyPerson {
	id: string;
	username: string;
	name: string;
	email: string | null;
}
export interface RosterOptions {
	world: WorldSource;
	database: Database;
	audit: Audit;
	/** Accounts in use with these usernames whose holders may be on duty, by username; read in the caller's transaction where there is one. */
	people: (usernames: readonly string[], transaction?: AnyTransaction) => Promise<ReadonlyMap<string, DutyPerson>>;
	clock: Clock;
	logger: Logger;
}
export type AbsenceView = z.infer<typeof absenceViewSchema>;

const DAY = 86_400_000;
/** How far ahead gaps are looked for. */
export const GAP_HORIZON = 30 * DAY;
/** How often what other servers changed, and whose account was closed, is looked at. */
const LOOK_EVERY = 5000;
/** The longest time of which duties are listed. */
const LONGEST_SPAN = 92 * DAY;
const LONGEST_ABSENCE = 366 * DAY;

interface State {
	roster: Roster;
	stored: store.StoredPlan | undefined;
	names: ReadonlyMap<string, string>;
}

/** The duty roster: the plan, what was agreed beside it, who is on duty (ALM-8). Every change is one transaction with its audit line, one after the other. */
export class RosterService {
	readonly #options: RosterOptions;
	readonly #rounds: Rounds;
	#state: State | undefined;
	/** Those of one look at the roster: reckoning them takes a while. */
	#gaps: { roster: Roster; gaps: Gap[] } | undefined;

	constructor(options: RosterOptions) {
		this.#options = options;
		this.#rounds = new Rounds({
			look: () => this.refresh(),
			every: LOOK_EVERY,
			logger: options.logger,
			failed: "the roster could not be read; trying again",
		});
	}

	/** Takes the site file's plan where there is none yet; from then on the roster counts. */
	async start(): Promise<void> {
		await this.#takeFromSite();
		await this.refresh();
		this.#rounds.start();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		await this.#rounds.stop();
	}

	/** Reads everything anew. */
	async refresh(transaction?: AnyTransaction): Promise<void> {
		const { clock, world } = this.#options;
		const tables = transaction ?? this.tables();
		const stored = await store.planAt(tables);
		const plan = stored?.plan ?? NOBODY;
		const assigned = await store.assignments(tables);
		const absences = await store.absences(tables, clock.now() - LONGEST_SPAN);
		const people = [...new Set([...plan.rotations.flatMap((rotation) => rotation.people), ...assigned.values()])];
		const known = await this.#options.people(people, transaction);
		const gone = new Set(people.filter((person) => !known.has(person)));
		const names = new Map([...known].map(([username, { name }]) => [username, name]));
		this.#state = { roster: { timeZone: world.current().site.timeZone, plan, assigned, absences, gone }, stored, names };
	}

	/** As it is now. */
	current(): Roster {
		if (!this.#state) throw new AppError("roster-stopped", 503, "The roster is not read yet.");
		return this.#state.roster;
	}

	/** Who is on duty at a moment (Unix ms), in the order of the chain; by the plan of that time where it is over. */
	async onDutyAt(at: number): Promise<DutyView[]> {
		return onDuty(await this.#rosterAt(at), at).map((duty) => this.#view(duty));
	}

	/** Duties that last into [from, until), Unix ms; by the plan of its beginning as far as the present one doesn't reach back. Throws AppError 400 for more than 92 days. */
	async duties(from: number, until: number): Promise<DutyView[]> {
		if (until <= from || until - from > LONGEST_SPAN)
			throw invalid("Duties are listed of at most 92 days.", [{ field: "until", message: "expected at most 92 days after from" }]);
		const since = this.#state?.stored?.at ?? 0;
		const current = until > since ? duties(this.current(), Math.max(from, since), until) : [];
		const before = from < since ? duties(await this.#rosterAt(from), from, Math.min(until, since)) : [];
		// One that was on when the plan was changed is by the new plan.
		const earlier = before.filter(({ rotation, day }) => !current.some((one) => one.rotation === rotation && one.day === day));
		return [...earlier, ...current].map((duty) => this.#view(duty));
	}

	/** The shifts that begin in [from, to), Unix ms, whoever takes them: as `2026-11-26 Night`. Throws as {@link duties} does. */
	async shifts({ from, to }: { from: number; to: number }): Promise<{ label: string; from: number; to: number }[]> {
		const found = new Map<string, { label: string; from: number; to: number }>();
		for (const duty of await this.duties(from, to)) {
			const [begin, end] = [Date.parse(duty.from), Date.parse(duty.until)];
			if (begin >= from) found.set(`${duty.day} ${duty.shift}`, { label: `${duty.day} ${duty.shiftName}`, from: begin, to: end });
		}
		return [...found.values()];
	}

	/** Where nobody is on duty in the next 30 days. */
	gaps(now: number): Gap[] {
		return gaps(this.current(), now, now + GAP_HORIZON);
	}

	/** What is wrong with the cover, for alarms; `null` without a plan: nobody has asked for one. */
	troubles(now: number): { places: readonly DutyPlace[]; gaps: readonly Gap[]; nobody: boolean } | null {
		const { roster, stored } = this.#state ?? {};
		if (!roster || !stored) return null;
		if (this.#gaps?.roster !== roster) this.#gaps = { roster, gaps: this.gaps(now) };
		return { places: DUTY_PLACES, gaps: this.#gaps.gaps.filter(({ until }) => until > now), nobody: onDuty(roster, now).length === 0 };
	}

	view(): RosterView {
		const now = this.#options.clock.now();
		const roster = this.current();
		const stored = this.#state?.stored;
		return {
			version: stored?.version ?? 0,
			timeZone: roster.timeZone,
			plan: roster.plan,
			changedBy: stored?.by ?? null,
			changedAt: isoOf(stored?.at ?? null),
			onDuty: onDuty(roster, now).map((duty) => this.#view(duty)),
			gaps: this.gaps(now).map(({ place, from, until }) => ({ place, from: isoOf(from), until: isoOf(until) })),
			gone: [...roster.gone].sort(),
		};
	}

	/** Throws AppError 409 `roster-changed` when somebody was faster, 400 naming people without an account. */
	async changePlan(version: number, plan: DutyPlan, actor: Actor): Promise<RosterView> {
		await this.#known(
			plan.rotations.flatMap(({ people }, index) => people.map((person, at): [string, string] => [`plan.rotations[${index}].people[${at}]`, person])),
		);
		await this.change(actor, { operation: "roster.plan", object: "plan", detail: { version: version + 1, plan } }, async (transaction, now) => {
			const before = (await store.planAt(transaction))?.version ?? 0;
			if (before !== version) throw conflict("roster-changed", "Somebody has changed the roster meanwhile; look at it and change it again.");
			await store.insertPlan(transaction, { version: version + 1, plan, by: actor.username, at: now });
		});
		return this.view();
	}

	/** Gives a duty to somebody else, or back. Throws AppError 404, 409 `duty-over`, `double-duty`, 400 for people without an account. */
	async assign(duty: DutyName, person: string | null, actor: Actor): Promise<DutyView> {
		if (person !== null) await this.#known([["person", person]]);
		await this.change(actor, { operation: "roster.assign", object: `${duty.rotation}/${duty.day}`, detail: { person } }, async (transaction, now) => {
			const found = this.openDuty(duty, now);
			if (person !== null) this.refuseDouble(person, found, []);
			await store.assign(transaction, { ...duty, person, by: actor.username, at: now });
		});
		const found = dutyOf(this.current(), duty.rotation, duty.day);
		if (!found) throw notFound("duty", `${duty.rotation}/${duty.day}`);
		return this.#view(found);
	}

	/** Those that are not over, by their beginning. */
	async absences(): Promise<AbsenceView[]> {
		const found = await store.absences(this.tables(), this.#options.clock.now());
		const names = await this.names(found.map(({ person }) => person));
		return found.map(({ from, until, at, kind, ...rest }) => ({
			...rest,
			kind: kind as AbsenceView["kind"],
			name: names.get(rest.person) ?? rest.person,
			from: isoOf(from),
			until: isoOf(until),
			at: isoOf(at),
		}));
	}

	/** `mayAll`: also somebody else's. Throws AppError 403, 400 for times that can't be and people without an account. */
	async addAbsence(input: AbsenceInput, actor: Actor, mayAll: boolean): Promise<string> {
		const { person = actor.username, kind, note } = input;
		if (person !== actor.username && !mayAll) throw notYours();
		const [from, until] = [Date.parse(input.from), Date.parse(input.until)];
		const now = this.#options.clock.now();
		if (until <= from || until <= now)
			throw invalid("The absence's times can't be.", [{ field: "until", message: "expected a time to come, after from" }]);
		if (until - from > LONGEST_ABSENCE)
			throw invalid("The absence is too long.", [{ field: "until", message: "expected at most a year after from" }]);
		await this.#known([["person", person]]);
		const id = randomUUID();
		const detail = { person, kind, from: input.from, until: input.until };
		await this.change(actor, { operation: "roster.absence-add", object: id, detail }, async (transaction, at) => {
			await store.insertAbsence(transaction, { id, person, kind, from, until, note, by: actor.username, at });
		});
		return id;
	}

	/** Throws AppError 403, 404. */
	async removeAbsence(id: string, actor: Actor, mayAll: boolean): Promise<void> {
		await this.change(actor, { operation: "roster.absence-remove", object: id, detail: {} }, async (transaction) => {
			const found = await store.absence(transaction, id);
			if (!found) throw notFound("absence", id);
			if (found.person !== actor.username && !mayAll) throw notYours();
			await store.deleteAbsence(transaction, id);
		});
	}

	/** A duty that has not begun. For changes, which see what was agreed before them. Throws AppError 404, 409 `duty-over`. */
	openDuty({ rotation, day }: DutyName, now: number): Duty {
		const found = dutyOf(this.current(), rotation, day);
		if (!found) throw notFound("duty", `${rotation}/${day}`);
		if (found.from <= now) throw conflict("duty-over", "That duty has begun already.");
		return found;
	}

	/** Throws AppError 409 `double-duty` when somebody would have two duties at a time; `instead`: duties that they give away for it. */
	refuseDouble(person: string, duty: Duty, instead: readonly Duty[]): void {
		const other = duties(this.current(), duty.from, duty.until).find(
			(one) =>
				one.person === person &&
				!(one.rotation === duty.rotation && one.day === duty.day) &&
				!instead.some(({ rotation, day }) => rotation === one.rotation && day === one.day),
		);
		if (other) throw conflict("double-duty", `${person} is on duty at that time already (${other.rotation}, ${other.day}).`);
	}

	/** One change: under the roster's lock, with what others did read anew before it, and its audit line. */
	async change<R>(
		actor: Actor,
		{ operation, object, detail }: { operation: string; object: string; detail: Record<string, unknown> },
		work: (transaction: AnyTransaction, now: number) => Promise<R>,
	): Promise<R> {
		const done = await this.#options.database.transaction<store.RosterTables, R>(async (transaction) => {
			await store.lockRoster(transaction);
			await this.refresh(transaction);
			const result = await work(transaction, this.#options.clock.now());
			await this.#options.audit.record(transaction, {
				tag: "change",
				operation,
				actor,
				object: { type: "roster", id: object },
				result: "ok",
				detail,
			});
			return result;
		});
		await this.refresh();
		return done;
	}

	/** Names by username; who has no account in use is missing. */
	async names(usernames: readonly string[]): Promise<Map<string, string>> {
		const found = await this.#options.people([...new Set(usernames)]);
		return new Map([...found].map(([username, { name }]) => [username, name]));
	}

	tables() {
		return this.#options.database.tables<store.RosterTables>();
	}

	async #takeFromSite(): Promise<void> {
		const { world, database, clock, logger } = this.#options;
		const plan = world.current().site.roster;
		if (plan === undefined) return;
		await database.transaction<store.RosterTables, void>(async (transaction) => {
			await store.lockRoster(transaction);
			if (await store.planAt(transaction)) return;
			await store.insertPlan(transaction, { version: 1, plan, by: SYSTEM.username, at: clock.now() });
			logger.info({ rotations: plan.rotations.length }, "the roster begins with the site file's plan");
		});
	}

	/** Throws AppError 400 naming the fields of people without an account in use. */
	async #known(named: readonly (readonly [field: string, person: string])[]): Promise<void> {
		const known = await this.#options.people([...new Set(named.map(([, person]) => person))]);
		const wrong = named
			.filter(([, person]) => !known.has(person))
			.map(([field, person]) => ({ field, message: `${person} is no account in use that may be on duty` }));
		if (wrong.length > 0) throw invalid("The roster names people who can't be on duty.", wrong);
	}

	async #rosterAt(at: number): Promise<Roster> {
		const now = this.current();
		if (at >= (this.#state?.stored?.at ?? 0)) return now;
		const stored = await store.planAt(this.tables(), at);
		return { ...now, plan: stored?.plan ?? NOBODY, absences: await store.absences(this.tables(), at), gone: new Set() };
	}

	#view({ from, until, ...duty }: Duty): DutyView {
		const shiftName = this.#state?.roster.plan.shifts.find(({ id }) => id === duty.shift)?.name ?? duty.shift;
		return { ...duty, shiftName, name: this.#state?.names.get(duty.person) ?? duty.person, from: isoOf(from), until: isoOf(until) };
	}
}

const notYours = () => new AppError("forbidden", 403, "Who plans the roster reports absences of others.");
export const positionSchema = z.object({ at: z.number(), id: z.uuid() });
