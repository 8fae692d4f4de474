import { z } from "zod";

/** A counter that its owner starts anew from 0: what all earlier runs came to, and what the present one has counted. */
export const totalSchema = z.object({ before: z.number(), now: z.number() });
export type Total = z.output<typeof totalSchema>;

export const ZERO: Total = { before: 0, now: 0 };

/** The count so far, which never goes back. */
export function sum(total: Total): number {
	return total.before + total.now;
}

/** Takes the owner's newest count. `restarted`: it has begun at 0 again; else a lower count is an old message and changes nothing. */
export function count(total: Total, now: number, restarted: boolean): Total {
	if (restarted) return { before: total.before + total.now, now };
	return { before: total.before, now: Math.max(total.now, now) };
}
