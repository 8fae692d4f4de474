/** A medium on its way from the bay to scrap (MED-1, MED-2): who has it, what was done to it, what state that is; pure, times are Unix ms. */
import type { Classification, Destination, MediumState, MediumType } from "../../contracts/media.ts";
import { type DoneMethod, stateOf } from "../../contracts/media-acts.ts";
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
	/** Offered to somebody, in a room; void from `expiresAt` on. */
	offer: { to: string; place: string; expiresAt: number } | null;
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

/** An offer that still holds at a moment; a hand-over that was not accepted in time is void. */
export const openOffer = ({ offer }: Pick<Medium, "offer">, at: number): Medium["offer"] => (offer !== null && at < offer.expiresAt ? offer : null);

/** Whether the medium has gone through an allowed chain, each method verified by a second person. */
export const isDestroyed = (medium: Medium, policy: SanitizationPolicy): boolean =>
	medium.unverified === null && isSanitized(policy, medium, medium.done);

/** Its state at a moment. */
export function mediumState(medium: Medium, policy: SanitizationPolicy, now: number): MediumState {
	const { custody, unverified, done, seal, incident, lost } = medium;
	return stateOf({
		incident: incident !== null,
		lost,
		custody: custody.kind,
		offered: openOffer(medium, now) !== null,
		unverified: unverified?.method ?? null,
		destroyed: isDestroyed(medium, policy),
		begun: done.length > 0,
		sealed: seal !== null,
	});
}

/** With a person for longer than the policy allows, and not destroyed. */
export function isOverdue(medium: Medium, policy: SanitizationPolicy, now: number): boolean {
	const { custody, incident, lost } = medium;
	if (custody.kind !== "person" || incident !== null || lost || isDestroyed(medium, policy)) return false;
	return now - custody.since > policy.limits.personHours * 3_600_000;
}
