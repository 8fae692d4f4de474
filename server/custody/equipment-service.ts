import { randomUUID } from "node:crypto";
import type { EquipmentInput, EquipmentKind, EquipmentRecordInput, EquipmentView } from "../../contracts/media-orders.ts";
import type { Json } from "../ledger/ledger-entry.ts";
import type { Actor } from "../platform/actor.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { isoOf } from "../platform/database/instants.ts";
import { conflict, invalid, notFound } from "../platform/errors.ts";
import { type People, personOf } from "./custody-view.ts";
import { type Equipment, inDateUntil, unfitness } from "./equipment.ts";
import * as store from "./equipment-store.ts";
import { type Records, recordedChange } from "./recorded-change.ts";

export interface EquipmentOptions extends Records {
	people: (ids: readonly string[]) => Promise<People>;
}

/** Which property says what a kind of machine can do. */
const MEASURE: Readonly<Record<EquipmentKind, "fieldOe" | "particleMm" | "version" | null>> = {
	degausser: "fieldOe",
	eraser: "version",
	bender: null,
	crusher: null,
	shredder: "particleMm",
	disintegrator: "particleMm",
	grinder: "particleMm",
};
/** A test or calibration holds for this long at most. */
const LONGEST_VALID = 5 * 366 * 86_400_000;

/** The machines that destroy media, and the tests that prove them (MED-3). */
export class EquipmentService {
	readonly #options: EquipmentOptions;

	constructor(options: EquipmentOptions) {
		this.#options = options;
	}

	/** By name. */
	async list(): Promise<EquipmentView[]> {
		return await this.#views(await store.equipment(this.#tables()));
	}

	/** Throws AppError 404. */
	async get(id: string): Promise<EquipmentView> {
		const [view] = await this.#views(await store.equipment(this.#tables(), id));
		if (!view) throw notFound("machine", id);
		return view;
	}

	async find(transaction: AnyTransaction, id: string): Promise<Equipment | undefined> {
		return (await store.equipment(transaction, id))[0];
	}

	/** Throws AppError 400 naming the field that its kind needs, or must not have; 409 `machine-known`. */
	async add(input: EquipmentInput, actor: Actor): Promise<EquipmentView> {
		const needed = MEASURE[input.kind];
		const wrong = (["fieldOe", "particleMm", "version"] as const).flatMap((field) => {
			if (field === needed && input[field] === null) return [{ field, message: `expected it of every ${input.kind}` }];
			return field !== needed && input[field] !== null ? [{ field, message: `expected none of a ${input.kind}` }] : [];
		});
		if (wrong.length > 0) throw invalid("The machine is not described as its kind needs it.", wrong);
		const id = randomUUID();
		await this.#change("equipment-add", id, actor, { ...input }, async (transaction) => {
			if (!(await store.insertEquipment(transaction, id, input)))
				throw conflict("machine-known", "There is a machine of this name, or of this maker and serial number.");
			return {};
		});
		return await this.get(id);
	}

	/** Throws AppError 404, 400 for times that can't be. */
	async addRecord(id: string, input: EquipmentRecordInput, actor: Actor): Promise<EquipmentView> {
		const [at, until] = [Date.parse(input.at), Date.parse(input.validUntil)];
		const wrong = [
			...(at > this.#options.clock.now() ? [{ field: "at", message: "expected a time that is over" }] : []),
			...(until <= at ? [{ field: "validUntil", message: "expected a time after at" }] : []),
			...(until - at > LONGEST_VALID ? [{ field: "validUntil", message: "expected at most five years after at" }] : []),
		];
		if (wrong.length > 0) throw invalid("The record's times can't be.", wrong);
		await this.#change("equipment-record", id, actor, { ...input }, async (transaction, now) => {
			if (!(await this.find(transaction, id))) throw notFound("machine", id);
			await store.insertRecord(transaction, { id: randomUUID(), equipment: id, input, by: actor.id, now });
			return { kind: input.kind, at, validUntil: until, passed: input.passed };
		});
		return await this.get(id);
	}

	/** Takes it out of service for good. Throws AppError 404, 409 `machine-retired`. */
	async retire(id: string, reason: string, actor: Actor): Promise<EquipmentView> {
		await this.#change("equipment-retire", id, actor, { reason }, async (transaction, now) => {
			const found = await this.find(transaction, id);
			if (!found) throw notFound("machine", id);
			if (found.retiredAt !== null) throw conflict("machine-retired", `${found.name} was taken out of service before.`);
			await store.retireEquipment(transaction, id, now);
			return {};
		});
		return await this.get(id);
	}

	async #change(
		act: string,
		id: string,
		actor: Actor,
		detail: Record<string, unknown>,
		work: (transaction: AnyTransaction, now: number) => Promise<Record<string, Json>>,
	): Promise<void> {
		await recordedChange(this.#options, { act, object: { type: "media-equipment", id }, actor, detail }, work);
	}

	async #views(machines: readonly store.StoredEquipment[]): Promise<EquipmentView[]> {
		const now = this.#options.clock.now();
		const people = await this.#options.people([...new Set(machines.flatMap(({ records }) => records.map(({ enteredBy }) => enteredBy)))]);
		return machines.map(({ retiredAt, records, ...machine }) => ({
			...machine,
			retiredAt: isoOf(retiredAt),
			records: records.map((record) => ({
				...record,
				at: isoOf(record.at),
				validUntil: isoOf(record.validUntil),
				enteredBy: personOf(people, record.enteredBy),
				enteredAt: isoOf(record.enteredAt),
			})),
			inDateUntil: isoOf(inDateUntil({ kind: machine.kind, records }, now)),
			unfit: unfitness({ ...machine, retiredAt, records }, now),
		}));
	}

	#tables() {
		return this.#options.database.tables<store.EquipmentTables>();
	}
}
