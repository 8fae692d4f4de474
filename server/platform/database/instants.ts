/**
 * Instants in the database. Every store keeps them as `timestamptz`, which rows and parameters carry as `Date`
 * (millisecond resolution); outside a store an instant is Unix milliseconds. These are the only crossings.
 */

/** Unix ms to a parameter for a `timestamptz`. */
export function dateOf(ms: number): Date;
export function dateOf(ms: number | null): Date | null;
export function dateOf(ms: number | null): Date | null {
	return ms === null ? null : new Date(ms);
}

/** A row's `timestamptz` to Unix ms. */
export function msOf(date: Date): number;
export function msOf(date: Date | null): number | null;
export function msOf(date: Date | null): number | null {
	return date === null ? null : date.getTime();
}

/** Unix ms as the API writes it: ISO 8601 in UTC. */
export function isoOf(ms: number): string;
export function isoOf(ms: number | null): string | null;
export function isoOf(ms: number | null): string | null {
	return ms === null ? null : new Date(ms).toISOString();
}
