/** Checks a site file: its shape by the schema, and what its parts say of each other. */
import { z } from "zod";
import { DEVICE_DIALECTS, DIALECTS } from "./dialects.ts";
import { OWN_DEVICE } from "./identifiers.ts";
import { POINT_KINDS, type PointKind } from "./kinds.ts";
import { RULE_SETS, rulesOfSets } from "./rule-sets.ts";
import { type SiteFile, siteSchema } from "./site.ts";
import { conversionOf, unitsFor } from "./units.ts";

/** One thing that is wrong in a site file. `path` as in `racks[3].devices[0].model`. */
export interface SiteProblem {
	path: string;
	message: string;
}

/** Checks a site file (already read from YAML) and reports everything that is wrong with it at once. */
export function parseSite(input: unknown): { site: SiteFile } | { problems: SiteProblem[] } {
	if (input === null) {
		const needed = Object.keys(siteSchema.shape).filter(
			(key) => !siteSchema.shape[key as keyof typeof siteSchema.shape].safeParse(undefined).success,
		);
		return { problems: [{ path: "(file)", message: `the site file is empty; expected site ${needed.join(", ")}` }] };
	}
	const shape = siteSchema.safeParse(input);
	const problems = shape.success ? [] : shape.error.issues.map((issue) => ({ path: pathText(issue.path), message: issue.message }));
	problems.push(...referenceProblems(skeletonSchema.parse(input)));
	return shape.success && problems.length === 0 ? { site: withRuleSets(shape.data) } : { problems };
}

const OF_SETS: ReadonlySet<string> = new Set(rulesOfSets(RULE_SETS.map((set) => ({ set, on: undefined }))).map(({ id }) => id));
/** The site file with the rules of its sets behind its own. */
function withRuleSets(site: SiteFile): SiteFile {
	const own = new Set(site.rules.map(({ id }) => id));
	return { ...site, rules: [...site.rules, ...rulesOfSets(site.ruleSets).filter(({ id }) => !own.has(id))] };
}

/** `["racks", 3, "id"]` as `racks[3].id`. */
export function pathText(path: readonly PropertyKey[]): string {
	return path.map((part, index) => (typeof part === "number" ? `[${part}]` : `${index ? "." : ""}${String(part)}`)).join("");
}

// The parts that refer to each other, read leniently: a wrong unit in one place must not hide a wrong reference in another.
const text = z.string().optional().catch(undefined);
const many = <S extends z.ZodRawShape>(shape: S) => z.array(z.object(shape).catch({} as never)).catch([]);
const pointSkeleton = many({ id: text, kind: text, unit: text, sourceUnit: text, type: text });
const deviceSkeleton = many({ id: text, model: text, agent: text, profile: text, points: pointSkeleton });
const skeletonSchema = z
	.object({
		agents: many({ id: text, dialects: many({ profile: text }) }),
		models: many({ id: text, points: pointSkeleton }),
		rooms: many({ id: text, devices: deviceSkeleton }),
		racks: many({ id: text, room: text, devices: deviceSkeleton }),
		doors: many({ id: text, from: text, to: text, controller: text, readers: many({ device: text }) }),
		zones: many({ id: text, rooms: z.array(text).catch([]) }),
		holders: many({
			id: text,
			sponsor: text,
			zones: z.array(text).catch([]),
			card: z.object({ format: z.string(), facility: z.number(), number: z.number() }).optional().catch(undefined),
		}),
		rules: many({ id: text, explains: many({ rules: z.union([z.array(text), text.transform((one) => [one])]).catch([]) }) }),
	})
	.catch({ agents: [], models: [], rooms: [], racks: [], doors: [], zones: [], holders: [], rules: [] });
type Skeleton = z.output<typeof skeletonSchema>;

/** What the parts of a site say of each other and can't be: what {@link parseSite} checks beyond the shape. */
export function siteReferenceProblems(site: SiteFile): SiteProblem[] {
	return referenceProblems(skeletonSchema.parse(site));
}

function referenceProblems(site: Skeleton): SiteProblem[] {
	const problems: SiteProblem[] = [];
	const problem = (path: PropertyKey[], message: string) => problems.push({ path: pathText(path), message });
	/** Collects the ids of a list and reports the ones that stand there twice. */
	const ids = (list: readonly { id?: string | undefined }[] | undefined, path: PropertyKey[], seen = new Set<string>()) => {
		for (const [index, { id }] of (list ?? []).entries()) {
			if (id === undefined) continue;
			if (seen.has(id)) problem([...path, index, "id"], `${id} stands here twice; expected each id once`);
			seen.add(id);
		}
		return seen;
	};
	const known = (set: Set<string>, id: string | undefined, what: string, path: PropertyKey[]) => {
		if (id !== undefined && !set.has(id)) problem(path, `expected one of the ${what}, not ${id}`);
	};
	const units = (points: z.output<typeof pointSkeleton> | undefined, path: PropertyKey[]) => {
		for (const [index, { kind, unit, sourceUnit, type }] of (points ?? []).entries()) {
			const expected = kind !== undefined && kind in POINT_KINDS ? POINT_KINDS[kind as PointKind] : undefined;
			if (unit !== undefined && expected && unit !== expected)
				problem([...path, index, "unit"], `expected ${expected} for a point of kind ${kind}, not ${unit}`);
			if (expected && type !== undefined && type !== "number") problem([...path, index, "type"], `expected number for a point of kind ${kind}`);
			const own = expected ?? unit;
			if (sourceUnit !== undefined && own && conversionOf(sourceUnit, own) === null)
				problem([...path, index, "sourceUnit"], `expected one of ${unitsFor(own).join(", ")}, not ${sourceUnit}`);
		}
	};

	const agents = ids(site.agents, ["agents"]);
	const dialect = (among: readonly string[], name: string | undefined, path: PropertyKey[]) => {
		if (name !== undefined && !among.includes(name)) problem(path, `expected one of the dialects ${among.join(", ")}, not ${name}`);
	};
	for (const [index, { dialects }] of site.agents.entries())
		for (const [at, { profile }] of (dialects ?? []).entries()) dialect(DIALECTS, profile, ["agents", index, "dialects", at, "profile"]);
	const models = ids(site.models, ["models"]);
	const rooms = ids(site.rooms, ["rooms"]);
	for (const list of ["racks", "doors"] as const) ids(site[list], [list]);
	const rules = ids(site.rules, ["rules"]);
	for (const [index, { explains }] of site.rules.entries())
		for (const [at, explanation] of (explains ?? []).entries())
			for (const rule of explanation.rules ?? [])
				if (rule === undefined || !OF_SETS.has(rule)) known(rules, rule, "rules", ["rules", index, "explains", at, "rules"]);
	const holders = ids(site.holders, ["holders"]);
	const zones = ids(site.zones, ["zones"]);
	const zoneOf = new Map<string, number>();
	for (const [index, zone] of site.zones.entries())
		for (const [at, room] of zone.rooms.entries()) {
			if (room === undefined) continue;
			known(rooms, room, "rooms", ["zones", index, "rooms", at]);
			const other = zoneOf.get(room);
			if (other !== undefined) problem(["zones", index, "rooms", at], `${room} is also in zones[${other}]; expected each room in one zone`);
			zoneOf.set(room, index);
		}
	// A room that no zone names is a zone of its own.
	for (const room of rooms) if (!zoneOf.has(room)) zones.add(room);
	for (const [index, holder] of site.holders.entries()) {
		known(holders, holder.sponsor, "holders", ["holders", index, "sponsor"]);
		for (const [at, zone] of holder.zones.entries()) known(zones, zone, "zones", ["holders", index, "zones", at]);
	}
	for (const [index, model] of site.models.entries()) {
		ids(model.points, ["models", index, "points"]);
		units(model.points, ["models", index, "points"]);
	}
	const devices = new Set<string>();
	for (const list of ["rooms", "racks"] as const)
		for (const [index, place] of site[list].entries()) {
			ids(place.devices, [list, index, "devices"], devices);
			for (const [at, device] of (place.devices ?? []).entries()) {
				const path = [list, index, "devices", at];
				if (device.id === OWN_DEVICE) problem([...path, "id"], `${OWN_DEVICE} is reserved for the server itself; expected another id`);
				known(models, device.model, "models", [...path, "model"]);
				known(agents, device.agent, "agents", [...path, "agent"]);
				dialect(DEVICE_DIALECTS, device.profile, [...path, "profile"]);
				ids(device.points, [...path, "points"]);
				units(device.points, [...path, "points"]);
			}
		}
	for (const [index, rack] of site.racks.entries()) known(rooms, rack.room, "rooms", ["racks", index, "room"]);
	rooms.add("outside");
	for (const [index, door] of site.doors.entries()) {
		known(rooms, door.from, "rooms", ["doors", index, "from"]);
		known(rooms, door.to, "rooms", ["doors", index, "to"]);
		known(devices, door.controller, "devices", ["doors", index, "controller"]);
		for (const [at, reader] of (door.readers ?? []).entries()) known(devices, reader.device, "devices", ["doors", index, "readers", at, "device"]);
	}
	const cards = new Map<string, number>();
	for (const [index, { card }] of site.holders.entries()) {
		if (!card) continue;
		const key = `${card.format}/${card.facility}/${card.number}`;
		const other = cards.get(key);
		if (other !== undefined) problem(["holders", index, "card"], `this card is also that of holders[${other}]`);
		cards.set(key, index);
	}
	return problems;
}
