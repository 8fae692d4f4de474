/**
 * Keeps a list still while somebody points at it (nothing jumps away under the cursor).
 * `shown`: ids as they stand on the screen; `current`: the ids in their right order.
 * Rows that have left `current` stay in their place until the list is let go.
 */
export function holdList(shown: readonly string[] | null, current: readonly string[]): { ids: readonly string[]; fresh: number } {
	if (shown === null) return { ids: current, fresh: 0 };
	const known = new Set(shown);
	return { ids: shown, fresh: current.reduce((count, id) => (known.has(id) ? count : count + 1), 0) };
}
