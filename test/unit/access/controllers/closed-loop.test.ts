import { describe, expect, test } from "vitest";
import type { AccessListEntry } from "../../../../contracts/access-list.ts";
import { entryKey } from "../../../../contracts/access-list.ts";
import { afterFailure, isExpected, pauseAfter, stateOf } from "../../../../server/access/controllers/controller-state.ts";
import type { ControllerRecord } from "../../../../server/access/controllers/controllers-store.ts";
import { differenceOf, nameOf } from "../../../../server/access/controllers/drift.ts";
import { decisionTime, removedBy } from "../../../../server/access/controllers/removal-decision.ts";
import { listName } from "../../../../server/access/controllers/wanted-list.ts";
import { Register } from "../../../../server/access/register/register.ts";
import { credentialRecord, grantRecord, holderRecord } from "../../../helpers/register-records.ts";
import { smallSite, worldOf } from "../../../helpers/small-world.ts";

const NOW = 1_000_000;
const RHYTHM = { checkEvery: 300_000, firstPause: 1000, longestPause: 60_000 };
const entry = (number: number, values: Partial<AccessListEntry> = {}): AccessListEntry => ({
	door: "main",
	card: { format: "H10301", facility: 1, number },
	fingerprint: null,
	from: null,
	until: null,
	hours: null,
	...values,
});
const planned = (one: AccessListEntry, credentials = ["c"], grant = "g") => ({ key: entryKey(one), entry: one, grant, credentials });
const wanted = (...entries: AccessListEntry[]) => ({ controller: "c1", timeZone: "UTC", list: "x", entries: entries.map((one) => planned(one)) });
const record = (values: Partial<ControllerRecord> = {}): ControllerRecord => ({
	id: "c1",
	wanted: "w",
	sent: null,
	confirmed: null,
	confirmedAt: null,
	checkedAt: null,
	held: null,
	nextTry: 0,
	failures: 0,
	failure: null,
	drift: null,
	...values,
});
const DRIFT = { foundAt: 1, repairedAt: null, detail: "", missing: 1, extra: 0, different: 0, entries: [] };

describe("a difference", () => {
	test("tells missing, extra and different entries apart, each once", () => {
		const difference = differenceOf([entry(1), entry(2), entry(3)], [entry(2, { until: 5 }), entry(3), entry(4)]);
		expect(difference).toEqual({
			missing: 1,
			extra: 1,
			different: 1,
			entries: [
				{ kind: "missing", wanted: entry(1), held: null },
				{ kind: "different", wanted: entry(2), held: entry(2, { until: 5 }) },
				{ kind: "extra", wanted: null, held: entry(4) },
			],
		});
	});
	test("keeps the first 1,000 entries and counts all", () => {
		const many = Array.from({ length: 1500 }, (_, number) => entry(number));
		expect(differenceOf(many, [])).toMatchObject({ missing: 1500, entries: { length: 1000 } });
	});
	test("is seen by content: a controller's own name for its list says nothing, no list is not an empty one", () => {
		expect(nameOf({ none: false, timeZone: "UTC", entries: [entry(2), entry(1)] })).toBe(listName("UTC", [entryKey(entry(1)), entryKey(entry(2))]));
		expect(nameOf({ none: true, timeZone: "UTC", entries: [] })).not.toBe(nameOf({ none: false, timeZone: "UTC", entries: [] }));
	});
});

test.each<[string, Partial<ControllerRecord>, string, boolean]>([
	["anything before the first confirmation", {}, "h", true],
	["the list confirmed last", { confirmed: "h" }, "h", true],
	["the list that was being put", { confirmed: "a", sent: "h" }, "h", true],
	["any other list", { confirmed: "a", sent: "b" }, "h", false],
])("what is read back is to be expected or drift: %s", (_, values, held, expected) => {
	expect(isExpected(record(values), held)).toBe(expected);
});

test.each<[string, Partial<ControllerRecord>]>([
	["unknown", {}],
	["pending", { checkedAt: 1, confirmed: "a" }],
	["confirmed", { checkedAt: 1, confirmed: "w" }],
	["confirmed", { checkedAt: 1, confirmed: "w", drift: { ...DRIFT, repairedAt: 2 } }],
	["drift", { checkedAt: 1, confirmed: "w", drift: DRIFT }],
	["failing", { checkedAt: 1, confirmed: "w", failure: { reason: "offline", detail: "", since: 1 } }],
	["no-list", { failure: { reason: "no-list", detail: "", since: 1 } }],
])("the state is %s for %j", (state, values) => {
	expect(stateOf(record(values))).toBe(state);
});

test("pauses double up to the longest, and a failure keeps the time since which it lasts", () => {
	expect([1, 2, 3, 6, 7, 100].map((failures) => pauseAfter(failures, RHYTHM))).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000]);
	const first = afterFailure(record(), { reason: "offline", detail: "x" }, NOW, RHYTHM);
	expect(first).toEqual({ failures: 1, failure: { reason: "offline", detail: "x", since: NOW }, nextTry: NOW + 1000 });
	const later = { ...record(), failures: 1, failure: first.failure ?? null };
	expect(afterFailure(later, { reason: "offline", detail: "y" }, NOW + 5, RHYTHM).failure?.since).toBe(NOW);
	expect(afterFailure(later, { reason: "no-answer", detail: "y" }, NOW + 5, RHYTHM).failure?.since).toBe(NOW + 5);
	expect(afterFailure(record(), { reason: "no-list", detail: "x" }, NOW, RHYTHM).nextTry).toBe(NOW + RHYTHM.checkEvery);
});

test.each<[string, AccessListEntry, AccessListEntry[], boolean]>([
	["an entry that is gone", entry(1), [], true],
	["an entry that stays", entry(1), [entry(1)], false],
	["an entry whose time was over", entry(1, { until: NOW }), [], false],
	["an entry that another one covers", entry(1, { until: NOW + 5 }), [entry(1, { until: NOW + 9 })], false],
	["an entry that ends earlier now", entry(1, { until: NOW + 9 }), [entry(1, { until: NOW + 5 })], true],
	["an entry that has hours now", entry(1), [entry(1, { hours: [[1, 0, 60]] })], true],
	["an entry that is there for another door only", entry(1), [entry(1, { door: "other" })], true],
])("a removal is %s", (_, before, after, removed) => {
	expect(removedBy([planned(before)], wanted(...after), NOW)).toHaveLength(removed ? 1 : 0);
});

describe("the time of a removal's decision", () => {
	const site = worldOf(smallSite()).site;
	const at = (given: { holder?: object; credential?: object; grant?: object }) => {
		const register = new Register(site, {
			holders: [holderRecord("ann", given.holder)],
			credentials: [credentialRecord("c", "ann", 1, given.credential)],
			grants: [grantRecord("g", { holder: "ann", ...given.grant })],
		});
		return decisionTime(register, { grant: "g", credentials: ["c"] }, NOW);
	};
	test.each<[string, Parameters<typeof at>[0], number]>([
		["the grant's end", { grant: { endedAt: 70 } }, 70],
		["the credential's new state", { credential: { state: "lost", stateAt: 60 } }, 60],
		["when the person left", { holder: { leftAt: 50 } }, 50],
		["the earliest of several", { holder: { leftAt: 50 }, grant: { endedAt: 40 } }, 40],
		[
			"when the person got another post",
			{
				holder: {
					posts: [
						{ post: "guard", at: 0 },
						{ post: "cook", at: 30 },
					],
				},
				grant: { holder: null, post: "guard" },
			},
			30,
		],
		["now, where the register says nothing", {}, NOW],
	])("is %s", (_, given, expected) => {
		expect(at(given)).toBe(expected);
	});
});
