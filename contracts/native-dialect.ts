/** What devices say in Watchroom's own dialect: topics and payloads of the device side (MQTT 3.1.1 or 5). */
import { z } from "zod";
import { idSchema } from "./identifiers.ts";
import { doorStateSchema, qualitySchema } from "./kinds.ts";

/** Largest payload that is read, in bytes. */
export const PAYLOAD_LIMIT = 64 * 1024;
/** Most readings that one message may carry. */
export const READINGS_PER_MESSAGE = 1000;
/** What an agent subscribes to on a broker that is not its own. */
export const DEVICE_TOPIC_FILTER = "watchroom/+/+";

/** Last topic levels that mean something else than a point, and so can't be a point's name. */
export const RESERVED_TOPICS = ["access", "door", "status", "command", "result"] as const;
export type ReservedTopic = (typeof RESERVED_TOPICS)[number];

/** `watchroom/{device}/{name}`, where `name` is a point or one of {@link RESERVED_TOPICS}. */
export function deviceTopic(device: string, name: string): string {
	return `watchroom/${device}/${name}`;
}

/** Takes a device topic apart; `null` when it is not one. */
export function parseDeviceTopic(topic: string): { device: string; name: string } | null {
	const match = /^watchroom\/([A-Za-z0-9._-]{1,64})\/([A-Za-z0-9._-]{1,64})$/.exec(topic);
	return match?.[1] && match[2] ? { device: match[1], name: match[2] } : null;
}

const instant = z.number().int();
const eventNumber = z.number().int().nonnegative();

/** One reading as a device sends it; `ts` in Unix milliseconds, without it the time of receipt counts. */
export const nativeReadingSchema = z.object({
	ts: instant.optional(),
	value: z.union([z.number(), z.boolean(), z.string().min(1).max(64)]),
	quality: qualitySchema.optional(),
});
export const nativeReadingsSchema = z.union([nativeReadingSchema, z.array(nativeReadingSchema).min(1).max(READINGS_PER_MESSAGE)]);

/** Unknown keys are refused: nothing else of a credential belongs here. */
export const cardSchema = z.strictObject({
	format: z.string().min(1).max(32),
	facility: z.number().int().nonnegative(),
	number: z.number().int().nonnegative(),
});
export type Card = z.infer<typeof cardSchema>;

/** A reference to an enrolment, never a template: records begin with "FMR" (ISO/IEC 19794-2, ANSI 378) or "FIR", in base64 `Rk1S` and `RklS`. */
export const fingerprintSchema = z
	.string()
	.regex(/^[A-Za-z0-9._:-]{1,64}$/, { error: "expected 1 to 64 of A-Z a-z 0-9 . _ : -" })
	.refine((reference) => !/^Rk[1l]S/.test(reference), { error: "expected a reference to an enrolment, never a template" });

export const ACCESS_METHODS = ["card", "fingerprint", "card+fingerprint", "pin", "remote", "exit-button"] as const;

/** `seq` is the device's own event number: it only grows; a gap means lost events (EDG-7). Unknown keys are refused, so that a fingerprint template can't slip in. */
export const nativeAccessSchema = z.strictObject({
	ts: instant.optional(),
	seq: eventNumber,
	door: idSchema,
	direction: z.enum(["in", "out"]),
	method: z.enum(ACCESS_METHODS),
	card: cardSchema.nullish(),
	fingerprint: fingerprintSchema.nullish(),
	result: z.enum(["granted", "denied"]),
	/** BACnet's access-event names in kebab-case. */
	reason: z.string().regex(/^[a-z0-9-]{1,64}$/, { error: "expected a kebab-case reason code" }),
});
export type NativeAccess = z.infer<typeof nativeAccessSchema>;

export const nativeDoorSchema = z.strictObject({
	ts: instant.optional(),
	seq: eventNumber,
	door: idSchema,
	state: doorStateSchema,
});
export type NativeDoor = z.infer<typeof nativeDoorSchema>;

export const deviceStatusSchema = z.enum(["online", "offline"]);
export type DeviceStatus = z.infer<typeof deviceStatusSchema>;

export const nativeCommandSchema = z.object({
	id: z.string().min(1).max(64),
	op: z.string().min(1).max(64),
	body: z.record(z.string(), z.unknown()),
});
export type NativeCommand = z.infer<typeof nativeCommandSchema>;
/** The `error` of a device that has no such operation. */
export const UNKNOWN_OPERATION = "unknown-operation";
export const nativeResultSchema = z.object({
	id: z.string().min(1).max(64),
	ok: z.boolean(),
	error: z.string().nullable(),
	body: z.record(z.string(), z.unknown()),
});
export type NativeResult = z.infer<typeof nativeResultSchema>;
