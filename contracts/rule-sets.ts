/** Ready rule sets that a site file names by one line (ALM-12, ALM-13); a rule of the site's own with the same id replaces one of them. */
import { z } from "zod";
import { type Rule, ruleSchema, selectorSchema } from "./rules.ts";

export const RULE_SETS = [
	"ashrae-recommended",
	"ashrae-a1",
	"ashrae-a2",
	"ashrae-a3",
	"ashrae-a4",
	"ashrae-change",
	"dew-point",
	"dual-power",
] as const;
export type RuleSetName = (typeof RULE_SETS)[number];

type RuleText = z.input<typeof ruleSchema>;
type Selector = z.input<typeof selectorSchema>;
/** How a range is called in ids and names, and the range of the inlet temperature, °C (ASHRAE TC 9.9, Thermal Guidelines, 5th edition, table 2.1). */
type Limits = readonly [id: string, name: string, low: number, high: number];

const INLET: Selector = { pointKind: "temperature", point: "inlet" };
const INLET_AIR: Selector = { pointKind: ["temperature", "humidity"], point: ["inlet", "humidity"] };
const RACK_POWER: Selector = { deviceKind: "pdu", pointKind: "power" };

const RECOMMENDED: Limits = ["recommended", "the recommended range", 18, 27];
const recommended = (on: Selector) => [
	inlet(RECOMMENDED, "high", on, {
		priority: "medium",
		onDelay: "1min",
		cause: "Cooling too weak for the load, a blocked tile, or hot air coming round the rack.",
		consequence: "Fans of the servers speed up and take more power; the reserve until the class's limit shrinks.",
		action: "Look at the neighbouring racks and the cooling units; check tiles and blanking panels.",
		responseTime: "30min",
	}),
	inlet(RECOMMENDED, "low", on, {
		priority: "low",
		onDelay: "5min",
		cause: "A set point that is too low, or a cooling valve that stands open.",
		consequence: "Wasted energy, and condensation where the air is humid.",
		action: "Check set points and valves of the cooling units.",
		responseTime: "4h",
	}),
];
const allowable = (limits: Limits, on: Selector) => [
	inlet(limits, "high-high", on, {
		priority: "critical",
		cause: "Cooling is lost in the room or at this rack.",
		consequence: "The hardware is outside of what its maker allows: it throttles, shuts down and ages.",
		action: "Start standby cooling, call the cooling service, prepare to shed load.",
		responseTime: "5min",
	}),
	inlet(limits, "low-low", on, {
		priority: "high",
		onDelay: "1min",
		cause: "Outside air or a cooling unit that doesn't stop.",
		consequence: "The hardware is outside of what its maker allows; water may condense.",
		action: "Stop the cooling unit or close the outside air; watch the humidity.",
		responseTime: "15min",
	}),
];
/** 5 °C in 15 minutes, where there is tape, and 20 °C in an hour (table 2.1, footnote f). */
const changes = (on: Selector): RuleText[] => [
	{
		id: "ashrae-change-15min",
		name: "Inlet changes by 5 °C in 15 min",
		kind: "rate",
		on,
		change: 5,
		within: "15min",
		priority: "high",
		cause: "Cooling has just failed or come back, or the load has jumped.",
		consequence: "The limit of the class is passed within minutes; tapes and their drives suffer.",
		action: "Check the cooling units at once.",
		responseTime: "10min",
	},
	{
		id: "ashrae-change-1h",
		name: "Inlet changes by 20 °C in an hour",
		kind: "rate",
		on,
		change: 20,
		within: "1h",
		priority: "high",
		cause: "Cooling doesn't follow the load, or is wrongly set.",
		consequence: "Hardware is warmed or cooled faster than its maker allows.",
		action: "Check the cooling units and what the load does.",
		responseTime: "15min",
	},
];

const dewPoint = (on: Selector): RuleText[] => [
	{
		id: "dew-point-high",
		name: "Dew point above 15 °C",
		kind: "combination",
		per: "device",
		measure: "dew-point",
		level: "high",
		limit: 15,
		on,
		deadband: 0.5,
		onDelay: "5min",
		offDelay: "5min",
		priority: "medium",
		cause: "Dehumidification is off, or humid outside air comes in.",
		consequence: "Corrosion, and water on everything that is colder.",
		action: "Check humidifiers, outside-air flaps and leak ropes.",
		responseTime: "1h",
	},
	{
		id: "dew-point-low",
		name: "Dew point below -9 °C",
		kind: "combination",
		per: "device",
		measure: "dew-point",
		level: "low",
		limit: -9,
		on,
		deadband: 0.5,
		onDelay: "15min",
		offDelay: "15min",
		priority: "low",
		cause: "Dry weather, and the humidifier doesn't make up for it.",
		consequence: "Electrostatic discharge while people work at the racks.",
		action: "Check the humidifier; wrist straps until it is over.",
		responseTime: "4h",
	},
];

const dualPower = (on: Selector): RuleText[] => [
	{
		id: "failover-overload",
		name: "Rack too heavy for one feed",
		kind: "combination",
		per: "rack",
		measure: "failover-load",
		level: "high-high",
		on,
		limit: 100,
		deadband: 2,
		onDelay: "30s",
		offDelay: "1min",
		priority: "high",
		cause: "The feeds of the rack carry together more than one of them can carry alone.",
		consequence: "If one feed fails now, the breaker of the other trips, and the rack is dark.",
		action: "Move or shut down load of this rack before anybody works on a feed.",
		responseTime: "30min",
	},
	{
		id: "failover-high",
		name: "Rack above 80 % of one feed",
		kind: "combination",
		per: "rack",
		measure: "failover-load",
		level: "high",
		limit: 80,
		on,
		deadband: 2,
		onDelay: "2min",
		offDelay: "2min",
		priority: "medium",
		cause: "The load of the rack has grown: both feeds together are above 80 % of what one can carry.",
		consequence: "There is no reserve left for the day on which a feed fails.",
		action: "Install nothing more in this rack; plan to move load.",
		responseTime: "1d",
	},
	{
		id: "one-feed",
		name: "Rack on one feed",
		kind: "combination",
		per: "rack",
		measure: "feeds",
		level: "low",
		limit: 2,
		on,
		onDelay: "1min",
		offDelay: "1min",
		priority: "high",
		cause: "Both cords hang on one feed, a cord is out, or a feed is lost.",
		consequence: "If the feed that carries the rack fails, the rack is dark.",
		action: "Look whether the feed is there; if it is, look at the cords and supplies of the rack.",
		responseTime: "30min",
	},
];

interface RuleSet {
	/** The points that it is for, unless the site file says others. */
	on: Selector;
	rules: (on: Selector) => RuleText[];
}
const forClass = (limits: Limits): RuleSet => ({ on: INLET, rules: (on) => [...recommended(on), ...allowable(limits, on), ...changes(on)] });
const SETS: Readonly<Record<RuleSetName, RuleSet>> = {
	"ashrae-recommended": { on: INLET, rules: recommended },
	"ashrae-a1": forClass(["a1", "class A1", 15, 32]),
	"ashrae-a2": forClass(["a2", "class A2", 10, 35]),
	"ashrae-a3": forClass(["a3", "class A3", 5, 40]),
	"ashrae-a4": forClass(["a4", "class A4", 5, 45]),
	"ashrae-change": { on: INLET, rules: changes },
	"dew-point": { on: INLET_AIR, rules: dewPoint },
	"dual-power": { on: RACK_POWER, rules: dualPower },
};

const nameSchema = z.enum(RULE_SETS);
/** A set by its name, or with the points that it is for. */
export const ruleSetSchema = z.union(
	[nameSchema.transform((set) => ({ set, on: undefined })), z.strictObject({ set: nameSchema, on: selectorSchema })],
	{
		error: `expected one of ${RULE_SETS.join(", ")}, or { set, on }`,
	},
);

/** The rules of the sets, each id once: what two sets share (the recommended range) stands once, as the first of them says it. */
export function rulesOfSets(sets: readonly z.output<typeof ruleSetSchema>[]): Rule[] {
	const found = new Map<string, Rule>();
	for (const { set, on } of sets) {
		const { on: usual, rules } = SETS[set];
		for (const text of rules(on ?? usual)) if (!found.has(text.id)) found.set(text.id, ruleSchema.parse(text));
	}
	return [...found.values()];
}

type Level = "high-high" | "high" | "low" | "low-low";
type Words = Pick<RuleText, "priority" | "onDelay" | "cause" | "consequence" | "action" | "responseTime">;

function inlet([id, name, low, high]: Limits, level: Level, on: Selector, words: Words): RuleText {
	const above = level === "high" || level === "high-high";
	const limit = above ? high : low;
	return {
		id: `ashrae-${id}-${above ? "high" : "low"}`,
		name: `Inlet ${above ? "above" : "below"} ${limit} °C, the end of ${name}`,
		kind: "limit",
		on,
		level,
		limit,
		deadband: 0.5,
		offDelay: "1min",
		...words,
	};
}
