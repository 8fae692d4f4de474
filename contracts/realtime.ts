/** What the server pushes to dashboards over Socket.IO; a client joins the room of a site with `watch`. */
import { z } from "zod";
import { findingViewSchema } from "./access.ts";
import { accessEventViewSchema, agentSchema, alarmSchema, doorEventViewSchema } from "./api.ts";
import { liveQualitySchema, prioritySchema, valueSchema } from "./kinds.ts";
import { notificationKindSchema } from "./notifications.ts";
import type { Permission } from "./permissions.ts";

/** [point id, value, quality, ts (Unix ms), receivedAt (Unix ms)] */
export const liveReadingSchema = z.tuple([z.string(), valueSchema.nullable(), liveQualitySchema, z.number(), z.number()]);
export type LiveReading = z.infer<typeof liveReadingSchema>;

/** Newest state of the points that changed since the last such event; at most four a second for a client. */
export const readingEventSchema = z.object({ site: z.string(), sentAt: z.number(), readings: z.array(liveReadingSchema) });
export type ReadingEvent = z.infer<typeof readingEventSchema>;

/** `kind`: `reload` (the client fell behind, fetch everything anew), `site-changed`, `site-file-broken`, `storage` (history degraded or well again), `heartbeat` (every second or so: the link is alive; nothing for 5 s means it is not). */
export const noticeEventSchema = z.object({
	kind: z.enum(["reload", "site-changed", "site-file-broken", "storage", "heartbeat", "device-seen"]),
	at: z.number(),
	text: z.string(),
});
export type NoticeEvent = z.infer<typeof noticeEventSchema>;

/** Somebody is told of alarms: only the person whom it is for gets it. `confirm`: path of the page that confirms a test alarm. */
export const notificationEventSchema = z.object({
	/** Of this delivery, so that what comes twice is shown once. */
	id: z.string(),
	notification: z.string(),
	at: z.number(),
	kind: notificationKindSchema,
	priority: prioritySchema,
	subject: z.string(),
	count: z.number().int(),
	/** Ids. */
	alarms: z.array(z.string()),
	confirm: z.string().nullable(),
});
export type NotificationEvent = z.infer<typeof notificationEventSchema>;

/** Every event's name with the schema of its one argument. */
export const realtimeEvents = {
	reading: readingEventSchema,
	alarm: alarmSchema,
	access: accessEventViewSchema,
	door: doorEventViewSchema,
	finding: findingViewSchema,
	agent: agentSchema,
	notice: noticeEventSchema,
	notification: notificationEventSchema,
} as const;
export type RealtimeEvents = { [name in keyof typeof realtimeEvents]: z.infer<(typeof realtimeEvents)[name]> };

/** Who gets which event (`addressed`: only whom it is for); personal fields in it are masked for who may not see them. */
export const realtimePermissions = {
	reading: "site.read",
	alarm: "alarms.read",
	access: "access.read",
	door: "site.read",
	finding: "access.read",
	agent: "site.read",
	notice: "signed-in",
	notification: "addressed",
} as const satisfies Record<keyof RealtimeEvents, Permission | "signed-in" | "addressed">;

/** Client to server: which site's room to join; the acknowledgement is `{ok: true}` or `{ok: false, error}`. */
export const watchSchema = z.object({ site: z.string() });
