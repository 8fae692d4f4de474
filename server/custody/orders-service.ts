import { createHash, randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { z } from "zod";
import type { Page } from "../../contracts/api.ts";
import type { MediumInput, MediumView } from "../../contracts/media.ts";
import { stateOf } from "../../contracts/media-acts.ts";
import {
	type BatchInput,
	type BatchView,
	type DeviantStep,
	isUnexplained,
	type MediaImport,
	type Reconciliation,
	type ReconciliationView,
} from "../../contracts/media-orders.ts";
import type { Json } from "../ledger/ledger-entry.ts";
import type { Actor } from "../platform/actor.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf, isoOf, msOf } from "../platform/database/instants.ts";
import { AppError, conflict, type FieldError, invalid, notFound } from "../platform/errors.ts";
import { decodeCursor, pageOfRows } from "../platform/http/paging.ts";
import type { CustodyService } from "./custody-service.ts";
import { closeIncident, insertIncident, insertMedium, openIncidents, updateIncident } from "./custody-store.ts";
import { type People, personOf } from "./custody-view.ts";
import { readMedia } from "./media-file.ts";
import { UNTOUCHED } from "./medium.ts";
import * as store from "./orders-store.ts";
import { differences, reconcile } from "./reconciliation.ts";
import { type Records, recordedChange } from "./recorded-change.ts";
import { stepRecordSchema } from "./step-record.ts";
import { identityOf, namesVendor } from "./vendors.ts";

export interface OrdersOptions extends Records {
	custody: CustodyService;
	/** Rooms of the site. */
	rooms: () => readonly string[];
	people: (ids: readonly string[]) => Promise<People>;
	/** Whether somebody may handle media; it stays so until the transaction is over. */
	mayHandle: (transaction: AnyTransaction, account: string) => Promise<boolean>;
	/** Called in the transaction that closes a batch, when all is reconciled. */
	certifyBatch: (transaction: AnyTransaction, closed: ClosedBatch) => Promise<void>;
}

/** An order that is being closed, with what is certified of it. */
export interface ClosedBatch {
	batch: string;
	reconciliation: Reconciliation;
	deviations: readonly RecordedDeviation[];
	/** Why steps were not as planned. */
	because: string | null;
	by: Actor;
	now: number;
}
/** A step that was not as planned, as its signed record says. */
export type RecordedDeviation = Omit<DeviantStep, "by"> & { by: { account: string; username: string; name: string } };

type Values = Omit<MediumInput, "batch">;
const positionSchema = z.object({ at: z.number(), id: z.uuid() });

/** Work orders: which media go, from which bays, worked on by whom, and whether all of them arrived at their end (MED-1, MED-6). */
export class OrdersService {
	readonly #options: OrdersOptions;

	constructor(options: OrdersOptions) {
		this.#options = options;
	}

	/** The newest first. */
	async list({ limit, cursor, open }: { limit: number; cursor?: string | undefined; open?: boolean | undefined }): Promise<Page<BatchView>> {
		const rows = await store.listBatches(this.#tables(), { open }, decodeCursor(cursor, positionSchema), limit + 1);
		const views = new Map((await this.#views(rows)).map((view) => [view.id, view]));
		return pageOfRows(
			rows,
			limit,
			({ id }) => views.get(id) as BatchView,
			({ opened_at, id }) => ({ at: msOf(opened_at), id }),
		);
	}

	/** Throws AppError 404. */
	async get(id: string): Promise<BatchView> {
		const row = await store.batchById(this.#tables(), id);
		const [view] = row ? await this.#views([row]) : [];
		if (!view) throw notFound("work order", id);
		return view;
	}

	/** Opens a work order; its media are held to the policy in force now. Throws AppError 400 naming the field. */
	async open(input: BatchInput, actor: Actor): Promise<BatchView> {
		const { assets, destination, people, place, plannedFor, title } = input;
		if ((destination.kind !== "scrap" && destination.kind !== "recycling") || namesVendor(destination.organisation))
			throw new AppError(
				"vendor-return",
				409,
				"Media leave as scrap or for recycling; none goes to a hardware vendor, back for warranty, is sold or used again.",
				{ errors: [{ field: "destination", message: "expected scrap or recycling by somebody who is no maker of hardware" }] },
			);
		const bays = assets.flatMap(({ asset, bays: names }) => names.map((bay) => ({ asset, bay })));
		const twice = new Set(bays.map(({ asset, bay }) => JSON.stringify([asset, bay]))).size < bays.length;
		const id = randomUUID();
		await this.#change("batch-open", id, actor, { ...input }, async (transaction, now) => {
			const wrong: FieldError[] = [
				...(this.#options.rooms().includes(place) ? [] : [{ field: "place", message: "expected the id of a room of this site" }]),
				...(new Set(people).size < 2 ? [{ field: "people", message: "expected two different people at least: an operator and a verifier" }] : []),
				...(twice ? [{ field: "assets", message: "expected each bay once" }] : []),
			];
			for (const [number, account] of people.entries())
				if (!(await this.#options.mayHandle(transaction, account)))
					wrong.push({ field: `people.${number}`, message: "expected the id of an account that may handle media" });
			if (wrong.length > 0) throw invalid("The work order is not as expected.", wrong);
			const policy = await store.newestPolicy(transaction);
			await store.insertBatch(transaction, {
				id,
				title,
				place,
				planned_for: plannedFor,
				people: [...new Set(people)],
				destination,
				policy,
				opened_by: actor.id,
				opened_at: dateOf(now),
				closed_by: null,
				closed_at: null,
				certificate: null,
				deviations_because: null,
			});
			await store.insertBays(
				transaction,
				bays.map((bay) => ({ ...bay, batch: id, content: "unknown", medium: null, note: null })),
			);
			return { policy, bays: bays.length };
		});
		return await this.get(id);
	}

	/** Throws AppError 404 for the order; 409 `order-closed`, `medium-known`; 400 for a bay that the order doesn't list. */
	async register({ batch, ...values }: MediumInput, actor: Actor): Promise<MediumView> {
		let ids: string[] = [];
		const { serial, maker } = values;
		await this.#change("medium-register", batch, actor, { serial, maker }, async (transaction, now) => {
			ids = await this.#insert(transaction, await this.#openOrder(transaction, batch), [values], actor, now);
			return { media: ids };
		});
		return await this.#options.custody.get(ids[0] ?? "", actor);
	}

	/** Every row's fate; changes nothing. Throws AppError 404, 400. */
	async dryRun(batch: string, text: string): Promise<MediaImport> {
		return (await this.#plan(this.#tables(), batch, text)).result;
	}

	/** Does what the dry run with this hash has shown, or nothing: AppError 409 `changed-meanwhile`. */
	async import(batch: string, text: string, hash: string, actor: Actor): Promise<MediaImport> {
		let result: MediaImport | undefined;
		await this.#change("import", batch, actor, { hash }, async (transaction, now) => {
			const order = await this.#openOrder(transaction, batch);
			const plan = await this.#plan(transaction, batch, text);
			if (plan.result.hash !== hash)
				throw conflict("changed-meanwhile", "The file or the register is not as it was at the dry run: run it again, and look at what it shows.");
			await this.#insert(transaction, order, plan.create, actor, now);
			result = { ...plan.result, done: true };
			return { hash, media: plan.create.length };
		});
		if (!result) throw new Error("the import has no result");
		return result;
	}

	/** A bay that was found empty. Throws AppError 404, 409 `order-closed`, `bay-taken`. */
	async emptyBay(batch: string, { asset, bay, note }: { asset: string; bay: string; note: string }, actor: Actor): Promise<BatchView> {
		await this.#change("bay-empty", batch, actor, { asset, bay, note }, async (transaction) => {
			await this.#openOrder(transaction, batch);
			const found = (await store.baysOf(transaction, [batch])).find((one) => one.asset === asset && one.bay === bay);
			if (!found) throw notFound("bay", `${asset}, ${bay}`);
			if (found.content === "medium") throw conflict("bay-taken", "A medium is registered for this bay.");
			await store.updateBay(transaction, { ...found, content: "empty", note });
			return {};
		});
		return await this.get(batch);
	}

	/** Throws AppError 404. */
	async reconciliation(batch: string): Promise<ReconciliationView> {
		if (!(await store.batchById(this.#tables(), batch))) throw notFound("work order", batch);
		const deviations = (await this.#deviations(this.#tables(), batch)).map(({ by, ...step }) => ({ ...step, by: { id: by.account, name: by.name } }));
		return { ...(await this.#reconciliation(this.#tables(), batch)), deviations };
	}

	/**
	 * Closes the order when removed = destroyed = certified. Throws AppError 404, 409 `order-closed`; 409 `not-reconciled` that names the
	 * serials, and an incident of the order stays open until it is; 409 `deviations-unexplained` where steps were not as planned and nobody says why.
	 */
	async close(batch: string, because: string | null, actor: Actor): Promise<BatchView> {
		let difference: FieldError[] = [];
		await this.#change("batch-close", batch, actor, { because }, async (transaction, now) => {
			await this.#openOrder(transaction, batch);
			const reconciliation = await this.#reconciliation(transaction, batch);
			difference = differences(reconciliation);
			const open = (await openIncidents(transaction)).find((one) => one.batch === batch && one.medium === null && one.kind === "not-reconciled");
			if (difference.length > 0) {
				await this.#stands(transaction, open?.id, { batch, reconciliation, difference, actor, now });
				return { reconciled: false };
			}
			if (open) await closeIncident(transaction, open.id, { at: now, outcome: "reconciled", change: null });
			const deviations = await this.#deviations(transaction, batch);
			if (because === null && deviations.some(({ kinds }) => isUnexplained(kinds))) throw unexplained(deviations);
			await store.closeBatch(transaction, batch, { by: actor.id, at: now, because });
			await this.#options.certifyBatch(transaction, { batch, reconciliation, deviations, because, by: actor, now });
			return { reconciled: true };
		});
		if (difference.length > 0)
			throw new AppError(
				"not-reconciled",
				409,
				"What was removed, destroyed and certified is not the same: the order stays open, with an incident.",
				{
					errors: difference,
				},
			);
		return await this.get(batch);
	}

	/** Registers media of an order that the transaction has locked; the order and its bays are read once for all of them. */
	async #insert(transaction: AnyTransaction, order: store.StoredBatch, media: readonly Values[], actor: Actor, now: number): Promise<string[]> {
		const bays = new Map((await store.baysOf(transaction, [order.id])).map((bay) => [placeKey(bay), bay]));
		const ids: string[] = [];
		for (const { model, capacityBytes, property, source, why, ...values } of media) {
			if (namesVendor(order.destination.organisation, values.maker))
				throw conflict("vendor-return", `The order's media go to ${order.destination.organisation}, which is the maker of this one.`);
			const id = randomUUID();
			const medium = { id, ...values, batch: order.id, destination: order.destination, ...UNTOUCHED };
			const stored = { medium, model, capacityBytes, property, source, why, registeredBy: actor.id, registeredAt: now };
			if (!(await insertMedium(transaction, stored)))
				throw conflict("medium-known", `A medium of ${values.maker} with the serial number ${values.serial} is under way.`);
			ids.push(id);
			if (!source) continue;
			const bay = bays.get(placeKey(source));
			if (bay?.content === "medium") throw conflict("bay-taken", `Another medium is registered for ${source.asset}, ${source.bay}.`);
			const filled: store.StoredBay = { batch: order.id, ...source, content: "medium", medium: id, note: bay?.note ?? null };
			if (bay) await store.updateBay(transaction, filled);
			else await store.insertBays(transaction, [filled]);
			bays.set(placeKey(source), filled);
		}
		return ids;
	}

	/** The order, locked. Throws AppError 404, 409 `order-closed`. */
	async #openOrder(transaction: AnyTransaction, batch: string): Promise<store.StoredBatch> {
		const found = await store.lockBatch(transaction, batch);
		if (!found) throw notFound("work order", batch);
		if (found.closed_at !== null) throw conflict("order-closed", "The work order is closed.");
		return found;
	}

	async #plan(tables: store.Tables, batch: string, text: string): Promise<{ result: MediaImport; create: Values[] }> {
		const order = await store.batchById(tables, batch);
		if (!order) throw notFound("work order", batch);
		const rows = readMedia(text);
		const identities = rows.flatMap(({ values }) => (values ? [identityOf(values)] : []));
		const { rows: known } = await sql<{ identity: string }>`SELECT identity FROM media
			WHERE identity = ANY(${identities}) AND released_at IS NULL AND NOT lost`.execute(tables);
		const keys = new Set(known.map(({ identity }) => identity));
		const taken = new Set((await store.baysOf(tables, [batch])).filter(({ content }) => content === "medium").map(placeKey));
		const create: Values[] = [];
		const judged = rows.map(({ line, serial, values, errors }): MediaImport["rows"][number] => {
			if (!values) return { line, serial, fate: "refused", errors: [...errors] };
			const place = values.source && placeKey(values.source);
			if (keys.has(identityOf(values)))
				return { line, serial, fate: "refused", errors: [{ field: "serial", message: "expected one that is not under way already" }] };
			if (namesVendor(order.destination.organisation, values.maker))
				return { line, serial, fate: "refused", errors: [{ field: "maker", message: "expected another maker than where the order's media go" }] };
			if (place !== null && taken.has(place))
				return { line, serial, fate: "refused", errors: [{ field: "bay", message: "expected a bay for which no medium is registered" }] };
			if (place !== null) taken.add(place);
			create.push(values);
			return { line, serial, fate: "create", errors: [] };
		});
		const hash = createHash("sha256")
			.update(JSON.stringify([batch, text, judged]))
			.digest("hex");
		const refused = judged.length - create.length;
		return { result: { hash, done: false, counts: { create: create.length, refused }, rows: judged }, create };
	}

	async #reconciliation(tables: store.Tables, batch: string): Promise<Reconciliation> {
		return reconcile(await store.reconciledOf(tables, batch), await store.baysOf(tables, [batch]));
	}

	async #deviations(tables: store.Tables, batch: string): Promise<RecordedDeviation[]> {
		return (await store.deviantSteps(tables, batch)).map(({ medium, serial, record }) => {
			const { number, told, by, deviations = [] } = stepRecordSchema.parse(JSON.parse(record));
			const { act, at, place, note } = told;
			return { medium, serial, step: number, act, at, place, by, kinds: deviations, note: typeof note === "string" ? note : null };
		});
	}

	/** The incident of an order that doesn't reconcile: opened, or told anew with the serials that differ by now. */
	async #stands(
		transaction: AnyTransaction,
		open: string | undefined,
		told: { batch: string; reconciliation: Reconciliation; difference: readonly FieldError[]; actor: Actor; now: number },
	): Promise<void> {
		const { notRemoved, notDestroyed, notCertified, incidents } = told.reconciliation;
		const serials = [...new Set([...notRemoved, ...notDestroyed, ...notCertified, ...incidents])];
		const detail = told.difference.map(({ message }) => message).join(" ");
		if (open !== undefined) return await updateIncident(transaction, open, { serials, detail });
		await insertIncident(transaction, {
			id: randomUUID(),
			kind: "not-reconciled",
			medium: null,
			batch: told.batch,
			store: null,
			serials,
			detail,
			opened_by: told.actor.id,
			opened_at: dateOf(told.now),
			closed_at: null,
			outcome: null,
			change: null,
		});
	}

	async #change(
		act: string,
		id: string,
		actor: Actor,
		detail: Record<string, unknown>,
		work: (transaction: AnyTransaction, now: number) => Promise<Record<string, Json>>,
	): Promise<void> {
		await recordedChange(this.#options, { act, object: { type: "media-batch", id }, actor, detail }, work);
	}

	async #views(rows: readonly store.StoredBatch[]): Promise<BatchView[]> {
		const { people: named, clock } = this.#options;
		const ids = rows.map(({ id }) => id);
		const bays = await store.baysOf(this.#tables(), ids);
		const people = await named([...new Set(rows.flatMap((row) => [...row.people, row.opened_by, ...(row.closed_by ? [row.closed_by] : [])]))]);
		const deviations = await store.deviationCounts(this.#tables(), ids);
		const progress = await store.progressOf(this.#tables(), ids, clock.now());
		return rows.map((row): BatchView => {
			const states: Record<string, number> = {};
			let overdue = 0;
			for (const part of progress.filter(({ batch }) => batch === row.id)) {
				const state = stateOf(part.facts);
				states[state] = (states[state] ?? 0) + part.count;
				overdue += part.overdue;
			}
			return {
				id: row.id,
				title: row.title,
				place: row.place,
				plannedFor: row.planned_for,
				people: row.people.map((id) => personOf(people, id)),
				destination: row.destination,
				state: row.closed_at === null ? "open" : "closed",
				policy: row.policy,
				openedBy: personOf(people, row.opened_by),
				openedAt: isoOf(msOf(row.opened_at)),
				closedBy: row.closed_by === null ? null : personOf(people, row.closed_by),
				closedAt: isoOf(msOf(row.closed_at)),
				bays: bays.filter((bay) => bay.batch === row.id).map(({ asset, bay, content, medium, note }) => ({ asset, bay, content, medium, note })),
				states,
				overdue,
				deviations: deviations.get(row.id) ?? 0,
				deviationsBecause: row.deviations_because,
				certificate: row.certificate === null ? null : Number(row.certificate),
			};
		});
	}

	#tables(): Kysely<store.OrdersTables> {
		return this.#options.database.tables<store.OrdersTables>();
	}
}

const placeKey = ({ asset, bay }: { asset: string; bay: string }): string => JSON.stringify([asset, bay]);

function unexplained(deviations: readonly RecordedDeviation[]): AppError {
	const steps = deviations.filter(({ kinds }) => isUnexplained(kinds));
	const named = [...new Set(steps.map(({ serial }) => serial))].join(", ");
	return new AppError("deviations-unexplained", 409, `${steps.length} steps were not as the order plans (${named}): say why, and close it then.`, {
		errors: [{ field: "deviations", message: "expected why steps were not as planned" }],
	});
}
