/** A device on its way into the site, or to what it shall be there, as somebody fills it in; pure. */
import type { Proposal } from "../../../../contracts/changes.ts";
import { type DeviceKind, POINT_KINDS, type PointKind, UPS_STATES } from "../../../../contracts/kinds.ts";
import { type Adoption, type AdoptionText, adoptionText, type SeenDeviceDetails } from "../../../../contracts/onboarding.ts";
import { selects, tellsAllOf } from "../../../../contracts/rule-selection.ts";
import { ruleDifferences, ruleText } from "../../../../contracts/rule-text.ts";
import type { Rule } from "../../../../contracts/rules.ts";
import { suggestedRules } from "../../../../contracts/suggested-rules.ts";
import { conversionOf } from "../../../../contracts/units.ts";

type DeviceText = AdoptionText["device"];
type PointText = NonNullable<DeviceText["points"]>[number];

export interface DraftPoint {
	/** By which the form and the suggested rules know it: its id at first. */
	key: string;
	/** Of a device in use it stays: its history goes by it. */
	id: string;
	name: string;
	/** `null`: nobody can tell what it measures but a person. */
	kind: PointKind | null;
	/** The unit that the device means where it doesn't say; empty: the point's. */
	sourceUnit: string;
	taken: boolean;
	/** As it is written; what the form doesn't ask for stays. */
	written: Omit<PointText, "kind"> & { kind: PointKind | null };
}
export interface Draft {
	/** As it is written; what the form doesn't ask for stays. */
	written: DeviceText;
	/** It is in use: its id, and those of its points, stay. */
	stands: boolean;
	id: string;
	name: string;
	kind: DeviceKind | "";
	/** `rack:A03` or `room:hall-a`. */
	place: string;
	/** Expected time between two readings of every point, as written in a site file; empty: each has its own. */
	interval: string;
	/** Of its clock; empty: the site's. */
	timeZone: string;
	points: readonly DraftPoint[];
	/** Its rules that are not as they are suggested; they stay so. */
	own: readonly Rule[];
	/** Ids of the rules that it has. */
	had: ReadonlySet<string>;
	/** Ids of rules that are not wanted. */
	unwanted: ReadonlySet<string>;
}

/** What is proposed, with every point ticked whose kind is known. */
export function draftOf({ agent, profile, address, proposal: { id, name, kind, points } }: SeenDeviceDetails): Draft {
	return {
		written: { id, agent, profile, address, points: [] },
		stands: false,
		id,
		name,
		kind: kind ?? "",
		place: "",
		interval: commonInterval(points),
		timeZone: "",
		points: points.map(({ unit, states, range, ...point }) => ({
			...draftPoint({ ...point, ...(unit !== null && { unit }), ...(states !== null && { states }), ...(range !== null && { range }) }),
			taken: point.kind !== null,
		})),
		own: [],
		had: new Set(),
		unwanted: new Set(),
	};
}

/** An added device as it stands. Suggested rules that it hasn't are not ticked. */
export function draftOfAdded(adoption: Adoption): Draft {
	const { place, device: written } = adoptionText(adoption);
	const points = (written.points ?? []).map(draftPoint);
	const draft: Draft = {
		written,
		stands: true,
		id: written.id,
		name: written.name ?? written.id,
		kind: written.kind ?? "",
		place: "rack" in place ? `rack:${place.rack}` : `room:${place.room}`,
		interval: commonInterval(points.map(({ written: point }) => point)),
		timeZone: written.timeZone ?? "",
		points,
		own: [],
		had: new Set(),
		unwanted: new Set(),
	};
	const suggested = new Map(rulesOf(draft).map((rule) => [rule.id, ruleText(rule)]));
	const isSuggested = (rule: Rule) => ruleDifferences(ruleText(rule), suggested.get(rule.id) ?? null).length === 0;
	const had = new Set(adoption.rules.map(({ id }) => id));
	return {
		...draft,
		had,
		own: adoption.rules.filter((rule) => !isSuggested(rule)),
		unwanted: new Set([...suggested.keys()].filter((id) => !had.has(id))),
	};
}

const draftPoint = (written: DraftPoint["written"]): DraftPoint => {
	const { id, name = id, kind, sourceUnit = "" } = written;
	return { key: id, id, name, kind, sourceUnit, taken: true, written };
};

function commonInterval(points: readonly { interval?: string | undefined }[]): string {
	const [first, ...others] = new Set(points.map(({ interval }) => interval));
	return others.length === 0 ? (first ?? "") : "";
}

/**
 * One of its points, that measures something else. `said`: the unit that the device says, which stays what it means as far as it fits; `null`: none.
 */
export function withKind(draft: Draft, key: string, kind: PointKind | null, said: string | null): Draft {
	const to = kind && POINT_KINDS[kind];
	const from = said ?? draft.points.find((point) => point.key === key)?.sourceUnit ?? "";
	return withPoint(draft, key, { kind, sourceUnit: to !== null && from !== to && conversionOf(from, to) !== null ? from : "" });
}

/** One of its points changed. A person who says what it measures wants it; one without a kind can't be taken. */
export function withPoint(draft: Draft, key: string, changed: Partial<Pick<DraftPoint, "id" | "name" | "kind" | "sourceUnit" | "taken">>): Draft {
	const taken = changed.kind === undefined ? {} : { taken: changed.kind !== null };
	return { ...draft, points: draft.points.map((point) => (point.key === key ? { ...point, ...taken, ...changed } : point)) };
}

/** The unit that a point's values have; `null`: none. */
export function unitOf({ kind, written: { kind: before, type, unit } }: DraftPoint): string | null {
	if (kind === null || (type ?? "number") !== "number") return null;
	return (kind === before ? unit : undefined) ?? POINT_KINDS[kind];
}

/** Rules that fit to what is ticked, by the keys of points and the id that the device has at first. A combination takes all of its points. */
export function rulesOf({ written: { id: device }, points, own }: Draft): Rule[] {
	const taken = points.filter((point) => point.taken);
	const keys = new Set(taken.map(({ key }) => key));
	const left = own.flatMap((rule) => {
		const { point: before } = rule.on;
		const after = before?.filter((id) => keys.has(id));
		if (after?.length === 0 || (rule.kind === "combination" && after?.length !== before?.length)) return [];
		return { ...rule, on: { ...rule.on, ...(after && { point: after }) } };
	});
	const kept = new Set(own.map(({ id }) => id));
	const suggested = suggestedRules(
		device,
		taken.map((point) => ({ id: point.key, kind: point.kind, type: point.written.type ?? "number", states: statesOf(point) ?? null })),
	);
	return [...left, ...suggested.filter(({ id }) => !kept.has(id))];
}

/** Rules that fit, and how many of those that are suggested are left out since rules in force tell of the same. */
export interface Offer {
	rules: Rule[];
	leftOut: number;
}

/** `inForce`: the rules of the site. Of points that one of them watches already none is told twice; what the device has stays. */
export function offerOf(draft: Draft, inForce: readonly Rule[], racks: readonly { id: string; room: string }[]): Offer {
	const [type, standing = ""] = draft.place.split(":", 2);
	const rack = type === "rack" ? standing : null;
	const room = rack === null ? standing : (racks.find(({ id }) => id === rack)?.room ?? null);
	// Those of this device alone are its own.
	const others = inForce.filter(({ on }) => on.device?.length !== 1 || on.device[0] !== draft.written.id);
	const taken = draft.points.filter((point) => point.taken);
	const rules = rulesOf(draft).flatMap((rule) => {
		if (draft.had.has(rule.id)) return [rule];
		const watched = taken.filter(({ key }) => rule.on.point?.includes(key) ?? true);
		const left = watched.filter(({ id, kind }) => {
			if (kind === null) return false;
			const point = { kind, device: draft.id, point: id, location: { room, rack } };
			return !others.some((other) => tellsAllOf(other, rule) && selects(other.on, point, { kind: draft.kind || null }));
		});
		if (left.length === 0) return [];
		const all = left.length === watched.length || rule.kind === "combination";
		return [all ? rule : { ...rule, on: { ...rule.on, point: left.map(({ key }) => key) } }];
	});
	return { rules, leftOut: rulesOf(draft).length - rules.length };
}

/** What is proposed in the end, with the rules that are offered. What is wrong in it the server says. */
export function proposalOf(draft: Draft, rules: readonly Rule[], reason: string): Proposal {
	const { id, name, kind, place, interval, timeZone } = draft;
	const { timeZone: _timeZone, ...written } = draft.written;
	const [type, standing = ""] = place.split(":", 2);
	const points = draft.points.filter(({ taken }) => taken).map((point) => pointText(point, interval === "" ? point.written.interval : interval));
	const definition: AdoptionText = {
		place: type === "rack" ? { rack: standing } : { room: standing },
		device: {
			...written,
			id,
			...((name !== id || written.name !== undefined) && { name }),
			...(written.model === undefined && { kind: kind as DeviceKind }),
			...(timeZone !== "" && { timeZone }),
			...((written.points !== undefined || points.length > 0) && { points }),
		},
		rules: rules.filter((rule) => !draft.unwanted.has(rule.id)).map((rule) => ruleText(renamed(rule, draft))),
	};
	return { kind: "device", device: id, change: { act: "set", definition }, reason };
}

/** What stands in the way of another kind, such as the limits of the sensor, goes with the kind. */
function pointText(point: DraftPoint, interval: string | undefined): PointText {
	const { id, name, kind, sourceUnit, written } = point;
	const { kind: before, unit, range, normal, states: _states, sourceUnit: _sourceUnit, ...rest } = written;
	const states = statesOf(point);
	return {
		...rest,
		id,
		...((name !== id || written.name !== undefined) && { name }),
		kind: kind as PointKind,
		...(interval !== undefined && { interval }),
		...(sourceUnit.trim() !== "" && { sourceUnit: sourceUnit.trim() }),
		...(states && { states }),
		...(kind === before && { ...(unit !== undefined && { unit }), ...(range && { range }), ...(normal && { normal }) }),
	};
}

const statesOf = ({ kind, written: { kind: before, states } }: DraftPoint): string[] | undefined =>
	states && kind === "ups-state" && before !== kind ? [...new Set([...UPS_STATES, ...states])].slice(0, 32) : states;

/** Rules are called by their device and point, as far as they were called so, and watch the points as they are called now. */
function renamed(rule: Rule, { written, id, points }: Draft): Rule {
	const prefix = `${written.id.slice(0, 24)}-`;
	const { device: _device, point: keys, ...on } = rule.on;
	const renamedOn = { ...on, device: [id], ...(keys && { point: keys.map((key) => points.find((one) => one.key === key)?.id ?? key) }) };
	if (!rule.id.startsWith(prefix)) return { ...rule, on: renamedOn };
	const rest = rule.id.slice(prefix.length);
	const point = points.find(({ key }) => rest.startsWith(`${key}-`));
	const called = point ? `${point.id}${rest.slice(point.key.length)}` : rest;
	return { ...rule, on: renamedOn, id: `${id.slice(0, 24)}-${called}`.slice(0, 64) };
}
