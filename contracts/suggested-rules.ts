/** Alarm rules for a device that is added, by what its points measure; the limits of temperature and humidity are those of the ready sets. */
import type { z } from "zod";
import type { PointKind } from "./kinds.ts";
import type { ProposedPoint } from "./onboarding.ts";
import { rulesOfSets } from "./rule-sets.ts";
import { ruleText } from "./rule-text.ts";
import { type Rule, ruleSchema, selectorSchema } from "./rules.ts";

type RuleText = z.input<typeof ruleSchema>;
type Words = Pick<RuleText, "priority" | "onDelay" | "cause" | "consequence" | "action" | "responseTime">;
/** A limit, or the states that are abnormal; booleans where the point is one. */
type Row = { name: string; words: Words } & (
	| { level: "high-high" | "high" | "low" | "low-low"; limit: number; deadband: number }
	| { states: readonly string[] }
);

const UPS: Words = {
	priority: "critical",
	cause: "Input of the UPS is lost or out of tolerance.",
	consequence: "Runtime is limited to what the batteries hold.",
	action: "Check the feed; decide on the generator before half of the runtime is gone.",
	responseTime: "5min",
};
const TAMPER: Words = {
	priority: "high",
	cause: "The housing was opened or the device was moved.",
	consequence: "What it reports can't be trusted.",
	action: "Look at the device and who was there.",
	responseTime: "15min",
};
const EMPTY: Words = {
	priority: "critical",
	cause: "The batteries are nearly empty.",
	consequence: "What hangs on it goes dark.",
	action: "Shut down what must not stop hard; bring the feed or the generator back.",
	responseTime: "5min",
};
const OVERLOAD: Words = {
	priority: "high",
	onDelay: "1min",
	cause: "Load has grown, or came over from another supply.",
	consequence: "Runtime shrinks; at overload it goes to bypass.",
	action: "Move or shed load.",
	responseTime: "15min",
};
const ROWS: Partial<Record<PointKind, readonly Row[]>> = {
	smoke: [
		{
			name: "Smoke",
			states: ["alarm", "smoke", "fire"],
			words: {
				priority: "critical",
				cause: "Smoke at the detector.",
				consequence: "Fire; extinguishing may start.",
				action: "Look at the camera, send two people, call the fire service when it is confirmed.",
				responseTime: "2min",
			},
		},
	],
	leak: [
		{
			name: "Water",
			states: ["leak", "wet", "alarm"],
			words: {
				priority: "critical",
				cause: "Water at the sensor.",
				consequence: "Short circuits, outage of what stands there.",
				action: "Find the source, close the valve, protect what is below.",
				responseTime: "5min",
			},
		},
	],
	"ups-state": [
		{ name: "UPS on battery", states: ["on-battery"], words: UPS },
		{ name: "UPS battery low", states: ["low-battery"], words: EMPTY },
		{
			name: "UPS off, bypassed or faulty",
			states: ["off", "bypass", "fault"],
			words: {
				...UPS,
				cause: "Batteries exhausted, an internal fault, or a manual bypass.",
				consequence: "The load is unprotected or without power.",
				action: "Confirm that the other feed carries; call the UPS service.",
			},
		},
	],
	runtime: [{ name: "Runtime below 10 min", level: "low", limit: 10, deadband: 1, words: EMPTY }],
	charge: [{ name: "Battery below 30 %", level: "low", limit: 30, deadband: 2, words: { ...EMPTY, priority: "high", responseTime: "15min" } }],
	load: [
		{ name: "Load above 80 %", level: "high", limit: 80, deadband: 2, words: { ...OVERLOAD, priority: "medium", responseTime: "1h" } },
		{ name: "Load above 95 %", level: "high-high", limit: 95, deadband: 2, words: OVERLOAD },
	],
	contact: [
		{
			name: "Open",
			states: ["open"],
			words: {
				priority: "medium",
				onDelay: "5min",
				cause: "Somebody works there, or it was left open.",
				consequence: "Air and people pass who shouldn't.",
				action: "See who is there; close it.",
				responseTime: "15min",
			},
		},
	],
	tamper: [{ name: "Tampered with", states: ["tamper", "alarm"], words: TAMPER }],
	lockout: [{ name: "Locked out", states: ["locked", "lockout"], words: TAMPER }],
};
/** A battery that carries nothing but the sensor itself. */
const SENSOR_BATTERY: Row = {
	name: "Battery below 15 %",
	level: "low",
	limit: 15,
	deadband: 2,
	words: {
		priority: "low",
		cause: "The battery of the sensor is nearly empty.",
		consequence: "The sensor falls silent within days.",
		action: "Change the battery.",
		responseTime: "1d",
	},
};

/** What decides on the rules of a point. */
export type RuledPoint = Pick<ProposedPoint, "id" | "kind" | "type" | "states">;

/** Rules for the points of a device, each for this device alone. */
export function suggestedRules(device: string, points: readonly RuledPoint[]): Rule[] {
	const used = new Set<string>();
	const rules: Rule[] = [];
	const add = (id: string, rest: object) => {
		let name = `${device.slice(0, 24)}-${id}`.slice(0, 62);
		if (used.has(name)) name = `${name.slice(0, 59)}-${used.size}`;
		used.add(name);
		rules.push(ruleSchema.parse({ ...rest, id: name }));
	};
	const isUps = points.some(({ kind }) => kind === "ups-state" || kind === "runtime" || kind === "load");
	const temperatures = points.filter(({ kind }) => kind === "temperature").map(({ id }) => id);
	const air = [...temperatures, ...points.filter(({ kind }) => kind === "humidity").map(({ id }) => id)];
	// A UPS has its own temperature, not that of the inlet.
	if (temperatures.length > 0 && !isUps)
		for (const { id, name, ...rest } of rulesOfSets([{ set: "ashrae-a2", on: on(device, temperatures) }]).map(ruleText))
			add(id, { ...rest, name: name.replace(/^Inlet/, "Temperature") });
	if (temperatures.length > 0 && air.length > temperatures.length)
		for (const { id, ...rest } of rulesOfSets([{ set: "dew-point", on: on(device, air) }]).map(ruleText)) add(id, rest);
	for (const point of points)
		for (const row of point.kind === "charge" && !isUps ? [SENSOR_BATTERY] : ((point.kind && ROWS[point.kind]) ?? [])) {
			const rule = ruleOf(row, device, point);
			if (rule) add(`${point.id}-${slug(row.name)}`, rule);
		}
	if (points.some(({ kind }) => kind !== null))
		add("no-data", {
			name: "No data",
			kind: "no-data",
			on: { device },
			priority: "medium",
			cause: "The device is off, its battery is empty, or the line to it is cut.",
			consequence: "Nobody knows what happens there.",
			action: "Check its power and its network; look at the room meanwhile.",
			responseTime: "30min",
		});
	return rules;
}

const on = (device: string, point: string[]) => selectorSchema.parse({ device, point });
const slug = (name: string) =>
	name
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/-+$/, "");

function ruleOf(row: Row, device: string, { id, kind, type, states }: RuledPoint): object | null {
	const common = { name: row.name, on: { device, point: id }, offDelay: "30s", ...row.words };
	if ("limit" in row) return type === "number" ? { ...common, kind: "limit", level: row.level, limit: row.limit, deadband: row.deadband } : null;
	// One yes or no can't tell a UPS on battery from one that is off.
	if (type === "boolean" && kind !== "ups-state") return { ...common, kind: "state", states: [true] };
	const known = row.states.filter((state) => states?.includes(state));
	return known.length > 0 ? { ...common, kind: "state", states: known } : null;
}
