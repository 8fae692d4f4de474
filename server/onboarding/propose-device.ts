/** What a device that isn't configured could be in the site, told from what it says; pure. A person changes what is wrong. */
import { type DeviceKind, POINT_KINDS, type PointKind, UPS_STATES } from "../../contracts/kinds.ts";
import { RESERVED_TOPICS } from "../../contracts/native-dialect.ts";
import type { DeviceProposalView, ProposedPoint } from "../../contracts/onboarding.ts";
import { ruleText, writtenDuration } from "../../contracts/rule-text.ts";
import { suggestedRules } from "../../contracts/suggested-rules.ts";
import { conversionOf } from "../../contracts/units.ts";
import { ANY_OTHER, type SeenDevice } from "../../contracts/uplink.ts";

/** What a device is, by a kind of point that no other has; the first that fits. */
const KINDS: readonly (readonly [PointKind, DeviceKind])[] = [
	["ups-state", "ups"],
	["runtime", "ups"],
	["smoke", "smoke-detector"],
	["leak", "water-leak-detector"],
	["fire-state", "fire-panel"],
	["flow-state", "sprinkler"],
	["surge-state", "lightning-protection"],
	["recording", "camera"],
	["call-state", "intercom"],
	["vibration", "vibration-sensor"],
	["fan-speed", "hvac-unit"],
	["air-flow", "air-flow-sensor"],
	["temperature", "temperature-sensor"],
	["humidity", "humidity-sensor"],
	["power", "power-meter"],
	["energy", "power-meter"],
	["current", "power-meter"],
	["voltage", "power-meter"],
	["switch-state", "power-meter"],
];
type SeenChannel = SeenDevice["channels"][number];
/** What sensors can measure at all; a value outside is kept with quality "bad". */
const RANGES: Partial<Record<PointKind, { min: number; max: number }>> = {
	temperature: { min: -40, max: 125 },
	humidity: { min: 0, max: 100 },
	"dew-point": { min: -60, max: 100 },
	charge: { min: 0, max: 100 },
	load: { min: 0, max: 200 },
	frequency: { min: 0, max: 500 },
	voltage: { min: 0, max: 1000 },
	"power-factor": { min: -1, max: 1 },
	co2: { min: 0, max: 40_000 },
};
const STEPS = [1, 2, 5, 10, 30, 60, 300, 600, 900, 1800, 3600, 21_600, 43_200, 86_400].map((seconds) => seconds * 1000);
/** State of what isn't one of the states. */
const OTHER = "other";
/** Words of contacts that are no yes and no. */
const CONTACT_WORDS: Readonly<Record<string, boolean>> = { open: true, opened: true, close: false, closed: false };
/** For a device that has spoken once. */
const UNKNOWN_INTERVAL = 60_000;
/** Of radios that run for years on a battery, which speak most when they are set up. */
const SELDOM: ReadonlySet<string> = new Set(["chirpstack", "things-stack", "zigbee2mqtt"]);
const SELDOM_INTERVAL = 3_600_000;
/** Messages that don't tell how often there will be one. */
const FEW = 5;

/** `taken`: ids of the devices that there are. */
export function proposeDevice(seen: Omit<SeenDevice, "firstSeen" | "lastSeen"> & Span, taken: ReadonlySet<string>): DeviceProposalView {
	const id = idFrom(seen.address, taken);
	const used = new Set<string>(RESERVED_TOPICS);
	const points = seen.channels.map(withWords).map((channel) => {
		const interval = writtenDuration(intervalOf({ ...seen, messages: channel.messages ?? seen.messages }));
		const point = { ...pointOf(channel, idFrom(channel.channel, used)), interval, ...saidOf(channel, seen.profile) };
		used.add(point.id);
		return point;
	});
	const kind = kindOf(points, seen.doors);
	return { id, name: (seen.info.name ?? seen.address).slice(0, 120), kind, points, rules: suggestedRules(id, points).map(ruleText) };
}

interface Span {
	/** Unix ms. */
	firstSeen: number;
	lastSeen: number;
}

/** A name in the characters of ids that isn't taken: `switch:0.apower` becomes `switch-0.apower`. */
export function idFrom(text: string, taken: ReadonlySet<string>): string {
	const base =
		text
			.replace(/[^A-Za-z0-9._-]+/g, "-")
			.replace(/^[-.]+|-+$/g, "")
			.slice(0, 64) || "device";
	if (!taken.has(base)) return base;
	for (let number = 2; ; number++) {
		const id = `${base.slice(0, 63 - String(number).length)}-${number}`;
		if (!taken.has(id)) return id;
	}
}

/**
 * The mean time between two messages that tell a channel and a little more, rounded up to a usual step; of few messages no less than what is
 * usual.
 */
function intervalOf({ firstSeen, lastSeen, messages, profile }: Span & { messages: number; profile: string }): number {
	const usual = SELDOM.has(profile) ? SELDOM_INTERVAL : UNKNOWN_INTERVAL;
	// What was only announced.
	if (messages === 0) return usual;
	const mean = (Math.max(0, lastSeen - firstSeen) / Math.max(1, messages - 1)) * 1.2;
	const least = messages < FEW ? Math.max(mean, usual) : mean;
	return STEPS.find((step) => step >= least) ?? 86_400_000;
}

/** Dialects that don't tell what a channel measures: a channel that is called as a kind is of that kind. */
function kindFromName(channel: string, unit: string | null): PointKind | null {
	return unit === null && Object.hasOwn(POINT_KINDS, channel) ? (channel as PointKind) : null;
}

/** With what its words mean, where that is no question. */
function withWords(channel: SeenChannel): SeenChannel {
	const isWord = channel.kind === "contact" && typeof channel.value === "string" && Object.hasOwn(CONTACT_WORDS, channel.value);
	return channel.words === undefined && isWord ? { ...channel, words: { ...CONTACT_WORDS } } : channel;
}

/** A channel by its name, which may have a kind of its own, with the unit that its values are converted to. */
function pointOf({ channel: source, kind: told, unit, value, words }: SeenChannel, id: string): Omit<ProposedPoint, "interval"> {
	const type = words || typeof value === "boolean" ? "boolean" : typeof value === "string" ? "state" : "number";
	const kind = told ?? kindFromName(source, unit);
	const own = kind === null ? null : POINT_KINDS[kind];
	// A kind with a unit is a number: what says "on" measures nothing. Neither does what is in a unit that can't be converted.
	const fits = own === null || (type === "number" && (unit === null || conversionOf(unit, own) !== null));
	return {
		id,
		source,
		name: source.slice(0, 120),
		kind: fits ? kind : null,
		type,
		unit: type !== "number" ? null : fits && own !== null ? own : unit,
		states: type !== "state" ? null : kind === "ups-state" ? [...new Set([...UPS_STATES, String(value)])] : [...new Set([String(value), OTHER])],
		range: (fits && kind !== null && type === "number" && RANGES[kind]) || null,
	};
}

/** What the site file has to say for a dialect whose messages don't: the unit, and what words mean. */
function saidOf({ kind, unit, value, words }: SeenChannel, profile: string): Pick<ProposedPoint, "sourceUnit" | "values"> {
	const own = kind === null ? null : POINT_KINDS[kind];
	const isConverted = profile === "generic" && unit !== null && own !== null && unit !== own && conversionOf(unit, own) !== null;
	// Nobody knows which words are still to come.
	const others = typeof value === "string" && kind !== "ups-state" ? { [ANY_OTHER]: OTHER } : undefined;
	const values = words ?? others;
	return { ...(isConverted && { sourceUnit: unit }), ...(values && { values }) };
}

function kindOf(points: readonly ProposedPoint[], doors: readonly string[]): DeviceKind | null {
	if (doors.length > 0) return "door-controller";
	const kinds = new Set(points.map(({ kind }) => kind));
	if (kinds.has("load") && kinds.has("charge")) return "ups";
	// The voltage of a sensor's battery makes no meter of it.
	return KINDS.find(([kind]) => kinds.has(kind) && !(kind === "voltage" && kinds.has("charge")))?.[1] ?? null;
}
