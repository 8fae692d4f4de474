/** `POST /rules/replay`: what a rule would have done over stored history, beside the one in force (ALM-9). */
import { z } from "zod";
import { instantSchema } from "./api.ts";
import { ruleSchema } from "./rules.ts";

export const MOST_REPLAYED_DAYS = 31;

export const replayRequestSchema = z.strictObject({
	/** As it is proposed. */
	rule: ruleSchema,
	/** Default 30 days before `to`. */
	from: instantSchema.optional(),
	/** Default now. */
	to: instantSchema.optional(),
});

/** `POST /rules/{id}/replay`: the same of the rule by that id, as it is proposed; without `rule` the one in force. */
export const ruleReplayRequestSchema = replayRequestSchema.partial({ rule: true });

const pointSchema = z.object({
	/** Id of the point, of the place of a rule that combines points, or of the door of one that counts access events. */
	point: z.string(),
	name: z.string(),
	/** How often its alarm would have been raised. */
	fired: z.number().int(),
	/** For how long it would have been active, ms; together, and the longest of all. */
	activeMs: z.number(),
	longestMs: z.number(),
	/** When first and last. */
	first: instantSchema,
	last: instantSchema,
	/** The last is active at the end of the time looked at. */
	active: z.boolean(),
});
export const replaySideSchema = z.object({
	/** Points, places or doors that it watches. */
	watched: z.number().int(),
	/** Those at which it would have fired, and how often at all of them together. */
	points: z.number().int(),
	fired: z.number().int(),
	activeMs: z.number(),
	/** Those at which it would have fired most often. */
	worst: z.array(pointSchema),
});
export type ReplaySide = z.infer<typeof replaySideSchema>;

export const replaySchema = z.object({
	/** To be named by the proposal. */
	id: z.string(),
	/** Id of the rule. */
	rule: z.string(),
	from: instantSchema,
	to: instantSchema,
	proposed: replaySideSchema,
	/** The rule in force by the same id; `null`: there is none. */
	inForce: replaySideSchema.nullable(),
	/** Readings, or access events, that were evaluated one by one; all others provably change nothing. */
	readings: z.number().int(),
	tookMs: z.number(),
});
export type Replay = z.infer<typeof replaySchema>;
