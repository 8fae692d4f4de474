/**
 * The rules of the chain of custody (MED-2 to MED-5): what a step makes of a medium, what is refused, and what stops the chain. Pure;
 * times are Unix ms.
 */
import { type IncidentKind, METHODS, type Method, type StepInput } from "../../contracts/media.ts";
import { needsPhoto } from "../../contracts/media-acts.ts";
import { MACHINES, type SanitizationPolicy } from "../../contracts/media-orders.ts";
import { MAGNETIC, WHY_NOT_DEGAUSS } from "../../contracts/media-policy.ts";
import { deviationsOf, type Planned, refusedDeviation } from "./deviations.ts";
import { type Equipment, unfitFor } from "./equipment.ts";
import { isDestroyed, type Medium, openOffer } from "./medium.ts";
import { nextMethods } from "./policy.ts";
import { namesVendor } from "./vendors.ts";

/** A step as it is judged: who did it, and when it is told. */
export interface Told extends Planned {
	input: StepInput;
	/** Account. */
	actor: string;
	/** `input.at`, Unix ms. */
	at: number;
	now: number;
	policy: SanitizationPolicy;
	/** The medium's. */
	model: string;
	/** The machine that `input` names; `null` where it names none. */
	equipment: Equipment | null;
}

/** Why nothing came of a step; nothing has changed. */
export interface Refusal {
	code: string;
	status: 403 | 409;
	reason: string;
}
export type Verdict =
	| { kind: "done"; medium: Medium }
	| { kind: "refused"; refusal: Refusal }
	/** What was told can't be squared with the chain: it stops here. */
	| { kind: "stopped"; incident: IncidentKind; reason: string };

const MINUTE = 60_000;
/** A step that is told at once is not older than this, and none is this far in the future. */
export const LATEST = 10 * MINUTE;
export const EARLIEST = 2 * MINUTE;

const done = (medium: Medium): Verdict => ({ kind: "done", medium });
const refused = (code: string, reason: string, status: Refusal["status"] = 409): Verdict => ({ kind: "refused", refusal: { code, status, reason } });
const stopped = (incident: IncidentKind, reason: string): Verdict => ({ kind: "stopped", incident, reason });

/** What a step makes of a medium. */
export function judge(medium: Medium, told: Told): Verdict {
	const verdict = overOrStopped(medium, told) ?? orderOf(medium, told) ?? timeOf(medium, told) ?? brokenSeal(medium, told) ?? acted(medium, told);
	if (verdict.kind !== "done") return verdict;
	const unplanned = refusedDeviation(deviationsOf(medium, told), told.policy);
	if (unplanned !== null) return refused("not-as-planned", unplanned);
	if (lacksPhoto(medium, told)) return refused("photo-missing", WHY_PHOTO);
	return done({ ...verdict.medium, steps: medium.steps + 1, lastAt: told.at });
}

const WHY_PHOTO = "By the policy of the site this step is shown by a photo: take one, and make the step again with it.";
/** What stops the chain is taken without one: nothing should be held back for want of a photo. */
const lacksPhoto = ({ seal }: Medium, { input, policy }: Told): boolean =>
	input.photos.length === 0 &&
	needsPhoto(policy.photos, { act: input.act, sealed: seal !== null, newSeal: "newSeal" in input ? input.newSeal : null });

function overOrStopped({ custody, lost, incident }: Medium, { input }: Told): Verdict | null {
	if (custody.kind === "gone") return refused("chain-over", "The medium has been released; its chain is over.");
	if (lost) return refused("chain-over", "The medium was written off; its chain is over.");
	if (incident !== null && input.act !== "report")
		return refused("chain-stopped", "The chain stands still: two persons must release the incident before anything else is done.");
	return null;
}

function timeOf({ lastAt }: Medium, { input, at, now, policy }: Told): Verdict | null {
	if (at > now + EARLIEST) return refused("future-step", "The step lies in the future; check the clock of the device.");
	if (lastAt !== null && at < lastAt)
		return refused("backdated", `The step is dated before the last one of this medium (${new Date(lastAt).toISOString()}).`);
	const oldest = now - (input.queued ? policy.limits.queuedHours * 60 * MINUTE : LATEST);
	if (at < oldest)
		return refused(
			"backdated",
			input.queued
				? `A step that waited on a device is told within ${policy.limits.queuedHours} hours.`
				: "A step is told when it is done, within ten minutes.",
		);
	return null;
}

function orderOf({ steps }: Medium, { input }: Told): Verdict | null {
	if (input.after === steps) return null;
	if (!input.queued) return refused("changed-meanwhile", `Somebody else has made a step: the last one is number ${steps}.`);
	return stopped("out-of-order", `A step that waited on a device follows number ${input.after}, but number ${steps} has been made meanwhile.`);
}

/** Acts that may be silent about the medium's seal: before there is one, and what ends an offer without a hand-over. */
const BLIND: readonly StepInput["act"][] = ["remove", "seal", "decline", "withdraw"];

function brokenSeal(medium: Medium, { input }: Told): Verdict | null {
	if (medium.seal === null || input.act === "report") return null;
	if (input.seal === null && BLIND.includes(input.act)) return null;
	if (input.seal === null) return refused("seal-not-told", `The medium is sealed: tell the number of the seal and whether it is intact.`);
	if (!input.seal.intact) return stopped("broken-seal", `The seal ${medium.seal} was found broken.`);
	if (input.seal.number !== medium.seal) return stopped("wrong-seal", `The seal ${input.seal.number} was found instead of ${medium.seal}.`);
	return null;
}

function acted(medium: Medium, told: Told): Verdict {
	const { input } = told;
	switch (input.act) {
		case "remove":
			return removed(medium, told, input);
		case "report":
			return medium.incident === null
				? stopped(input.incident, input.text)
				: refused("chain-stopped", "An incident is open already; tell what else is known there.");
		case "accept":
		case "decline":
			return taken(medium, told, input.act);
		case "withdraw":
			return withdrawn(medium, told);
		case "verify":
			return verified(medium, told, input);
		case "take":
			return takenOut(medium, told, input.store);
		case "release":
			return mayNotLeave(medium, told, input) ?? byHolder(medium, told) ?? released(medium, told, input);
		default:
			return byHolder(medium, told) ?? held(medium, told, input);
	}
}

/** What only who has the medium can do. */
function byHolder({ custody }: Medium, { actor, input }: Told): Verdict | null {
	if (custody.kind === "person" && custody.account === actor) return null;
	if (custody.kind === "bay") return stopped("out-of-order", `The medium was never removed from its bay, and now this is told of it: ${input.act}.`);
	const holder = custody.kind === "store" ? `in the store ${custody.store}` : "with somebody else";
	return stopped("wrong-holder", `By the records the medium is ${holder}, and not with who tells of this: ${input.act}.`);
}

type Held = Exclude<StepInput, { act: "remove" | "report" | "accept" | "decline" | "withdraw" | "verify" | "take" | "release" }>;

function held(medium: Medium, told: Told, input: Held): Verdict {
	const { at, actor, policy, samePerson } = told;
	if (openOffer(medium, at)) return refused("in-transit", "The medium is offered to somebody: that hand-over ends first.");
	if (input.act === "seal") {
		if (medium.seal !== null) return refused("sealed-already", `The medium is under the seal ${medium.seal}.`);
		return done({ ...medium, seal: input.newSeal });
	}
	if (input.act === "offer" || input.act === "store") {
		if (medium.seal === null && !isDestroyed(medium, policy)) return refused("not-sealed", "A medium that is not destroyed changes hands sealed.");
		if (input.act === "store") return done({ ...medium, offer: null, custody: { kind: "store", store: input.store, since: at } });
		if (samePerson(input.to, actor)) return refused("own-hand-over", "A hand-over takes two: nobody hands over to themselves.", 403);
		return done({ ...medium, offer: { to: input.to, place: input.place, expiresAt: at + policy.limits.handOverMinutes * MINUTE } });
	}
	return treated(medium, told, input);
}

function removed(medium: Medium, { actor, at }: Told, input: Extract<StepInput, { act: "remove" }>): Verdict {
	if (medium.custody.kind !== "bay") return stopped("out-of-order", "The medium was removed before, and is told to be removed again.");
	if (input.serialAgain !== null && input.serialAgain !== input.serial)
		return refused("serial-differs", "The serial number was typed twice, and not the same.");
	if (input.serial !== medium.serial)
		return stopped("wrong-serial", `The serial number ${input.serial} was read where ${medium.serial} was expected.`);
	return done({ ...medium, custody: { kind: "person", account: actor, since: at }, seal: input.newSeal });
}

function taken(medium: Medium, { actor, at, now, input, samePerson }: Told, act: "accept" | "decline"): Verdict {
	const { offer, custody } = medium;
	if (offer === null) return refused("no-offer", "A hand-over takes both: the one who has it must offer it first.");
	if (offer.to !== actor) return refused("not-the-taker", "It was offered to somebody else.", 403);
	// Who has a network tells it when it is done: what time they give brings no offer back.
	if ((input.queued ? at : Math.max(at, now)) >= offer.expiresAt)
		return refused("hand-over-void", "The offer was not accepted in time and is void; it must be offered again.");
	if (act === "decline") return done({ ...medium, offer: null });
	// The register may have learned meanwhile whose accounts they are.
	if (custody.kind === "person" && samePerson(custody.account, actor))
		return refused("own-hand-over", "A hand-over takes two: giver and taker are accounts of one person.", 403);
	if (input.place !== offer.place)
		return refused("elsewhere", `A hand-over is made in one place: it was offered in the room ${offer.place}, and is accepted in ${input.place}.`);
	return done({ ...medium, offer: null, custody: { kind: "person", account: actor, since: at } });
}

function withdrawn(medium: Medium, { actor, at }: Told): Verdict {
	const { custody } = medium;
	if (custody.kind !== "person" || custody.account !== actor) return refused("not-the-giver", "Who offered it withdraws the offer.", 403);
	return openOffer(medium, at) ? done({ ...medium, offer: null }) : refused("no-offer", "There is no offer that could be withdrawn.");
}

function takenOut(medium: Medium, { actor, at }: Told, store: string): Verdict {
	const { custody } = medium;
	if (custody.kind !== "store" || custody.store !== store)
		return stopped("seen-elsewhere", `It was taken from the store ${store}, where it is not by the records.`);
	return done({ ...medium, custody: { kind: "person", account: actor, since: at } });
}

const isMethod = (act: string): act is Method => (METHODS as readonly string[]).includes(act);

function treated(medium: Medium, { actor, at, policy, equipment, model }: Told, input: Extract<Held, { equipment: string }>): Verdict {
	const method = input.act;
	if (!isMethod(method) || equipment === null) return refused("unknown-equipment", "There is no such machine.");
	if (method === "degauss" && !MAGNETIC.includes(medium.type)) return refused("degauss-refused", WHY_NOT_DEGAUSS);
	if (medium.unverified !== null)
		return refused("unverified", `A second person must verify the step before: ${medium.unverified.method}. Nothing else is done until then.`);
	const next = nextMethods(policy, medium, medium.done);
	const allowed = next.filter((step) => step.method === method);
	if (allowed.length === 0)
		return stopped(
			"out-of-order",
			`This was told: ${method}. The policy asks for ${next.map((step) => step.method).join(" or ") || "nothing more"}.`,
		);
	if (MACHINES[equipment.kind].method !== method) return refused("wrong-equipment", `${equipment.name} is a ${equipment.kind}.`);
	const unfit = unfitFor(equipment, { ...medium, model }, allowed, policy, at);
	if (unfit) return stopped("unfit-equipment", unfit);
	return done({ ...medium, seal: input.newSeal, unverified: { method, particleMm: equipment.particleMm, operator: actor } });
}

function verified(medium: Medium, { actor, at, samePerson }: Told, input: Extract<StepInput, { act: "verify" }>): Verdict {
	const { unverified } = medium;
	if (unverified === null) return refused("nothing-to-verify", "Nothing waits for a verification.");
	if (samePerson(unverified.operator, actor))
		return refused("self-verification", "Operator and verifier are two people, whatever accounts they use: another person verifies.", 403);
	if (openOffer(medium, at)) return refused("in-transit", "The medium is offered to somebody: that hand-over ends first.");
	const seal = input.newSeal ?? medium.seal;
	// What did not pass was not done: the method is done anew.
	if (input.result !== "pass") return done({ ...medium, seal, unverified: null });
	const { method, particleMm } = unverified;
	return done({ ...medium, seal, unverified: null, done: [...medium.done, { method, particleMm }] });
}

type Release = Extract<StepInput, { act: "release" }>;

/** The exit gate (MED-5): whoever has it, it does not leave like this. */
function mayNotLeave(medium: Medium, { policy }: Told, { destination }: Release): Verdict | null {
	const { kind, organisation } = destination;
	if (kind === "hardware-vendor" || kind === "warranty-return")
		return refused(
			"vendor-return",
			"No medium goes to a hardware vendor, for warranty neither: it is destroyed and leaves as scrap or for recycling.",
		);
	if (kind === "resale" || kind === "reuse") return refused("destination-refused", "A medium leaves as scrap or for recycling, and in no other way.");
	if (namesVendor(organisation, medium.maker))
		return refused("vendor-return", `${organisation} is a maker of hardware or takes returns: no medium goes to a hardware vendor.`);
	if (!isDestroyed(medium, policy)) return refused("open-steps", `It may not leave: ${openSteps(medium, policy)}.`);
	if (kind !== medium.destination.kind || organisation !== medium.destination.organisation)
		return refused("other-destination", `The work order says ${medium.destination.kind}: ${medium.destination.organisation}.`);
	return null;
}

function released(medium: Medium, { at }: Told, { destination }: Release): Verdict {
	if (openOffer(medium, at)) return refused("in-transit", "The medium is offered to somebody: that hand-over ends first.");
	return done({ ...medium, seal: null, custody: { kind: "gone", destination, since: at } });
}

/** What is still to be done before it may leave, in words. */
export function openSteps(medium: Medium, policy: SanitizationPolicy): string {
	if (medium.unverified !== null) return `${medium.unverified.method} is not verified by a second person`;
	const next = nextMethods(policy, medium, medium.done).map(({ method, particleMm }) =>
		particleMm === undefined ? method : `${method} to ${particleMm} mm`,
	);
	return next.length === 0 ? "no allowed chain fits what was done to it" : `${next.join(" or ")} is open`;
}
