/**
 * The chain of custody by its rules, with a clock of its own; and by random sequences of steps. Long since the rules are one table of cases,
 * and the sequences are held against them.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { CLASSIFICATIONS, MEDIUM_TYPES, METHODS, type StepInput } from "../../../contracts/media.ts";
import { type ActsView, actsOf } from "../../../contracts/media-acts.ts";
import { MACHINES } from "../../../contracts/media-orders.ts";
import { MAGNETIC } from "../../../contracts/media-policy.ts";
import type { Equipment } from "../../../server/custody/equipment.ts";
import { isDestroyed, type Medium, mediumState, UNTOUCHED } from "../../../server/custody/medium.ts";
import { chainsOf, FIRST_POLICY } from "../../../server/custody/policy.ts";
import { judge, type Verdict } from "../../../server/custody/step.ts";

const T0 = Date.parse("2026-11-26T08:00:00Z");
const MINUTE = 60_000;
const DAY = 86_400_000;
const destination = { kind: "recycling", organisation: "Green Metals" } as const;
const disk: Medium = {
	id: "m",
	serial: "WD-1",
	maker: "Western Digital",
	type: "hdd",
	classification: "low",
	damaged: false,
	coercivityOe: null,
	batch: "b",
	destination,
	...UNTOUCHED,
};
const machine = (kind: Equipment["kind"], changes: Partial<Equipment> = {}): Equipment => ({
	id: `the ${kind}`,
	name: `The ${kind}`,
	maker: "Acme",
	model: "1",
	serial: kind,
	kind,
	fieldOe: kind === "degausser" ? 9000 : null,
	particleMm: ["shredder", "disintegrator", "grinder"].includes(kind) ? 0.5 : null,
	version: null,
	retiredAt: null,
	records: (["test", "calibration"] as const).map((record) => ({ kind: record, at: T0 - DAY, validUntil: T0 + 30 * DAY, passed: true })),
	...changes,
});
const ALL = (Object.keys(MACHINES) as Equipment["kind"][]).map((kind) => machine(kind));

/** `ada+2` is another account of Ada's. */
const samePerson = (one: string, other: string) => one.split("+")[0] === other.split("+")[0];
const PLANNED = { plan: { people: ["ada", "bo", "cy"], place: "hall", day: "2026-11-26" }, day: "2026-11-26", isLinked: () => true };
const PHOTO = "0".repeat(64);
type Act = Partial<StepInput> & { act: StepInput["act"] };
interface Said extends Record<string, unknown> {
	by?: string;
	minutes?: number;
	machine?: Equipment;
	late?: number;
}
/** A step as somebody tells it; `late`: ms after it was done. */
function told(
	medium: Medium,
	act: Act,
	{ by = "ada", minutes = medium.steps + 1, machine: used, late = 0 }: Said = {},
	policy = FIRST_POLICY,
): Verdict {
	const at = T0 + minutes * MINUTE;
	const equipment = used ?? ALL.find(({ kind }) => MACHINES[kind].method === act.act) ?? null;
	const input = {
		id: "s",
		after: medium.steps,
		at: new Date(at).toISOString(),
		queued: false,
		place: "hall",
		seal: medium.seal === null ? null : { number: medium.seal, intact: true },
		photos: [],
		note: null,
		newSeal: null,
		equipment: equipment?.id ?? "",
		technique: null,
		...(act.act === "remove" && { serial: medium.serial, serialAgain: medium.serial, serialFrom: "drive-label" }),
		...(act.act === "verify" && { result: "pass", how: "instrument" }),
		...(act.act === "release" && { destination }),
		...act,
	} as StepInput;
	return judge(medium, { input, actor: by, at, now: at + late, policy, equipment, model: "Gold", ...PLANNED, samePerson });
}
function after(medium: Medium, ...steps: [Act, Said?][]): Medium {
	return steps.reduce((now, [act, said]) => {
		const verdict = told(now, act, said);
		if (verdict.kind !== "done") throw new Error(`${act.act}: ${JSON.stringify(verdict)}`);
		return verdict.medium;
	}, medium);
}
const sealed = after(disk, [{ act: "remove" }], [{ act: "seal", newSeal: "S-100" }]);
const destroyed = after(sealed, [{ act: "degauss" }], [{ act: "verify" }, { by: "bo" }], [{ act: "bend" }], [{ act: "verify" }, { by: "bo" }]);
const codeOf = (verdict: Verdict) => (verdict.kind === "refused" ? verdict.refusal.code : verdict.kind === "stopped" ? verdict.incident : "done");

test("a disk goes from its bay to recycling, and each state follows from what was done", () => {
	const states = [disk];
	const steps: [Act, Said?][] = [
		[{ act: "remove" }],
		[{ act: "seal", newSeal: "S-100" }],
		[{ act: "store", store: "cage" }],
		[{ act: "take", store: "cage" }],
		[{ act: "offer", to: "bo" }],
		[{ act: "accept" }, { by: "bo" }],
		[{ act: "degauss" }, { by: "bo" }],
		[{ act: "verify" }, { by: "ada" }],
		[{ act: "bend" }, { by: "bo" }],
		[{ act: "verify" }, { by: "ada" }],
		[{ act: "release" }, { by: "bo" }],
	];
	for (const step of steps) states.push(after(states.at(-1) ?? disk, step));
	expect(states.map((one, place) => mediumState(one, FIRST_POLICY, T0 + place * MINUTE))).toEqual([
		"installed",
		"removed",
		"sealed",
		"in-custody",
		"sealed",
		"in-transit",
		"sealed",
		"degaussed",
		"verified",
		"deformed",
		"destroyed",
		"released",
	]);
});

test.each<[string, Medium, Act, Said, string]>([
	["self-verification", after(sealed, [{ act: "degauss" }]), { act: "verify" }, { by: "ada" }, "self-verification"],
	["self-verification with another account", after(sealed, [{ act: "degauss" }]), { act: "verify" }, { by: "ada+2" }, "self-verification"],
	["a hand-over to another account of one's own", sealed, { act: "offer", to: "ada+2" }, {}, "own-hand-over"],
	[
		"a hand-over whose taker turns out to be the giver",
		{ ...sealed, offer: { to: "ada+2", place: "hall", expiresAt: T0 + 60 * MINUTE } },
		{ act: "accept" },
		{ by: "ada+2" },
		"own-hand-over",
	],
	["a hand-over in two places", after(sealed, [{ act: "offer", to: "bo" }]), { act: "accept", place: "yard" }, { by: "bo" }, "elsewhere"],
	["a hand-over that nobody offered", sealed, { act: "accept" }, { by: "bo" }, "no-offer"],
	["a hand-over to somebody else", after(sealed, [{ act: "offer", to: "cy" }]), { act: "accept" }, { by: "bo" }, "not-the-taker"],
	["a hand-over to oneself", sealed, { act: "offer", to: "ada" }, {}, "own-hand-over"],
	["a hand-over that comes too late", after(sealed, [{ act: "offer", to: "bo" }]), { act: "accept" }, { by: "bo", minutes: 60 }, "hand-over-void"],
	[
		"a hand-over that comes too late and says another time",
		after(sealed, [{ act: "offer", to: "bo" }]),
		{ act: "accept" },
		{ by: "bo", minutes: 30, late: 4 * MINUTE },
		"hand-over-void",
	],
	["a step while it is offered", after(sealed, [{ act: "offer", to: "bo" }]), { act: "degauss" }, {}, "in-transit"],
	["a withdrawal by somebody else", after(sealed, [{ act: "offer", to: "bo" }]), { act: "withdraw" }, { by: "bo" }, "not-the-giver"],
	["a hand-over without a seal", after(disk, [{ act: "remove" }]), { act: "offer", to: "bo" }, {}, "not-sealed"],
	["a seal over a seal", sealed, { act: "seal", newSeal: "S-101" }, {}, "sealed-already"],
	["a step that is silent about the seal", sealed, { act: "degauss", seal: null }, {}, "seal-not-told"],
	[
		"a verification under another seal that is silent about the first one",
		after(sealed, [{ act: "degauss", newSeal: "S-101" } as Act]),
		{ act: "verify", seal: null, newSeal: "S-102" } as Act,
		{ by: "bo" },
		"seal-not-told",
	],
	["a serial that was typed two ways", disk, { act: "remove", serialAgain: "WD-2" } as Act, {}, "serial-differs"],
	["the next method before the last was verified", after(sealed, [{ act: "degauss" }]), { act: "bend" }, {}, "unverified"],
	["the wrong machine", sealed, { act: "degauss" }, { machine: machine("shredder") }, "wrong-equipment"],
	["degaussing flash", { ...sealed, type: "ssd" }, { act: "degauss" }, {}, "degauss-refused"],
	["an exit with an open step", sealed, { act: "release" }, {}, "open-steps"],
	[
		"an exit before the last verification",
		after(sealed, [{ act: "degauss" }], [{ act: "verify" }, { by: "bo" }], [{ act: "bend" }]),
		{ act: "release" },
		{},
		"open-steps",
	],
	["a vendor return", destroyed, { act: "release", destination: { kind: "hardware-vendor", organisation: "Acme" } }, {}, "vendor-return"],
	["a warranty return", destroyed, { act: "release", destination: { kind: "warranty-return", organisation: "Acme" } }, {}, "vendor-return"],
	[
		"recycling by the maker",
		destroyed,
		{ act: "release", destination: { kind: "recycling", organisation: "Western Digital GmbH" } },
		{},
		"vendor-return",
	],
	[
		"recycling by the maker of other media",
		destroyed,
		{ act: "release", destination: { kind: "recycling", organisation: "Seagate Take-Back" } },
		{},
		"vendor-return",
	],
	["resale", destroyed, { act: "release", destination: { kind: "resale", organisation: "Acme" } }, {}, "destination-refused"],
	[
		"another destination than the order's",
		destroyed,
		{ act: "release", destination: { kind: "scrap", organisation: "Acme" } },
		{},
		"other-destination",
	],
	["a step that is dated before the last one", sealed, { act: "degauss" }, { minutes: 0 }, "backdated"],
	["a step that is told late without having waited", sealed, { act: "degauss" }, { late: 11 * MINUTE }, "backdated"],
	["a step of the future", sealed, { act: "degauss" }, { late: -3 * MINUTE }, "future-step"],
	["a waiting step after more than a day", sealed, { act: "degauss", queued: true }, { late: DAY + MINUTE }, "backdated"],
	["a step of who has missed another one", sealed, { act: "degauss", after: 1 }, {}, "changed-meanwhile"],
	["anything after the release", after(destroyed, [{ act: "release" }]), { act: "seal", newSeal: "S-102" }, {}, "chain-over"],
	["anything while the chain stands", { ...sealed, incident: "i" }, { act: "degauss" }, {}, "chain-stopped"],
])("%s is refused, and nothing changes (MED-2 to MED-5)", (_, medium, act, said, code) => {
	const verdict = told(medium, act, said);
	expect(codeOf(verdict)).toBe(code);
	expect(verdict.kind).toBe("refused");
});

test.each<[string, Medium, Act, Said, string]>([
	["a broken seal", sealed, { act: "degauss", seal: { number: "S-100", intact: false } }, {}, "broken-seal"],
	["another seal", sealed, { act: "degauss", seal: { number: "S-999", intact: true } }, {}, "wrong-seal"],
	[
		"a broken seal, seen by the verifier",
		after(sealed, [{ act: "degauss", newSeal: "S-101" } as Act]),
		{ act: "verify", seal: { number: "S-101", intact: false } },
		{ by: "bo" },
		"broken-seal",
	],
	[
		"a broken seal, seen by who declines the medium",
		after(sealed, [{ act: "offer", to: "bo" }]),
		{ act: "decline", seal: { number: "S-100", intact: false } },
		{ by: "bo" },
		"broken-seal",
	],
	["another serial number", disk, { act: "remove", serial: "WD-2", serialAgain: "WD-2" } as Act, {}, "wrong-serial"],
	["somebody who does not have it", sealed, { act: "degauss" }, { by: "bo" }, "wrong-holder"],
	["a store in which it is not", sealed, { act: "take", store: "cage" }, { by: "bo" }, "seen-elsewhere"],
	["a gap: destroyed while it is in its bay", disk, { act: "shred" }, {}, "out-of-order"],
	["a step out of order", sealed, { act: "bend" }, {}, "out-of-order"],
	["a second removal", sealed, { act: "remove" }, {}, "out-of-order"],
	["a step that waited while others went on", sealed, { act: "degauss", after: 1, queued: true }, { late: 60 * MINUTE }, "out-of-order"],
	[
		"a degausser whose calibration ran out",
		sealed,
		{ act: "degauss" },
		{
			machine: machine("degausser", {
				records: [
					{ kind: "test", at: T0 - DAY, validUntil: T0 + DAY, passed: true },
					{ kind: "calibration", at: T0 - DAY, validUntil: T0, passed: true },
				],
			}),
		},
		"unfit-equipment",
	],
	["a degausser without records", sealed, { act: "degauss" }, { machine: machine("degausser", { records: [] }) }, "unfit-equipment"],
	["a degausser that is too weak", sealed, { act: "degauss" }, { machine: machine("degausser", { fieldOe: 5000 }) }, "unfit-equipment"],
	[
		"a degausser too weak, for a medium that somebody calls weaker",
		{ ...sealed, coercivityOe: 300 },
		{ act: "degauss" },
		{ machine: machine("degausser", { fieldOe: 5000 }) },
		"unfit-equipment",
	],
	["a degausser too weak for this medium", { ...sealed, coercivityOe: 9500 }, { act: "degauss" }, {}, "unfit-equipment"],
	[
		"a shredder that is too coarse",
		{ ...sealed, type: "ssd" },
		{ act: "shred" },
		{ machine: machine("shredder", { particleMm: 11 }) },
		"unfit-equipment",
	],
	["a report", sealed, { act: "report", incident: "lost", text: "not in the box" }, { by: "bo" }, "lost"],
])("%s stops the chain (MED-2, MED-3)", (_, medium, act, said, kind) => {
	const verdict = told(medium, act, said);
	expect(codeOf(verdict)).toBe(kind);
	expect(verdict.kind).toBe("stopped");
});

test.each(["fail", "unknown"] as const)("a verification that says %s does not pass: the method is done anew (MED-4)", (result) => {
	const once = after(sealed, [{ act: "degauss" }], [{ act: "verify", result }, { by: "bo" }]);
	expect([once.done, once.unverified]).toEqual([[], null]);
	expect(codeOf(told(once, { act: "bend" }))).toBe("out-of-order");
	expect(codeOf(told(once, { act: "degauss" }))).toBe("done");
});

test("an offer that was not accepted in time is void: the giver has the medium as before", () => {
	const offered = after(sealed, [{ act: "offer", to: "bo" }]);
	expect(codeOf(told(offered, { act: "degauss" }, { minutes: 60 }))).toBe("done");
	expect(mediumState(offered, FIRST_POLICY, T0 + 60 * MINUTE)).toBe("sealed");
});

test("a step that waited on a device counts by its own time, within the day that the policy allows", () => {
	expect(codeOf(told(sealed, { act: "degauss", queued: true }, { late: 20 * 60 * MINUTE }))).toBe("done");
});

/** What a page knows of a medium. */
function viewOf(medium: Medium): ActsView {
	const { custody, offer, unverified, done, seal, incident } = medium;
	const since = new Date(T0).toISOString();
	const person = (id: string) => ({ id, name: id });
	return {
		custody:
			custody.kind === "person"
				? { kind: "person", person: person(custody.account), since }
				: custody.kind === "store"
					? { ...custody, since }
					: custody.kind === "gone"
						? { kind: "gone", to: custody.destination.organisation, since }
						: custody,
		offer: offer && { to: person(offer.to), place: offer.place, expiresAt: new Date(offer.expiresAt).toISOString() },
		unverified: unverified && { ...unverified, by: person(unverified.operator) },
		done: [...done],
		chains: chainsOf(FIRST_POLICY, medium).map((chain) => [...chain]),
		seal,
		incident,
		state: mediumState(medium, FIRST_POLICY, T0),
	};
}

/** Any step by anybody with any machine, in time or not. */
const anyStep = fc.record({
	act: fc.constantFrom(
		"remove",
		"seal",
		"offer",
		"accept",
		"decline",
		"withdraw",
		"store",
		"take",
		"verify",
		"release",
		...METHODS,
		...METHODS,
		"verify",
	),
	by: fc.constantFrom("ada", "bo", "cy"),
	to: fc.constantFrom("ada", "bo", "cy"),
	result: fc.constantFrom("pass", "pass", "pass", "fail", "unknown"),
	expired: fc.nat({ max: 5 }).map((number) => number === 0),
	weak: fc.nat({ max: 5 }).map((number) => number === 0),
	/** Of what a page would offer, the one of this number; else whatever `act` says. */
	offered: fc.option(fc.nat({ max: 8 })),
	newSeal: fc.constantFrom("S-1", "S-2", null),
	minutes: fc.integer({ min: 1, max: 20 }),
});

test("no sequence of steps releases a medium that did not go through an allowed chain, with two people and machines in date", () => {
	let released = 0;
	fc.assert(
		fc.property(
			fc.constantFrom(...MEDIUM_TYPES),
			fc.constantFrom(...CLASSIFICATIONS),
			fc.array(anyStep, { minLength: 10, maxLength: 120 }),
			(type, classification, steps) => {
				let medium: Medium = { ...disk, type, classification };
				let minutes = 0;
				const methods: { method: string; by: string; verifiedBy: string | null; machine: Equipment }[] = [];
				for (const any of steps) {
					minutes += any.minutes;
					const acts = actsOf(viewOf(medium), { account: any.by, mayRelease: true }, T0 + minutes * MINUTE);
					const step = { ...any, act: (any.offered !== null && acts[any.offered]) || any.act };
					if (step.act === "report") continue;
					const kind = ALL.find((one) => MACHINES[one.kind].method === step.act)?.kind;
					const used =
						kind &&
						machine(kind, {
							...(step.expired && { records: [{ kind: "test", at: T0 - DAY, validUntil: T0 - 1, passed: true }] }),
							...(step.weak && (kind === "degausser" ? { fieldOe: 100 } : { particleMm: 100 })),
						});
					const verdict = told(
						medium,
						{ ...step, act: step.act as Act["act"], store: "cage", newSeal: step.act === "seal" ? (step.newSeal ?? "S-3") : step.newSeal } as Act,
						{ by: step.by, minutes, ...(used && { machine: used }) },
					);
					if (verdict.kind !== "done") continue;
					if (used) methods.push({ method: step.act, by: step.by, verifiedBy: null, machine: used });
					if (step.act === "verify") {
						const last = methods.at(-1);
						if (step.result === "pass" && last) last.verifiedBy = step.by;
						else methods.pop();
					}
					medium = verdict.medium;
				}
				if (medium.custody.kind !== "gone") return;
				released++;
				expect(isDestroyed(medium, FIRST_POLICY)).toBe(true);
				expect(methods.map(({ method }) => method)).toEqual(medium.done.map(({ method }) => method));
				expect(methods[0]?.method === "degauss").toBe(MAGNETIC.includes(type));
				for (const { by, verifiedBy, machine: used } of methods) {
					expect(verifiedBy).not.toBeNull();
					expect(verifiedBy).not.toBe(by);
					expect(used.records.every(({ validUntil }) => validUntil > T0)).toBe(true);
					expect(used.fieldOe ?? 9000).toBeGreaterThan(5000);
				}
			},
		),
		{ numRuns: 10_000, seed: 20_261_126 },
	);
	expect(released, "a property that never sees a release proves nothing").toBeGreaterThan(100);
});

const SHOWN = {
	...FIRST_POLICY,
	photos: { ...FIRST_POLICY.photos, remove: "seal", seal: "required", accept: "seal", method: "seal" },
} as typeof FIRST_POLICY;
test.each<[string, Medium, Act, Said, string]>([
	["a removal under a seal", disk, { act: "remove", newSeal: "S-1" } as Act, {}, "photo-missing"],
	["a removal without a seal", disk, { act: "remove" }, {}, "done"],
	["a seal that is put on", after(disk, [{ act: "remove" }]), { act: "seal", newSeal: "S-1" }, {}, "photo-missing"],
	["the same with a photo", after(disk, [{ act: "remove" }]), { act: "seal", newSeal: "S-1", photos: [PHOTO] }, {}, "done"],
	["taking over what is sealed", after(sealed, [{ act: "offer", to: "bo" }]), { act: "accept" }, { by: "bo" }, "photo-missing"],
	[
		"taking over what is destroyed and has no seal",
		after({ ...destroyed, seal: null }, [{ act: "offer", to: "bo" }]),
		{ act: "accept" },
		{ by: "bo" },
		"done",
	],
	["degaussing what is sealed", sealed, { act: "degauss" }, {}, "photo-missing"],
	["what may be shown or not", sealed, { act: "store", store: "cage" }, {}, "done"],
	["a broken seal, which stops the chain at once", sealed, { act: "degauss", seal: { number: "S-100", intact: false } }, {}, "broken-seal"],
	["a report", sealed, { act: "report", incident: "lost", text: "gone" }, {}, "lost"],
])("a policy that asks for photos: %s (MED-2)", (_, medium, act, said, code) => {
	expect(codeOf(told(medium, act, said, SHOWN))).toBe(code);
	expect(codeOf(told(medium, act, said)), "without such a policy").not.toBe("photo-missing");
});
