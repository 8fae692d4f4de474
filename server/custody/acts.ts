/** What somebody may do next with a medium, as a page offers it; `judge` has the last word. Pure; times are Unix ms. */
import type { StepAct } from "../../contracts/media.ts";
import type { SanitizationPolicy } from "../../contracts/media-orders.ts";
import { isDestroyed, type Medium, openOffer } from "./medium.ts";
import { nextMethods } from "./policy.ts";

/** `mayRelease`: beside handling media, the right to let them leave. */
export function actsOf(
	medium: Medium,
	{ account, mayRelease }: { account: string; mayRelease: boolean },
	policy: SanitizationPolicy,
	now: number,
): StepAct[] {
	const { custody, incident, lost, unverified, seal } = medium;
	if (lost || custody.kind === "gone" || incident !== null) return [];
	if (custody.kind === "bay") return ["remove", "report"];
	const mine = custody.kind === "person" && custody.account === account;
	const offer = openOffer(medium, now);
	if (offer) return [...(offer.to === account ? (["accept", "decline"] as const) : []), ...(mine ? (["withdraw"] as const) : []), "report"];
	if (unverified !== null)
		return [...(unverified.operator === account ? [] : (["verify"] as const)), ...(mine ? handOver(medium, policy) : []), "report"];
	if (custody.kind === "store") return ["take", "report"];
	if (!mine) return ["report"];
	const methods = [...new Set(nextMethods(policy, medium, medium.done).map(({ method }) => method))];
	const release = mayRelease && isDestroyed(medium, policy) ? (["release"] as const) : [];
	return [
		...methods,
		...release,
		...(seal === null && !isDestroyed(medium, policy) ? (["seal"] as const) : []),
		...handOver(medium, policy),
		"report",
	];
}

const handOver = (medium: Medium, policy: SanitizationPolicy): StepAct[] =>
	medium.seal !== null || isDestroyed(medium, policy) ? ["offer", "store"] : [];
