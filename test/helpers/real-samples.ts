/** Payloads of real devices with what must come of each, where the folder with them exists; see its README. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { conversionOf, convert } from "../../contracts/units.ts";
import type { Decoded } from "../../edge-agent/devices/profiles/profile.ts";

export interface RealSample {
	id: string;
	topic: string | null;
	payload: string;
	payload_encoding: "utf8" | "base64" | "hex" | "bits" | "decimal";
	expect: {
		readings?: readonly ExpectedReading[];
		events?: readonly Record<string, unknown>[];
		status?: readonly { device: string; online?: boolean }[];
		missing?: readonly unknown[];
		reject?: unknown;
		[key: string]: unknown;
	};
	[key: string]: unknown;
}
export interface ExpectedReading {
	kind: string;
	value: number | boolean | string;
	unit?: string;
	device?: string;
	[key: string]: unknown;
}

const FOLDER = join(import.meta.dirname, "../../../shared/samples");
export const REAL_SAMPLES_EXIST = existsSync(FOLDER);

/** The samples of one file; empty where there are none. */
export function realSamples(file: string): RealSample[] {
	if (!REAL_SAMPLES_EXIST) return [];
	const lines = readFileSync(join(FOLDER, `${file}.jsonl`), "utf8").split("\n");
	return lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line) as RealSample);
}

/** The bytes that came over the wire, of the encodings that stand for bytes. */
export function bytesOf({ payload, payload_encoding: encoding }: Pick<RealSample, "payload" | "payload_encoding">): Buffer {
	return Buffer.from(payload, encoding === "base64" || encoding === "hex" ? encoding : "utf8");
}

/** Words of the samples for what we call otherwise; both sides are compared in ours. */
const KINDS: Readonly<Record<string, string>> = {
	battery: "charge",
	battery_voltage: "voltage",
	energy_total: "energy",
	energy_returned: "energy",
	energy_today: "energy",
	energy_yesterday: "energy",
	energy_period: "energy",
	ups_load: "load",
	water_leak: "leak",
	door_open: "contact",
	switch: "switch-state",
	power_factor: "power-factor",
	apparent_power: "apparent-power",
	dew_point: "dew-point",
};
/** Units of the samples for which we have other words. */
const UNITS: Readonly<Record<string, string>> = { C: "°C", "C (TempUnit absent: default C)": "°C" };

/**
 * What of the expected readings is not among the decoded ones, in words; empty when all of them are. A reading is found when a decoded
 * one has its value, in its unit, and its kind where both have one. `isOf`: whether a decoded part is the device that the sample names.
 */
export function missingReadings(
	expected: readonly ExpectedReading[],
	parts: readonly Decoded[],
	isOf: (part: Decoded, device: string) => boolean = (part, device) => part.device === device,
): string[] {
	return expected
		.filter(
			(wanted) =>
				!parts.some(
					(part) =>
						(wanted.device === undefined || isOf(part, wanted.device)) &&
						part.readings.some(
							({ value, unit, kind }) => sameValue(wanted, value, unit) && (kind == null || kindOf(wanted) === kind || !isOurs(wanted)),
						),
				),
		)
		.map((wanted) => JSON.stringify(wanted));
}

const kindOf = ({ kind }: ExpectedReading) => KINDS[kind] ?? kind;
const isOurs = ({ kind }: ExpectedReading) => kind in KINDS;

function sameValue({ value: wanted, unit: wantedUnit }: ExpectedReading, value: number | boolean | string, unit: string | undefined): boolean {
	if (typeof wanted !== "number" || typeof value !== "number") return wanted === value;
	const [from, to] = [UNITS[unit ?? ""] ?? unit, UNITS[wantedUnit ?? ""] ?? wantedUnit];
	const conversion = from === undefined || to === undefined || from === to ? { factor: 1, offset: 0 } : conversionOf(from, to);
	return conversion !== null && Math.abs(convert(value, conversion) - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted));
}

/** Prints how many samples of a dialect came out as they should. */
export function report(dialect: string, failures: ReadonlyMap<string, readonly string[]>, total: number): void {
	const failed = [...failures].filter(([, problems]) => problems.length > 0);
	process.stdout.write(`real samples, ${dialect}: ${total - failed.length} of ${total}\n`);
	for (const [id, problems] of failed) process.stdout.write(`  ${id}: ${problems.join("; ")}\n`);
}

/** Orders in which the Sparkplug samples are to be played, each to an agent that has heard nothing before. */
export function sparkplugOrders(): { name: string; ids: string[] }[] {
	const file = join(FOLDER, "sparkplug-sequence.json");
	if (!existsSync(file)) return [];
	const orders = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
	return Object.entries(orders).flatMap(([name, ids]) => (Array.isArray(ids) ? [{ name, ids: ids as string[] }] : []));
}
