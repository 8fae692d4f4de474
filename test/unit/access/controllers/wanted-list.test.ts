import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accessListEntrySchema, accessListPartSchema, entryKey, inParts } from "../../../../contracts/access-list.ts";
import { PAYLOAD_LIMIT } from "../../../../contracts/native-dialect.ts";
import { covers, listName, wantedLists } from "../../../../server/access/controllers/wanted-list.ts";
import { Register, type RegisterRecords } from "../../../../server/access/register/register.ts";
import { holdList, judge } from "../../../../simulators/devices/access-list.ts";
import { credentialRecord, grantRecord, holderRecord } from "../../../helpers/register-records.ts";
import { smallSite, worldOf } from "../../../helpers/small-world.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday, 10:00 in Berlin. */
const NOW = Date.parse("2026-11-23T09:00:00Z");

/** Three rooms as zones of their own, doors with one factor, two factors and one factor; the last two at another controller. */
const site = () => {
	const { rooms, doors, ...rest } = smallSite();
	const [hall] = rooms;
	const [main] = doors;
	if (!hall || !main) throw new Error("unreachable");
	const room = (id: string, devices: typeof hall.devices) => ({ ...hall, id, name: id, devices });
	return worldOf({
		...rest,
		rooms: [hall, room("cage", [{ id: "c2", kind: "door-controller" }]), room("store", [])],
		doors: [
			main,
			{ ...main, id: "strong", from: "hall", to: "cage", factors: "two", controller: "c2", readers: [] },
			{ ...main, id: "small", from: "hall", to: "store", controller: "c2", readers: [] },
		],
	}).site;
};
const DOORS = ["main", "strong", "small"];
const ZONES = ["hall", "cage", "store"];
const SITE = site();
const entriesAt = (records: RegisterRecords, now = NOW) =>
	[...wantedLists(new Register(SITE, records), now).values()].flatMap(({ entries }) => entries.map(({ entry }) => entry));

const time = fc.integer({ min: -20, max: 20 }).map((days) => NOW + days * DAY);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 1 });
const clockTime = fc.constantFrom("00:00", "07:30", "10:00", "16:45", "24:00");
const schedule = fc
	.array(
		fc.record({
			days: fc.uniqueArray(fc.constantFrom("mon" as const, "wed" as const, "sun" as const), { minLength: 1 }),
			from: clockTime,
			to: clockTime,
		}),
	)
	.map((rows) => rows.filter(({ from, to }) => from < to))
	.filter((rows) => rows.length > 0);
const records: fc.Arbitrary<RegisterRecords> = fc.record({
	holders: fc.tuple(maybe(time), fc.constantFrom(null, "guard"), maybe(time)).map(([leftAt, post, movedAt]) => [
		holderRecord("ann", { leftAt }),
		holderRecord("bob", {
			post,
			posts: [{ post: "guard", at: 0 }, ...(movedAt !== null && movedAt <= NOW ? [{ post, at: movedAt }] : [])],
		}),
	]),
	credentials: fc
		.array(
			fc.record({
				holder: fc.constantFrom("ann", "bob"),
				card: fc.boolean(),
				state: fc.constantFrom(
					"active" as const,
					"active" as const,
					"active" as const,
					"active" as const,
					"suspended" as const,
					"lost" as const,
					"returned" as const,
				),
				from: maybe(time),
				until: maybe(time),
			}),
			{ minLength: 2, maxLength: 6 },
		)
		.map((all) =>
			all.map(({ holder, card, state, from, until }, index) =>
				credentialRecord(`c${index}`, holder, card ? index : null, { state, until, ...(from !== null && { from }) }),
			),
		),
	grants: fc
		.array(
			fc.record({
				to: fc.constantFrom({ holder: "ann" }, { holder: "bob" }, { post: "guard" }),
				zone: fc.constantFrom(...ZONES),
				from: fc.integer({ min: -20, max: 5 }).map((days) => NOW + days * DAY),
				until: maybe(time),
				lapsesAt: fc.integer({ min: -1, max: 30 }).map((days) => NOW + days * DAY),
				endedAt: fc.constantFrom(null, null, null, NOW - DAY, NOW),
				schedule: maybe(schedule),
			}),
			{ minLength: 2, maxLength: 6 },
		)
		.map((all) =>
			all.map(({ to, ...values }, index) => grantRecord(`g${index}`, { ...to, ...values, grantedAt: Math.min(values.from, NOW), endReason: null })),
		),
});

describe("the wanted list", () => {
	test("opens a door to a credential exactly when the register does, now and at every later time", () => {
		const at = fc.oneof(
			fc.integer({ min: 0, max: 20 * 24 * 4 }).map((quarters) => NOW + quarters * (HOUR / 4)),
			fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom(-1, 0, 1)).map(([days, ms]) => Math.max(NOW, NOW + days * DAY + ms)),
		);
		let granted = 0;
		fc.assert(
			fc.property(records, fc.array(at, { minLength: 5, maxLength: 20 }), (given, times) => {
				const register = new Register(SITE, given);
				const held = holdList(SITE.timeZone, entriesAt(given));
				const cards = given.credentials.flatMap(({ card }) => card ?? []);
				const fingerprints = given.credentials.flatMap(({ fingerprint }) => fingerprint ?? []);
				const single = [...cards.map((card) => ({ card, fingerprint: null })), ...fingerprints.map((fingerprint) => ({ card: null, fingerprint }))];
				const pairs = cards.flatMap((card) => fingerprints.map((fingerprint) => ({ card, fingerprint })));
				for (const ts of times)
					for (const door of DOORS)
						for (const shown of door === "strong" ? [...single, ...pairs] : single) {
							const { verdict } = register.decide(shown, door, ts);
							if (verdict === "granted") granted++;
							expect({ door, ts, shown, result: judge(held, shown, door, ts).result }).toEqual({
								door,
								ts,
								shown,
								result: verdict === "granted" ? "granted" : "denied",
							});
						}
			}),
			{ numRuns: 300 },
		);
		expect(granted).toBeGreaterThan(1000);
	});

	test("has no entry twice, none that another covers, each as the contract has it, at the door's controller", () => {
		fc.assert(
			fc.property(records, (given) => {
				for (const [controller, { entries }] of wantedLists(new Register(SITE, given), NOW)) {
					expect(new Set(entries.map(({ key }) => key)).size).toBe(entries.length);
					for (const { key, entry } of entries) {
						expect(key).toBe(entryKey(accessListEntrySchema.parse(entry)));
						expect(controller).toBe(entry.door === "main" ? "c1" : "c2");
						const same = entries.filter(
							(other) =>
								entryKey({ ...other.entry, from: null, until: null, hours: null }) === entryKey({ ...entry, from: null, until: null, hours: null }),
						);
						expect(same.filter((other) => covers(other.entry, entry))).toHaveLength(1);
					}
				}
			}),
		);
	});

	test("is named by its content: the same whatever the records' order, another one for another entry or time zone", () => {
		const holders = [holderRecord("ann"), holderRecord("bob")];
		const credentials = [credentialRecord("a", "ann", 1), credentialRecord("b", "bob", 2)];
		const grants = [grantRecord("1", { holder: "ann" }), grantRecord("2", { holder: "bob" })];
		const name = (given: RegisterRecords) => wantedLists(new Register(SITE, given), NOW).get("c1")?.list;
		const first = name({ holders, credentials, grants });
		expect(name({ holders: holders.toReversed(), credentials: credentials.toReversed(), grants: grants.toReversed() })).toBe(first);
		expect(name({ holders, credentials, grants: grants.slice(1) })).not.toBe(first);
		expect(listName("Europe/Berlin", ["a"])).not.toBe(listName("Asia/Shanghai", ["a"]));
		expect(listName("Europe/Berlin", ["a", "b"])).not.toBe(listName("Europe/Berlin", ["ab"]));
	});

	test("of a controller whose doors nobody may open is empty, not absent", () => {
		const lists = wantedLists(new Register(SITE, { holders: [], credentials: [], grants: [] }), NOW);
		expect([...lists].map(([id, { entries }]) => [id, entries.length])).toEqual([
			["c1", 0],
			["c2", 0],
		]);
	});

	test("an entry ends with the earliest of grant, lapse and credential, and is dropped once it has ended", () => {
		const given: RegisterRecords = {
			holders: [holderRecord("ann")],
			credentials: [credentialRecord("a", "ann", 1, { until: NOW + 3 * DAY })],
			grants: [grantRecord("1", { holder: "ann", until: NOW + 2 * DAY, lapsesAt: NOW + 5 * DAY })],
		};
		expect(entriesAt(given)).toMatchObject([{ door: "main", from: null, until: NOW + 2 * DAY, hours: null }]);
		expect(entriesAt(given, NOW + 2 * DAY)).toEqual([]);
	});

	test("is derived from 5,000 grants at 40 doors", () => {
		const rooms = Array.from({ length: 40 }, (_, index) => `r${index}`);
		const base = smallSite();
		const [hall] = base.rooms;
		const [main] = base.doors;
		const large = worldOf({
			...base,
			rooms: [hall, ...rooms.map((id) => ({ ...hall, id, name: id, devices: [] }))],
			doors: rooms.map((id, index) => ({ ...main, id: `d${index}`, to: id, readers: [], factors: index % 4 === 0 ? "two" : "one" })),
			zones: Array.from({ length: 8 }, (_, zone) => ({
				id: `z${zone}`,
				name: `z${zone}`,
				rooms: rooms.filter((_room, index) => index % 8 === zone),
			})),
		}).site;
		const holders = Array.from({ length: 2000 }, (_, index) => holderRecord(`h${index}`));
		const credentials = holders.flatMap(({ id }, index) => [credentialRecord(`c${index}`, id, index), credentialRecord(`f${index}`, id, null)]);
		const grants = Array.from({ length: 5000 }, (_, index) =>
			grantRecord(`g${index}`, { holder: `h${index % 2000}`, zone: `z${(index + Math.floor(index / 2000)) % 8}` }),
		);
		const [list] = wantedLists(new Register(large, { holders, credentials, grants }), NOW).values();
		// Two entries a one-factor door, one a two-factor door; a zone has five doors of one kind, every fourth of two factors.
		expect(list?.entries.length).toBe(1250 * 5 + 3750 * 5 * 2);
	});
});

describe("a list in parts", () => {
	test("keeps every entry in order, in parts that fit the payload limit", () => {
		const hours = Array.from({ length: 20 }, (_, index): [number, number, number] => [127, index, 1440 - index]);
		const entries = Array.from({ length: 950 }, (_, index) => ({
			door: `door-with-a-rather-long-name-${index}`,
			card: { format: "H10304", facility: 65_535, number: index },
			fingerprint: "f".repeat(64),
			from: NOW,
			until: NOW + DAY,
			hours: index % 2 === 0 ? hours : null,
		}));
		const parts = inParts({ list: "x", timeZone: "Europe/Berlin", entries });
		expect(parts.flatMap((part) => part.entries)).toEqual(entries);
		for (const [index, part] of parts.entries()) {
			expect(accessListPartSchema.parse(part)).toMatchObject({ part: index, parts: parts.length });
			expect(JSON.stringify({ id: "x".repeat(64), op: "access-list.put", body: part }).length).toBeLessThan(PAYLOAD_LIMIT);
		}
	});

	test("that is empty is one empty part", () => {
		expect(inParts({ list: "x", timeZone: "UTC", entries: [] })).toEqual([{ list: "x", timeZone: "UTC", part: 0, parts: 1, entries: [] }]);
	});
});
