import { randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import type { Page } from "../../contracts/api.ts";
import type { IncidentKind, IncidentView, MediumView, StepInput, StepView } from "../../contracts/media.ts";
import type { SanitizationPolicy } from "../../contracts/media-orders.ts";
import { PERMISSIONS } from "../../contracts/permissions.ts";
import type { Audit } from "../audit/audit.ts";
import type { LedgerAppender } from "../ledger/ledger-entry.ts";
import { type Actor, may } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import { AppError, conflict, invalid, notFound } from "../platform/errors.ts";
import { decodeCursor, pageOfRows } from "../platform/http/paging.ts";
import type { SamePerson } from "../platform/same-person.ts";
import { dayAt } from "../platform/zoned-time.ts";
import * as store from "./custody-store.ts";
import { incidentView, mediumView, type People, stepView } from "./custody-view.ts";
import { deviationsOf } from "./deviations.ts";
import type { Equipment } from "./equipment.ts";
import { isDestroyed, type Medium } from "./medium.ts";
import { judge, type Verdict } from "./step.ts";
import { digestOf, recordText, type StepRecord, stepEntry, stepRecordSchema, toldOf } from "./step-record.ts";

export interface CustodyOptions {
	database: Database;
	audit: Audit;
	ledger: LedgerAppender;
	clock: Clock;
	/** Rooms of the site. */
	rooms: () => readonly string[];
	/** Names of accounts; unknown ones are left out. */
	people: (ids: readonly string[]) => Promise<People>;
	/** Whether somebody may take media over; it stays so until the transaction is over. */
	mayHandle: (transaction: AnyTransaction, account: string) => Promise<boolean>;
	samePerson: SamePerson;
	/** The holder of the access register whose account it is; `null`: nobody has said. */
	personOf: (account: string) => string | null;
	timeZone: () => string;
	/** Whether the doors of a room know that somebody was there at a moment; `null`: the room has none that could. */
	seen: (transaction: AnyTransaction, account: string, room: string, at: number) => Promise<boolean | null>;
	equipment: { find(transaction: AnyTransaction, id: string): Promise<Equipment | undefined> };
	/** The room of a store; `undefined`: there is no such store. */
	stores: { roomOf(transaction: AnyTransaction, id: string): Promise<string | undefined> };
	photos: { has(transaction: AnyTransaction, digest: string): Promise<boolean> };
	/** Called in the transaction of the step that ended a medium's chain. */
	certify: (transaction: AnyTransaction, medium: store.StoredMedium, policy: SanitizationPolicy, now: number) => Promise<void>;
}

/** The medium as the step has left it; what it looks like is asked once the transaction is over, for that takes another connection. */
type Outcome = { stored: store.StoredMedium; refused: AppError | null };
const positionSchema = z.object({ serial: z.string(), id: z.uuid() });
const incidentPosition = z.object({ at: z.number(), id: z.uuid() });

/** The chain of custody of each medium: steps, one after the other, each signed, in the audit log and in the ledger (MED-2). */
export class CustodyService {
	readonly #options: CustodyOptions;
	#policies = new Map<number, SanitizationPolicy>();

	constructor(options: CustodyOptions) {
		this.#options = options;
	}

	/**
	 * Makes a step. The same step told again (by its id) is answered as it was. Throws AppError 404; 400 for what isn't there (photo, room,
	 * machine, store, taker); 403 `self-verification`, `not-the-taker` ...; 409 for what the rules refuse; 409 `chain-stopped-now` when the
	 * step has stopped the chain: that is recorded, with an incident.
	 */
	async step(id: string, input: StepInput, actor: Actor): Promise<MediumView> {
		const { database, audit } = this.#options;
		try {
			if (input.act === "release" && !may(actor, "media.release"))
				throw new AppError("forbidden", 403, `You may not do that: it takes the right to ${PERMISSIONS["media.release"]}.`);
			const { stored, refused } = await database.transaction<store.CustodyTables, Outcome>((transaction) =>
				this.#step(transaction, id, input, actor),
			);
			if (refused) throw refused;
			return await this.#view(stored, actor);
		} catch (error) {
			if (error instanceof AppError && error.status !== 404 && error.code !== "chain-stopped-now")
				await audit.note({
					tag: "change",
					operation: `media.${input.act}`,
					actor,
					object: { type: "medium", id },
					result: "refused",
					detail: { step: input.id, code: error.code, said: error.message },
				});
			throw error;
		}
	}

	/** By serial. */
	async list(
		{ limit, cursor, ...filter }: store.MediaFilter & { limit: number; cursor?: string | undefined },
		actor: Actor,
	): Promise<Page<MediumView>> {
		const rows = await store.listMedia(this.#tables(), filter, decodeCursor(cursor, positionSchema), limit + 1);
		const views = new Map((await this.views(rows, actor)).map((view) => [view.id, view]));
		return pageOfRows(
			rows,
			limit,
			({ medium }) => views.get(medium.id) as MediumView,
			({ medium: { serial, id } }) => ({ serial, id }),
		);
	}

	/** Throws AppError 404. */
	async get(id: string, actor: Actor): Promise<MediumView> {
		const stored = await store.mediumById(this.#tables(), id);
		if (!stored) throw notFound("medium", id);
		return await this.#view(stored, actor);
	}

	/** The chain so far, in its order. Throws AppError 404. */
	async steps(id: string): Promise<StepView[]> {
		if (!(await store.mediumById(this.#tables(), id))) throw notFound("medium", id);
		const rows = await store.stepsOf(this.#tables(), id);
		const records = rows.map((row) => stepRecordSchema.parse(JSON.parse(row.record)));
		return rows.map((row, place) => stepView(row, records[place] as StepRecord));
	}

	/** Newest first. */
	async incidents(query: {
		limit: number;
		cursor?: string | undefined;
		open?: boolean | undefined;
		medium?: string | undefined;
		batch?: string | undefined;
	}): Promise<Page<IncidentView>> {
		const { limit, cursor, ...filter } = query;
		const rows = await store.listIncidents(this.#tables(), filter, decodeCursor(cursor, incidentPosition), limit + 1);
		const people = await this.#options.people([...new Set(rows.map(({ opened_by }) => opened_by))]);
		return pageOfRows(
			rows,
			limit,
			(row) => incidentView(row, people),
			(row) => ({ at: msOf(row.opened_at), id: row.id }),
		);
	}

	/** Media as the API shows them to somebody. */
	async views(rows: readonly store.StoredMedium[], actor: Actor): Promise<MediumView[]> {
		const people = await this.#options.people([...new Set(rows.flatMap(({ medium }) => personsOf(medium)))]);
		const now = this.#options.clock.now();
		const who = { account: actor.id, handles: may(actor, "media.handle"), releases: may(actor, "media.release") };
		return await Promise.all(rows.map(async (row) => mediumView(row, await this.policy(this.#tables(), row.policy), { people, who, now })));
	}

	/** The policy of a version; they never change. */
	async policy(tables: store.Tables, version: number): Promise<SanitizationPolicy> {
		const known = this.#policies.get(version);
		if (known) return known;
		const policy = await store.policyOf(tables, version);
		this.#policies.set(version, policy);
		return policy;
	}

	/**
	 * Stops a medium's chain for what nobody has told as a step (a count, a custodian who has left), in the caller's transaction, which holds
	 * the medium's lock. Resolves to the incident's id; `null` where its chain stands or is over already.
	 */
	async stop(
		transaction: AnyTransaction,
		{ medium }: store.StoredMedium,
		{ kind, detail, by, now }: { kind: IncidentKind; detail: string; by: string; now: number },
	): Promise<string | null> {
		if (medium.incident !== null || medium.lost || medium.custody.kind === "gone") return null;
		const incident = randomUUID();
		await this.#open(transaction, medium, { incident, kind, detail, by, now });
		await store.updateMedium(transaction, { ...medium, incident });
		const data = { incident, kind, medium: medium.id, batch: medium.batch, by };
		await this.#options.ledger.append(transaction, { type: "media.incident", version: 1, at: now, data });
		return incident;
	}

	async #step(transaction: AnyTransaction, id: string, input: StepInput, actor: Actor): Promise<Outcome> {
		const { clock, audit, ledger, samePerson, personOf } = this.#options;
		const stored = await store.lockMedium(transaction, id);
		if (!stored) throw notFound("medium", id);
		const before = await store.stepById(transaction, input.id);
		if (before) return again(stored, before, input, actor);
		const now = clock.now();
		const policy = await this.policy(transaction, stored.policy);
		const equipment = await this.#named(transaction, input);
		const { medium } = stored;
		const told = {
			input,
			actor: actor.id,
			at: Date.parse(input.at),
			now,
			policy,
			equipment,
			model: stored.model,
			samePerson,
			isLinked: (account: string) => personOf(account) !== null,
			plan: await store.planOf(transaction, medium.batch),
			day: dayAt(Date.parse(input.at), this.#options.timeZone()),
		};
		const verdict = judge(medium, told);
		if (verdict.kind === "refused") {
			const { code, status, reason } = verdict.refusal;
			throw new AppError(code, status, reason);
		}
		const incident = verdict.kind === "stopped" ? { id: randomUUID(), kind: verdict.incident, reason: verdict.reason } : null;
		const after: Medium = verdict.kind === "done" ? verdict.medium : stoppedBy(medium, input, incident?.id ?? null);
		const text = recordText({
			format: "watchroom-media-step/1",
			medium: pick(stored),
			number: after.steps,
			previous: await store.lastDigest(transaction, id),
			policy: stored.policy,
			told: toldOf(input),
			by: { account: actor.id, username: actor.username, name: actor.name, person: personOf(actor.id) },
			signature: { method: actor.method === "token" ? "token" : "session", confirmedAt: actor.confirmedAt },
			machine: equipment && machineOf(equipment),
			unseen: await this.#unseen(transaction, medium, { input, actor, verdict }),
			deviations: verdict.kind === "done" ? deviationsOf(medium, told) : [],
			recordedAt: now,
			incident,
			salt: randomBytes(16).toString("hex"),
		});
		const record = stepRecordSchema.parse(JSON.parse(text));
		if (incident) await this.#open(transaction, medium, { incident: incident.id, kind: incident.kind, detail: incident.reason, by: actor.id, now });
		const destroyed = verdict.kind === "done" && isDestroyed(after, policy) && stored.destroyedAt === null;
		await store.updateMedium(transaction, after, {
			...(verdict.kind === "done" && input.act === "remove" && { removedAt: Date.parse(input.at) }),
			...(destroyed && { destroyedAt: Date.parse(input.at) }),
			...(after.custody.kind === "gone" && { releasedAt: Date.parse(input.at) }),
		});
		await audit.record(transaction, {
			tag: "change",
			operation: `media.${input.act}`,
			actor,
			object: { type: "medium", id },
			result: incident ? "failed" : "ok",
			detail: { step: input.id, number: after.steps, serial: medium.serial, incident: incident?.kind ?? null, said: incident?.reason ?? null },
		});
		const digest = digestOf(text);
		const index = await ledger.append(transaction, stepEntry(record, digest));
		const kept = await store.insertStep(transaction, {
			id: input.id,
			medium: id,
			number: after.steps,
			act: input.act,
			by_account: actor.id,
			at: new Date(input.at),
			recorded_at: dateOf(now),
			record: text,
			digest,
			incident: incident?.id ?? null,
			ledger_index: String(index),
			deviations: record.deviations ?? [],
		});
		if (!kept) throw stepTaken();
		if (destroyed) await this.#options.certify(transaction, { ...stored, medium: after, destroyedAt: Date.parse(input.at) }, policy, now);
		const fresh = await store.mediumById(transaction, id);
		if (!fresh) throw notFound("medium", id);
		return { stored: fresh, refused: incident && input.act !== "report" ? chainStopped(incident.reason) : null };
	}

	/** What the step names, looked up. Throws AppError 400 with the field for what isn't there. */
	async #named(transaction: AnyTransaction, input: StepInput): Promise<Equipment | null> {
		const { equipment, stores, photos, rooms, mayHandle } = this.#options;
		const wrong: { field: string; message: string }[] = [];
		if (!rooms().includes(input.place)) wrong.push({ field: "place", message: "expected the id of a room of this site" });
		for (const [place, digest] of input.photos.entries())
			if (!(await photos.has(transaction, digest))) wrong.push({ field: `photos.${place}`, message: "expected a photo that was uploaded before" });
		if ("store" in input) {
			const room = await stores.roomOf(transaction, input.store);
			if (room === undefined) wrong.push({ field: "store", message: "expected the id of a store" });
			else if (room !== input.place) wrong.push({ field: "place", message: `expected the room of the store, ${room}` });
		}
		if ("to" in input && !(await mayHandle(transaction, input.to)))
			wrong.push({ field: "to", message: "expected the id of an account that may handle media" });
		const machine = "equipment" in input ? await equipment.find(transaction, input.equipment) : undefined;
		if ("equipment" in input && !machine) wrong.push({ field: "equipment", message: "expected the id of a machine" });
		if (wrong.length > 0) throw invalid("The step names what isn't there.", wrong);
		return machine ?? null;
	}

	/** Whom the doors don't know at the place of a hand-over (custody meets access control). */
	async #unseen(
		transaction: AnyTransaction,
		{ custody }: Medium,
		{ input, actor, verdict }: { input: StepInput; actor: Actor; verdict: Verdict },
	): Promise<string[]> {
		if (verdict.kind !== "done" || !["accept", "store", "take"].includes(input.act)) return [];
		const { seen } = this.#options;
		const at = Date.parse(input.at);
		const unseen: string[] = [];
		const taker = input.act === "accept" ? "taker" : "actor";
		if ((await seen(transaction, actor.id, input.place, at)) === false) unseen.push(taker);
		if (input.act === "accept" && custody.kind === "person" && (await seen(transaction, custody.account, input.place, at)) === false)
			unseen.push("giver");
		return unseen;
	}

	async #open(
		transaction: AnyTransaction,
		medium: Medium,
		{ incident, kind, detail, by, now }: { incident: string; kind: IncidentKind; detail: string; by: string; now: number },
	): Promise<void> {
		await store.insertIncident(transaction, {
			id: incident,
			kind,
			medium: medium.id,
			batch: medium.batch,
			store: medium.custody.kind === "store" ? medium.custody.store : null,
			serials: [medium.serial],
			detail,
			opened_by: by,
			opened_at: dateOf(now),
			closed_at: null,
			outcome: null,
			change: null,
		});
	}

	async #view(stored: store.StoredMedium, actor: Actor): Promise<MediumView> {
		const [view] = await this.views([stored], actor);
		if (!view) throw notFound("medium", stored.medium.id);
		return view;
	}

	#tables() {
		return this.#options.database.tables<store.CustodyTables>();
	}
}

const chainStopped = (reason: string) =>
	new AppError("chain-stopped-now", 409, `${reason} The chain of custody stands still; two persons must release the incident.`);

const stepTaken = () => conflict("step-taken", "Another step has this id; a step that is told again says the same.");

/** The answer to a step that is told a second time. Throws AppError 409 `step-taken` for one that says something else. */
function again(stored: store.StoredMedium, step: store.StoredStep, input: StepInput, actor: Actor): Outcome {
	const record = stepRecordSchema.parse(JSON.parse(step.record));
	// A device that got no answer tells it again later, and then says that it has waited.
	const same = recordText({ ...record, told: { ...toldOf(input), queued: record.told.queued } }) === step.record;
	if (step.medium !== stored.medium.id || step.by_account !== actor.id || !same) throw stepTaken();
	return { stored, refused: record.incident && input.act !== "report" ? chainStopped(record.incident.reason) : null };
}

/** The step counts, and nothing of what it told has come about. */
function stoppedBy(medium: Medium, input: StepInput, incident: string | null): Medium {
	return { ...medium, incident, steps: medium.steps + 1, lastAt: Math.max(medium.lastAt ?? 0, Date.parse(input.at)) };
}

const personsOf = ({ custody, offer, unverified }: Medium): string[] => [
	...(custody.kind === "person" ? [custody.account] : []),
	...(offer ? [offer.to] : []),
	...(unverified ? [unverified.operator] : []),
];

function pick({ medium, model }: store.StoredMedium): StepRecord["medium"] {
	const { id, serial, maker, type, classification, damaged, batch } = medium;
	return { id, serial, maker, model, type, classification, damaged, batch };
}

function machineOf(equipment: Equipment): StepRecord["machine"] {
	const { retiredAt: _, records, ...machine } = equipment;
	return { ...machine, records: records.map(({ kind, at, validUntil, passed }) => ({ kind, at, validUntil, passed })) };
}
