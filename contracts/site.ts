/** The site file: what there is to watch, where it stands, and when it is abnormal. */
import { z } from "zod";
import { dutyPlanSchema } from "./duty-plan.ts";
import { idSchema } from "./identifiers.ts";
import { deviceKindSchema, pointKindSchema, valueSchema } from "./kinds.ts";
import { cardSchema, fingerprintSchema, RESERVED_TOPICS } from "./native-dialect.ts";
import { notificationPolicySchema } from "./notification-policy.ts";
import { ruleSetSchema } from "./rule-sets.ts";
import { durationSchema, ruleSchema } from "./rules.ts";
import { deviceMappingSchema } from "./uplink.ts";
import { weeklyScheduleSchema } from "./weekly-schedule.ts";
import { isTimeZone } from "./zone-offset.ts";

const nameSchema = z.string().min(1).max(120);
/** What a device's dialect calls a device or one of its channels: any characters, since it is not ours to choose. */
const sourceSchema = z.string().min(1).max(200);
const timeZoneSchema = z.string().max(64).refine(isTimeZone, { error: "expected an IANA time zone such as Asia/Shanghai" });

/** A dialect that an agent listens for; `base`: the topic that its topics begin with, as far as its devices can be set to another. */
export const dialectSchema = z.strictObject({ profile: z.string().min(1).max(32), base: sourceSchema.optional() });
export type Dialect = z.infer<typeof dialectSchema>;

/** A rectangle on the floor plan, in metres from the plan's upper left corner. */
export const planRectangleSchema = z.strictObject({
	x: z.number(),
	y: z.number(),
	width: z.number().positive(),
	depth: z.number().positive(),
});
export type PlanRectangle = z.infer<typeof planRectangleSchema>;
const planPositionSchema = z.strictObject({ x: z.number(), y: z.number() });

/** What one point of a device measures. Exactly one of: a number (a unit or none), a boolean, or a list of states. */
export const pointSpecSchema = z
	.strictObject({
		id: idSchema.refine((id) => !(RESERVED_TOPICS as readonly string[]).includes(id), {
			error: `expected a name other than ${RESERVED_TOPICS.join(", ")}`,
		}),
		name: nameSchema.optional(),
		kind: pointKindSchema,
		type: z.enum(["number", "boolean", "state"]).default("number"),
		unit: z.string().min(1).max(16).optional(),
		states: z.array(z.string().min(1).max(64)).min(2).max(32).optional(),
		/** Where the value stays in normal operation; drawn on trends and heat maps, raises nothing by itself. */
		normal: z.strictObject({ min: z.number(), max: z.number() }).optional(),
		/** What the sensor can measure at all; a value outside is kept with quality "bad". */
		range: z.strictObject({ min: z.number(), max: z.number() }).optional(),
		/** Expected time between two readings; three of them without one make the point stale. */
		interval: durationSchema.default(10_000),
		/** What the device itself calls it, as its dialect names channels; the point's id where it isn't given. */
		source: sourceSchema.optional(),
		/** The unit that the device means, where it doesn't say; its values are converted from it. */
		sourceUnit: z.string().min(1).max(16).optional(),
		/** What the device's words mean: its value, as text, to a value of the point, such as `"true": alarm`; `"*"`: every other word. */
		values: z.record(z.string().max(64), valueSchema).optional(),
	})
	.superRefine((point, context) => {
		if (point.type === "state" && !point.states) context.addIssue({ code: "custom", path: ["states"], message: "expected the list of states" });
		if (point.type !== "state" && point.states)
			context.addIssue({ code: "custom", path: ["states"], message: "expected no states unless type is state" });
		if (point.type !== "number" && point.unit)
			context.addIssue({ code: "custom", path: ["unit"], message: "expected no unit unless type is number" });
		for (const key of ["normal", "range"] as const) {
			const bounds = point[key];
			if (bounds && bounds.min >= bounds.max) context.addIssue({ code: "custom", path: [key], message: "expected min below max" });
		}
		for (const [key, value] of Object.entries(point.values ?? {})) {
			const wanted = point.type === "state" ? "string" : point.type;
			if (typeof value !== wanted || (typeof value === "string" && point.states && !point.states.includes(value)))
				context.addIssue({
					code: "custom",
					path: ["values", key],
					message: point.states ? `expected one of ${point.states.join(", ")}` : `expected a ${wanted}`,
				});
		}
	});
export type PointSpec = z.output<typeof pointSpecSchema>;

/** A type of device that stands in many places; a device of the site names its model or lists kind and points itself. */
export const modelSchema = z.strictObject({
	id: idSchema,
	kind: deviceKindSchema,
	points: z.array(pointSpecSchema).default([]),
});

export const deviceSpecSchema = z
	.strictObject({
		id: idSchema,
		name: nameSchema.optional(),
		model: idSchema.optional(),
		kind: deviceKindSchema.optional(),
		points: z.array(pointSpecSchema).optional(),
		/** The agent that hears this device; the site's first agent where it isn't given. */
		agent: idSchema.optional(),
		/** The dialect that the device speaks. */
		profile: z.string().min(1).max(32).default("native"),
		/** What its dialect calls it (docs/device-dialects.md); its id where it isn't given. Devices may share one, each with channels of its own. */
		address: sourceSchema.optional(),
		/** How its messages are read beside its points; for the generic dialect. */
		mapping: deviceMappingSchema.optional(),
		/** Of the clock whose times it sends, where they carry a zone's abbreviation only (`12:00:00 CEST`); the site's where it isn't given. */
		timeZone: timeZoneSchema.optional(),
		/** Which feed it hangs on. */
		feed: z.enum(["A", "B"]).optional(),
		plan: planPositionSchema.optional(),
	})
	.superRefine((device, context) => {
		if (!device.model && !device.kind) context.addIssue({ code: "custom", path: ["model"], message: "expected a model, or a kind of its own" });
		if (device.model && device.kind) context.addIssue({ code: "custom", path: ["kind"], message: "expected no kind beside a model" });
	});
export type DeviceSpec = z.output<typeof deviceSpecSchema>;

export const roomSchema = z.strictObject({
	id: idSchema,
	name: nameSchema,
	kind: z.enum(["data-hall", "power-room", "battery-room", "loading-dock", "lobby", "corridor", "office", "other"]),
	plan: planRectangleSchema,
	devices: z.array(deviceSpecSchema).default([]),
});
export const rackSchema = z.strictObject({
	id: idSchema,
	name: nameSchema.optional(),
	room: idSchema,
	plan: planRectangleSchema,
	/** Rated power, W. */
	ratedPower: z.number().positive().optional(),
	/** What each of its feeds can carry alone (cord, PDU, breaker), W; the rated power where it isn't given. */
	feedPower: z.number().positive().optional(),
	devices: z.array(deviceSpecSchema).default([]),
});
export const doorSchema = z.strictObject({
	id: idSchema,
	name: nameSchema,
	/** Rooms on the two sides; `outside` is the world. */
	from: idSchema,
	to: idSchema,
	plan: planPositionSchema,
	factors: z.enum(["one", "two"]).default("one"),
	/** The device that reports the door's state; gives the door a point `{controller}:{door}` of kind door-state. */
	controller: idSchema,
	/** What the controller calls this door; the door's id where it isn't given. */
	source: sourceSchema.optional(),
	readers: z.array(z.strictObject({ device: idSchema, direction: z.enum(["in", "out"]) })).default([]),
	/** A door that stands open longer is held open. */
	heldOpenAfter: durationSchema.default(30_000),
	/** How long after a grant or an exit request the door may be opened; opened otherwise it is forced. */
	shunt: durationSchema.default(10_000),
	/** Doors of one group must not be open at the same time (mantrap). */
	interlock: idSchema.optional(),
	/** Who has gone in must go out before they go in again: `soft` tells of it, `hard` is refused by the controller too. */
	antiPassback: z.enum(["off", "soft", "hard"]).default("off"),
	/** Two people must show their credentials, within `twoPersonWindow`. */
	twoPerson: z.boolean().default(false),
	twoPersonWindow: durationSchema.default(15_000),
});
/** Rooms that are granted together. A room that no zone names is a zone of its own, with the room's id. */
export const zoneSchema = z.strictObject({
	id: idSchema,
	name: nameSchema,
	rooms: z.array(idSchema).min(1),
	/** Usernames of those who review who may enter. */
	reviewers: z.array(z.string().min(1).max(64)).default([]),
	/** Passing its doors outside these hours is use after hours; without them the grant's schedule alone counts. */
	hours: weeklyScheduleSchema.optional(),
});
export const holderSchema = z.strictObject({
	id: idSchema,
	name: nameSchema,
	company: nameSchema.optional(),
	role: z.enum(["employee", "contractor", "visitor"]),
	card: cardSchema.optional(),
	fingerprint: fingerprintSchema.optional(),
	/** The person's post, for grants to a post. */
	post: nameSchema.optional(),
	/** Username of the account of the same person. */
	account: z.string().min(1).max(64).optional(),
	/** Id of the holder who answers for them. */
	sponsor: idSchema.optional(),
	/** Zones that they may enter; put into the register with the holder. */
	zones: z.array(idSchema).default([]),
});
/** How the monthly access review is held (REV-1..5). */
export const reviewSettingsSchema = z.strictObject({
	/** Days from the campaign's start to its due date. */
	dueAfterDays: z.number().int().min(1).max(27).default(10),
	/** Usernames that items go to whose zone has no reviewer who may decide. */
	reviewers: z.array(z.string().min(1).max(64)).default([]),
	/** What becomes of items that nobody has decided at the end. */
	undecided: z.enum(["revoke", "escalate"]).default("escalate"),
	/** Revoking more than this share of a campaign's items takes a second person. */
	secondPersonAbove: z.number().min(0).max(1).default(0.2),
});
/** How the site's alarms are worked with (ALM-2). */
export const alarmSettingsSchema = z.strictObject({
	/** Longest time that an alarm can be shelved for at once, ms. */
	longestShelve: durationSchema.refine((ms) => ms >= 60_000 && ms <= 7 * 86_400_000, { error: "expected 1min to 7d" }).default(8 * 3_600_000),
});

export const siteSchema = z.strictObject({
	id: idSchema,
	name: nameSchema,
	/** For trying out: one account a role is made, with its log-in in a file. Never on a real site. */
	demo: z.boolean().optional(),
	timeZone: timeZoneSchema,
	agents: z
		.array(
			z.strictObject({
				id: idSchema,
				name: nameSchema,
				/** Dialects that it listens for, and below which topics where those aren't the usual ones. Those of its devices needn't be named. */
				dialects: z.array(dialectSchema).default([]),
			}),
		)
		.min(1),
	models: z.array(modelSchema).default([]),
	rooms: z.array(roomSchema).min(1),
	racks: z.array(rackSchema).default([]),
	doors: z.array(doorSchema).default([]),
	zones: z.array(zoneSchema).default([]),
	reviews: reviewSettingsSchema.prefault({}),
	alarms: alarmSettingsSchema.prefault({}),
	/** People that the register begins with: each is put into it once, and the register counts from then on. */
	holders: z.array(holderSchema).default([]),
	/** Ready rules (contracts/rule-sets.ts), by name; those of `rules` with the same id count instead. */
	ruleSets: z.array(ruleSetSchema).default([]),
	rules: z.array(ruleSchema).default([]),
	/** The duty plan that the roster begins with: it is put into it once, and the roster counts from then on. */
	roster: dutyPlanSchema.optional(),
	notifications: notificationPolicySchema.prefault({}),
});
export type SiteFile = z.output<typeof siteSchema>;
