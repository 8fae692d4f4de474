/** A medium on its way from the bay to scrap (MED-1, MED-2): who has it, what was done to it, what state that is; pure, times are Unix ms. */
import type { Classification, Destination, MediumState, MediumType, Method } from "../../contracts/media.ts";
import type { DoneMethod } from "../../contracts/media-acts.ts";
import type { SanitizationPolicy } from "../../contracts/media-orders.ts";
import { isSanitized } from "./policy.ts";

export type Custody =
	| { kind: "bay" }
	| { kind: "person"; account: string; since: number }
	| { kind: "store"; store: string; since: number }
	| { kind: "gone"; destination: Destination; since: number };

export interface Medium {
	id: string;
	serial: string;
	maker: string;
	type: MediumType;
	classification: Classification;
	damaged: boolean;
	coercivityOe: number | null;
	batch: string;
	/** Where the work order says that it goes. */
	destination: Destination;
	custody: Custody;
	/** Offered to somebody; void from `expiresAt` on. */
	offer: { to: string; expiresAt: number } | null;
	seal: string | null;
	/** Done and verified, in order. */
	done: readonly DoneMethod[];
	/** Done by `operator`, and not verified yet. */
	unverified: (DoneMethod & { operator: string }) | null;
	incident: string | null;
	lost: boolean;
	/** Number and time of the last step. */
	steps: number;
	lastAt: number | null;
}

/** What a register entry begins with. */
export const UNTOUCHED = {
	custody: { kind: "bay" },
	offer: null,
	seal: null,
	done: [],
	unverified: null,
	incident: null,
	lost: false,
	steps: 0,
	lastAt: null,
} as const satisfies Partial<Medium>;

const AFTER_METHOD: Readonly<Record<Method, MediumState>> = {
	degauss: "degaussed",
	purge: "purged",
	bend: "deformed",
	crush: "deformed",
	shred: "deformed",
	disintegrate: "deformed",
	grind: "deformed",
};

/** An offer that still holds at a moment; a hand-over that was not accepted in time is void. */
export const openOffer = ({ offer }: Pick<Medium, "offer">, at: number): Medium["offer"] => (offer !== null && at < offer.expiresAt ? offer : null);

/** Whether the medium has gone through an allowed chain, each method verified by a second person. */
export const isDestroyed = (medium: Medium, policy: SanitizationPolicy): boolean =>
	medium.unverified === null && isSanitized(policy, medium, medium.done);

/** Its state at a moment; the first line that fits. */
export function stateOf(medium: Medium, policy: SanitizationPolicy, now: number): MediumState {
	const { custody, unverified, done, seal } = medium;
	if (medium.incident !== null) return "incident";
	if (medium.lost) return "lost";
	if (custody.kind === "gone") return "released";
	if (custody.kind === "bay") return "installed";
	if (openOffer(medium, now) !== null) return "in-transit";
	if (unverified !== null) return AFTER_METHOD[unverified.method];
	if (isDestroyed(medium, policy)) return "destroyed";
	if (custody.kind === "store") return "in-custody";
	if (done.length > 0) return "verified";
	return seal === null ? "removed" : "sealed";
}

/** With a person for longer than the policy allows, and not destroyed. */
export function isOverdue(medium: Medium, policy: SanitizationPolicy, now: number): boolean {
	const { custody, incident, lost } = medium;
	if (custody.kind !== "person" || incident !== null || lost || isDestroyed(medium, policy)) return false;
	return now - custody.since > policy.limits.personHours * 3_600_000;
}
