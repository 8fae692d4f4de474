import { z } from "zod";
import type { Page } from "../../../contracts/api.ts";
import { invalid } from "../errors.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";

const positionSchema = z.object({ id: z.string() });

/**
 * A page of a list that is wholly in memory and whose order stays. The cursor names the last item of the page before; throws
 * AppError `invalid-request` when there is no such item any more.
 */
export function inMemoryPage<T extends { id: string }>(
	items: readonly T[],
	{ limit, cursor }: { limit: number; cursor?: string | undefined },
): Page<T> {
	const after = decodeCursor(cursor, positionSchema);
	const start = after === undefined ? 0 : items.findIndex(({ id }) => id === after.id) + 1;
	if (after !== undefined && start === 0)
		throw invalid("What the page before ended with is no longer in the list.", [
			{ field: "cursor", message: "expected the cursor of a list that has not changed since; start again without one" },
		]);
	const page = items.slice(start, start + limit);
	const last = page.at(-1);
	return { items: page, nextCursor: last && start + limit < items.length ? encodeCursor({ id: last.id }) : null };
}
