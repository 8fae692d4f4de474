/** How people are told of alarms (ALM-7, ALM-10): waits, channels and test alarms, as the site file states them. Durations are ms once parsed. */
import { z } from "zod";
import { durationSchema } from "./rules.ts";

export const CHANNELS = ["dashboard", "email", "sms", "webhook"] as const;
export const channelSchema = z.enum(CHANNELS);
export type Channel = z.infer<typeof channelSchema>;

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

const channels = (...names: Channel[]) => z.array(channelSchema).max(CHANNELS.length).default(names);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const notificationPolicySchema = z.strictObject({
	/** How long the first alarm of a group waits for others, so that they go out together; a critical one waits `criticalWait`. */
	groupWait: durationSchema.default(20 * SECOND),
	criticalWait: durationSchema.default(2 * SECOND),
	/** The shortest time between two notifications of a group for new alarms; critical ones don't wait for it. */
	groupInterval: durationSchema.default(5 * MINUTE),
	/** Whoever was called is told again of what nobody has acknowledged. */
	repeatInterval: durationSchema.default(HOUR),
	/** When the next in the chain is called, where the alarm has no response time of its own. */
	escalateAfter: z
		.strictObject({
			critical: durationSchema.default(10 * MINUTE),
			high: durationSchema.default(30 * MINUTE),
			medium: durationSchema.default(4 * HOUR),
			low: durationSchema.default(24 * HOUR),
		})
		.prefault({}),
	/** By which channels people are told, by priority. */
	channels: z
		.strictObject({
			critical: channels("dashboard", "email", "sms", "webhook"),
			high: channels("dashboard", "email", "sms", "webhook"),
			medium: channels("dashboard", "email", "webhook"),
			low: channels("dashboard", "webhook"),
		})
		.prefault({}),
	/** By which of these channels those who were told of an alarm are told that it is over; none: they aren't. */
	resolved: channels("dashboard", "email", "webhook"),
	/** Language of what is sent; what rules say is as they are written. */
	language: z.enum(LANGUAGES).default("en"),
	/** A real alarm by schedule, whose receivers confirm it by a link; without it there is none. */
	testAlarm: z
		.strictObject({
			/** Five fields of cron, in the site's time zone. */
			schedule: z.string().regex(/^\S+(?: +\S+){4}$/, { error: "expected five fields of cron, such as 0 10 * * 1" }),
			confirmWithin: durationSchema.default(30 * MINUTE),
		})
		.optional(),
});
export type NotificationPolicy = z.output<typeof notificationPolicySchema>;
