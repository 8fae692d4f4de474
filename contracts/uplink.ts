/** What edge agents and the server say to each other over MQTT (QoS 1 unless noted). */
import { z } from "zod";
import { idSchema, pointIdSchema } from "./identifiers.ts";
import { deviceKindSchema, doorStateSchema, pointKindSchema, qualitySchema, valueSchema } from "./kinds.ts";
import { ACCESS_METHODS, cardSchema, nativeCommandSchema, nativeResultSchema } from "./native-dialect.ts";

/**
 * Agent to server:
 * - `envelope`: stored batches, see {@link envelopeSchema}; answered by `ack`.
 * - `snapshot`: the newest reading of every point, sent first after an outage (EDG-4), and every few seconds while the server answers
 *   nothing and fresh batches can't go; not stored, not acknowledged. The batches that hold these readings follow.
 * - `heartbeat`: see {@link heartbeatSchema}, every few seconds.
 * - `status`: retained `online` / `offline`; `offline` is the last will.
 * - `witness`: answers a checkpoint, see {@link witnessAnswerSchema}.
 * - `result`: what a device answered to a command, see {@link deviceResultSchema}; not kept when the line is away: the server asks again.
 * Server to agent:
 * - `ack`: see {@link ackSchema}.
 * - `devices`: retained {@link deviceListSchema}.
 * - `checkpoint`: the ledger's newest, see {@link checkpointOfferSchema}.
 * - `command`: for a device, see {@link deviceCommandSchema}; sent again by the server until it is answered.
 */
export const UPLINK_TOPICS = ["envelope", "snapshot", "heartbeat", "status", "ack", "devices", "checkpoint", "witness", "command", "result"] as const;
export type UplinkTopic = (typeof UPLINK_TOPICS)[number];

/** `watchroom-uplink/{agent}/{topic}`; `agent` may be `+` in a subscription. */
export function uplinkTopic(agent: string, topic: UplinkTopic): string {
	return `watchroom-uplink/${agent}/${topic}`;
}
export function parseUplinkTopic(topic: string): { agent: string; topic: UplinkTopic } | null {
	const match = /^watchroom-uplink\/([A-Za-z0-9._-]{1,64})\/([a-z]+)$/.exec(topic);
	const name = UPLINK_TOPICS.find((known) => known === match?.[2]);
	return match?.[1] && name ? { agent: match[1], topic: name } : null;
}

/**
 * Readings by column. Row i is the reading of `points[p[i]]`, taken at `base + t[i]` (Unix ms) and received by the agent at
 * `base + r[i]`, with value `v[i]`. Quality is "good" but for the rows listed in `q` as [row, quality].
 */
export const readingColumnsSchema = z.object({
	points: z.array(pointIdSchema),
	base: z.number().int(),
	p: z.array(z.number().int().nonnegative()),
	t: z.array(z.number().int()),
	r: z.array(z.number().int()),
	v: z.array(valueSchema),
	q: z.array(z.tuple([z.number().int().nonnegative(), qualitySchema])),
	/** Rows that tell of the past: a device's own record, sent later. Absent: none. */
	h: z.array(z.number().int().nonnegative()).optional(),
});
export type ReadingColumns = z.infer<typeof readingColumnsSchema>;

const eventCommon = { device: idSchema, ts: z.number().int(), receivedAt: z.number().int() };
export const accessEventSchema = z.object({
	type: z.literal("access"),
	...eventCommon,
	seq: z.number().int().nonnegative(),
	door: idSchema,
	direction: z.enum(["in", "out"]),
	method: z.enum(ACCESS_METHODS),
	card: cardSchema.nullable(),
	fingerprint: z.string().nullable(),
	result: z.enum(["granted", "denied"]),
	reason: z.string(),
});
export const doorEventSchema = z.object({
	type: z.literal("door"),
	...eventCommon,
	seq: z.number().int().nonnegative(),
	door: idSchema,
	state: doorStateSchema,
});
export const statusEventSchema = z.object({ type: z.literal("status"), ...eventCommon, status: z.enum(["online", "offline"]) });
export const uplinkEventSchema = z.discriminatedUnion("type", [accessEventSchema, doorEventSchema, statusEventSchema]);
export type UplinkEvent = z.infer<typeof uplinkEventSchema>;
export type UplinkAccessEvent = z.infer<typeof accessEventSchema>;
export type UplinkDoorEvent = z.infer<typeof doorEventSchema>;
export type UplinkStatusEvent = z.infer<typeof statusEventSchema>;

/** What one commit of the outbox holds. Numbered by the outbox, from 1, without gaps except for dropped readings. */
export const batchSchema = z.object({
	seq: z.number().int().positive(),
	readings: readingColumnsSchema.nullable(),
	events: z.array(uplinkEventSchema),
});
export type Batch = z.infer<typeof batchSchema>;

/**
 * Several batches in one message. `outbox` names the agent's outbox file (a new file starts numbering anew).
 * `late`: older than what has already been sent, to be stored and evaluated in event time but never paged.
 */
export const envelopeSchema = z.object({
	outbox: z.string().min(1).max(64),
	late: z.boolean(),
	batches: z.array(batchSchema).min(1),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/**
 * The server's word that these batches are stored: the agent may free them. `refused`: batches that can never be stored;
 * the agent keeps them aside for a person and goes on.
 */
export const ackSchema = z.object({
	outbox: z.string().min(1).max(64),
	stored: z.array(z.number().int().positive()),
	refused: z.array(z.object({ seq: z.number().int().positive(), reason: z.string() })),
});
export type Ack = z.infer<typeof ackSchema>;

/** A new checkpoint for the agent to witness. */
export const checkpointOfferSchema = z.object({
	/** The log's verifier key, which the agent trusts from the first time on. */
	key: z.string().max(1000),
	/** The body of add-checkpoint (C2SP tlog-witness): `old N`, proof lines, an empty line, the checkpoint. */
	request: z.string().max(65_536),
});
export type CheckpointOffer = z.infer<typeof checkpointOfferSchema>;
const witnessSays = { key: z.string().max(1000), size: z.number().int().nonnegative() };
/** What a witness makes of it; `key` is its own verifier key, `size` the tree that it saw last. */
export const witnessAnswerSchema = z.discriminatedUnion("result", [
	/** 200: `line` is the cosignature of the tree of this size (C2SP tlog-cosignature). */
	z.object({ result: z.literal("cosigned"), ...witnessSays, line: z.string().max(1000) }),
	/** 409: the proof must begin at `size`. */
	z.object({ result: z.literal("conflict"), ...witnessSays }),
	/** It was shown a history that is not an extension of what it had seen, and co-signs nothing until a person clears that. */
	z.object({ result: z.literal("fork"), ...witnessSays, detail: z.string().max(2000) }),
]);
export type WitnessAnswer = z.infer<typeof witnessAnswerSchema>;

/** A command for a device of the agent, `id` chosen by the server; the device's topic and form are its dialect's. */
export const deviceCommandSchema = z.object({ device: idSchema, command: nativeCommandSchema });
export type DeviceCommand = z.infer<typeof deviceCommandSchema>;
/** Why an agent answers in a device's stead: not one of its devices; offline; no answer in time; too many commands wait; the dialect has no commands. */
export const RELAY_REFUSALS = ["unknown-device", "offline", "no-answer", "busy", "no-commands"] as const;
export type RelayRefusal = (typeof RELAY_REFUSALS)[number];
export const deviceResultSchema = z.object({ device: idSchema, result: nativeResultSchema, refused: z.enum(RELAY_REFUSALS).optional() });
export type DeviceResult = z.infer<typeof deviceResultSchema>;

export const snapshotSchema = z.object({
	readings: readingColumnsSchema,
	status: z.array(z.object({ device: idSchema, status: z.enum(["online", "offline"]), ts: z.number().int() })),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/** Why a payload was refused (EDG-5). */
export const REFUSALS = [
	"too-large",
	"not-json",
	"wrong-shape",
	"wrong-type",
	"not-finite",
	"unknown-state",
	"time-too-old",
	"time-in-future",
	"unknown-device",
	"unknown-point",
	"unknown-door",
	"bad-topic",
	"biometric-data",
	"login-refused",
	"topic-refused",
] as const;
export const quarantineEntrySchema = z.object({
	device: z.string().max(64),
	topic: z.string().max(256),
	receivedAt: z.number().int(),
	reason: z.enum(REFUSALS),
	/** What was wrong, naming the field and what was expected. */
	detail: z.string().max(500),
	/** The payload's first 1,024 bytes as text. */
	payload: z.string().max(1024),
	/** Size of the whole payload, bytes. */
	size: z.number().int().nonnegative(),
	/** Where a refused log-in or topic came from. */
	address: z.string().max(64).optional(),
});
export type QuarantineEntry = z.infer<typeof quarantineEntrySchema>;

/** Why a time that a device sends can't be used: seconds since it was switched on; never set; local time of an unknown zone; no time at all. */
export const UNUSABLE_CLOCKS = ["since-boot", "not-set", "no-zone", "unreadable"] as const;
export type UnusableClock = (typeof UNUSABLE_CLOCKS)[number];

const jsonPathSchema = z.string().min(1).max(200).regex(/^\$/, { error: "expected a JSONPath, which begins with $" });

/** Key of a point's `values` for every word that isn't one of its own and isn't named. */
export const ANY_OTHER = "*";

/** What an unconfigured device said of one of its channels. */
export const seenChannelSchema = z.object({
	channel: z.string().max(200),
	kind: pointKindSchema.nullable(),
	unit: z.string().max(16).nullable(),
	value: valueSchema.nullable(),
	/** What its words mean, where it says yes or no. */
	words: z.record(z.string().max(64), z.boolean()).optional(),
	/** Messages that told it. */
	messages: z.number().int().nonnegative().optional(),
});
/** A device that speaks and isn't in the device list, as its dialect calls it. */
export const seenDeviceSchema = z.object({
	profile: z.string().max(32),
	address: z.string().max(200),
	firstSeen: z.number().int(),
	lastSeen: z.number().int(),
	/** Messages of it. */
	messages: z.number().int().nonnegative(),
	/** What it says of itself: model, firmware and the like. */
	info: z.record(z.string().max(32), z.string().max(200)),
	channels: z.array(seenChannelSchema).max(100),
	/** Doors of its access events, as it calls them. */
	doors: z.array(z.string().max(200)).max(32),
	/** Its last message, without what tells of credentials. */
	topic: z.string().max(256),
	payload: z.string().max(1024),
});
export type SeenDevice = z.infer<typeof seenDeviceSchema>;

/** Counters of one device since the agent started. */
export const deviceCountersSchema = z.object({
	device: z.string().max(64),
	accepted: z.number().int().nonnegative(),
	rejected: z.number().int().nonnegative(),
	sequenceGaps: z.number().int().nonnegative(),
	/** Device time minus receive time, smoothed, ms; `null` before the device has sent a time. */
	clockSkewMs: z.number().nullable(),
	lastSeen: z.number().int().nullable(),
	status: z.enum(["online", "offline", "unknown"]),
	/** Why the time of receipt stands for the device's own; `null` where its clock can be used. Absent: an agent that doesn't tell. */
	unusableClock: z.enum(UNUSABLE_CLOCKS).nullable().optional(),
});
export type DeviceCounters = z.infer<typeof deviceCountersSchema>;

export const heartbeatSchema = z.object({
	sentAt: z.number().int(),
	startedAt: z.number().int(),
	/** The version of the device list that the agent works with; `null` before it has one. */
	devicesVersion: z.string().nullable(),
	outbox: z.object({ batches: z.number().int(), bytes: z.number().int(), oldest: z.number().int().nullable() }),
	/** Readings dropped because the outbox was full, since the outbox was made. */
	dropped: z.number().int().nonnegative(),
	/** Refused payloads of devices that are not in the device list. */
	rejectedUnknown: z.number().int().nonnegative(),
	/** Devices whose counters changed since the last heartbeat that the server can have seen. */
	devices: z.array(deviceCountersSchema),
	/** The tree of the ledger that the agent saw last, and why it refuses to co-sign. Absent: it is no witness. */
	witness: z.object({ size: z.number().int().nonnegative(), fork: z.string().max(2000).nullable() }).optional(),
	/** New entries of the quarantine, oldest first, at most 50 a heartbeat. */
	quarantine: z.array(quarantineEntrySchema).max(50),
	/** Devices outside the device list that have spoken since the last heartbeat that the server can have seen. */
	seen: z.array(seenDeviceSchema).max(20).optional(),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;

/**
 * What a device, or a gateway for several, logs in to the agent's broker with (EDG-10). `hash`: hex SHA-256 of `{salt}:{password}` in
 * UTF-8; the passwords are 128 random bits, which no search finds. `devices`: whose topics it may use; `*` stands for all.
 */
export const deviceAccountSchema = z.object({ name: idSchema, salt: z.string(), hash: z.string(), devices: z.array(z.string()) });
export type DeviceAccount = z.infer<typeof deviceAccountSchema>;

/** How messages of a device are read beside its points, each a JSONPath into the message (docs/device-dialects.md, "Anything else"). */
export const deviceMappingSchema = z.strictObject({
	/** The device's time: ISO 8601 with a zone, or seconds or milliseconds since 1970. */
	time: jsonPathSchema.optional(),
	/** Whether it is online: true, "on", "online", 1 and the like. */
	online: jsonPathSchema.optional(),
	/** A card that was shown, and how it is written. */
	card: jsonPathSchema.optional(),
	codec: z
		.string()
		.regex(/^(?:uid|uid-decimal|(?:wiegand|wiegand-hex|osdp):[A-Za-z0-9-]{1,32})$/, {
			error: "expected uid, uid-decimal, or wiegand:, wiegand-hex: or osdp: with a format such as H10301",
		})
		.optional(),
	/** Whether the device let it in; without it the device is one that only reads. */
	granted: jsonPathSchema.optional(),
	/** What it calls the door; without it the one at which it stands. */
	door: jsonPathSchema.optional(),
	/** Its own event number. */
	event: jsonPathSchema.optional(),
});
export type DeviceMapping = z.infer<typeof deviceMappingSchema>;

/** What an agent must know of its devices (EDG-9). */
export const deviceListSchema = z.object({
	/** Changes with the content. */
	version: z.string(),
	site: idSchema,
	/** Of clocks of devices that don't name their own. */
	timeZone: z.string().max(64).optional(),
	/** Only those of this agent's devices; absent where there are none. */
	accounts: z.array(deviceAccountSchema).optional(),
	/** Dialects to listen for beside those of the devices, and topics other than the usual ones. */
	dialects: z.array(z.object({ profile: z.string(), base: z.string().optional() })).optional(),
	devices: z.array(
		z.object({
			id: idSchema,
			kind: deviceKindSchema,
			profile: z.string(),
			/** What its dialect calls it; absent: its id. */
			address: z.string().optional(),
			mapping: deviceMappingSchema.optional(),
			/** Of its clock; absent: that of the list. */
			timeZone: z.string().max(64).optional(),
			/** Doors whose access events this device may report: those it controls and those it stands at. */
			doors: z.array(idSchema),
			/** Doors whose state it reports. A list without: `doors` are these, and any device reports access at any door. */
			controls: z.array(idSchema).optional(),
			/** What it calls its doors where that isn't their id. */
			doorSources: z.record(idSchema, z.string()).optional(),
			/** Which way the door is passed at which it stands. */
			directions: z.record(idSchema, z.enum(["in", "out"])).optional(),
			points: z.array(
				z.object({
					point: idSchema,
					type: z.enum(["number", "boolean", "state"]),
					states: z.array(z.string()).nullable(),
					range: z.object({ min: z.number(), max: z.number() }).nullable(),
					/** The unit that its values are converted to; absent: they are taken as they come. */
					unit: z.string().optional(),
					/** The unit that the device means where it doesn't say. */
					sourceUnit: z.string().optional(),
					/** What the device calls it; absent: its own name. */
					source: z.string().optional(),
					/** What the device's words mean. */
					values: z.record(z.string(), valueSchema).optional(),
				}),
			),
		}),
	),
});
export type DeviceList = z.infer<typeof deviceListSchema>;
