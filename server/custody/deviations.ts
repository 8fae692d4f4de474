/** Where a step is not as its order plans it, and whether the policy lets that be (MED-2, MED-4); pure. */
import { METHODS, type StepAct } from "../../contracts/media.ts";
import type { Deviation, SanitizationPolicy } from "../../contracts/media-orders.ts";
import type { SamePerson } from "../platform/same-person.ts";
import type { Medium } from "./medium.ts";

/** What an order plans: who works on it, and in which room and on which day (of the site) its media are destroyed. */
export interface Plan {
	people: readonly string[];
	place: string;
	day: string;
}
export interface Planned {
	plan: Plan;
	/** The site's day on which the step was done. */
	day: string;
	samePerson: SamePerson;
	/** Whether the register says whose account it is. */
	isLinked: (account: string) => boolean;
}

/** Anybody may say what has happened, and give back what was only offered. */
const ANYBODY: readonly StepAct[] = ["report", "decline", "withdraw"];
/** What the order plans a room and a day for; media are removed, kept and handed over where they are. */
const DESTROYING: readonly StepAct[] = [...METHODS, "verify"];

/** In which ways a step is not as planned; in the order of DEVIATIONS. */
export function deviationsOf(
	{ custody, unverified }: Pick<Medium, "custody" | "unverified">,
	{ input: { act, place }, actor, plan, day, samePerson, isLinked }: Planned & { input: { act: StepAct; place: string }; actor: string },
): Deviation[] {
	const destroys = DESTROYING.includes(act);
	const giver = act === "accept" && custody.kind === "person" ? custody.account : null;
	const partner = act === "verify" ? (unverified?.operator ?? null) : giver;
	return [
		...(!ANYBODY.includes(act) && !plan.people.some((one) => samePerson(one, actor)) ? ["person" as const] : []),
		...(destroys && place !== plan.place ? ["place" as const] : []),
		...(destroys && day !== plan.day ? ["day" as const] : []),
		...(partner !== null && !(isLinked(actor) && isLinked(partner)) ? ["account" as const] : []),
	];
}

/** What is not as planned, in words. */
const WORDS: Readonly<Record<Deviation, string>> = {
	person: "who did it is not among the people of the work order",
	place: "it was done in another room than the work order says",
	day: "it was done on another day than the work order says",
	account: "two people are needed, and the access register doesn't say whose account one of the two is",
};

/** Why a step that is not as planned is refused, in words; `null`: it is noted. */
export function refusedDeviation(deviations: readonly Deviation[], { deviations: rules }: SanitizationPolicy): string | null {
	const refused = deviations.filter((one) => rules?.[one] === "refuse").map((one) => WORDS[one]);
	return refused.length === 0 ? null : `By the policy of the site this is not done: ${refused.join("; ")}.`;
}
