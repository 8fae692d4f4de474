/** The queue of a phone without a network: what it sends when, and that it foresees what the server makes of it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLASSIFICATIONS, MEDIUM_TYPES, METHODS, type MediumView, type StepAct, type StepInput, stepInputSchema } from "../../../contracts/media.ts";
import { actsOf } from "../../../contracts/media-acts.ts";
import { MACHINES } from "../../../contracts/media-orders.ts";
import { awaited, nextToSend, predicted, type QueuedStep } from "../../../dashboard/src/features/custody/work/queue.ts";
import { mediumView } from "../../../server/custody/custody-view.ts";
import type { Equipment } from "../../../server/custody/equipment.ts";
import { type Medium, UNTOUCHED } from "../../../server/custody/medium.ts";
import { FIRST_POLICY } from "../../../server/custody/policy.ts";
import { judge } from "../../../server/custody/step.ts";

const T0 = Date.parse("2026-11-26T08:00:00Z");
const PEOPLE = new Map(["ada", "bo"].map((id) => [id, { id, username: id, name: id }]));
const person = (id: string) => ({ id, name: id });
const DAY = 86_400_000;

const input = (act: StepAct, more: Record<string, unknown> = {}): StepInput =>
	stepInputSchema.parse({
		act,
		id: "11111111-1111-4111-8111-111111111111",
		after: 0,
		at: new Date(T0).toISOString(),
		place: "dock",
		...(act === "remove" && { serial: "A", serialAgain: "A", serialFrom: "drive-label", newSeal: "S-1" }),
		...(act === "seal" && { newSeal: "S-2" }),
		...(act === "offer" && { to: "bo" }),
		...((act === "store" || act === "take") && { store: "cage" }),
		...((METHODS as readonly string[]).includes(act) && { equipment: "22222222-2222-4222-8222-222222222222" }),
		...(act === "verify" && { result: "pass", how: "visual" }),
		...(act === "release" && { destination: { kind: "recycling", organisation: "Green" } }),
		...(act === "report" && { incident: "lost", text: "gone" }),
		...more,
	});
const waiting = (number: number, medium: string, by: string, refused: string | null = null): QueuedStep => ({
	number,
	medium,
	by: person(by),
	input: input("seal"),
	refused,
});

describe("what is sent next", () => {
	test.each<[string, QueuedStep[], string, number | null]>([
		["the oldest", [waiting(2, "m", "ada"), waiting(1, "m", "ada")], "ada", 1],
		["nothing, when nothing waits", [], "ada", null],
		["not what somebody else has done", [waiting(1, "m", "bo")], "ada", null],
		["not what stands behind another person's step for the same medium", [waiting(1, "m", "bo"), waiting(2, "m", "ada")], "ada", null],
		["what is about another medium", [waiting(1, "m", "bo"), waiting(2, "n", "ada")], "ada", 2],
		["not what was refused, and nothing behind it", [waiting(1, "m", "ada", "no"), waiting(2, "m", "ada")], "ada", null],
		["what is about another medium than the refused one", [waiting(1, "m", "ada", "no"), waiting(2, "n", "ada")], "ada", 2],
	])("%s", (_, steps, account, number) => {
		expect(nextToSend(steps, account)?.number ?? null).toBe(number);
	});

	test("others whose steps wait are named once, and not for refused ones", () => {
		const steps = [waiting(1, "m", "bo"), waiting(2, "n", "bo"), waiting(3, "o", "cy", "no"), waiting(4, "p", "ada")];
		expect(awaited(steps, "ada")).toEqual([person("bo")]);
	});
});

const shown = ({ state, custody, seal, steps, done, unverified, next }: MediumView) => ({
	state,
	custody: custody.kind === "person" ? custody.person.id : custody.kind === "store" ? custody.store : custody.kind,
	seal,
	steps,
	done: done.map(({ method }) => method),
	unverified: unverified?.method ?? null,
	next,
});

test("whatever is done, the phone foresees what the server makes of it", () => {
	let steps = 0;
	fc.assert(
		fc.property(
			fc.constantFrom(...MEDIUM_TYPES),
			fc.constantFrom(...CLASSIFICATIONS),
			fc.array(fc.record({ by: fc.constantFrom("ada", "bo"), pick: fc.nat({ max: 8 }), pass: fc.boolean() }), { minLength: 3, maxLength: 25 }),
			(type, classification, choices) => {
				let medium: Medium = {
					id: "m",
					serial: "A",
					maker: "Acme",
					type,
					classification,
					damaged: false,
					coercivityOe: null,
					batch: "b",
					destination: { kind: "recycling", organisation: "Green" },
					...UNTOUCHED,
				};
				const viewOf = (one: Medium, now: number) => mediumView(storedOf(one), FIRST_POLICY, { people: PEOPLE, who: WHO, now });
				const before = viewOf(medium, T0);
				const queue: QueuedStep[] = [];
				for (const [number, { by, pick, pass }] of choices.entries()) {
					const at = T0 + number * 1000;
					const foreseen = predicted(before, queue);
					const acts = actsOf(foreseen, { account: by, mayRelease: true }, at).filter((act) => act !== "report");
					const act = acts[pick % Math.max(1, acts.length)];
					if (!act) continue;
					const told = input(act, {
						after: foreseen.steps,
						at: new Date(at).toISOString(),
						seal: foreseen.seal === null ? null : { number: foreseen.seal, intact: true },
						...(act === "verify" && { result: pass ? "pass" : "unknown" }),
						...(act === "offer" && { to: by === "ada" ? "bo" : "ada" }),
					});
					const equipment = MACHINE.find(({ kind }) => MACHINES[kind].method === act) ?? null;
					const verdict = judge(medium, {
						input: told,
						actor: by,
						at,
						now: at,
						policy: FIRST_POLICY,
						equipment,
						model: "Gold",
						samePerson: (one, other) => one === other,
						isLinked: () => true,
						plan: { people: ["ada", "bo"], place: "hall", day: "" },
						day: "",
					});
					expect(verdict.kind, `${act} is offered`).toBe("done");
					if (verdict.kind !== "done") return;
					medium = verdict.medium;
					queue.push({ number, medium: "m", by: person(by), input: told, refused: null });
					expect(shown(predicted(before, queue))).toEqual(shown(viewOf(medium, at)));
					steps++;
				}
			},
		),
		{ numRuns: 500 },
	);
	expect(steps).toBeGreaterThan(1000);
});

const WHO = { account: "ada", handles: true, releases: true };
const MACHINE = (Object.keys(MACHINES) as Equipment["kind"][]).map(
	(kind): Equipment => ({
		id: kind,
		name: kind,
		maker: "Acme",
		model: "1",
		serial: kind,
		kind,
		fieldOe: 90_000,
		particleMm: 0.1,
		version: null,
		retiredAt: null,
		records: (["test", "calibration"] as const).map((proof) => ({ kind: proof, at: T0 - DAY, validUntil: T0 + DAY, passed: true })),
	}),
);
const storedOf = (medium: Medium) => ({
	medium,
	model: "1",
	capacityBytes: null,
	property: null,
	source: null,
	why: "old",
	policy: 1,
	removedAt: null,
	destroyedAt: null,
	releasedAt: null,
	certificate: null,
	registeredBy: "ada",
	registeredAt: T0,
});
