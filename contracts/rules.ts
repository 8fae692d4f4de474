/** Alarm rules as the site file states them (ALM-1, ALM-4). Durations are text in the file and milliseconds once parsed. */
import { z } from "zod";
import { idSchema } from "./identifiers.ts";
import { deviceKindSchema, pointKindSchema, prioritySchema } from "./kinds.ts";

const MS = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `500ms`, `30s`, `15min`, `2h` or `30d`; parsed to milliseconds. */
export const durationSchema = z
	.string()
	.regex(/^\d+(\.\d+)?(ms|s|min|h|d)$/, { error: "expected a duration such as 30s, 15min or 2h" })
	.transform((text) => {
		const unit = /[a-z]+$/.exec(text)?.[0] as keyof typeof MS;
		return Math.round(Number.parseFloat(text) * MS[unit]);
	});

const oneOrMany = <T extends z.ZodType>(item: T) => z.union([item.transform((one) => [one]), z.array(item).min(1)]);

/** Which points a rule watches: every named property must match; a list matches any of its members. */
export const selectorSchema = z
	.strictObject({
		pointKind: oneOrMany(pointKindSchema).optional(),
		deviceKind: oneOrMany(deviceKindSchema).optional(),
		room: oneOrMany(idSchema).optional(),
		rack: oneOrMany(idSchema).optional(),
		device: oneOrMany(idSchema).optional(),
		/** The point's own name, without the device. */
		point: oneOrMany(idSchema).optional(),
	})
	.refine((selector) => Object.keys(selector).length > 0, { error: "expected at least one of pointKind, deviceKind, room, rack, device, point" });
export type Selector = z.infer<typeof selectorSchema>;

/** How the place of one alarm is that of another: on one device, in one rack or room, on one feed, behind one agent, at one site. */
export const WHERE = ["device", "rack", "room", "feed", "agent", "site"] as const;
const whereSchema = z.enum(WHERE);
export type Where = z.infer<typeof whereSchema>;

/** While one of the points that `on` selects, in the same place as the alarm's, is in one of the states, the alarm is suppressed by design. */
export const suppressedWhileSchema = z.strictObject({
	on: selectorSchema,
	states: z.array(z.union([z.boolean(), z.string().min(1).max(64)])).min(1),
	where: whereSchema.default("device"),
});
export type SuppressedWhile = z.output<typeof suppressedWhileSchema>;

/** Alarms that follow from an alarm of this rule (ALM-6): those of the rules, on points and devices of the kinds, in the same place. */
export const explanationSchema = z
	.strictObject({
		rules: oneOrMany(idSchema).optional(),
		pointKind: oneOrMany(pointKindSchema).optional(),
		deviceKind: oneOrMany(deviceKindSchema).optional(),
		where: whereSchema,
		/** They began at most so long before it or after it, ms. */
		before: durationSchema.default(2 * 60_000),
		within: durationSchema.default(15 * 60_000),
	})
	.refine(({ rules, pointKind, deviceKind }) => rules ?? pointKind ?? deviceKind, { error: "expected at least one of rules, pointKind, deviceKind" });
export type Explanation = z.output<typeof explanationSchema>;

const common = {
	id: idSchema,
	name: z.string().min(1).max(120),
	on: selectorSchema,
	priority: prioritySchema,
	/** The condition must hold this long before the alarm is raised (ISA-18.2 on-delay), ms. */
	onDelay: durationSchema.default(0),
	/** The condition must be gone this long before the alarm returns (off-delay), ms. */
	offDelay: durationSchema.default(0),
	/** A latched alarm stays when its condition has gone, until somebody resets it (ISA-18.2). */
	latching: z.boolean().default(false),
	suppressedWhile: suppressedWhileSchema.optional(),
	explains: z.array(explanationSchema).max(20).default([]),
	cause: z.string().max(500).default(""),
	consequence: z.string().max(500).default(""),
	action: z.string().max(500).default(""),
	/** Time in which an operator must have responded, ms. */
	responseTime: durationSchema.optional(),
	/** Who is told of it, by the names that the notifications know; without any their own rules say who. */
	receivers: z.array(idSchema).max(20).default([]),
};

const beyond = {
	level: z.enum(["high-high", "high", "low", "low-low"]),
	limit: z.number(),
	deadband: z.number().nonnegative().default(0),
};
/** A value beyond a limit; it returns when it is back by more than the deadband. */
export const limitRuleSchema = z.strictObject({ ...common, kind: z.literal("limit"), ...beyond });
/** A value that moves by `change` or more (in the point's unit) within a sliding window. */
export const rateRuleSchema = z.strictObject({
	...common,
	kind: z.literal("rate"),
	direction: z.enum(["rise", "fall", "either"]).default("either"),
	change: z.number().positive(),
	within: durationSchema,
});
/** A digital point in one of the named states. */
export const stateRuleSchema = z.strictObject({
	...common,
	kind: z.literal("state"),
	states: z.array(z.union([z.boolean(), z.string().min(1).max(64)])).min(1),
});
/** No good reading for `after` (three expected intervals where it isn't given): missing data is a fault, never "normal" (EDG-6). */
export const noDataRuleSchema = z.strictObject({ ...common, kind: z.literal("no-data"), after: durationSchema.optional() });

/** Most events that a rule counts up to. */
const MOST_COUNTED = 1000;
const counted = { count: z.number().int().min(2).max(MOST_COUNTED), within: durationSchema };
/** So many changes of a point's value within a sliding window; with `states` only those into one of them count. It returns when they are fewer. */
export const countRuleSchema = z.strictObject({
	...common,
	kind: z.literal("count"),
	...counted,
	states: z
		.array(z.union([z.boolean(), z.string().min(1).max(64)]))
		.min(1)
		.optional(),
});

/** What a combination makes of the selected points of one device, rack or room, with its unit; `null`: that of the points. */
export const MEASURES = {
	sum: null,
	mean: null,
	min: null,
	max: null,
	/** Largest less smallest value. */
	spread: null,
	/** Largest deviation from the mean of all, in % of the mean (NEMA MG 1, 14.36): phases of one supply. */
	imbalance: "%",
	/** What the feed that is left carries if the other fails now, in % of what it can carry; racks alone. */
	"failover-load": "%",
	/** On how many feeds the load lies; racks alone. */
	feeds: null,
	/** Highest dew point of the devices that measure temperature and humidity. */
	"dew-point": "°C",
	/** Lowest temperature less highest dew point: at nought there is water. */
	"dew-margin": "°C",
} as const satisfies Record<string, string | null>;
export type Measure = keyof typeof MEASURES;
/** A limit on what several points of one device, rack or room give together. It is known while all of them are. */
export const combinationRuleSchema = z
	.strictObject({
		...common,
		kind: z.literal("combination"),
		per: z.enum(["device", "rack", "room"]),
		measure: z.enum(Object.keys(MEASURES) as [Measure, ...Measure[]]),
		...beyond,
	})
	.refine(({ measure, per }) => per === "rack" || (measure !== "failover-load" && measure !== "feeds"), {
		error: "expected rack for this measure",
		path: ["per"],
	});

/** How far back events at a door are looked at, ms; and how many of one person's. */
export const ACCESS_COUNT_BOUNDS = { within: 600_000, ofPerson: 30 };
/**
 * So many access events within a time at a door, at one of its readers (its way in or out), or of one person at whichever doors.
 * `on` selects the doors by the points of their states. Something that happened: the alarm returns at once and waits for an acknowledgement.
 */
export const accessCountRuleSchema = z
	.strictObject({
		...common,
		kind: z.literal("access-count"),
		per: z.enum(["door", "reader", "person"]),
		result: z.enum(["granted", "denied"]),
		...counted,
	})
	.refine(({ within }) => within <= ACCESS_COUNT_BOUNDS.within, { error: "expected at most 10min", path: ["within"] })
	.refine(({ per, count }) => per !== "person" || count <= ACCESS_COUNT_BOUNDS.ofPerson, {
		error: "expected at most 30 of one person",
		path: ["count"],
	});

export const ruleSchema = z.discriminatedUnion("kind", [
	limitRuleSchema,
	rateRuleSchema,
	stateRuleSchema,
	noDataRuleSchema,
	countRuleSchema,
	combinationRuleSchema,
	accessCountRuleSchema,
]);
export const RULE_KINDS = ruleSchema.options.map((option) => option.shape.kind.value);
export type Rule = z.output<typeof ruleSchema>;
export type LimitRule = z.output<typeof limitRuleSchema>;
export type RateRule = z.output<typeof rateRuleSchema>;
export type StateRule = z.output<typeof stateRuleSchema>;
export type CountRule = z.output<typeof countRuleSchema>;
export type CombinationRule = z.output<typeof combinationRuleSchema>;
export type AccessCountRule = z.output<typeof accessCountRuleSchema>;
export type NoDataRule = z.output<typeof noDataRuleSchema>;
