import { describe, expect, test } from "vitest";
import { proposeSchema } from "../../../contracts/changes.ts";
import type { PointKind } from "../../../contracts/kinds.ts";
import { adoptionSchema, adoptionText, type SeenDeviceDetails } from "../../../contracts/onboarding.ts";
import { type Rule, ruleSchema } from "../../../contracts/rules.ts";
import {
	type Draft,
	draftOf,
	draftOfAdded,
	offerOf,
	proposalOf,
	rulesOf,
	withKind,
	withPoint,
} from "../../../dashboard/src/features/devices/adoption-draft.ts";
import { proposeDevice } from "../../../server/onboarding/propose-device.ts";

const channel = (name: string, kind: "temperature" | "humidity" | null, unit: string | null, value: number) => ({ channel: name, kind, unit, value });
const said = {
	profile: "shelly",
	address: "shellyht-1",
	messages: 1,
	info: {},
	channels: [channel("t", "temperature", "C", 21), channel("h", "humidity", "%", 40), channel("x", null, null, 1)],
	doors: [],
	topic: "t",
	payload: "{}",
};
const seen: SeenDeviceDetails = {
	...said,
	id: "0",
	agent: "a",
	firstSeen: new Date(0).toISOString(),
	lastSeen: new Date(0).toISOString(),
	proposal: proposeDevice({ ...said, firstSeen: 0, lastSeen: 0 }, new Set()),
};
const draft = { ...draftOf(seen), place: "rack:A03" };
const without = (source: string) => withPoint(draft, source, { taken: false });
/** What is proposed, once it fits the contract. */
const definitionOf = (filled: Draft) => {
	const proposal = proposalOf(filled, rulesOf(filled), "new rack");
	expect(proposeSchema.safeParse(proposal).error).toBeUndefined();
	if (proposal.kind !== "device" || proposal.change.act !== "set") throw new Error("expected a device that is set");
	return proposal.change.definition;
};
const idsOf = (rules: readonly { id: string }[]) => rules.map(({ id }) => id.replace("shellyht-1-", ""));

test("points whose kind is known are ticked; another one is taken once a person says what it measures", () => {
	expect(draft.points.map(({ written, taken }) => [written.source, taken])).toEqual([
		["t", true],
		["h", true],
		["x", false],
	]);
	expect(withPoint(draft, "x", { kind: "count" }).points[2]).toMatchObject({ kind: "count", taken: true });
	expect(withPoint(draft, "t", { kind: null }).points[0]).toMatchObject({ kind: null, taken: false });
});

test("rules go with their points: a combination takes all of them", () => {
	const all = idsOf(rulesOf(draft));
	expect(all).toEqual(expect.arrayContaining(["ashrae-a2-high", "dew-point-high", "no-data"]));
	expect(idsOf(rulesOf(without("h")))).toEqual(all.filter((id) => !id.startsWith("dew-point")));
	expect(idsOf(rulesOf(without("t")))).toEqual(["no-data"]);
});

test("what is proposed is of the device's id, place and interval as they were filled in, and fits the contract", () => {
	const [first] = draft.points;
	const filled = { ...draft, id: "ht-A03", interval: "5min", unwanted: new Set([`shellyht-1-no-data`]) };
	const { place, device, rules = [] } = definitionOf(filled);
	expect(place).toEqual({ rack: "A03" });
	expect(device).toMatchObject({
		id: "ht-A03",
		agent: "a",
		profile: "shelly",
		address: "shellyht-1",
		points: [{ id: first?.id, interval: "5min" }, {}],
	});
	expect(rules.length).toBeGreaterThan(0);
	for (const rule of rules) expect([rule.on.device, rule.id.startsWith("ht-A03-"), rule.id.includes("no-data")]).toEqual([["ht-A03"], true, false]);
});

test("rules follow what a person says a channel measures, and are called by the ids of device and points as they are in the end", () => {
	const filled = withPoint({ ...withPoint(draft, "t", { kind: "runtime", id: "left" }), id: "ups-A03" }, "h", { taken: false });
	expect(idsOf(rulesOf(filled))).toEqual(["t-runtime-below-10-min", "no-data"]);
	const { device, rules = [] } = definitionOf(filled);
	expect(device.points).toEqual([expect.objectContaining({ id: "left", source: "t", kind: "runtime" })]);
	expect(device.points?.[0], "the limits of a sensor of temperatures are no limits of it").not.toHaveProperty("range");
	expect(rules.map(({ id, on }) => [id, on.device, on.point])).toEqual([
		["ups-A03-left-runtime-below-10-min", ["ups-A03"], ["left"]],
		["ups-A03-no-data", ["ups-A03"], undefined],
	]);
});

test("a name and a unit that a person fills in are those of the point", () => {
	const named = withPoint(withPoint(draft, "t", { name: "Inlet", sourceUnit: "F" }), "h", { taken: false });
	expect(definitionOf(named).device.points).toEqual([expect.objectContaining({ id: "t", name: "Inlet", sourceUnit: "F", unit: "°C" })]);
});

const added = adoptionSchema.parse({
	...definitionOf({ ...draft, id: "ht-A03", unwanted: new Set(["shellyht-1-no-data"]) }),
	device: { ...definitionOf({ ...draft, id: "ht-A03" }).device, feed: "B", timeZone: "Europe/Berlin", plan: { x: 1, y: 2 } },
});

test("an added device that nobody has touched is proposed as it stands, what the form doesn't ask for too", () => {
	const stands = draftOfAdded(added);
	expect(stands).toMatchObject({ stands: true, place: "rack:A03", unwanted: new Set(["ht-A03-no-data"]) });
	expect(definitionOf(stands)).toEqual(adoptionText(added));
	expect(definitionOf({ ...stands, timeZone: "" }).device, "the site's zone").not.toHaveProperty("timeZone");
	const bare = adoptionSchema.parse({ place: { room: "hall" }, device: { id: "c", kind: "door-controller" }, rules: [] });
	expect(definitionOf(draftOfAdded(bare))).toEqual(adoptionText(bare));
});

test("a rule that is not as it is suggested stays as it is, and goes with its last point", () => {
	const [rule] = added.rules;
	const own = { ...rule, limit: 30 };
	const stands = draftOfAdded(adoptionSchema.parse({ ...adoptionText(added), rules: [{ ...adoptionText(added).rules?.[0], limit: 30 }] }));
	expect(rulesOf(stands).filter(({ id }) => !stands.unwanted.has(id))).toEqual([own]);
	expect(rulesOf(withPoint(stands, "t", { taken: false })).map(({ id }) => id)).not.toContain(rule?.id);
});

test("an interval that is filled in counts for all points; without it each keeps its own", () => {
	const two = adoptionText(added);
	const [first, second] = two.device.points ?? [];
	const stands = draftOfAdded(adoptionSchema.parse({ ...two, device: { ...two.device, points: [first, { ...second, interval: "1h" }] } }));
	const intervals = (filled: Draft) => definitionOf(filled).device.points?.map(({ interval }) => interval);
	expect([stands.interval, draftOfAdded(added).interval]).toEqual(["", "1min"]);
	expect(intervals(stands)).toEqual(["1min", "1h"]);
	expect(intervals({ ...stands, interval: "5min" })).toEqual(["5min", "5min"]);
});

test("the unit that a device says stays what it means when a person says what is measured, as far as it fits", () => {
	const meant = (kind: PointKind | null, said: string | null, before = "") =>
		withKind(withPoint(draft, "x", { sourceUnit: before }), "x", kind, said).points[2]?.sourceUnit;
	expect([meant("voltage", "mV"), meant("voltage", "V"), meant("voltage", "ppm"), meant("smoke", "mV"), meant(null, "mV")]).toEqual([
		"mV",
		"",
		"",
		"",
		"",
	]);
	expect([meant("dew-point", null, "°F"), meant("humidity", null, "°F"), meant("temperature", null)], "where it says none").toEqual(["°F", "", ""]);
});

describe("rules of the site", () => {
	const racks = [{ id: "A03", room: "hall-a" }];
	const rule = (rest: object): Rule => ruleSchema.parse({ id: "site", name: "Site", priority: "high", ...rest });
	const ups = {
		...draftOf({
			...seen,
			proposal: {
				...seen.proposal,
				id: "ups",
				kind: "ups",
				points: (["ups-state", "runtime", "load"] as const).map((kind) => ({
					id: kind,
					source: kind,
					name: kind,
					kind,
					type: kind === "ups-state" ? ("state" as const) : ("number" as const),
					unit: null,
					states: kind === "ups-state" ? ["online", "on-battery", "low-battery"] : null,
					range: null,
					interval: "10s",
				})),
			},
		}),
		place: "rack:A03",
	};
	const leftOut = (...rules: Rule[]) => {
		const offered = new Set(offerOf(ups, rules, racks).rules.map(({ id }) => id));
		return rulesOf(ups).flatMap(({ id }) => (offered.has(id) ? [] : [id.replace(/^[^-]*-/, "")]));
	};
	const state = { kind: "state", on: { pointKind: "ups-state" }, states: ["on-battery", "bypass"] };
	const load = (more: object) => ({ kind: "limit", on: { pointKind: "load" }, level: "high", limit: 80, ...more });
	const cases: readonly [name: string, rules: readonly object[], leftOut: readonly string[]][] = [
		["none: everything is offered", [], []],
		["that tell of the same states leave the suggestion out", [state], ["ups-state-ups-on-battery"]],
		[
			"that tell of another state leave the suggestion of that one out",
			[{ ...state, states: ["low-battery", "off"] }],
			["ups-state-ups-battery-low"],
		],
		["of another kind of device don't", [{ ...state, on: { pointKind: "ups-state", deviceKind: "pdu" } }], []],
		["of its room do", [{ ...state, on: { pointKind: "ups-state", room: "hall-a" } }], ["ups-state-ups-on-battery"]],
		["of another room don't", [{ ...state, on: { pointKind: "ups-state", room: "hall-b" } }], []],
		["with the same limit do", [load({})], ["load-load-above-80"]],
		["with a stricter limit do", [load({ limit: 70 })], ["load-load-above-80"]],
		["with a looser limit don't", [load({ limit: 90 })], []],
		["leave out the suggestion of their own level alone", [load({ level: "high-high", limit: 70 })], ["load-load-above-95"]],
		["for missing data of all its points do", [{ kind: "no-data", on: { deviceKind: "ups" }, after: "1h" }], ["no-data"]],
	];
	test.each(cases)("%s", (_name, rules, expected) => {
		expect(leftOut(...rules.map(rule))).toEqual(expected);
	});

	test("for missing data of some of its points leave the others to the suggestion", () => {
		const { rules, leftOut: count } = offerOf(ups, [rule({ kind: "no-data", on: { pointKind: "load" } })], racks);
		expect([rules.find(({ kind }) => kind === "no-data")?.on.point, count]).toEqual([["ups-state", "runtime"], 0]);
	});

	test("of the device alone are its own, and what it has stays", () => {
		const own = rule({ ...state, on: { pointKind: "ups-state", device: "ups" } });
		expect(leftOut(own)).toEqual([]);
		const [first] = rulesOf(ups).filter(({ id }) => id.includes("on-battery"));
		const had = { ...ups, had: new Set([first?.id ?? ""]) };
		expect(offerOf(had, [rule(state)], racks).leftOut).toBe(0);
	});
});
