import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import type { z } from "zod";
import type { CountView, storeInputSchema, storeViewSchema } from "../../contracts/media-orders.ts";
import type { Json } from "../ledger/ledger-entry.ts";
import type { Actor } from "../platform/actor.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf, isoOf, msOf } from "../platform/database/instants.ts";
import { conflict, invalid, notFound } from "../platform/errors.ts";
import type { CustodyService } from "./custody-service.ts";
import { lockMedium } from "./custody-store.ts";
import { type People, personOf } from "./custody-view.ts";
import { compareCount } from "./reconciliation.ts";
import { type Records, recordedChange } from "./recorded-change.ts";

type Store = z.output<typeof storeInputSchema>;
type StoreView = z.input<typeof storeViewSchema>;
interface Tables {
	media_stores: { id: string; name: string; room: string; door: string | null };
	media_counts: {
		id: string;
		store: string;
		at: Date;
		by_account: string;
		expected: string[];
		missing: string[];
		misplaced: string[];
		unknown: string[];
	};
}
export interface StoresOptions extends Records {
	custody: CustodyService;
	rooms: () => readonly string[];
	doors: () => readonly string[];
	people: (ids: readonly string[]) => Promise<People>;
}

/** Locked stores of media, and what was counted there (MED-2, MED-6). */
export class StoresService {
	readonly #options: StoresOptions;

	constructor(options: StoresOptions) {
		this.#options = options;
	}

	/** By name. */
	async list(): Promise<StoreView[]> {
		const { rows } = await sql<
			Store & { media: number; counted_at: Date | null; counted: boolean | null }
		>`SELECT s.*, (SELECT count(*)::int FROM media WHERE store = s.id) AS media, c.at AS counted_at,
				cardinality(c.missing) + cardinality(c.misplaced) + cardinality(c.unknown) = 0 AS counted
			FROM media_stores s LEFT JOIN LATERAL (SELECT * FROM media_counts WHERE store = s.id ORDER BY at DESC LIMIT 1) c ON true
			ORDER BY s.name`.execute(this.#tables());
		return rows.map(({ counted_at, ...row }) => ({ ...row, countedAt: isoOf(msOf(counted_at)) }));
	}

	/** The room of a store; `undefined`: there is no such store. */
	async roomOf(transaction: AnyTransaction, id: string): Promise<string | undefined> {
		return (await sql<{ room: string }>`SELECT room FROM media_stores WHERE id = ${id}`.execute(transaction)).rows[0]?.room;
	}

	/** Throws AppError 400 for an unknown room or door, 409 `store-known`. */
	async add(input: Store, actor: Actor): Promise<StoreView> {
		const { rooms, doors } = this.#options;
		const wrong = [
			...(rooms().includes(input.room) ? [] : [{ field: "room", message: "expected the id of a room of this site" }]),
			...(input.door === null || doors().includes(input.door) ? [] : [{ field: "door", message: "expected the id of a door of this site, or null" }]),
		];
		if (wrong.length > 0) throw invalid("The store is not as expected.", wrong);
		await this.#change("store-add", input.id, actor, { ...input }, async (transaction) => {
			const { rows } = await sql`INSERT INTO media_stores (id, name, room, door) VALUES (${input.id}, ${input.name}, ${input.room}, ${input.door})
				ON CONFLICT DO NOTHING RETURNING id`.execute(transaction);
			if (rows.length === 0) throw conflict("store-known", "There is a store of this id.");
			return {};
		});
		return { ...input, media: 0, countedAt: null, counted: null };
	}

	/**
	 * Compares what was found in a store with what should be there. What is missing, and what is recorded elsewhere, stops those media's
	 * chains, each with an incident. Throws AppError 404.
	 */
	async count(id: string, serials: readonly string[], actor: Actor): Promise<CountView> {
		const { custody } = this.#options;
		let view: CountView | undefined;
		await this.#change("count", id, actor, {}, async (transaction, now) => {
			// One count of a store at a time, and nothing goes in or out meanwhile.
			const { rows: stores } = await sql`SELECT 1 FROM media_stores WHERE id = ${id} FOR UPDATE`.execute(transaction);
			if (stores.length === 0) throw notFound("store", id);
			const { rows: media } = await sql<{
				id: string;
				serial: string;
				store: string | null;
			}>`SELECT id, serial, store FROM media WHERE (store = ${id} OR serial = ANY(${[...serials]})) AND released_at IS NULL AND NOT lost
				ORDER BY id FOR UPDATE`.execute(transaction);
			const here = media.filter((medium) => medium.store === id).map(({ serial }) => serial);
			const compared = compareCount(here, serials, new Set(media.map(({ serial }) => serial)));
			for (const medium of media) {
				const missing = medium.store === id && compared.missing.includes(medium.serial);
				const misplaced = medium.store !== id && compared.misplaced.includes(medium.serial);
				const stored = missing || misplaced ? await lockMedium(transaction, medium.id) : undefined;
				if (!stored) continue;
				const detail = missing
					? `The serial number ${medium.serial} was not found when the store ${id} was counted.`
					: `The serial number ${medium.serial} was found in the store ${id}, where it is not by the records.`;
				await custody.stop(transaction, stored, { kind: missing ? "missing-in-count" : "seen-elsewhere", detail, by: actor.id, now });
			}
			const count = { id: randomUUID(), ...compared };
			await sql`INSERT INTO media_counts (id, store, at, by_account, expected, missing, misplaced, unknown)
				VALUES (${count.id}, ${id}, ${dateOf(now)}, ${actor.id}, ${count.expected}, ${count.missing}, ${count.misplaced}, ${count.unknown})`.execute(
				transaction,
			);
			view = { ...count, store: id, at: isoOf(now), by: { id: actor.id, name: actor.name } };
			const { expected, missing, misplaced, unknown } = compared;
			return { count: count.id, expected: expected.length, missing: missing.length, misplaced: misplaced.length, unknown: unknown.length };
		});
		if (!view) throw new Error("the count has no result");
		return view;
	}

	/** The newest first, at most a hundred. Throws AppError 404. */
	async counts(id: string): Promise<CountView[]> {
		const { rows: stores } = await sql`SELECT 1 FROM media_stores WHERE id = ${id}`.execute(this.#tables());
		if (stores.length === 0) throw notFound("store", id);
		const rows = await this.#tables().selectFrom("media_counts").selectAll().where("store", "=", id).orderBy("at", "desc").limit(100).execute();
		const people = await this.#options.people([...new Set(rows.map(({ by_account }) => by_account))]);
		return rows.map(({ by_account, at, ...row }) => ({ ...row, at: isoOf(msOf(at)), by: personOf(people, by_account) }));
	}

	async #change(
		act: string,
		id: string,
		actor: Actor,
		detail: Record<string, unknown>,
		work: (transaction: AnyTransaction, now: number) => Promise<Record<string, Json>>,
	): Promise<void> {
		await recordedChange(this.#options, { act, object: { type: "media-store", id }, actor, detail }, work);
	}

	#tables(): Kysely<Tables> {
		return this.#options.database.tables<Tables>();
	}
}
