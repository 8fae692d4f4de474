/**
 * What comes next for a medium, by its view alone: the server says it with every medium, and a phone without a network goes on by it. The
 * server's rules (server/custody/step.ts) have the last word.
 */
import { type ChainStep, METHODS, type MediumState, type MediumView, type Method, PHOTO_STEPS, type PhotoRules, type StepAct } from "./media.ts";

/** A method that was done and verified. */
export interface DoneMethod {
	method: Method;
	/** Largest edge of what the machine leaves, mm; `null` where it has none. */
	particleMm: number | null;
}
type Chains = readonly (readonly ChainStep[])[];

/** Whether a method that was done is the one of the chain, to its size. */
export function fits(step: ChainStep | undefined, { method, particleMm }: DoneMethod): boolean {
	if (step?.method !== method) return false;
	return step.particleMm === undefined || (particleMm !== null && particleMm <= step.particleMm);
}

/** The chains that begin with what was done. */
const openChains = (chains: Chains, done: readonly DoneMethod[]): Chains =>
	chains.filter((chain) => done.every((one, place) => fits(chain[place], one)));

/** Whether one of the chains was gone through to its end. */
export const isComplete = (chains: Chains, done: readonly DoneMethod[]): boolean =>
	openChains(chains, done).some(({ length }) => length === done.length);

/** The steps of which one comes next; empty when a chain is complete, or when none allows what was done. */
export function nextSteps(chains: Chains, done: readonly DoneMethod[]): ChainStep[] {
	if (isComplete(chains, done)) return [];
	const next = openChains(chains, done).flatMap((chain) => chain[done.length] ?? []);
	return next.filter((step, place) => next.findIndex(({ method, particleMm }) => method === step.method && particleMm === step.particleMm) === place);
}

const AFTER_METHOD: Readonly<Record<Method, MediumState>> = {
	degauss: "degaussed",
	purge: "purged",
	bend: "deformed",
	crush: "deformed",
	shred: "deformed",
	disintegrate: "deformed",
	grind: "deformed",
};

/** What a medium's state follows from; the first line of {@link stateOf} that fits. */
export interface StateFacts {
	incident: boolean;
	lost: boolean;
	custody: MediumView["custody"]["kind"];
	/** Offered to somebody, and not void yet. */
	offered: boolean;
	unverified: Method | null;
	/** All that the policy asks for is done and verified. */
	destroyed: boolean;
	begun: boolean;
	sealed: boolean;
}
export function stateOf({ incident, lost, custody, offered, unverified, destroyed, begun, sealed }: StateFacts): MediumState {
	if (incident) return "incident";
	if (lost) return "lost";
	if (custody === "gone") return "released";
	if (custody === "bay") return "installed";
	if (offered) return "in-transit";
	if (unverified !== null) return AFTER_METHOD[unverified];
	if (destroyed) return "destroyed";
	if (custody === "store") return "in-custody";
	if (begun) return "verified";
	return sealed ? "sealed" : "removed";
}

/** What the acts follow from. */
export type ActsView = Pick<MediumView, "custody" | "offer" | "seal" | "done" | "unverified" | "chains" | "incident" | "state">;

/** What somebody may do next; `mayRelease`: beside handling media, the right to let them leave. `now`: Unix ms. */
export function actsOf(view: ActsView, { account, mayRelease }: { account: string; mayRelease: boolean }, now: number): StepAct[] {
	const { custody, incident, unverified, seal, chains, done, state } = view;
	if (state === "lost" || custody.kind === "gone" || incident !== null) return [];
	if (custody.kind === "bay") return ["remove", "report"];
	const mine = custody.kind === "person" && custody.person.id === account;
	const offer = view.offer !== null && now < Date.parse(view.offer.expiresAt) ? view.offer : null;
	if (offer) return [...(offer.to.id === account ? (["accept", "decline"] as const) : []), ...(mine ? (["withdraw"] as const) : []), "report"];
	const destroyed = unverified === null && isComplete(chains, done);
	const handOver: StepAct[] = mine && (seal !== null || destroyed) ? ["offer", "store"] : [];
	if (unverified !== null) return [...(unverified.by.id === account ? [] : (["verify"] as const)), ...handOver, "report"];
	if (custody.kind === "store") return ["take", "report"];
	if (!mine) return ["report"];
	const methods = [...new Set(nextSteps(chains, done).map(({ method }) => method))];
	const release = mayRelease && destroyed ? (["release"] as const) : [];
	return [...methods, ...release, ...(seal === null && !destroyed ? (["seal"] as const) : []), ...handOver, "report"];
}

/** Whether a step must be shown by a photo. `sealed`: the medium was under a seal before; `newSeal`: one is put on. */
export function needsPhoto(
	rules: PhotoRules | null | undefined,
	{ act, sealed, newSeal }: { act: StepAct; sealed: boolean; newSeal: string | null },
): boolean {
	const step = (METHODS as readonly string[]).includes(act) ? "method" : PHOTO_STEPS.find((one) => one === act);
	const rule = step && rules?.[step];
	return rule === "required" || (rule === "seal" && (sealed || newSeal !== null));
}
