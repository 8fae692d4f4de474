/**
 * Pages of a list: `?limit=&cursor=`, answered as `{items, nextCursor}`. A cursor is sealed: the place in a list can be a name or an id
 * that whoever asks sees masked. It holds until the server is started again.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Page } from "../../../contracts/api.ts";
import { invalid } from "../errors.ts";

export const PAGE_LIMIT = 500;

const KEY = randomBytes(32);
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Pieces of a list's query schema: `query: z.object({ ...pagingQuery, point: pointIdSchema.optional() })`. */
export const pagingQuery = {
	limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(100).describe(`Most items on the page, 1 to ${PAGE_LIMIT}`),
	cursor: z.string().min(1).max(1024).optional().describe("`nextCursor` of the page before; without it the first page"),
};

/** Makes a cursor of where the next page begins, e.g. `{ at: 1769000000000, id: "..." }`. */
export function encodeCursor(position: unknown): string {
	const nonce = randomBytes(NONCE_BYTES);
	const cipher = createCipheriv("aes-256-gcm", KEY, nonce, { authTagLength: TAG_BYTES });
	const sealed = Buffer.concat([cipher.update(JSON.stringify(position), "utf8"), cipher.final()]);
	return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
}

/** Reads a client's cursor; `undefined` for the first page. Throws AppError `invalid-request` (400) when it is not one of this list. */
export function decodeCursor<T>(cursor: string | undefined, schema: z.ZodType<T>): T | undefined {
	if (cursor === undefined) return undefined;
	const parsed = schema.safeParse(opened(cursor));
	if (parsed.success) return parsed.data;
	throw invalid("The cursor is not one that this list gave out.", [{ field: "cursor", message: "expected the nextCursor of a page of this list" }]);
}

/** Makes a page of `limit + 1` rows that the store was asked for: the one too many only says that there is a next page. */
export function pageOfRows<Row, Item>(
	rows: readonly Row[],
	limit: number,
	item: (row: Row) => Item,
	positionAfter: (last: Row) => unknown,
): Page<Item> {
	const shown = rows.slice(0, limit);
	const last = shown.at(-1);
	return { items: shown.map(item), nextCursor: rows.length > limit && last !== undefined ? encodeCursor(positionAfter(last)) : null };
}

/** `undefined` for what this server did not seal. */
function opened(cursor: string): unknown {
	const bytes = Buffer.from(cursor, "base64url");
	const start = NONCE_BYTES + TAG_BYTES;
	if (bytes.length <= start) return undefined;
	try {
		const decipher = createDecipheriv("aes-256-gcm", KEY, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
		decipher.setAuthTag(bytes.subarray(NONCE_BYTES, start));
		return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(start)), decipher.final()]).toString("utf8"));
	} catch {
		return undefined;
	}
}
