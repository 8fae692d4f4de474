import type { FindingKind, FindingView, Occupancy } from "../../../contracts/access.ts";
import type { Page } from "../../../contracts/api.ts";
import type { AlarmService } from "../../alarms/alarm-service.ts";
import type { OwnReport } from "../../alarms/own-alarm.ts";
import type { Audit } from "../../audit/audit.ts";
import type { Actor } from "../../platform/actor.ts";
import type { Clock } from "../../platform/clock.ts";
import type { AnyTransaction, Database } from "../../platform/database/database.ts";
import { isoOf } from "../../platform/database/instants.ts";
import { invalid, notFound } from "../../platform/errors.ts";
import { pageOfRows } from "../../platform/http/paging.ts";
import type { Logger } from "../../platform/logger.ts";
import type { Realtime } from "../../platform/realtime-port.ts";
import type { AccessRecord, EventRecord } from "../access-event.ts";
import type { Register } from "../register/register.ts";
import type { Escorts, FindingRecord, Findings } from "./finding.ts";
import { FINDING_ALARMS } from "./finding-alarms.ts";
import { isGuessingKnown, judgedAfter, missingSince } from "./late-store.ts";
import {
	addFindings,
	addSecondLooks,
	correctPlace,
	eventsAround,
	type FindingFilter,
	heldBefore,
	keepPlaces,
	keepUnseenExits,
	MonitorStore,
	markJudged,
	type NewFinding,
	passagesBefore,
	takeSecondLooks,
	unjudged,
} from "./monitor-store.ts";
import { occupancyOf, placeAfter, unseenExit } from "./occupancy.ts";
import { type Around, type Found, GUESSING, inSpiteOf, judge, LOOK_AHEAD, LOOK_BACK, type Look, MISSING, secondLook } from "./rules.ts";

export interface AccessMonitorOptions {
	database: Database;
	register: () => Register;
	site: () => string;
	/** Doors whose state isn't known now. */
	uncertain: () => readonly string[];
	report: (report: OwnReport) => Promise<void>;
	/** The site's rules that count access events, and where what they counted is told. */
	counts: Pick<AlarmService, "accessCounts" | "reportCounted">;
	realtime: Realtime;
	audit: Audit;
	clock: Clock;
	logger: Logger;
	/** Time between two looks, ms; `null`: whoever built this calls `look`. */
	every?: number | null;
}

/** Events looked at in one transaction. */
const BATCH = 500;
/** Events of a holder before an event that the rules look back on. */
export const PASSAGES = 30;

/** Looks at every access and door event once, keeps what it finds and raises alarms (ACC-2, ACC-3, ACC-7). */
export class AccessMonitor implements Findings {
	readonly #options: AccessMonitorOptions;
	readonly #store: MonitorStore;
	readonly #listeners: (() => void)[] = [];
	/** `null`: nobody looks after visitors here. */
	#escorts: Escorts | null = null;
	#timer: NodeJS.Timeout | undefined;
	#looking: Promise<void> | null = null;
	#again = false;
	#stopped = false;

	constructor(options: AccessMonitorOptions) {
		this.#options = options;
		this.#store = new MonitorStore(options.database);
	}

	/** Must be called before `start`. */
	setEscorts(escorts: Escorts): void {
		this.#escorts = escorts;
	}

	/** After the register and the alarms. */
	start(): void {
		const { every = 500 } = this.#options;
		if (every !== null) this.#timer = setInterval(() => this.wake(), every);
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		this.#stopped = true;
		clearInterval(this.#timer);
		await this.#looking;
	}

	/** There may be events to look at. Never throws. */
	wake(): void {
		if (this.#stopped) return;
		if (this.#looking) {
			this.#again = true;
			return;
		}
		this.#looking = this.look()
			.catch((error: unknown) => this.#options.logger.warn({ err: error }, "access events could not be looked at; trying again"))
			.finally(() => {
				this.#looking = null;
				if (!this.#again) return;
				this.#again = false;
				this.wake();
			});
	}

	/** Looks at everything that there is to look at now, and tells of what was found. */
	async look(): Promise<void> {
		for (const next of [
			(transaction: AnyTransaction) => this.#firstLook(transaction),
			(transaction: AnyTransaction) => this.#secondLook(transaction),
		])
			for (let seen = BATCH; seen === BATCH && !this.#stopped; ) {
				const { events, findings } = await this.#options.database.transaction(next);
				seen = events;
				if (findings.length > 0) for (const listener of this.#listeners) listener();
			}
		await this.#tell();
	}

	onNew(listener: () => void): void {
		this.#listeners.push(listener);
	}

	async after(id: number, kinds: readonly FindingKind[], limit: number): Promise<FindingRecord[]> {
		return await this.#store.after(id, kinds, limit);
	}

	/** The newest first. */
	async findings(filter: FindingFilter, page: { limit: number; after: { at: number; id: number } | null }): Promise<Page<FindingView>> {
		const rows = await this.#store.findings(filter, page.after, page.limit + 1);
		return pageOfRows(
			rows,
			page.limit,
			(row) => this.#view(row),
			({ at, id }) => ({ at, id }),
		);
	}

	/** Who is in which zone. */
	async occupancy(): Promise<Occupancy> {
		const { register, uncertain, clock } = this.#options;
		return occupancyOf(register(), await this.#store.places(), uncertain(), clock.now());
	}

	/** Says where somebody is, by who has seen them; `room` `null`: outside. Throws AppError 400, 404. */
	async correct(holder: string, room: string | null, reason: string, actor: Actor): Promise<Occupancy> {
		const { register, database, audit, clock } = this.#options;
		const { holders, zones } = register();
		if (!holders.has(holder)) throw notFound("holder", holder);
		if (room !== null && ![...zones.values()].some(({ rooms }) => rooms.includes(room)))
			throw invalid("There is no such room.", [{ field: "room", message: "expected the id of a room, or null for outside" }]);
		await database.transaction(async (transaction) => {
			await correctPlace(transaction, { holder, room, door: "", since: clock.now() });
			const object = { type: "holder", id: holder };
			await audit.record(transaction, { tag: "change", operation: "occupancy.correct", actor, object, result: "ok", detail: { room, reason } });
		});
		return await this.occupancy();
	}

	async #firstLook(transaction: AnyTransaction): Promise<{ events: number; findings: FindingRecord[] }> {
		const events = await unjudged(transaction, BATCH);
		if (events.length === 0) return { events: 0, findings: [] };
		const register = this.#options.register();
		const now = this.#options.clock.now();
		const passages = events.filter((event) => event.type === "access");
		const after = await judgedAfter(transaction, passages, GUESSING.window);
		const first = await this.#judge(transaction, events, register, "first");
		const again = await this.#judge(transaction, after, register, "again");
		const findings = await addFindings(transaction, await this.#unlessKnown(transaction, first, again));
		const looks = [...events, ...after].flatMap((event) => {
			const dueAt = secondLook(event, register, event.type === "access" && this.#isVisitor(register, event));
			if (dueAt === null) return [];
			// By the server's clock, and with time for what a device sends late: the rest of a backlog comes right behind.
			const late = event.type === "door" ? now : now + MISSING.again;
			return [{ event: event.id, dueAt: event.late ? late : event.receivedAt + (dueAt - event.ts) }];
		});
		await addSecondLooks(transaction, looks);
		await keepPlaces(
			transaction,
			passages.flatMap((event) => {
				const place = event.result === "granted" && event.holder ? placeAfter(event, register) : null;
				return place && event.holder ? [{ ...place, holder: event.holder.id }] : [];
			}),
		);
		await keepUnseenExits(
			transaction,
			passages.flatMap((event) => unseenExit(event, register) ?? []),
		);
		await markJudged(transaction, events);
		return { events: events.length, findings };
	}

	async #secondLook(transaction: AnyTransaction): Promise<{ events: number; findings: FindingRecord[] }> {
		const now = this.#options.clock.now();
		const register = this.#options.register();
		const events = await takeSecondLooks(transaction, now, BATCH);
		const findings: NewFinding[] = [];
		const waiting: string[] = [];
		for (const finding of await this.#judge(transaction, events, register, "second")) {
			const certain = inSpiteOf(await this.#missing(transaction, finding, register, now), finding);
			if (certain === "wait") waiting.push(finding.event);
			else findings.push({ ...finding, ...certain });
		}
		await addSecondLooks(
			transaction,
			waiting.map((event) => ({ event, dueAt: now + MISSING.again })),
		);
		return { events: events.length, findings: await addFindings(transaction, findings) };
	}

	/** Whether something may have happened that a finding would be wrong by: a device skipped numbers, or isn't heard. */
	async #missing(transaction: AnyTransaction, { rests, receivedAt }: Judged, register: Register, now: number): Promise<"coming" | "lost" | null> {
		if (rests === undefined) return null;
		const doors = rests.doors.flatMap((id) => register.doors.get(id) ?? []);
		const devices = doors.flatMap(({ controller, readers }) => [controller, ...readers.map(({ device }) => device)]);
		const noticed = await missingSince(transaction, devices, rests.since);
		const unheard = this.#options.uncertain().some((id) => rests.doors.includes(id)) ? receivedAt : null;
		const since = Math.max(noticed ?? Number.NEGATIVE_INFINITY, unheard ?? Number.NEGATIVE_INFINITY);
		if (since === Number.NEGATIVE_INFINITY) return null;
		return now - since < MISSING.atMost ? "coming" : "lost";
	}

	/** Without the guessing that an earlier event only counts anew. */
	async #unlessKnown(transaction: AnyTransaction, first: readonly Judged[], again: readonly Judged[]): Promise<Judged[]> {
		const kept: Judged[] = [];
		for (const finding of [...first, ...again]) {
			const countedAnew = finding.kind === "guessing" && (finding.late || again.includes(finding));
			if (!countedAnew || !(await isGuessingKnown(transaction, finding, GUESSING.window))) kept.push(finding);
		}
		return kept;
	}

	async #judge(transaction: AnyTransaction, events: readonly EventRecord[], register: Register, look: Look): Promise<Judged[]> {
		if (events.length === 0) return [];
		const groups = new Set(events.flatMap(({ door }) => register.doors.get(door)?.interlock ?? []));
		const doors = [
			...new Set([
				...events.map(({ door }) => door),
				...[...register.doors.values()].filter(({ interlock }) => interlock !== undefined && groups.has(interlock)).map(({ id }) => id),
			]),
		];
		const around: EventsByTime[] = [];
		for (const [from, to] of spans(events.map(({ ts }) => ts)))
			around.push({ from, to, byDoor: await eventsAround(transaction, doors, from - LOOK_BACK, to + LOOK_AHEAD) });
		const before = await passagesBefore(
			transaction,
			events.filter((event) => event.type === "access"),
			PASSAGES,
		);
		const counts = this.#options.counts.accessCounts();
		const heldAlready = await heldBefore(transaction, events);
		return events.flatMap((event) => {
			const span = around.find(({ from, to }) => from <= event.ts && event.ts <= to);
			const at = (door: string) => (span?.byDoor.get(door) ?? []).filter(({ ts }) => ts >= event.ts - LOOK_BACK && ts <= event.ts + LOOK_AHEAD);
			const visitor = event.type === "access" && this.#isVisitor(register, event);
			const escort = visitor && event.holder ? this.#escorts?.escortOf(event.holder.id, event.ts) : undefined;
			const escortAt = at(event.door).filter(
				(one): one is AccessRecord => one.type === "access" && one.result === "granted" && one.holder?.id === escort,
			);
			const facts: Around = { register, counts, at, before: before.get(event.id) ?? [], escort, escortAt, heldAlready: heldAlready.has(event.id) };
			return judge(event, facts, look).map((finding) => ({
				...finding,
				door: event.door,
				holder: event.type === "access" ? (event.holder?.id ?? null) : null,
				credential: event.type === "access" ? event.credential : null,
				event: event.id,
				at: event.ts,
				late: event.late,
				receivedAt: event.receivedAt,
			}));
		});
	}

	/** Under escort: visitors without a visit have nobody, which is a finding too. */
	#isVisitor(register: Register, { holder }: AccessRecord): boolean {
		return holder !== null && this.#escorts !== null && register.holders.get(holder.id)?.kind === "visitor";
	}

	/** Tells dashboards and raises alarms; what is not told when the server dies is told after its start. */
	async #tell(): Promise<void> {
		const { report, counts, realtime, site, register, logger } = this.#options;
		for (let untold = await this.#store.untold(BATCH); untold.length > 0; untold = await this.#store.untold(BATCH)) {
			for (const finding of untold) {
				realtime.publish(site(), "finding", this.#view(finding));
				const room = register().roomBehind(finding.door ?? "");
				const said = {
					subject: finding.door ?? "door",
					at: finding.at,
					message: finding.late ? `${finding.detail}; told late, after an outage` : finding.detail,
					...(room !== undefined && { room }),
				};
				const own = finding.stated ? undefined : FINDING_ALARMS[finding.kind];
				if (finding.rule !== null) await counts.reportCounted(finding.rule, said);
				else if (own !== undefined) await report({ rule: own, active: true, ...said });
			}
			await this.#store.markTold(untold.map(({ id }) => id));
			logger.debug({ findings: untold.length }, "told of findings");
		}
	}

	#view({ id, kind, door, holder, event, at, late, detail }: FindingRecord): FindingView {
		const { holders, doors } = this.#options.register();
		const who = holder === null ? null : { id: holder, name: holders.get(holder)?.name ?? holder };
		const doorName = door === null ? null : (doors.get(door)?.name ?? door);
		return { id: String(id), kind, door, doorName, holder: who, event, at: isoOf(at), late, detail };
	}
}

/** What an event tells, before it is kept. */
type Judged = NewFinding & Found & { event: string; receivedAt: number };

interface EventsByTime {
	from: number;
	to: number;
	byDoor: ReadonlyMap<string, EventRecord[]>;
}

/** Times that lie close together, so that a backlog of days isn't read as one span. */
function spans(times: readonly number[]): [from: number, to: number][] {
	const found: [number, number][] = [];
	for (const ts of [...times].sort((one, other) => one - other)) {
		const last = found.at(-1);
		if (last && ts - last[1] < LOOK_BACK) last[1] = ts;
		else found.push([ts, ts]);
	}
	return found;
}
