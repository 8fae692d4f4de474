import type { IncomingHttpHeaders } from "node:http";
import type { Actor } from "../actor.ts";

/** Finds out who asks, for REST and Socket.IO alike. */
export interface Authenticator {
	/**
	 * The actor of a request by its cookie or bearer token; `null` when it brings neither.
	 * Throws AppError 401 `session-ended` or `invalid-token` when what it brings is no good (any more).
	 */
	identify(request: {
		headers: IncomingHttpHeaders;
		address: string | null;
		/** Only looks: it is no use of the session, which goes on ageing. */
		passive?: boolean;
	}): Promise<Actor | null>;
	/** Calls back when somebody's rights changed or a session or token ended: whoever holds an actor of that account asks again. */
	onChange(listener: (change: { account: string; credential: string | null }) => void): void;
}
