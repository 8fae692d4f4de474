import type { Page } from "../../contracts/api.ts";
import { invalid } from "../platform/errors.ts";

/**
 * A page of a list that is wholly in memory and whose order stays. The cursor is the id of the last item of the page before;
 * throws AppError `invalid-request` when there is no such item any more.
 */
export function inMemoryPage<T extends { id: string }>(
	items: readonly T[],
	{ limit, cursor }: { limit: number; cursor?: string | undefined },
): Page<T> {
	let start = 0;
	if (cursor !== undefined) {
		start = items.findIndex(({ id }) => id === cursor) + 1;
		if (start === 0)
			throw invalid("The cursor points to nothing that is in the list now.", [
				{ field: "cursor", message: "expected the nextCursor of the page before; start again without one" },
			]);
	}
	const page = items.slice(start, start + limit);
	return { items: page, nextCursor: start + limit < items.length ? (page.at(-1)?.id ?? null) : null };
}
