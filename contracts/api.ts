/** Shapes of the REST API that the server answers with and the dashboard reads. Times are ISO 8601 in UTC. */
import { z } from "zod";
import { accessVerdictSchema } from "./access-verdict.ts";
import { deviceKindSchema, doorStateSchema, liveQualitySchema, pointKindSchema, prioritySchema, qualitySchema, valueSchema } from "./kinds.ts";
import { ACCESS_METHODS } from "./native-dialect.ts";
import { feedSchema } from "./rack-power.ts";
import { CARD, NAME, sensitiveFields } from "./sensitive.ts";
import { planRectangleSchema } from "./site.ts";
import { REFUSALS, UNUSABLE_CLOCKS } from "./uplink.ts";

export const instantSchema = z.iso.datetime();
const [FIRST, END] = [Date.UTC(2000, 0), Date.UTC(2200, 0)];
/** When something that people give begins or ends. Far beyond, what is reckoned from it (a lapse, a local time) is no instant any more. */
export const limitSchema = instantSchema.refine((text) => !(Date.parse(text) < FIRST || Date.parse(text) >= END), {
	error: "expected a time of the years 2000 to 2199",
});

/** RFC 9457 problem details; `errors` names each wrong field and what was expected. */
export const problemSchema = z.object({
	type: z.string(),
	title: z.string(),
	status: z.number().int(),
	/** Stable, for programs. */
	code: z.string(),
	detail: z.string(),
	/** Finds the request in the log. */
	id: z.string(),
	errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** Schema of a page of a list. */
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export interface Page<T> {
	items: T[];
	nextCursor: string | null;
}

export const pointSchema = z.object({
	id: z.string(),
	device: z.string(),
	/** The point's own name, without the device. */
	point: z.string(),
	name: z.string(),
	kind: pointKindSchema,
	type: z.enum(["number", "boolean", "state"]),
	unit: z.string().nullable(),
	/** `{site}/{room}[/{rack}]` */
	location: z.string(),
	room: z.string(),
	rack: z.string().nullable(),
	normal: z.object({ min: z.number(), max: z.number() }).nullable(),
	/** Expected time between readings, ms. */
	interval: z.number().nullable(),
	/** `null` before the first reading. */
	value: valueSchema.nullable(),
	quality: liveQualitySchema,
	ts: instantSchema.nullable(),
	receivedAt: instantSchema.nullable(),
});
export type Point = z.infer<typeof pointSchema>;

export const deviceSchema = z.object({
	id: z.string(),
	name: z.string(),
	kind: deviceKindSchema,
	agent: z.string(),
	location: z.string(),
	room: z.string(),
	rack: z.string().nullable(),
	plan: z.object({ x: z.number(), y: z.number() }).nullable(),
	/** The feed that it hangs on, where the site file says it. */
	feed: feedSchema.nullable(),
	status: z.enum(["online", "offline", "unknown"]),
	lastSeen: instantSchema.nullable(),
	accepted: z.number().int(),
	rejected: z.number().int(),
	sequenceGaps: z.number().int(),
	clockSkewMs: z.number().nullable(),
	/** Why the times that it sends can't be used, so that the time of receipt counts; `null`: they can, as far as is known. */
	unusableClock: z.enum(UNUSABLE_CLOCKS).nullable(),
	/** The dialect that it speaks. */
	profile: z.string(),
});
export type Device = z.infer<typeof deviceSchema>;

export const quarantinedSchema = z.object({
	id: z.string(),
	device: z.string(),
	topic: z.string(),
	receivedAt: instantSchema,
	reason: z.enum(REFUSALS),
	detail: z.string(),
	payload: z.string(),
	size: z.number().int(),
});
export type Quarantined = z.infer<typeof quarantinedSchema>;

export const agentSchema = z.object({
	id: z.string(),
	name: z.string(),
	status: z.enum(["online", "offline", "unknown"]),
	lastSeen: instantSchema.nullable(),
	outbox: z.object({ batches: z.number().int(), bytes: z.number().int(), oldest: instantSchema.nullable() }),
	dropped: z.number().int(),
	rejectedUnknown: z.number().int(),
	/** Age of the newest reading that has come from it, ms; `null` before the first. */
	lagMs: z.number().nullable(),
});
export type Agent = z.infer<typeof agentSchema>;

export const siteViewSchema = z.object({
	id: z.string(),
	name: z.string(),
	timeZone: z.string(),
	rooms: z.array(z.object({ id: z.string(), name: z.string(), kind: z.string(), plan: planRectangleSchema })),
	racks: z.array(z.object({ id: z.string(), name: z.string(), room: z.string(), plan: planRectangleSchema, ratedPower: z.number().nullable() })),
	doors: z.array(
		z.object({
			id: z.string(),
			name: z.string(),
			from: z.string(),
			to: z.string(),
			plan: z.object({ x: z.number(), y: z.number() }),
			factors: z.enum(["one", "two"]),
			/** The door-state point, `{controller}:{door}`. */
			point: z.string(),
			readers: z.array(z.object({ device: z.string(), direction: z.enum(["in", "out"]) })),
		}),
	),
	/** What was wrong with the newest site file, when that is not the one in use. */
	fileProblems: z.array(z.object({ path: z.string(), message: z.string() })),
	loadedAt: instantSchema,
});
export type SiteView = z.infer<typeof siteViewSchema>;

export const rawRowSchema = z.object({ ts: instantSchema, value: valueSchema, quality: qualitySchema });
/** min, max and mean are `null` for points whose values are not numbers. */
export const rollupRowSchema = z.object({
	ts: instantSchema,
	min: z.number().nullable(),
	max: z.number().nullable(),
	mean: z.number().nullable(),
	last: valueSchema,
	count: z.number().int(),
});
export const historySchema = z.object({
	point: z.string(),
	step: z.enum(["raw", "1m", "1h"]),
	rows: z.union([z.array(rawRowSchema), z.array(rollupRowSchema)]),
	/** True when the range holds more rows than were returned; ask again from the last row's time. */
	truncated: z.boolean(),
});
export type HistoryAnswer = z.infer<typeof historySchema>;

export const ALARM_STATES = [
	"normal",
	"unacknowledged",
	"acknowledged",
	"returned-unacknowledged",
	"shelved",
	"suppressed-by-design",
	"out-of-service",
] as const;
export const alarmSchema = z.object({
	id: z.string(),
	rule: z.string(),
	ruleName: z.string(),
	point: z.string(),
	location: z.string(),
	room: z.string(),
	rack: z.string().nullable(),
	priority: prioritySchema,
	state: z.enum(ALARM_STATES),
	active: z.boolean(),
	acknowledged: z.boolean(),
	latched: z.boolean(),
	shelved: z.boolean(),
	suppressed: z.boolean(),
	outOfService: z.boolean(),
	/** While it is shelved: until when at most; `oneShot`: or until its next return. */
	shelf: z.object({ by: z.string(), at: instantSchema, reason: z.string(), until: instantSchema, oneShot: z.boolean() }).nullable(),
	/** While it is out of service. */
	removal: z.object({ by: z.string(), at: instantSchema, reason: z.string() }).nullable(),
	/** The alarm that explains this one (ALM-6); only while this one is open and that one goes on. */
	causeId: z.string().nullable(),
	/** Open alarms that name this one as their cause. */
	symptoms: z.number().int(),
	/** Start and end of the newest occurrence. */
	raisedAt: instantSchema,
	clearedAt: instantSchema.nullable(),
	/** Number of occurrences so far. */
	occurrences: z.number().int(),
	/** The value that raised it. */
	value: valueSchema.nullable(),
	unit: z.string().nullable(),
	message: z.string(),
	cause: z.string(),
	consequence: z.string(),
	action: z.string(),
	responseTimeMs: z.number().nullable(),
	acknowledgedBy: z.string().nullable(),
	acknowledgedAt: instantSchema.nullable(),
	comment: z.string().nullable(),
	/** Grows with each change of this alarm. */
	version: z.number().int(),
});
export type Alarm = z.infer<typeof alarmSchema>;

/** What happens to an alarm; `unsuppressed` and `in-service` end what `suppressed` and `out-of-service` began. */
export const ALARM_MOVES = [
	"raised",
	"returned",
	"acknowledged",
	"reset",
	"shelved",
	"unshelved",
	"suppressed",
	"unsuppressed",
	"out-of-service",
	"in-service",
] as const;
/** A move, or that it stands under a cause (or another one) from then on, or no longer. */
export const ALARM_TRANSITIONS = [...ALARM_MOVES, "folded", "came-forward"] as const;

export const alarmTransitionSchema = z.object({
	alarm: z.string(),
	rule: z.string(),
	point: z.string(),
	priority: prioritySchema,
	kind: z.enum(ALARM_TRANSITIONS),
	/** Number of the occurrence within its alarm, from 1. */
	occurrence: z.number().int(),
	/** Event time. */
	at: instantSchema,
	recordedAt: instantSchema,
	by: z.string().nullable(),
	comment: z.string().nullable(),
	value: valueSchema.nullable(),
	/** From back-filled data: recorded, never paged (ALM-5). */
	late: z.boolean(),
	/** The state that it led to, and the cause under which it stood then; `null` of late ones. */
	state: z.enum(ALARM_STATES).nullable(),
	causeId: z.string().nullable(),
});
export type AlarmTransition = z.infer<typeof alarmTransitionSchema>;

/** Who acknowledges is who asks; it can't be told. */
const acknowledgement = { comment: z.string().max(1000).optional() };
const occurrence = z.number().int().positive();
/** `occurrence`: the one that was seen; a newer one is not acknowledged with it. */
export const acknowledgeSchema = z.strictObject({ ...acknowledgement, occurrence: occurrence.optional() });
/** `POST /alarms/acknowledge`: several at once, each for itself, each the occurrence that was seen. */
export const acknowledgeManySchema = z.strictObject({
	...acknowledgement,
	alarms: z
		.array(z.strictObject({ id: z.string().min(1).max(64), occurrence }))
		.min(1)
		.max(1000),
});
/** `code`: why not, `null` where it was acknowledged. */
export const acknowledgedManySchema = z.object({ items: z.array(z.object({ id: z.string(), code: z.string().nullable() })) });
const reason = z.string().trim().min(1, { error: "expected the reason" }).max(1000);
/** `minutes`: without it as long as the site allows; `oneShot`: at most until the next return. */
export const shelveSchema = z.strictObject({ reason, minutes: z.number().int().positive().optional(), oneShot: z.boolean().default(false) });
/** `outOfService: false` puts it back into service. */
export const outOfServiceSchema = z.strictObject({ reason, outOfService: z.boolean().default(true) });

/** `GET /alarms/summary`: how many alarms there are of each kind now; one alarm can count under several. */
export const alarmSummarySchema = z.object({
	/** In the list: neither normal nor put aside; `symptoms` stand folded under their cause. */
	priorities: z.record(prioritySchema, z.object({ unacknowledged: z.number().int(), acknowledged: z.number().int(), symptoms: z.number().int() })),
	active: z.number().int(),
	unacknowledged: z.number().int(),
	latched: z.number().int(),
	symptoms: z.number().int(),
	shelved: z.number().int(),
	suppressed: z.number().int(),
	outOfService: z.number().int(),
});
export type AlarmSummary = z.infer<typeof alarmSummarySchema>;

/** `holder` is the name on the credential, `null` when nobody in the register has it. */
export const accessEventViewSchema = z.object({
	id: z.string(),
	device: z.string(),
	seq: z.number().int(),
	door: z.string(),
	doorName: z.string(),
	direction: z.enum(["in", "out"]),
	method: z.enum(ACCESS_METHODS),
	holder: z.object({ id: z.string().register(sensitiveFields, NAME), name: z.string().register(sensitiveFields, NAME) }).nullable(),
	/** The card as `{format} {facility}-{number}`; who may not see card numbers gets it with all but the last two digits hidden. */
	card: z.string().register(sensitiveFields, CARD).nullable(),
	result: z.enum(["granted", "denied"]),
	reason: z.string(),
	/** What our records said of it at its time; `null` where nothing was shown, as for an exit button. */
	verdict: accessVerdictSchema.nullable(),
	ts: instantSchema,
	receivedAt: instantSchema,
	late: z.boolean(),
});
export type AccessEventView = z.infer<typeof accessEventViewSchema>;

export const doorEventViewSchema = z.object({
	id: z.string(),
	device: z.string(),
	seq: z.number().int(),
	door: z.string(),
	doorName: z.string(),
	state: doorStateSchema,
	ts: instantSchema,
	receivedAt: instantSchema,
	late: z.boolean(),
});
export type DoorEventView = z.infer<typeof doorEventViewSchema>;

/** A door with its state now. */
export const doorViewSchema = z.object({
	id: z.string(),
	name: z.string(),
	from: z.string(),
	to: z.string(),
	factors: z.enum(["one", "two"]),
	controller: z.string(),
	state: doorStateSchema.nullable(),
	since: instantSchema.nullable(),
	/** Its controller or agent isn't heard: the state is the last one known, not the one now. */
	stale: z.boolean(),
});
export type DoorView = z.infer<typeof doorViewSchema>;

export const healthSchema = z.object({
	status: z.enum(["ok", "degraded", "down"]),
	parts: z.array(z.object({ name: z.string(), status: z.enum(["ok", "degraded", "down"]), detail: z.string() })),
});
export type Health = z.infer<typeof healthSchema>;

/** Event numbers of a device that are missing. */
export const sequenceGapSchema = z.object({
	id: z.string(),
	/** First and last number that was missing. */
	from: z.number().int(),
	to: z.number().int(),
	/** Numbers that are still missing. */
	missing: z.number().int(),
	noticedAt: instantSchema,
	/** When late events had filled all of it. */
	filledAt: instantSchema.nullable(),
});
export type SequenceGap = z.infer<typeof sequenceGapSchema>;
