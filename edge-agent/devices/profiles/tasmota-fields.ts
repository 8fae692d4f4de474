/** What the fields of Tasmota's sensors measure (its source, `xsns_*`), and the topics in which they come. */
import type { PointKind } from "../../../contracts/kinds.ts";

/** `TEMP` and `PRESSURE` stand for the units that the message names beside the sensor. */
export type FieldUnit = "TEMP" | "PRESSURE" | (string & {});
export type Meaning = readonly [kind: PointKind | null, unit?: FieldUnit];

export const SENSOR_FIELDS: Readonly<Record<string, Meaning>> = {
	Temperature: ["temperature", "TEMP"],
	AmbientTemperature: ["temperature", "TEMP"],
	ObjectTemperature: ["temperature", "TEMP"],
	DewPoint: ["dew-point", "TEMP"],
	HeatIndex: [null, "TEMP"],
	Humidity: ["humidity", "%"],
	Pressure: ["pressure", "PRESSURE"],
	SeaPressure: [null, "PRESSURE"],
	CarbonDioxide: ["co2", "ppm"],
	CO2: ["co2", "ppm"],
	eCO2: [null, "ppm"],
	TVOC: [null, "ppb"],
	Illuminance: [null, "lx"],
	Voltage: ["voltage", "V"],
	Current: ["current", "A"],
	Power: ["power", "W"],
	Frequency: ["frequency", "Hz"],
	Energy: ["energy", "kWh"],
};

/** `ENERGY`, of a device that meters power. Only the running total is proposed as energy: the others begin anew. */
export const ENERGY_FIELDS: Readonly<Record<string, Meaning>> = {
	Power: ["power", "W"],
	ApparentPower: ["apparent-power", "VA"],
	ReactivePower: [null, "var"],
	Factor: ["power-factor", "1"],
	Voltage: ["voltage", "V"],
	Current: ["current", "A"],
	Frequency: ["frequency", "Hz"],
	Total: ["energy", "kWh"],
	ExportTotal: ["energy", "kWh"],
	ExportActive: ["energy", "kWh"],
	Today: [null, "kWh"],
	Yesterday: [null, "kWh"],
	Period: [null, "Wh"],
};

/** Of devices behind its Zigbee and LoRaWAN bridges: numbers, and states that are 0 or 1. */
export const BRIDGED_NUMBERS: Readonly<Record<string, Meaning>> = {
	...SENSOR_FIELDS,
	// On and off of a plug, not watts.
	Power: [null],
	ActivePower: ["power", "W"],
	RMSVoltage: ["voltage", "V"],
	RMSCurrent: ["current", "A"],
	BatteryPercentage: ["charge", "%"],
	BatteryVoltage: ["voltage", "V"],
	// A LoRaWAN decoder's name for the battery's voltage.
	Battery: ["voltage", "V"],
};
export const BRIDGED_STATES: Readonly<Record<string, PointKind | null>> = {
	Power: "switch-state",
	Contact: "contact",
	DoorOpen: "contact",
	Water: "leak",
	WaterLeak: "leak",
	Fire: "smoke",
	Tamper: "tamper",
	Occupancy: null,
	Movement: null,
	Vibration: null,
	Alarm: null,
};

/** The device's name and the topic's last level. */
export interface TasmotaTopic {
	device: string;
	leaf: string;
}
const PREFIXES = ["tele", "stat"];
/** As FullTopic is set where nobody has changed it, and with the prefix last. */
const USUAL = ["%prefix%/%topic%", "%topic%/%prefix%"];
/** How many levels a name may have where more comes after it. */
const NAME_LEVELS = ["+", "+/+", "+/+/+"];
const DEVICE = /%(?:topic|hostname|id)%/;

/** The FullTopics that a base stands for: none, one with its placeholders, or what stands in front of the usual ones. */
function patternsOf(base: string): string[] {
	const full = base.replace(/\/+$/, "");
	if (full === "") return USUAL;
	return DEVICE.test(full) ? [full] : USUAL.map((pattern) => `${full}/${pattern}`);
}

/** MQTT filters for a base. */
export function tasmotaFilters(base: string): string[] {
	const filters = patternsOf(base).flatMap((pattern) =>
		PREFIXES.flatMap((prefix) => {
			const topic = pattern.replace("%prefix%", prefix);
			const [before = "", after = ""] = topic.split(DEVICE);
			return after === "" ? [`${before}#`] : NAME_LEVELS.map((name) => `${before}${name}${after}/+`);
		}),
	);
	return [...new Set([...filters, ...(base === "" ? ["+/tag_scanned", "tasmota/discovery/+/config"] : [])])];
}

/** Takes topics below a base apart. */
export function tasmotaTopics(base: string): (topic: string) => TasmotaTopic | null {
	const patterns = patternsOf(base).map((pattern) => {
		const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace("%prefix%", `(?:${PREFIXES.join("|")})`);
		return new RegExp(`^${escaped.replace(DEVICE, "(.+?)")}/([A-Za-z0-9_]+)$`);
	});
	const scanned = /^([^/]+)\/(tag_scanned)$/;
	if (base === "") patterns.push(scanned);
	return (topic) => {
		for (const pattern of patterns) {
			const found = pattern.exec(topic);
			if (found?.[1] && found[2]) return { device: found[1], leaf: found[2] };
		}
		return null;
	};
}
