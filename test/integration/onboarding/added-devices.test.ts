import { afterEach, beforeEach, expect, test } from "vitest";
import type { Proposal } from "../../../contracts/changes.ts";
import { adoptionSchema, adoptionText } from "../../../contracts/onboarding.ts";
import { DeviceBook } from "../../../server/onboarding/device-book.ts";
import { deviceChange } from "../../../server/onboarding/device-kind.ts";
import { onboardingMigrations } from "../../../server/onboarding/onboarding-migrations.ts";
import type { Actor } from "../../../server/platform/actor.ts";
import { AppError } from "../../../server/platform/errors.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { deviceListFor } from "../../../server/site/device-lists.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { twoPersons, twoPersonsMigrations } from "../../helpers/two-persons.ts";

type Act = Extract<Proposal, { kind: "device" }>["change"];
const words = { cause: "No cooling", consequence: "Servers stop", action: "Start the standby unit", responseTime: "15min" };
const hot = { id: "plug-hot", name: "Hot", kind: "limit", level: "high", limit: 30, on: { device: "plug" }, priority: "high", ...words };
const point = { id: "t", kind: "temperature", source: "temperature:0.tC", interval: "30s" };
const plug = {
	id: "plug",
	name: "Plug",
	kind: "temperature-sensor",
	agent: "b",
	profile: "shelly",
	address: "shelly-1",
	timeZone: "Europe/Berlin",
	points: [point],
};
const written = (rest: { place?: object; device?: object; rules?: object[] } = {}) =>
	adoptionText(adoptionSchema.parse({ place: { rack: "R1" }, rules: [hot], ...rest, device: { ...plug, ...rest.device } }));

let db: TestDatabase;
let directory: TemporaryDirectory;
let all: Awaited<ReturnType<typeof twoPersons>>;
let world: ReturnType<typeof worldSource>;
let book: DeviceBook;
let lea: Actor;
let fay: Actor;

/** A server on the same database, with what the site file says now. */
async function start(): Promise<void> {
	book = new DeviceBook({ world, database: db.database, logger: silentLogger() });
	await book.start();
}
beforeEach(async () => {
	world = worldSource();
	db = await testDatabase({ ...twoPersonsMigrations, ...onboardingMigrations });
	directory = await temporaryDirectory("devices");
	all = await twoPersons(db.database, directory.path, settableClock());
	await start();
	all.approvals.register(deviceChange({ file: () => book.file(), refresh: () => book.refresh() }));
	lea = await all.person("lea", "shift-lead");
	fay = await all.person("fay", "facility-manager");
});
afterEach(async () => {
	await all.stop();
	await db.drop();
	await directory.remove();
});

const propose = (change: Act, device = "plug", by = lea) => all.approvals.propose({ kind: "device", device, change, reason: "as agreed" }, by);
const set = (rest: Parameters<typeof written>[0] = {}, device?: string) => propose({ act: "set", definition: written(rest) }, device);
const agree = async (proposed: Promise<{ id: string }>) => await all.approvals.approve((await proposed).id, fay, null);
const errorsOf = async (proposed: Promise<unknown>) => {
	const error = await proposed.then(
		() => null,
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof AppError)) throw error ?? new Error("it was accepted");
	return [error.code, ...(error.errors ?? []).map(({ field }) => field)];
};

test("a device comes into the site with the second person, at once: its points, its rules, its agent's list; and is there after a restart", async () => {
	const heard: number[] = [];
	book.onChange(({ devices }) => heard.push(devices.size));
	const change = await set();
	expect(change).toMatchObject({ title: "Add the device Plug", before: { version: 0, definition: null }, after: { version: 1 } });
	expect(book.current().devices.has("plug")).toBe(false);
	await expect(all.approvals.approve(change.id, lea, null)).rejects.toMatchObject({ status: 403, code: "own-proposal" });
	await all.approvals.approve(change.id, fay, null);
	expect(heard).toEqual([4]);
	const inUse = () => ({
		point: book.current().points.get("plug:t"),
		rule: book.current().site.rules.find(({ id }) => id === "plug-hot"),
		list: deviceListFor(book.current(), "b").devices,
	});
	const wanted = {
		point: { kind: "temperature", unit: "°C", interval: 30_000, location: { site: "s", room: "hall", rack: "R1" } },
		rule: { limit: 30, on: { device: ["plug"] } },
		list: [{ id: "plug", profile: "shelly", address: "shelly-1", timeZone: "Europe/Berlin", points: [{ point: "t", source: "temperature:0.tC" }] }],
	};
	expect(inUse()).toMatchObject(wanted);
	await start();
	expect(inUse()).toMatchObject(wanted);
	const entries = (await all.ledger.entries(null, 50)).map(({ leaf }) => JSON.parse(leaf.toString("utf8")));
	expect(entries.find(({ type }) => type === "device.agreed")?.data).toMatchObject({
		device: "plug",
		version: 1,
		act: "set",
		proposedBy: "lea",
		approvedBy: "fay",
	});
});

test("an added device is changed and removed the same way; what is so already is no change", async () => {
	await agree(set());
	expect(await errorsOf(set())).toEqual(["device-unchanged"]);
	await agree(set({ place: { room: "hall" }, device: { name: "Wall" }, rules: [] }));
	expect(book.current().devices.get("plug")).toMatchObject({ name: "Wall", location: { rack: null } });
	expect(book.current().site.rules).toEqual([]);
	await agree(propose({ act: "remove" }));
	expect(book.current().devices.has("plug")).toBe(false);
	expect(await errorsOf(propose({ act: "remove" }))).toEqual(["not-found"]);
});

test("of two proposals for one device, the second is stale once the first is approved", async () => {
	const [one, other] = [await set(), await set({ device: { name: "Other" } })];
	await all.approvals.approve(one.id, fay, null);
	await expect(all.approvals.approve(other.id, fay, null)).rejects.toMatchObject({ code: "change-stale" });
	expect(book.current().devices.get("plug")?.name).toBe("Plug");
});

test.each<[string, Parameters<typeof written>[0], string[]]>([
	["an unknown rack", { place: { rack: "R9" } }, ["place.rack"]],
	["an unknown room", { place: { room: "attic" } }, ["place.room"]],
	["an unknown dialect", { device: { profile: "nix" } }, ["device.profile"]],
	["an unknown agent", { device: { agent: "z" } }, ["device.agent"]],
	["another id than it is proposed by", { device: { id: "socket" }, rules: [] }, ["device.id"]],
	["a point twice", { device: { points: [point, { ...point, source: "x" }] } }, ["device.points[1].id"]],
	["a channel twice", { device: { points: [point, { ...point, id: "u" }] } }, ["device.points[1].source"]],
	["a unit that the kind doesn't have", { device: { points: [{ ...point, unit: "V" }] } }, ["device.points[0].unit"]],
	["a device's unit that can't become the point's", { device: { points: [{ ...point, sourceUnit: "V" }] } }, ["device.points[0].sourceUnit"]],
	["a rule for other devices too", { rules: [{ ...hot, on: { pointKind: "temperature" } }] }, ["rules[0].on"]],
	["a rule without words", { rules: [{ ...hot, cause: " " }] }, ["rules[0].cause"]],
	["a rule twice", { rules: [hot, hot] }, ["rules[1].id"]],
	["a rule on a point that it hasn't", { rules: [{ ...hot, on: { device: "plug", point: "u" } }] }, ["rules[0].on"]],
	["receivers that only a rule's own change can check", { rules: [{ ...hot, receivers: ["fay"] }] }, ["rules[0].receivers"]],
])("a device with %s is refused, and the answer names the field", async (_, rest, fields) => {
	expect(await errorsOf(set(rest))).toEqual(["invalid-request", ...fields.map((field) => `change.definition.${field}`)]);
});

test("a device of the site file is changed there; one that comes into the file later is taken from there, and the added one rests", async () => {
	const inFile = adoptionText(adoptionSchema.parse({ place: { rack: "R1" }, device: { id: "t1", kind: "pdu" } }));
	expect(await errorsOf(propose({ act: "set", definition: inFile }, "t1"))).toEqual(["device-in-site-file"]);
	await agree(set());
	const site = smallSite();
	site.rooms[0]?.devices.push({ id: "plug", kind: "pdu" });
	world.change(site);
	expect(book.current().devices.get("plug")).toMatchObject({ kind: "pdu", points: [] });
	expect(book.list()).toMatchObject([{ device: "plug", resting: "in-site-file" }]);
	expect(book.current().site.rules).toEqual([]);
	world.change(smallSite());
	expect(book.current().devices.get("plug")?.kind).toBe("temperature-sensor");
});

test("a device whose rack leaves the site file rests, and the rest of the site goes on", async () => {
	await agree(set());
	world.change({ ...smallSite(), racks: [] });
	expect([book.current().devices.has("plug"), book.current().devices.has("c1")]).toEqual([false, true]);
	expect(book.list()).toMatchObject([{ resting: "no-place" }]);
});

test("a channel that another device of the same address has is refused, and other channels of it are not", async () => {
	await agree(set());
	const second = (source: string) =>
		propose({ act: "set", definition: written({ device: { id: "second", points: [{ ...point, source }] }, rules: [] }) }, "second");
	expect(await errorsOf(second("temperature:0.tC"))).toEqual(["invalid-request", "change.definition.device.points[0].source"]);
	await agree(second("humidity:0.rh"));
	expect(book.current().devices.has("second")).toBe(true);
});
