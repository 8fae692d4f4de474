/** Pages of a list: `?limit=&cursor=`, answered as `{items, nextCursor}`. A cursor is opaque to clients. */
import { z } from "zod";
import type { Page } from "../../../contracts/api.ts";
import { invalid } from "../errors.ts";

export const PAGE_LIMIT = 500;

/** Pieces of a list's query schema: `query: z.object({ ...pagingQuery, point: pointIdSchema.optional() })`. */
export const pagingQuery = {
	limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(100).describe(`Most items on the page, 1 to ${PAGE_LIMIT}`),
	cursor: z.string().min(1).max(1024).optional().describe("`nextCursor` of the page before; without it the first page"),
};

/** Makes a cursor of where the next page begins, e.g. `{ at: 1769000000000, id: "..." }`. */
export function encodeCursor(position: unknown): string {
	return Buffer.from(JSON.stringify(position)).toString("base64url");
}

/** Reads a client's cursor; `undefined` for the first page. Throws AppError `invalid-request` (400) when it is not one of this list. */
export function decodeCursor<T>(cursor: string | undefined, schema: z.ZodType<T>): T | undefined {
	if (cursor === undefined) return undefined;
	const parsed = schema.safeParse(parseJson(Buffer.from(cursor, "base64url").toString("utf8")));
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

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
