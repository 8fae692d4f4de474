import { describe, expect, test } from "vitest";
import type { FindingKind } from "../../../../contracts/access.ts";
import { accessCountRuleSchema } from "../../../../contracts/rules.ts";
import type { AccessRecord, DoorRecord, EventRecord } from "../../../../server/access/access-event.ts";
import { CountReplay } from "../../../../server/access/monitor/count-replay.ts";
import {
	type Around,
	type Found,
	GUESSING,
	inSpiteOf,
	judge,
	LOOK_AHEAD,
	LOOK_BACK,
	type Look,
	secondLook,
} from "../../../../server/access/monitor/rules.ts";
import { Register } from "../../../../server/access/register/register.ts";
import type { AccessCount } from "../../../../server/alarms/rules/rule-selection.ts";
import { registerOf } from "../../../helpers/register.ts";
import { smallSite, worldOf } from "../../../helpers/small-world.ts";

/** A Monday, 10:00 in Berlin. */
const T = Date.parse("2026-11-23T09:00:00Z");
const S = 1000;
const card = { format: "H10301", facility: 1, number: 1 };

const base = smallSite();
const [main] = base.doors;
const two = {
	...base,
	rooms: [...base.rooms, { id: "vault", name: "Vault", kind: "other", plan: { x: 60, y: 0, width: 5, depth: 5 } }],
	doors: [
		{
			...main,
			interlock: "trap",
			readers: [
				{ device: "r1", direction: "in" },
				{ device: "r1", direction: "out" },
			],
		},
		{
			id: "vault-door",
			name: "Vault",
			from: "hall",
			to: "vault",
			plan: { x: 60, y: 2 },
			controller: "c1",
			factors: "two",
			interlock: "trap",
			antiPassback: "soft",
			twoPerson: true,
			readers: [
				{ device: "r1", direction: "in" },
				{ device: "r1", direction: "out" },
			],
		},
	],
	zones: [{ id: "halls", name: "Halls", rooms: ["hall"], hours: [{ days: ["mon"], from: "06:00", to: "20:00" }] }],
	holders: [
		{ id: "ann", name: "Ann", role: "employee", card, fingerprint: "fp-ann", zones: ["halls", "vault"] },
		{ id: "vic", name: "Vic", role: "visitor", card: { ...card, number: 2 }, zones: ["halls"] },
	],
};
const { site } = worldOf(two);
const register = registerOf(site);

let ids = 0;
const swipe = (at: number, more: Partial<AccessRecord> = {}): AccessRecord => ({
	type: "access",
	id: String(++ids),
	device: "r1",
	seq: ids,
	door: "main",
	doorName: "Main",
	ts: T + at,
	receivedAt: T + at,
	late: false,
	conflict: false,
	direction: "in",
	method: "card",
	card,
	fingerprint: null,
	holder: { id: "ann", name: "Ann" },
	credential: null,
	verdict: "granted",
	grant: null,
	result: "granted",
	reason: "granted",
	...more,
});
const denied = (at: number, reason: string, more: Partial<AccessRecord> = {}) =>
	swipe(at, { result: "denied", reason, verdict: reason === "denied-passback" ? "granted" : "denied-no-rights", ...more });
const door = (at: number, state: DoorRecord["state"], id = "main"): DoorRecord => ({
	type: "door",
	id: String(++ids),
	device: "c1",
	seq: ids,
	door: id,
	doorName: id,
	ts: T + at,
	receivedAt: T + at,
	late: false,
	conflict: false,
	state,
});

/** The last of the events is looked at, both times; what happened after it is given apart. */
function findings(events: readonly EventRecord[], options: Options = {}): FindingKind[] {
	return found(events, options).map(({ kind }) => kind);
}
interface Options {
	after?: readonly EventRecord[];
	escort?: string | null;
	of?: Register;
	looks?: readonly Look[];
	counts?: readonly AccessCount[];
}
function found(
	events: readonly EventRecord[],
	{ after = [], escort, of = register, looks = ["first", "second"], counts = [] }: Options = {},
): Found[] {
	const event = events.at(-1);
	if (!event) return [];
	const all = [...events, ...after].sort((one, other) => one.ts - other.ts || Number(one.id) - Number(other.id));
	const at = (id: string) => all.filter((one) => one.door === id && one.ts >= event.ts - LOOK_BACK && one.ts <= event.ts + LOOK_AHEAD);
	const passed = (one: EventRecord): one is AccessRecord => one.type === "access" && one.result === "granted";
	const around: Around = {
		register: of,
		counts,
		at,
		before: events
			.slice(0, -1)
			.filter((one) => one.type === "access")
			.filter((one) => event.type === "access" && one.holder?.id === event.holder?.id)
			.reverse(),
		escort,
		heldAlready: false,
		escortAt: at(event.door)
			.filter(passed)
			.filter((one) => one.holder?.id === escort),
	};
	return looks.flatMap((look) => judge(event, around, look));
}
const vault = { door: "vault-door", method: "card+fingerprint" as const };
const state = (value: "lost" | "stolen" | "suspended" | "returned") => {
	const credentials = [...register.credentials.values()].map((one) => ({ ...one, state: value, states: [{ state: value, at: 0 }] }));
	const of = new Register(site, { holders: [...register.holders.values()], credentials, grants: [...register.grants.values()] });
	return { of, credential: credentials[0]?.id ?? null };
};
const without = (values: { leftAt?: number; endReason?: "revoked" | "lapsed"; post?: string }) =>
	new Register(site, {
		holders: [...register.holders.values()].map((one) => ({ ...one, leftAt: values.leftAt ?? null, post: values.post ?? one.post })),
		credentials: [...register.credentials.values()],
		grants: [...register.grants.values()].map((one) => ({
			...one,
			...(values.endReason && { endedAt: T - S, endReason: values.endReason }),
			...(values.post !== undefined && { holder: null, post: values.post }),
		})),
	});

test.each<[string, FindingKind[], FindingKind[]]>([
	["a granted passage is nothing", findings([swipe(0)]), []],
	["a denial is found with its reason", findings([denied(0, "denied-no-rights")]), ["denied"]],
	["duress, though granted", findings([swipe(0, { reason: "duress" })]), ["duress"]],
	[
		"forced, held and tamper are found as the door says",
		[...findings([door(0, "forced")]), ...findings([door(0, "held")]), ...findings([door(0, "tamper")])],
		["forced", "held", "tamper"],
	],
	["a door that opens without a grant is forced", findings([door(0, "closed"), door(5 * S, "open")]), ["forced"]],
	["a grant inside the shunt allows it", findings([swipe(0), door(9 * S, "open")]), []],
	["a grant before the shunt doesn't", findings([swipe(0), door(11 * S, "open")]), ["forced"]],
	["an exit button is a grant", findings([swipe(0, { method: "exit-button", card: null, holder: null, verdict: null }), door(S, "open")]), []],
	["a grant that arrives a little later allows it too", findings([door(S, "open")], { after: [swipe(2 * S)] }), []],
	["a door unlocked for everybody isn't forced", findings([door(0, "unlocked"), door(60 * S, "open")]), []],
	["granted by the controller, our records say no", findings([swipe(0, { verdict: "denied-no-rights" })]), ["granted-against-records"]],
	[
		"denied by the controller, our records say yes",
		findings([denied(0, "denied-no-rights", { verdict: "granted" })]),
		["denied", "denied-against-records"],
	],
	[
		"what the controller knows better isn't against the records",
		findings([denied(0, "denied-interlock", { verdict: "granted" })]),
		["denied", "interlock"],
	],
	["a card at a reader that decides nothing is no denial", findings([denied(0, "denied-no-decision", { verdict: "granted" })]), []],
	["however often it is shown", findings(Array.from({ length: 10 }, (_, index) => denied(index * S, "denied-no-decision"))), []],
	["denied for anti-passback on the way in", findings([denied(0, "denied-passback")]), ["denied", "passback"]],
	[
		"denied for anti-passback on the way out: came in behind another",
		findings([denied(0, "denied-passback", { direction: "out" })]),
		["denied", "tailgating"],
	],
	["in twice where anti-passback is soft", findings([swipe(0, vault), swipe(60 * S, vault)]), ["passback"]],
	["in, out, in is right", findings([swipe(0, vault), swipe(60 * S, { ...vault, direction: "out" }), swipe(120 * S, vault)]), []],
	[
		"out twice where anti-passback is soft",
		findings([swipe(0, { ...vault, direction: "out" }), swipe(60 * S, { ...vault, direction: "out" })]),
		["tailgating"],
	],
	["in twice where anti-passback is off", findings([swipe(0), swipe(60 * S)]), []],
	["a two-factor door opened on the card alone", findings([swipe(0, { ...vault, method: "card" })]), ["one-factor"]],
	["out of a two-factor door on the card alone", findings([swipe(0, vault), swipe(60 * S, { ...vault, method: "card", direction: "out" })]), []],
	[
		"both factors as two events",
		findings([denied(0, "denied-incorrect-factor", { ...vault, method: "card" }), swipe(5 * S, { ...vault, method: "fingerprint" })]),
		[],
	],
	[
		"the second factor too late",
		findings([denied(0, "denied-incorrect-factor", { ...vault, method: "card" }), swipe(20 * S, { ...vault, method: "fingerprint" })]),
		["one-factor"],
	],
	["one person at a two-person door", findings([swipe(0, vault), door(2 * S, "open", "vault-door")]), ["two-person"]],
	[
		"two people at a two-person door",
		findings([swipe(0, vault), swipe(4 * S, { ...vault, holder: { id: "vic", name: "Vic" } }), door(6 * S, "open", "vault-door")]),
		[],
	],
	[
		"the second mantrap door opens while the first is open",
		findings([
			swipe(0),
			door(S, "open"),
			swipe(2 * S, { ...vault, holder: { id: "vic", name: "" } }),
			swipe(2 * S, vault),
			door(3 * S, "open", "vault-door"),
		]),
		["interlock"],
	],
	[
		"the first mantrap door was closed",
		findings([
			swipe(0),
			door(S, "open"),
			door(2 * S, "closed"),
			swipe(2 * S, { ...vault, holder: { id: "vic", name: "" } }),
			swipe(2 * S, vault),
			door(3 * S, "open", "vault-door"),
		]),
		[],
	],
	["too far too fast", findings([swipe(0), swipe(3 * S, vault)]), ["impossible-travel"]],
	["far, but with time enough", findings([swipe(0), swipe(30 * S, vault)]), []],
	["outside of the zone's usual hours", findings([swipe(12 * 3600 * S)]), ["after-hours"]],
	["a visitor with the escort just before", findings([swipe(0), swipe(20 * S, { holder: { id: "vic", name: "Vic" } })], { escort: "ann" }), []],
	[
		"a visitor with the escort just after",
		findings([swipe(0, { holder: { id: "vic", name: "Vic" } })], { escort: "ann", after: [swipe(50 * S)] }),
		[],
	],
	[
		"a visitor whose escort comes too late",
		findings([swipe(0, { holder: { id: "vic", name: "Vic" } })], { escort: "ann", after: [swipe(61 * S)] }),
		["escort-separated"],
	],
	["a visitor without any escort", findings([swipe(0, { holder: { id: "vic", name: "Vic" } })], { escort: null }), ["escort-separated"]],
	["the badge of who has left", findings([denied(0, "denied-no-rights")], { of: without({ leftAt: T - S }) }), ["denied", "revoked-badge-used"]],
	[
		"access that was taken away",
		findings([denied(0, "denied-no-rights")], { of: without({ endReason: "revoked" }) }),
		["denied", "revoked-badge-used"],
	],
	[
		"access that was taken away from a post",
		findings([denied(0, "denied-no-rights")], { of: without({ endReason: "revoked", post: "cleaner" }) }),
		["denied", "revoked-badge-used"],
	],
	["access that lapsed is a plain denial", findings([denied(0, "denied-no-rights")], { of: without({ endReason: "lapsed" }) }), ["denied"]],
	[
		"access never given is a plain denial",
		findings([denied(0, "denied-no-rights", { door: "vault-door", holder: { id: "vic", name: "" } })]),
		["denied"],
	],
])("%s", (_, found, expected) => {
	expect(found).toEqual(expected);
});

test.each(["lost", "stolen"] as const)("a card reported %s is found wherever it is shown, granted or not", (value) => {
	const { of, credential } = state(value);
	expect(findings([swipe(0, { credential, verdict: "denied-credential-inactive" })], { of })).toEqual(["lost-badge-used", "granted-against-records"]);
});

test("guessing is told at the fifth denial within a minute, and at the tenth, whoever was denied", () => {
	const events = Array.from({ length: 12 }, (_, n) => denied(n * S, "denied-unknown-credential", { holder: null }));
	const told = events.flatMap((_, n) => (findings(events.slice(0, n + 1)).includes("guessing") ? [n + 1] : []));
	expect(told).toEqual([GUESSING.denials, 2 * GUESSING.denials]);
	const slow = Array.from({ length: 12 }, (_, n) => denied(n * 20 * S, "denied-unknown-credential"));
	expect(slow.some((_, n) => findings(slow.slice(0, n + 1)).includes("guessing"))).toBe(false);
});

test("one badge denied at three doors within a minute is told at the third, whatever the reason", () => {
	const tried = ["main", "vault-door", "other", "other"].map((id, n) => denied(n * 10 * S, "denied-incorrect-factor", { door: id }));
	expect(tried.map((_, n) => findings(tried.slice(0, n + 1)).includes("guessing"))).toEqual([false, false, true, false]);
});

test.each<[string, object, (n: number) => EventRecord, (string | number)[]]>([
	["a door's grants, whoever passes", { per: "door", result: "granted" }, (n) => swipe(n * S, { holder: null }), [3, 6]],
	["a reader's, each way by itself", { per: "reader", result: "denied" }, (n) => denied(n * S, "x", { direction: n % 2 ? "out" : "in" }), [5, 6]],
	["a person's, at whichever doors", { per: "person", result: "denied" }, (n) => denied(n * S, "x", { door: n % 2 ? "main" : "other" }), [3, 6]],
	["only within the window", { per: "door", result: "granted", within: "1s" }, (n) => swipe(n * S), []],
	["only events with the rule's result", { per: "door", result: "granted" }, (n) => denied(n * S, "x"), []],
	["nobody who isn't known is one person", { per: "person", result: "denied" }, (n) => denied(n * S, "x", { holder: null }), []],
])("a site's rule counts %s", (_, rest, event, expected) => {
	const rule = accessCountRuleSchema.parse({
		id: "often",
		name: "Often",
		kind: "access-count",
		on: { pointKind: "door-state" },
		count: 3,
		within: "1min",
		priority: "low",
		...rest,
	});
	const counts = [{ rule, doors: new Set(["main", "other"]) }];
	const events = Array.from({ length: 7 }, (_one, n) => event(n));
	expect(events.flatMap((_one, n) => (findings(events.slice(0, n + 1), { counts }).includes("counted") ? [n + 1] : []))).toEqual(expected);
	expect(findings(events.slice(0, 3), { counts: [{ rule, doors: new Set() }] })).not.toContain("counted");
	const replay = new CountReplay({ rule, doors: new Set(["main", "other"]) });
	const told = events.filter((one) => one.type === "access").flatMap((one, n) => (replay.take(one) ? [n + 1] : []));
	expect(told, "a replay finds the same").toEqual(expected);
});

test("only what may still be explained is looked at again", () => {
	expect(secondLook(door(0, "open"), register, false)).toBe(T + 3 * S);
	expect(secondLook(door(0, "closed"), register, false)).toBeNull();
	expect(secondLook(swipe(0), register, true)).toBe(T + 60 * S);
	expect(secondLook(swipe(0), register, false)).toBeNull();
	expect(secondLook(swipe(0, vault), register, false)).toBe(T + 3 * S);
	expect(secondLook(swipe(0, { ...vault, holder: null }), register, false)).toBeNull();
	expect(secondLook(denied(0, "denied-no-rights"), register, true)).toBeNull();
});

describe("an earlier event that comes late", () => {
	const denials = Array.from({ length: 5 }, (_, n) => denied(n * S, "denied-unknown-credential", { holder: null }));
	const anywhere = ["main", "vault-door", "other"].map((id, n) => denied(n * 10 * S, "denied-no-rights", { door: id }));
	test.each<[string, FindingKind[], FindingKind[]]>([
		["makes the fourth denial the fifth", findings(denials, { looks: ["again"] }), ["guessing"]],
		["is no denial the more elsewhere", findings(denials.slice(1), { looks: ["again"] }), []],
		["makes the second door the third", findings(anywhere, { looks: ["again"] }), ["guessing"]],
		["tells that the next door was too far away", findings([swipe(0), swipe(3 * S, vault)], { looks: ["again"] }), ["impossible-travel"]],
		["says nothing anew of the event itself", findings([denied(0, "denied-no-rights")], { looks: ["again"] }), []],
		["isn't waited for by what it can't explain", findings([denied(0, "denied-passback")], { looks: ["first"] }), ["denied", "passback"]],
		["may explain a passback, which is judged later", findings([swipe(0, vault), swipe(60 * S, vault)], { looks: ["first", "again"] }), []],
	])("%s", (_, told, expected) => expect(told).toEqual(expected));

	test.each([
		["nothing is missing", null, { kind: "passback", rests: { doors: ["vault-door"], since: T } }],
		["events are still coming", "coming", "wait"],
		["events are lost", "lost", { kind: "passback", uncertain: true, detail: expect.stringContaining("uncertain") }],
	] as const)("decides about a passback: %s", (_, missing, expected) => {
		const [passback] = found([swipe(0, vault), swipe(60 * S, vault)], { looks: ["second"] });
		if (!passback) throw new Error("no passback");
		const settled = inSpiteOf(missing, passback);
		if (typeof expected === "string") expect(settled).toBe(expected);
		else expect(settled).toMatchObject(expected);
	});
});
