/** How well the alarms serve whoever watches them, by the performance metrics of ISA-18.2 (clause 16) as the API shows them. */
import { z } from "zod";
import { instantSchema } from "./api.ts";
import { prioritySchema } from "./kinds.ts";

/** What has a target, in the order of the standard's table. */
export const QUALITY_METRICS = [
	"average-per-10-minutes",
	"peak-per-10-minutes",
	"periods-above-10",
	"time-in-flood",
	"top-10-share",
	"chattering",
	"fleeting",
	"stale",
	"share-low",
	"share-medium",
	"share-high",
] as const;
export const qualityMetricSchema = z.enum(QUALITY_METRICS);
export type QualityMetric = z.infer<typeof qualityMetricSchema>;

/** `value`: `null` when nothing was annunciated that it could be a share of. Shares are 0 to 1. */
export const qualityFigureSchema = z.object({
	metric: qualityMetricSchema,
	value: z.number().nullable(),
	target: z.object({ least: z.number().nullable(), most: z.number().nullable() }),
	met: z.boolean().nullable(),
});
export type QualityFigure = z.infer<typeof qualityFigureSchema>;

/**
 * Begins when more than 10 alarms came into the list in 10 minutes, ends when fewer than 5 did; symptoms under their cause count.
 * `to`: `null` while it lasts.
 */
export const alarmFloodSchema = z.object({
	from: instantSchema,
	to: instantSchema.nullable(),
	alarms: z.number().int(),
	/** Shown in front while it lasted. */
	annunciated: z.number().int(),
	/** Most alarms in 10 minutes. */
	peak: z.number().int(),
});

export const qualityOffenderSchema = z.object({
	alarm: z.string(),
	rule: z.string(),
	point: z.string(),
	message: z.string(),
	priority: prioritySchema,
	count: z.number().int(),
	share: z.number(),
	/** Occurrences that are part of chattering. */
	chattering: z.number().int(),
	fleeting: z.number().int(),
	/** Still or for a time active for longer than a day. */
	stale: z.boolean(),
});
export type QualityOffender = z.infer<typeof qualityOffenderSchema>;

export const alarmQualitySchema = z.object({
	from: instantSchema,
	/** Never later than now. */
	to: instantSchema,
	/** Annunciated, all of them live: in front in the operator's list, neither put aside nor under a cause. The figures are of these. */
	alarms: z.number().int(),
	/** Raised, all of them live; of those, all the time under a cause, and all the time shelved, suppressed by design or out of service. */
	raised: z.number().int(),
	folded: z.number().int(),
	aside: z.number().int(),
	figures: z.array(qualityFigureSchema),
	priorities: z.object({ critical: z.number().int(), high: z.number().int(), medium: z.number().int(), low: z.number().int() }),
	floods: z.array(alarmFloodSchema),
	/** From annunciation to acknowledgement, of those acknowledged. */
	acknowledgement: z.object({
		acknowledged: z.number().int(),
		medianMs: z.number().nullable(),
		p90Ms: z.number().nullable(),
		/** Of the alarms with a response time: acknowledged later than that, or not at all and it is over. */
		late: z.number().int(),
	}),
	/** Most frequent first. */
	offenders: z.array(qualityOffenderSchema),
});
export type AlarmQuality = z.infer<typeof alarmQualitySchema>;

/** A window of the report by shift, day or month, with the figures that are compared. */
export const qualityPeriodSchema = alarmQualitySchema
	.pick({ from: true, to: true, alarms: true, raised: true, figures: true })
	.extend({ label: z.string(), floods: z.number().int() });
export type QualityPeriod = z.infer<typeof qualityPeriodSchema>;
