/** The life of a proposal: pending, then exactly one decision. Pure rules; whoever has a permission is asked elsewhere. */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { CHANGE_STATES } from "../../contracts/changes.ts";
import type { Json } from "../ledger/ledger-entry.ts";

export type ChangeState = (typeof CHANGE_STATES)[number];
export type ChangeAct = "approve" | "reject" | "withdraw";

/** What of a proposal its life depends on. Unix ms. */
export interface ChangeLife {
	state: ChangeState;
	proposedBy: string;
	expiresAt: number;
}
/** Who acts: whether the permission is there at this moment, and why the kind shuts them out (the beneficiary), if it does. */
export interface Decider {
	id: string;
	/** Whether the proposer's account is of the same person, also where it is another one. */
	isProposer: boolean;
	permitted: boolean;
	excluded: string | null;
}
export type Decision =
	| { to: "applied" | "rejected" | "withdrawn" }
	/** Refused; `expires`: the proposal's time is over and that is to be recorded. */
	| { refused: { code: string; status: number; reason: string }; expires: boolean };

/**
 * What becomes of a proposal by an act at `now`.
 *
 * | act      | who                                                                    | to        |
 * |----------|------------------------------------------------------------------------|-----------|
 * | approve  | has the permission, is not the proposer, is not shut out by the kind   | applied   |
 * | reject   | the same                                                               | rejected  |
 * | withdraw | the proposer                                                           | withdrawn |
 *
 * Only what is pending and not expired can be decided; at `expiresAt` itself it is over.
 */
export function decide(change: ChangeLife, act: ChangeAct, who: Decider, now: number): Decision {
	const why = act === "withdraw" ? whyNotWithdrawn(change, who) : whyNotDecided(change, who);
	if (why !== null) return { refused: { status: 403, ...why }, expires: false };
	if (change.state !== "pending")
		return { refused: { code: "already-decided", status: 409, reason: `The change is ${change.state} already.` }, expires: false };
	if (now >= change.expiresAt)
		return { refused: { code: "change-expired", status: 409, reason: "The proposal has expired; propose it again." }, expires: true };
	return { to: act === "approve" ? "applied" : act === "reject" ? "rejected" : "withdrawn" };
}

/** Why somebody may not approve or reject it, whatever its state; `null` where they may. */
export function whyNotDecided(change: Pick<ChangeLife, "proposedBy">, who: Decider): { code: string; reason: string } | null {
	if (who.id === change.proposedBy) return { code: "own-proposal", reason: "You proposed it: another person decides." };
	if (who.isProposer) return { code: "same-person", reason: "You proposed it with another account of yours: another person decides." };
	if (!who.permitted) return { code: "forbidden", reason: "You don't have the permission to decide it." };
	if (who.excluded !== null) return { code: "excluded", reason: who.excluded };
	return null;
}

function whyNotWithdrawn(change: ChangeLife, who: Decider): { code: string; reason: string } | null {
	return who.id === change.proposedBy ? null : { code: "forbidden", reason: "Only who proposed it withdraws it." };
}

/**
 * SHA-256 of salt and canonical JSON (RFC 8785), in hex: what the ledger keeps of a proposal's content. Without the salt, which
 * stands in the table of the changes and can be erased there, nothing can be guessed from it.
 */
export function saltedDigest(salt: string, value: Json): string {
	return createHash("sha256").update(Buffer.from(salt, "hex")).update(canonicalText(value)).digest("hex");
}

/** Digest of a proposal without its reason: the same change asked for twice has the same one. */
export function proposalDigest(proposal: { reason: string }): string {
	const { reason: _, ...rest } = proposal;
	return createHash("sha256").update(canonicalText(rest)).digest("hex");
}

/** Whether two JSON values are the same whatever the order of their keys. */
export function sameJson(a: Json, b: Json): boolean {
	return canonicalText(a) === canonicalText(b);
}

function canonicalText(value: unknown): string {
	const text = canonicalize(value);
	if (text === undefined) throw new TypeError("a change tells of something that is not JSON");
	return text;
}
