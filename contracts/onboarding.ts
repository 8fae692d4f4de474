/** Devices that speak and aren't configured, and those that were added by two people instead of in the site file (EDG-8). */
import { z } from "zod";
import { instantSchema } from "./api.ts";
import { idSchema } from "./identifiers.ts";
import { deviceKindSchema, pointKindSchema, valueSchema } from "./kinds.ts";
import { ruleText, writtenDuration } from "./rule-text.ts";
import { ruleSchema } from "./rules.ts";
import { deviceSpecSchema } from "./site.ts";
import { seenChannelSchema } from "./uplink.ts";

/** Where a device stands: in a rack, or in a room. */
export const placeSchema = z.union([z.strictObject({ rack: idSchema }), z.strictObject({ room: idSchema })], {
	error: "expected { rack } or { room }",
});
export type Place = z.infer<typeof placeSchema>;

/** A device as it would stand in the site file, its place, and alarm rules for it alone. */
export const adoptionSchema = z.strictObject({
	place: placeSchema,
	device: deviceSpecSchema,
	rules: z.array(ruleSchema).max(50).default([]),
});
export type Adoption = z.output<typeof adoptionSchema>;
export type AdoptionText = z.input<typeof adoptionSchema>;

/** The adoption as it is written, durations as text; parsing it again gives the same. */
export function adoptionText({ place, device, rules }: Adoption): AdoptionText {
	const { points, ...rest } = device;
	return {
		place,
		device: {
			...rest,
			...(points && { points: points.map((point) => ({ ...point, interval: writtenDuration(point.interval) })) }),
		},
		rules: rules.map(ruleText),
	};
}

/** What shall become of a device that isn't in the site file. */
export const deviceActSchema = z.discriminatedUnion("act", [
	/** The device as it shall be, also a new one. */
	z.strictObject({ act: z.literal("set"), definition: adoptionSchema.transform(adoptionText) }),
	z.strictObject({ act: z.literal("remove") }),
]);

/** Why an added device isn't in use: the site file has one with its id, or no longer has its place, its agent or its model. */
export const RESTING = ["in-site-file", "no-place", "no-agent", "no-model"] as const;
export type Resting = (typeof RESTING)[number];

const proposedPointSchema = z.object({
	/** The point's id. */
	id: z.string(),
	/** What the device calls it. */
	source: z.string(),
	name: z.string(),
	/** `null`: nobody can tell what it measures but a person. */
	kind: pointKindSchema.nullable(),
	type: z.enum(["number", "boolean", "state"]),
	/** The unit that its values are converted to; `null`: none. */
	unit: z.string().nullable(),
	states: z.array(z.string()).nullable(),
	range: z.object({ min: z.number(), max: z.number() }).nullable(),
	/** Expected time between two readings, as written in a site file. */
	interval: z.string(),
	/** The unit that the device means, in a dialect that doesn't say it. */
	sourceUnit: z.string().optional(),
	/** What its words mean. */
	values: z.record(z.string(), valueSchema).optional(),
});
export type ProposedPoint = z.infer<typeof proposedPointSchema>;

/** A device as it could be added: what the server makes of what it said. */
export const deviceProposalViewSchema = z.object({
	id: z.string(),
	name: z.string(),
	/** `null`: nobody can tell but a person. */
	kind: deviceKindSchema.nullable(),
	points: z.array(proposedPointSchema),
	/** Rules for it, as they are written. */
	rules: z.array(z.looseObject({ id: z.string() })),
});
export type DeviceProposalView = z.infer<typeof deviceProposalViewSchema>;

/** `GET /seen-devices`. */
export const seenDeviceViewSchema = z.object({
	/** Made of agent, dialect and address. */
	id: z.string(),
	agent: z.string(),
	profile: z.string(),
	/** What its dialect calls it. */
	address: z.string(),
	firstSeen: instantSchema,
	lastSeen: instantSchema,
	messages: z.number().int(),
	/** What it says of itself: model, firmware and the like. */
	info: z.record(z.string(), z.string()),
	channels: z.array(seenChannelSchema.extend({ value: valueSchema.nullable() })),
	/** Doors of its access events, as it calls them. */
	doors: z.array(z.string()),
	/** Its last message, without what tells of credentials. */
	topic: z.string(),
	payload: z.string(),
});
export type SeenDeviceView = z.infer<typeof seenDeviceViewSchema>;
/** `GET /seen-devices/{id}`. */
export const seenDeviceDetailsSchema = seenDeviceViewSchema.extend({ proposal: deviceProposalViewSchema });
export type SeenDeviceDetails = z.infer<typeof seenDeviceDetailsSchema>;

/** `GET /added-devices`. */
export const addedDeviceSchema = z.object({
	id: z.string(),
	/** From 1, one more at each agreement about it. */
	version: z.number().int(),
	/** Since when this version counts. */
	at: instantSchema,
	/** Id of the approved change. */
	change: z.string(),
	/** `null`: in use. */
	resting: z.enum(RESTING).nullable(),
	/** Its place, the device and its rules, as they are written. */
	definition: z.record(z.string(), z.json()),
	/** The same for the site file: YAML for the `devices` of its place, and for `rules`. */
	yaml: z.string(),
});
export type AddedDevice = z.infer<typeof addedDeviceSchema>;
