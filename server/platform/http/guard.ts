/** Who may ask what: the decision for one request, before anything of it is read. */
import { PERMISSIONS } from "../../../contracts/permissions.ts";
import { type Actor, may } from "../actor.ts";
import { AppError } from "../errors.ts";
import type { Access, Route } from "./route.ts";

/** How long a proof of who one is allows harmful acts, ms. */
export const CONFIRMATION_MS = 5 * 60_000;

/**
 * | route names   | nobody            | signed in, without the permission here | with it                                       |
 * |---------------|-------------------|----------------------------------------|-----------------------------------------------|
 * | `public`      | yes               | yes                                    | yes                                           |
 * | `signed-in`   | 401 not-signed-in | yes                                    | yes                                           |
 * | a permission  | 401 not-signed-in | 403 forbidden                          | yes                                           |
 * | `confirmed`   | 401 not-signed-in | 403 forbidden                          | session whose proof is older than five minutes: 403 confirmation-required |
 *
 * `site`: where the permission has to hold. `now`: Unix ms. A token needs no proof: what it may do was confirmed when it was made.
 */
export function refusalOf(
	route: Pick<Route, "permission" | "confirmed">,
	actor: Actor | null,
	site: string | undefined,
	now: number,
): AppError | null {
	const { permission } = route;
	if (permission === "public") return null;
	if (actor === null) return notSignedIn();
	if (permission !== "signed-in" && !may(actor, permission, site))
		return new AppError("forbidden", 403, `You may not do that: it takes the right to ${PERMISSIONS[permission]}.`);
	if (!route.confirmed || actor.method !== "session") return null;
	if (actor.confirmedAt !== null && now - actor.confirmedAt < CONFIRMATION_MS) return null;
	return new AppError("confirmation-required", 403, "Prove again who you are: this can do harm.");
}

export const notSignedIn = () => new AppError("not-signed-in", 401, "Log in first, or send a token as Authorization: Bearer.");

/** What a route asks for, in the words of the API's description. */
export function accessWords(permission: Access): string {
	if (permission === "public") return "Anybody may ask.";
	if (permission === "signed-in") return "Takes a log-in.";
	return `Takes the right to ${PERMISSIONS[permission]} (\`${permission}\`).`;
}
