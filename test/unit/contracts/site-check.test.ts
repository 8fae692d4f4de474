import { expect, test } from "vitest";
import { DEVICE_DIALECTS, DIALECTS } from "../../../contracts/dialects.ts";
import { parseSite } from "../../../contracts/site-check.ts";
import { expandSite } from "../../../contracts/world.ts";
import { PROFILES } from "../../../edge-agent/devices/profiles/registry.ts";

const good = () => ({
	id: "s",
	name: "S",
	timeZone: "Europe/Berlin",
	agents: [{ id: "a", name: "A" }],
	models: [{ id: "th", kind: "temperature-sensor", points: [{ id: "temperature", kind: "temperature" }] }],
	rooms: [
		{ id: "hall", name: "Hall", kind: "data-hall", plan: { x: 0, y: 0, width: 5, depth: 5 }, devices: [{ id: "door-1", kind: "door-controller" }] },
	],
	racks: [{ id: "R1", room: "hall", plan: { x: 1, y: 1, width: 0.6, depth: 1 }, devices: [{ id: "t1", model: "th" }] }],
	doors: [{ id: "main", name: "Main", from: "outside", to: "hall", plan: { x: 0, y: 2 }, controller: "door-1" }],
	rules: [{ id: "hot", name: "Hot", kind: "limit", level: "high", limit: 27, on: { pointKind: "temperature" }, priority: "high", onDelay: "30s" }],
});

test("a good site file is spelled out with units, places and a door-state point", () => {
	const result = parseSite(good());
	if (!("site" in result)) throw new Error(JSON.stringify(result.problems));
	const world = expandSite(result.site);
	expect(world.points.get("t1:temperature")).toMatchObject({ unit: "°C", interval: 10_000, location: { room: "hall", rack: "R1" } });
	expect(world.points.get("door-1:main")).toMatchObject({ kind: "door-state", type: "state", interval: null });
	expect(result.site.rules[0]).toMatchObject({ onDelay: 30_000, offDelay: 0 });
});

test("all errors of a site file are reported at once, each with its path, shape and references together", () => {
	const site = {
		...good(),
		timeZone: "Mars/Base",
		racks: [
			{
				id: "R1",
				room: "nowhere",
				plan: { x: 1, y: 1, width: -1, depth: 1 },
				devices: [
					{ id: "t1", model: "gone", timeZone: "Berlin" },
					{ id: "t1", kind: "pdu", points: [{ id: "p", kind: "temperature", unit: "F", sourceUnit: "V" }] },
				],
			},
		],
	};
	const result = parseSite(site);
	const paths = "problems" in result ? result.problems.map((problem) => problem.path) : [];
	expect(paths).toEqual(
		expect.arrayContaining([
			"timeZone",
			"racks[0].room",
			"racks[0].plan.width",
			"racks[0].devices[0].model",
			"racks[0].devices[0].timeZone",
			"racks[0].devices[1].id",
			"racks[0].devices[1].points[0].unit",
			"racks[0].devices[1].points[0].sourceUnit",
		]),
	);
});

test("a dialect that no agent understands is refused by its name, of a device as of an agent, with those that there are", () => {
	const site = {
		...good(),
		agents: [{ id: "a", name: "A", dialects: [{ profile: "home-assistant" }, { profile: "nuts" }] }],
		racks: [
			{
				...good().racks[0],
				devices: [
					{ id: "t1", model: "th", profile: "nix" },
					{ id: "t2", model: "th", profile: "home-assistant" },
					{ id: "t3", model: "th", profile: "nut" },
				],
			},
		],
	};
	const result = parseSite(site);
	expect("problems" in result ? result.problems : []).toEqual([
		{ path: "agents[0].dialects[1].profile", message: expect.stringMatching(/^expected one of the dialects native, .*home-assistant, not nuts$/) },
		{ path: "racks[0].devices[0].profile", message: expect.stringMatching(/^expected one of the dialects native, .*shelly, not nix$/) },
		{ path: "racks[0].devices[1].profile", message: expect.stringContaining("not home-assistant") },
	]);
});

test("the dialects that a site file may name are those of the agents' registry", () => {
	expect(DIALECTS.toSorted()).toEqual(PROFILES.map(({ id }) => id).toSorted());
	expect(DEVICE_DIALECTS.toSorted()).toEqual(PROFILES.flatMap(({ id, adoptedAs }) => (adoptedAs === undefined ? [id] : [])).toSorted());
});

test.each([null, 3, "site", [], {}])("%j is no site file and doesn't throw", (input) => {
	expect("problems" in parseSite(input)).toBe(true);
});

test("an empty file says so, and what it needs", () => {
	expect(parseSite(null)).toEqual({
		problems: [{ path: "(file)", message: "the site file is empty; expected site id, name, timeZone, agents, rooms" }],
	});
});

test("no device may have the name under which the server itself raises alarms", () => {
	const site = good();
	site.rooms[0]?.devices.push({ id: "watchroom", kind: "door-controller" });
	expect(parseSite(site)).toEqual({
		problems: [{ path: "rooms[0].devices[1].id", message: "watchroom is reserved for the server itself; expected another id" }],
	});
});
