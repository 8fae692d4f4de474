/** What this device keeps to work without a network: the media as they were last read, the steps that wait, and their photos. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { z } from "zod";
import { mediumViewSchema, stepInputSchema } from "../../../../../contracts/media.ts";
import { batchViewSchema, equipmentViewSchema, storeViewSchema } from "../../../../../contracts/media-orders.ts";
import type { QueuedStep } from "./queue.ts";

const personSchema = z.object({ id: z.string(), name: z.string() });
/** Everything that the work needs, as it was read at one moment. */
export const workSchema = z.object({
	readAt: z.number(),
	account: personSchema.extend({ mayRelease: z.boolean() }),
	orders: z.array(batchViewSchema),
	media: z.array(mediumViewSchema),
	machines: z.array(equipmentViewSchema),
	stores: z.array(storeViewSchema),
	rooms: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type Work = z.infer<typeof workSchema>;

const queuedSchema = z.object({
	number: z.number(),
	medium: z.string(),
	by: personSchema,
	input: stepInputSchema,
	refused: z.string().nullable(),
});

interface Schema extends DBSchema {
	work: { key: "work"; value: unknown };
	steps: { key: number; value: unknown };
	photos: { key: string; value: Blob };
}

export class DeviceStore {
	readonly #database: IDBPDatabase<Schema>;

	private constructor(database: IDBPDatabase<Schema>) {
		this.#database = database;
	}

	/** Rejects where the browser keeps nothing (a private window may not). */
	static async open(): Promise<DeviceStore> {
		const database = await openDB<Schema>("watchroom-media-work", 1, {
			upgrade(fresh) {
				fresh.createObjectStore("work");
				fresh.createObjectStore("steps", { keyPath: "number", autoIncrement: true });
				fresh.createObjectStore("photos");
			},
		});
		// Asks the browser not to clear it away when space is short; it may say no.
		await navigator.storage?.persist?.();
		return new DeviceStore(database);
	}

	/** `null` before the first time that it was read, and for what an older version has kept. */
	async work(): Promise<Work | null> {
		return workSchema.safeParse(await this.#database.get("work", "work")).data ?? null;
	}
	async keepWork(work: Work): Promise<void> {
		await this.#database.put("work", work, "work");
	}
	/** In their order. */
	async steps(): Promise<QueuedStep[]> {
		return z.array(queuedSchema).parse(await this.#database.getAll("steps"));
	}
	/** A step with its photos, all or nothing. */
	async add(step: Omit<QueuedStep, "number" | "refused">, photos: readonly { digest: string; blob: Blob }[]): Promise<void> {
		const transaction = this.#database.transaction(["steps", "photos"], "readwrite");
		for (const { digest, blob } of photos) await transaction.objectStore("photos").put(blob, digest);
		await transaction.objectStore("steps").add({ ...step, refused: null });
		await transaction.done;
	}
	async change(step: QueuedStep): Promise<void> {
		await this.#database.put("steps", step);
	}
	/** Takes steps away, and photos that no other step needs. */
	async remove(numbers: readonly number[]): Promise<void> {
		const left = (await this.steps()).filter(({ number }) => !numbers.includes(number));
		const needed = new Set(left.flatMap(({ input }) => input.photos));
		const transaction = this.#database.transaction(["steps", "photos"], "readwrite");
		for (const number of numbers) await transaction.objectStore("steps").delete(number);
		for (const digest of await transaction.objectStore("photos").getAllKeys())
			if (!needed.has(digest)) await transaction.objectStore("photos").delete(digest);
		await transaction.done;
	}
	async photo(digest: string): Promise<Blob | undefined> {
		return await this.#database.get("photos", digest);
	}
}
