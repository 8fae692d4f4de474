import { z } from "zod";

/** What a device is (EDG-2). */
export const DEVICE_KINDS = [
	"card-reader",
	"fingerprint-reader",
	"card-fingerprint-reader",
	"door-controller",
	"temperature-sensor",
	"humidity-sensor",
	"power-meter",
	"pdu",
	"ups",
	"battery-monitor",
	"generator",
	"smoke-detector",
	"water-leak-detector",
	"air-flow-sensor",
	"hvac-unit",
	"fire-panel",
	"sprinkler",
	"lightning-protection",
	"grounding-monitor",
	"intercom",
	"camera",
	"vibration-sensor",
] as const;
export const deviceKindSchema = z.enum(DEVICE_KINDS);
export type DeviceKind = z.infer<typeof deviceKindSchema>;

/** What a point measures, with the unit that its values have everywhere inside Watchroom; `null`: no unit (a state). */
export const POINT_KINDS = {
	temperature: "°C",
	humidity: "%RH",
	"dew-point": "°C",
	voltage: "V",
	current: "A",
	power: "W",
	"apparent-power": "VA",
	"power-factor": "1",
	energy: "kWh",
	frequency: "Hz",
	load: "%",
	charge: "%",
	runtime: "min",
	"air-flow": "m³/h",
	pressure: "Pa",
	"fan-speed": "%",
	"valve-position": "%",
	resistance: "Ω",
	vibration: "mm/s",
	co2: "ppm",
	count: "1",
	smoke: null,
	leak: null,
	"fire-state": null,
	"flow-state": null,
	"valve-state": null,
	"unit-state": null,
	"ups-state": null,
	"surge-state": null,
	"link-state": null,
	recording: null,
	"call-state": null,
	contact: null,
	"switch-state": null,
	tamper: null,
	lockout: null,
	"door-state": null,
} as const satisfies Record<string, string | null>;
export type PointKind = keyof typeof POINT_KINDS;
export const pointKindSchema = z.enum(Object.keys(POINT_KINDS) as [PointKind, ...PointKind[]]);

/** States of a UPS, in the words that rules know. */
export const UPS_STATES = ["online", "on-battery", "low-battery", "bypass", "off", "fault"] as const;
export type UpsState = (typeof UPS_STATES)[number];

/** Goodness of a value, as in OPC UA; `stale` is the server's own word for "older than expected". */
export const qualitySchema = z.enum(["good", "uncertain", "bad"]);
export type Quality = z.infer<typeof qualitySchema>;
export const liveQualitySchema = z.enum(["good", "uncertain", "bad", "stale"]);
export type LiveQuality = z.infer<typeof liveQualitySchema>;

/** The value of a reading: a finite number in the point's unit, a boolean, or one of the point's declared states. */
export const valueSchema = z.union([z.number(), z.boolean(), z.string().max(64)]);
export type Value = z.infer<typeof valueSchema>;

/** Alarm priorities, worst first (ALM-4). */
export const PRIORITIES = ["critical", "high", "medium", "low"] as const;
export const prioritySchema = z.enum(PRIORITIES);
export type Priority = z.infer<typeof prioritySchema>;

export const DOOR_STATES = ["closed", "open", "forced", "held", "locked", "unlocked", "tamper", "fault"] as const;
export const doorStateSchema = z.enum(DOOR_STATES);
export type DoorState = z.infer<typeof doorStateSchema>;
