import { createHash, randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import type { Page } from "../../contracts/api.ts";
import {
	type CheckIn,
	documentTypeSchema,
	VISIT_STATES,
	type VisitActView,
	type VisitorBadge,
	type VisitRequest,
	type VisitState,
	type VisitView,
} from "../../contracts/visitors.ts";
import { unfitCard } from "../../contracts/wiegand.ts";
import { cardText } from "../access/access-event.ts";
import type { Escorts } from "../access/monitor/finding.ts";
import type { AccessRegister } from "../access/register/access-register.ts";
import { accountsOf, type Register } from "../access/register/register.ts";
import type { RegisterEdit } from "../access/register/register-edit.ts";
import type { Actor } from "../platform/actor.ts";
import { SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { isoOf } from "../platform/database/instants.ts";
import { AppError, conflict, invalid, notFound } from "../platform/errors.ts";
import { decodeCursor, pageOfRows } from "../platform/http/paging.ts";
import type { Logger } from "../platform/logger.ts";
import { Rounds } from "../platform/rounds.ts";
import type { VisitAct, VisitRecord } from "./visit.ts";
import * as rules from "./visit.ts";
import { endAccess, unfitEmployee } from "./visitor-access.ts";
import * as store from "./visitors-store.ts";

export interface VisitorsOptions {
	register: AccessRegister;
	database: Database;
	clock: Clock;
	logger: Logger;
	/** Takes people's name out of the access events, in the caller's transaction. */
	renameInEvents: (transaction: AnyTransaction, holders: readonly string[], name: string) => Promise<void>;
	/** For how many days a visit that is over is kept. */
	days: () => Promise<number>;
}

const OVER: readonly VisitState[] = VISIT_STATES.filter(rules.isOver);
const LOOK_EVERY = 2000;
const ERASE_AT_ONCE = 100;
/** What a visitor is called whose visit was erased. */
const ERASED = "Visitor";
const positionSchema = z.object({ at: z.number(), id: z.uuid() });

/**
 * Visits (ACC-8). Every act is one transaction under the register's lock, with the visit's row locked: of two desks, or two approvals,
 * one is first and the other is told so.
 */
export class VisitorsService implements Escorts {
	readonly #options: VisitorsOptions;
	readonly #rounds: Rounds;
	#visits: readonly VisitRecord[] = [];

	constructor(options: VisitorsOptions) {
		this.#options = options;
		this.#rounds = new Rounds({
			look: () => this.look(),
			every: LOOK_EVERY,
			logger: options.logger,
			failed: "visits could not be looked at; trying again",
		});
	}

	/** After the register. */
	async start(): Promise<void> {
		await this.look();
		this.#rounds.start();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		await this.#rounds.stop();
	}

	/** Takes over what other servers did, ends what can't take place any more, erases what was kept long enough. */
	async look(): Promise<void> {
		await this.#refresh();
		const now = this.#options.clock.now();
		for (const visit of this.#visits)
			if (rules.isExpired(visit, now))
				await this.#act(visit.id, "expire", SYSTEM, async () => ({})).catch((error: unknown) => {
					if (!(error instanceof AppError)) throw error;
				});
		await this.#erase(now);
	}

	escortOf(visitor: string, ts: number): string | null {
		return rules.escortAt(this.#visits, visitor, ts);
	}

	/** Visits whose visitor or badge should not be out any more; for alarms. */
	overdue(now: number): { overstayed: VisitRecord[]; badges: VisitRecord[] } {
		return {
			overstayed: this.#visits.filter((visit) => rules.isOverstayed(visit, now)),
			badges: this.#visits.filter((visit) => rules.isBadgeOutstanding(visit, now)),
		};
	}

	/** Those that begin last come first. */
	async list({ limit, cursor, ...filter }: store.VisitFilter & { limit: number; cursor?: string | undefined }): Promise<Page<VisitView>> {
		const rows = await store.listVisits(this.#tables(), { ...filter, after: decodeCursor(cursor, positionSchema), limit: limit + 1 });
		return pageOfRows(
			rows,
			limit,
			(row) => this.#view(row),
			({ from: at, id }) => ({ at, id }),
		);
	}

	/** Throws AppError 404. */
	async get(id: string): Promise<VisitView> {
		const visit = await store.visitById(this.#tables(), id);
		if (!visit) throw notFound("visit", id);
		return this.#view(visit);
	}

	/** Who did what with a visit, the oldest first. Throws AppError 404. */
	async history(id: string): Promise<VisitActView[]> {
		await this.get(id);
		return await store.visitActs(this.#tables(), id);
	}

	/** Throws AppError 400 naming the field: unknown zone, host or escort who is no employee, times that are over, turned round or too long. */
	async request(asked: VisitRequest, actor: Actor): Promise<VisitView> {
		const { host, escort, zones, visitor, company, purpose } = asked;
		const [from, until] = [Date.parse(asked.from), Date.parse(asked.until)];
		const visit = await this.#options.register.change(actor, async (edit) => {
			const wrong = [
				...zones.filter((zone) => !edit.before.zones.has(zone)).map((zone) => ({ field: "zones", message: `${zone} is no zone` })),
				...(until <= from ? [{ field: "until", message: "expected a time after from" }] : []),
				...(until - from > rules.LONGEST_VISIT ? [{ field: "until", message: "expected at most 7 days after from" }] : []),
				...(until <= edit.now ? [{ field: "until", message: "expected a time to come" }] : []),
				...unfitEmployee(edit.before, "host", host),
				...unfitEmployee(edit.before, "escort", escort),
			];
			if (wrong.length > 0) throw invalid("The visit is not as expected.", wrong);
			const made: VisitRecord = {
				id: randomUUID(),
				state: "requested",
				visitor,
				company,
				purpose,
				host,
				escort,
				zones: [...new Set(zones)],
				from,
				until,
				salt: randomBytes(16).toString("hex"),
				requestedBy: actor.id,
				requestedAt: edit.now,
				decidedBy: null,
				decidedAt: null,
				reason: null,
				documentType: null,
				documentLastFour: null,
				checkedInAt: null,
				escortAcceptedAt: null,
				badge: null,
				credential: null,
				holder: null,
				onSiteAt: null,
				checkedOutAt: null,
				badgeReturnedAt: null,
				version: 1,
			};
			await store.insertVisit(edit.transaction, made);
			await store.addVisitAct(edit.transaction, { visit: made.id, act: "request", at: edit.now, by: actor.name, reason: null });
			await edit.note("visit.request", { type: "visit", id: made.id }, { ...asked });
			// Proves whom the entry is about as long as the salt is kept, and nobody after that.
			const digest = createHash("sha256")
				.update(JSON.stringify([made.salt, visitor, company]))
				.digest("hex");
			edit.prove("visit.requested", { visit: made.id, visitor: digest, by: actor.id });
			return made;
		});
		await this.#refresh();
		return this.#view(visit);
	}

	/** Throws AppError 403 `own-visit`, 404, 409 `visit-state`. */
	approve(id: string, actor: Actor): Promise<VisitView> {
		return this.#act(id, "approve", actor, async (edit, visit) => {
			this.#refuseOwn(edit.before, visit, actor);
			return { decidedBy: actor.id, decidedAt: edit.now };
		});
	}

	/** Throws AppError 403 `own-visit`, 404, 409 `visit-state`. */
	reject(id: string, reason: string, actor: Actor): Promise<VisitView> {
		return this.#act(id, "reject", actor, async (edit, visit) => {
			this.#refuseOwn(edit.before, visit, actor);
			return { decidedBy: actor.id, decidedAt: edit.now, reason };
		});
	}

	/** By who asked for it or who may approve visits, as `mayAll` says. Throws AppError 403, 404, 409 `visit-state`. */
	cancel(id: string, reason: string, actor: Actor, mayAll: boolean): Promise<VisitView> {
		return this.#act(id, "cancel", actor, async (_edit, visit) => {
			if (visit.requestedBy !== actor.id && !mayAll) throw new AppError("forbidden", 403, "Who asked for the visit or may approve it cancels it.");
			return { reason };
		});
	}

	/** The document was seen at the desk. Throws AppError 404, 409 `visit-state`, `too-early`, 400 for another escort who is no employee. */
	checkIn(id: string, { document, escort }: CheckIn, actor: Actor): Promise<VisitView> {
		return this.#act(id, "check-in", actor, async (edit, visit) => {
			this.#refuseEarly(visit, edit.now);
			const accompanies = escort ?? visit.escort;
			const wrong = unfitEmployee(edit.before, "escort", accompanies);
			if (wrong.length > 0) throw invalid("This visitor needs another escort.", wrong);
			if (visit.decidedBy !== null && edit.before.holderOfAccount(visit.decidedBy)?.id === accompanies)
				throw new AppError("own-visit", 403, "Who approved the visit doesn't escort it.");
			return { documentType: document.type, documentLastFour: document.lastFour, escort: accompanies, checkedInAt: edit.now };
		});
	}

	/** By the escort, whose account the register knows: AppError 403 `not-the-escort`, `own-visit`, 404, 409 `visit-state`. */
	acceptEscort(id: string, actor: Actor): Promise<VisitView> {
		return this.#act(id, "accept-escort", actor, async (edit, visit) => {
			const escort = edit.before.holders.get(visit.escort);
			if (escort?.account !== actor.id || escort.leftAt !== null)
				throw new AppError("not-the-escort", 403, "The escort accepts, with their own account.");
			// The account may have become the escort's after it approved.
			if (visit.decidedBy === actor.id) throw new AppError("own-visit", 403, "Who approved the visit doesn't escort it.");
			return { escortAcceptedAt: edit.now };
		});
	}

	/**
	 * Issues a badge of the pool: from now until the visit's end it opens the visit's zones. Throws AppError 404, 409 `visit-state`,
	 * `badge-taken`, `credential-taken`, `too-early`, `escort-left`.
	 */
	badge(id: string, badge: string, actor: Actor): Promise<VisitView> {
		return this.#act(id, "badge", actor, async (edit, visit) => {
			this.#refuseEarly(visit, edit.now);
			const { host, until, zones, visitor: name, company, purpose } = visit;
			if (until <= edit.now) throw conflict("visit-state", "The visit's time is over.");
			for (const person of [host, visit.escort])
				if (unfitEmployee(edit.before, "escort", person).length > 0)
					throw conflict("escort-left", "Host or escort have left; ask for the visit anew.");
			const found = (await store.badges(edit.transaction)).find((one) => one.id === badge);
			if (!found) throw notFound("badge", badge);
			if (found.visit !== null) throw conflict("badge-taken", "Another visitor has this badge.");
			const holder = await edit.addHolder({ name, kind: "visitor", company, post: null, externalId: null, account: null, sponsor: host });
			const credential = await edit.addCredential({ holder, card: found.card, fingerprint: null, until });
			for (const zone of zones) await edit.addGrant({ holder, post: null, zone, until, schedule: null, sponsor: host, reason: purpose });
			return { badge, holder, credential, onSiteAt: edit.now };
		});
	}

	/** The visitor leaves: the badge opens nothing any more. Throws AppError 404, 409 `visit-state`. */
	checkOut(id: string, actor: Actor): Promise<VisitView> {
		return this.#act(id, "check-out", actor, async (edit, visit) => {
			await endAccess(edit, visit, "suspended");
			return { checkedOutAt: edit.now };
		});
	}

	/** The badge is back, and free for the next visitor. Throws AppError 404, 409 `visit-state`. */
	badgeReturned(id: string, actor: Actor): Promise<VisitView> {
		return this.#act(id, "badge-returned", actor, async (edit, visit) => {
			await endAccess(edit, visit, "returned");
			return { checkedOutAt: visit.checkedOutAt ?? edit.now, badgeReturnedAt: edit.now };
		});
	}

	/** The pool, by id. */
	async pool(): Promise<VisitorBadge[]> {
		return (await store.badges(this.#tables())).map(({ id, card, visit }) => ({ id, card: cardText(card), visit }));
	}

	/** Throws AppError 400 for a card that its format can't hold, 409 `badge-taken`, `credential-taken`. */
	async addBadge(badge: { id: string; card: store.BadgeRecord["card"] }, actor: Actor): Promise<VisitorBadge> {
		const unfit = unfitCard(badge.card);
		if (unfit) throw invalid("There is no such card.", [{ field: `card.${unfit.field}`, message: unfit.message }]);
		await this.#options.register.change(actor, async (edit) => {
			const held = edit.before.credentialByCard(badge.card, edit.now);
			if (held && held.state !== "returned") throw conflict("credential-taken", "This card is somebody's; it must be returned first.");
			if (!(await store.insertBadge(edit.transaction, badge))) throw conflict("badge-taken", "The pool has this badge or card already.");
			await edit.note("visitor-badge.add", { type: "visitor-badge", id: badge.id });
		});
		return { id: badge.id, card: cardText(badge.card), visit: null };
	}

	/** Takes a badge out of the pool for good. Throws AppError 404, 409 `badge-out` while a visitor has it. */
	async removeBadge(id: string, actor: Actor): Promise<void> {
		await this.#options.register.change(actor, async (edit) => {
			const found = (await store.badges(edit.transaction)).find((one) => one.id === id);
			if (!found) throw notFound("badge", id);
			if (found.visit !== null) throw conflict("badge-out", "A visitor has this badge; it must be handed back first.");
			await store.deleteBadge(edit.transaction, id);
			await edit.note("visitor-badge.remove", { type: "visitor-badge", id });
		});
	}

	async #act(
		id: string,
		act: VisitAct,
		actor: Actor,
		work: (edit: RegisterEdit, visit: VisitRecord) => Promise<Partial<VisitRecord>>,
	): Promise<VisitView> {
		const changed = await this.#options.register.change(actor, async (edit) => {
			const visit = await store.lockVisit(edit.transaction, id);
			if (!visit) throw notFound("visit", id);
			const state = rules.afterAct(visit.state, act);
			const after: VisitRecord = { ...visit, ...(await work(edit, visit)), state };
			await store.updateVisit(edit.transaction, after);
			const reason = act === "reject" || act === "cancel" ? after.reason : null;
			await store.addVisitAct(edit.transaction, { visit: id, act, at: edit.now, by: actor.name, reason });
			await edit.note(`visit.${act}`, { type: "visit", id }, { before: visit.state, after: state });
			edit.prove(`visit.${act}`, { visit: id, before: visit.state, after: state, by: actor.id });
			return after;
		});
		await this.#refresh();
		return this.#view({ ...changed, version: changed.version + 1 });
	}

	async #erase(now: number): Promise<void> {
		const before = now - (await this.#options.days()) * 86_400_000;
		const old = await store.oldVisits(this.#tables(), OVER, before, ERASE_AT_ONCE);
		if (old.length === 0) return;
		await this.#options.register.change(SYSTEM, async (edit) => {
			for (const { id, holder } of old) {
				await store.deleteVisit(edit.transaction, id);
				if (holder !== null) await edit.updateHolder(holder, { name: ERASED, company: null });
			}
			const holders = old.flatMap(({ holder }) => holder ?? []);
			await this.#options.renameInEvents(edit.transaction, holders, ERASED);
			await edit.note("visit.erase", { type: "visit", id: "retention" }, { visits: old.map(({ id }) => id) });
			edit.prove("visit.erased", { visits: old.map(({ id }) => id) });
		});
		await this.#refresh();
	}

	async #refresh(): Promise<void> {
		this.#visits = await store.watchedVisits(this.#tables(), OVER);
	}

	#refuseOwn(register: Register, visit: VisitRecord, actor: Actor): void {
		const concerned = [visit.host, visit.escort].map((id) => register.holders.get(id));
		const asked = register.samePerson(visit.requestedBy, actor.id) ? [actor.id] : [];
		rules.refuseOwnVisit(visit, [...asked, ...concerned.flatMap((holder) => (holder ? accountsOf(holder) : []))], actor.id);
	}

	#refuseEarly({ from }: VisitRecord, now: number): void {
		if (now < from - rules.EARLY) throw conflict("too-early", "A visitor is received an hour before the visit at the earliest.");
	}

	#tables() {
		return this.#options.database.tables<store.VisitorsTables>();
	}

	#view(visit: VisitRecord): VisitView {
		const { register, clock } = this.#options;
		const { holders } = register.current();
		const now = clock.now();
		const ref = (id: string) => ({ id, name: holders.get(id)?.name ?? id });
		const { id, state, visitor, company, purpose, zones, requestedBy, decidedBy, reason, badge, holder, version } = visit;
		return {
			id,
			state,
			visitor,
			company,
			purpose,
			zones: [...zones],
			requestedBy,
			decidedBy,
			reason,
			badge,
			holder,
			version,
			host: ref(visit.host),
			escort: ref(visit.escort),
			from: isoOf(visit.from),
			until: isoOf(visit.until),
			requestedAt: isoOf(visit.requestedAt),
			decidedAt: isoOf(visit.decidedAt),
			document:
				visit.documentType === null || visit.documentLastFour === null
					? null
					: { type: documentTypeSchema.parse(visit.documentType), lastFour: visit.documentLastFour },
			checkedInAt: isoOf(visit.checkedInAt),
			escortAcceptedAt: isoOf(visit.escortAcceptedAt),
			onSiteAt: isoOf(visit.onSiteAt),
			checkedOutAt: isoOf(visit.checkedOutAt),
			badgeReturnedAt: isoOf(visit.badgeReturnedAt),
			overstayed: rules.isOverstayed(visit, now),
			badgeOutstanding: rules.isBadgeOutstanding(visit, now),
		};
	}
}
