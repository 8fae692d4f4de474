/** What people were told of alarms, and what became of it, as the API shows it (ALM-7, ALM-10). */
import { z } from "zod";
import { instantSchema } from "./api.ts";
import { dutyPlaceSchema } from "./duty-plan.ts";
import { prioritySchema } from "./kinds.ts";
import { channelSchema } from "./notification-policy.ts";
import { ADDRESS, sensitiveFields } from "./sensitive.ts";

/** `escalated`: nobody had answered who was told before; `repeated`: to the same people again; `resolved`: it is over. */
export const notificationKindSchema = z.enum(["raised", "escalated", "repeated", "resolved"]);

export const DELIVERY_STATES = ["pending", "delivered", "failed", "dropped"] as const;
export const deliveryTrySchema = z.object({ at: instantSchema, result: z.enum(["delivered", "temporary", "permanent"]), reason: z.string() });
/** `GET /notifications`: one message to one receiver by one channel. `dropped`: before it went out somebody had answered, or the same was told anew. */
export const deliverySchema = z.object({
	/** What receivers see: `webhook-id`, the left part of `Message-ID`. */
	id: z.string(),
	notification: z.string(),
	kind: notificationKindSchema,
	priority: prioritySchema,
	subject: z.string(),
	/** Ids of the alarms that it tells of, at most 50, and how many there are. */
	alarms: z.array(z.string()),
	count: z.number().int(),
	/** Username; `null`: the webhook. */
	person: z.string().nullable(),
	channel: channelSchema,
	address: z.string().register(sensitiveFields, ADDRESS).nullable(),
	state: z.enum(DELIVERY_STATES),
	/** What came of the last try, or why there is none. */
	reason: z.string().nullable(),
	/** The last ones. */
	tries: z.array(deliveryTrySchema),
	triesMade: z.number().int(),
	createdAt: instantSchema,
	/** While it is pending: when it is tried next. */
	nextAt: instantSchema.nullable(),
	endedAt: instantSchema.nullable(),
});
export type DeliveryView = z.infer<typeof deliverySchema>;

/** `GET /notifications/pages`: what becomes of an occurrence of an alarm until somebody answers. */
export const pageViewSchema = z.object({
	id: z.string(),
	alarm: z.string(),
	occurrence: z.number().int(),
	state: z.enum(["new", "held", "waiting", "paged", "closed"]),
	/** Why nobody is told (`shelved`, `suppressed`, `out-of-service`, `symptom`), or no more (`acknowledged`, `over`, `superseded`). */
	reason: z.string().nullable(),
	/** The place in the chain that was called last. */
	place: dutyPlaceSchema,
	openedAt: instantSchema,
	pagedAt: instantSchema.nullable(),
	/** When the next place is called. */
	escalatesAt: instantSchema.nullable(),
});
export type PageView = z.infer<typeof pageViewSchema>;

/** `GET /notifications/state`. */
export const notificationStateSchema = z.object({
	channels: z.array(
		z.object({
			channel: channelSchema,
			/** A channel that is not set tells nobody. */
			configured: z.boolean(),
			status: z.enum(["ok", "failing", "unused"]),
			reason: z.string().nullable(),
			lastDeliveredAt: instantSchema.nullable(),
			waiting: z.number().int(),
		}),
	),
	/** Whether there is a roster, and who is on duty now. */
	roster: z.boolean(),
	onDuty: z.array(z.object({ place: dutyPlaceSchema, person: z.string(), name: z.string() })),
	/** Alarms that wait for an answer and have reached nobody by any channel. */
	unreached: z.number().int(),
	/** Something that the dashboard must show loudly; empty when people are reached. */
	silent: z.array(z.enum(["no-channel", "channels-failing", "nobody-on-duty", "unreached"])),
});
export type NotificationState = z.infer<typeof notificationStateSchema>;

/** `GET /notifications/tests`: test alarms and who has confirmed them. */
export const testAlarmSchema = z.object({
	id: z.string(),
	at: instantSchema,
	by: z.string(),
	deadline: instantSchema,
	state: z.enum(["running", "passed", "missed"]),
	proofs: z.array(z.object({ person: z.string(), sentAt: instantSchema, confirmedAt: instantSchema.nullable() })),
});
export type TestAlarm = z.infer<typeof testAlarmSchema>;
