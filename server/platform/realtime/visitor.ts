import type { IncomingHttpHeaders } from "node:http";
import type { Actor } from "../actor.ts";
import { AppError } from "../errors.ts";
import type { Authenticator } from "../http/authenticator.ts";
import { notSignedIn } from "../http/guard.ts";

/** Who is at the other end of one connection, asked again whenever that may have changed. */
export class Visitor {
	readonly #authenticator: Authenticator;
	readonly #handshake: { headers: IncomingHttpHeaders; address: string | null };
	#actor: Actor | null = null;
	#changes = 0;

	constructor(authenticator: Authenticator, handshake: { headers: IncomingHttpHeaders; address: string | null }) {
		this.#authenticator = authenticator;
		this.#handshake = handshake;
	}

	/** `null` while nobody is known. */
	get actor(): Actor | null {
		return this.#actor;
	}
	get address(): string | null {
		return this.#handshake.address;
	}

	/** Whether a change may be about this one; of somebody who is not known yet, every change may. */
	concerns(change: { account: string; credential: string | null }): boolean {
		if (!this.#actor) return true;
		return this.#actor.id === change.account && (change.credential === null || change.credential === this.#actor.credential);
	}

	/** What is being found out now is old already. */
	outdate(): void {
		this.#changes++;
	}

	/**
	 * Finds out who it is; begins anew when a change comes in between. Throws AppError 401 when it is nobody (any more).
	 * `passive`: it is no use of the session.
	 */
	async identify(passive: boolean): Promise<Actor> {
		for (;;) {
			const begun = this.#changes;
			try {
				const actor = await this.#authenticator.identify({ ...this.#handshake, passive });
				if (begun !== this.#changes) continue;
				if (!actor) throw notSignedIn();
				this.#actor = actor;
				return actor;
			} catch (error) {
				if (isOver(error)) this.#actor = null;
				throw error;
			}
		}
	}
}

/** Whether it is known that somebody is nobody (any more), other than that it can't be found out. */
export const isOver = (error: unknown): boolean => error instanceof AppError && error.status === 401;

/** A Socket.IO client's credentials: `auth.token` counts as a bearer token, which browsers can't send as a header here. */
export function handshakeHeaders(headers: IncomingHttpHeaders, auth: Readonly<Record<string, unknown>>): IncomingHttpHeaders {
	return typeof auth.token === "string" ? { ...headers, authorization: `Bearer ${auth.token}` } : headers;
}

/**
 * An error as Socket.IO's `connect_error` carries it: its message is `not-signed-in` where that is the cause, however it came about,
 * else `unavailable`; `data` says more.
 */
export function connectError(error: unknown): Error & { data: { code: string; detail: string } } {
	const known = error instanceof AppError ? error : new AppError("unavailable", 503, "It can't be found out who you are at the moment.");
	return Object.assign(new Error(isOver(known) ? "not-signed-in" : "unavailable"), { data: { code: known.code, detail: known.message } });
}
