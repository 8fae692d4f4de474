/** Steps that wait on this device, and what they will have made of the media once the server has them; pure. */
import type { MediumView, StepInput } from "../../../../../contracts/media.ts";
import { isComplete, nextSteps, stateOf } from "../../../../../contracts/media-acts.ts";

export interface Person {
	id: string;
	name: string;
}
/** One step as it waits, in the order of `number`. */
export interface QueuedStep {
	/** The device's own, rising. */
	number: number;
	medium: string;
	/** Who did it, and signs it with a log-in of their own. */
	by: Person;
	input: StepInput;
	/** Why the server did not take it; `null` while it waits. */
	refused: string | null;
}

/** The steps of a medium that stand behind a refused one, or that one itself: they wait until somebody has decided on it. */
const isHeld = (step: QueuedStep, steps: readonly QueuedStep[]): boolean =>
	steps.some((one) => one.medium === step.medium && one.refused !== null && one.number <= step.number);

/**
 * The next step that `account` can send: of each medium the oldest only, since each step is judged by the one before. `null`: nothing more
 * can be sent by this person now.
 */
export function nextToSend(steps: readonly QueuedStep[], account: string): QueuedStep | null {
	return (
		steps
			.toSorted((one, other) => one.number - other.number)
			.find(
				(step, place, all) => step.by.id === account && !isHeld(step, all) && !all.slice(0, place).some((before) => before.medium === step.medium),
			) ?? null
	);
}

/** People other than `account` whose steps wait, and could be sent if they logged in on this device. */
export function awaited(steps: readonly QueuedStep[], account: string | null): Person[] {
	const people = new Map(steps.filter((step) => step.by.id !== account && step.refused === null).map(({ by }) => [by.id, by]));
	return [...people.values()];
}

/** A medium as it will be once the server has taken what waits on this device. */
export function predicted(view: MediumView, steps: readonly QueuedStep[]): MediumView {
	return steps
		.filter((step) => step.medium === view.id && !isHeld(step, steps))
		.toSorted((one, other) => one.number - other.number)
		.reduce((now, { input, by }) => afterStep(now, input, by), view);
}

/** What a step makes of a medium, as far as it shows; the server judges. */
export function afterStep(view: MediumView, input: StepInput, by: Person): MediumView {
	const after = acted({ ...view, steps: view.steps + 1, lastStepAt: input.at, offer: null }, input, by);
	const state = stateOf({
		incident: after.incident !== null,
		lost: view.state === "lost",
		custody: after.custody.kind,
		offered: after.offer !== null,
		unverified: after.unverified?.method ?? null,
		destroyed: after.unverified === null && isComplete(after.chains, after.done),
		begun: after.done.length > 0,
		sealed: after.seal !== null,
	});
	return { ...after, state, next: nextSteps(after.chains, after.done) };
}

/** An offer that waits on this device begins to run out when the server has it. */
const FAR = "9999-12-31T00:00:00.000Z";

function acted(view: MediumView, input: StepInput, by: Person): MediumView {
	const since = input.at;
	const mine = { kind: "person" as const, person: by, since };
	switch (input.act) {
		case "remove":
			return { ...view, custody: mine, seal: input.newSeal };
		case "seal":
			return { ...view, seal: input.newSeal };
		case "offer":
			return { ...view, offer: { to: { id: input.to, name: "" }, place: input.place, expiresAt: FAR } };
		case "accept":
		case "take":
			return { ...view, custody: mine };
		case "store":
			return { ...view, custody: { kind: "store", store: input.store, since } };
		case "verify":
			return verified(view, input);
		case "release":
			return { ...view, custody: { kind: "gone", to: input.destination.organisation, since }, seal: null };
		case "report":
			return { ...view, incident: "waiting" };
		case "decline":
		case "withdraw":
			return view;
		default:
			return { ...view, seal: input.newSeal, unverified: { method: input.act, particleMm: null, by } };
	}
}

function verified(view: MediumView, input: Extract<StepInput, { act: "verify" }>): MediumView {
	const seal = input.newSeal ?? view.seal;
	if (view.unverified === null || input.result !== "pass") return { ...view, seal, unverified: null };
	const { method, particleMm } = view.unverified;
	// The machine's size isn't known here; the policy's is what the server will have checked it against.
	const size = nextSteps(view.chains, view.done).find((step) => step.method === method)?.particleMm ?? particleMm;
	return { ...view, seal, unverified: null, done: [...view.done, { method, particleMm: size }] };
}
