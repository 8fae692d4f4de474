import type { Permission } from "../../contracts/permissions.ts";
import type { Audit, AuditLine } from "../../server/audit/audit.ts";
import type { LedgerAppender, LedgerEntry } from "../../server/ledger/ledger-entry.ts";
import type { Actor } from "../../server/platform/actor.ts";
import { AppError } from "../../server/platform/errors.ts";
import type { Authenticator } from "../../server/platform/http/authenticator.ts";

/** Somebody with permissions at every site. */
export function actorWith(permissions: readonly Permission[], more: Partial<Actor> = {}): Actor {
	return {
		id: "u1",
		username: "ann",
		name: "Ann",
		roles: [],
		permissions: new Map(permissions.map((permission) => [permission, new Set(["*"])])),
		method: "token",
		credential: "t1",
		address: "127.0.0.1",
		confirmedAt: null,
		...more,
	};
}

/** Knows people by bearer token, and by the cookie `who={token}`; `change` tells whoever holds such an actor. */
export interface KnownPeople extends Authenticator {
	people: Map<string, Actor>;
	change(account: string, credential?: string | null): void;
}

export function knownPeople(people: Readonly<Record<string, Actor>>): KnownPeople {
	const listeners: ((change: { account: string; credential: string | null }) => void)[] = [];
	const self: KnownPeople = {
		people: new Map(Object.entries(people)),
		async identify({ headers }) {
			const token = /^Bearer (\w+)$/.exec(headers.authorization ?? "")?.[1] ?? /who=(\w+)/.exec(headers.cookie ?? "")?.[1];
			if (token === undefined) return null;
			const actor = self.people.get(token);
			if (!actor) throw new AppError("invalid-token", 401, "That token is not one of ours.");
			return actor;
		},
		onChange: (listener) => listeners.push(listener),
		change(account, credential = null) {
			for (const listener of listeners) listener({ account, credential });
		},
	};
	return self;
}

/** Takes everybody for one who may do everything: for tests of something else than rights. */
export function everybodyIs(actor: Actor): Authenticator {
	return { identify: async () => actor, onChange: () => undefined };
}

/** Keeps what it is told, as audit log and ledger do, without a database. */
export function recordedActs(): { audit: Audit; ledger: LedgerAppender; lines: AuditLine[]; entries: LedgerEntry[] } {
	const lines: AuditLine[] = [];
	const entries: LedgerEntry[] = [];
	return {
		lines,
		entries,
		audit: { record: async (_transaction, line) => void lines.push(line), note: async (line) => void lines.push(line) },
		ledger: { append: async (_transaction, entry) => entries.push(entry) - 1 },
	};
}
