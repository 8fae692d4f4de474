/** Accounts and log-in on a real PostgreSQL, behind a real HTTP server. */
import { randomUUID } from "node:crypto";
import type { Role } from "../../contracts/permissions.ts";
import { auditMigrations } from "../../server/audit/audit-migrations.ts";
import { CONSOLE } from "../../server/identity/console-actor.ts";
import { identityServices } from "../../server/identity/identity.ts";
import { identityMigrations } from "../../server/identity/identity-migrations.ts";
import { rightsMigrations } from "../../server/identity/rights-migrations.ts";
import { RightsService } from "../../server/identity/rights-service.ts";
import { SessionAuthenticator } from "../../server/identity/session-authenticator.ts";
import { sessionRoutes } from "../../server/identity/session-routes.ts";
import { totpCode } from "../../server/identity/totp.ts";
import { userRoutes } from "../../server/identity/user-routes.ts";
import { ledgerMigrations } from "../../server/ledger/ledger-migrations.ts";
import { LedgerService } from "../../server/ledger/ledger-service.ts";
import { HttpServer } from "../../server/platform/http/http-server.ts";
import { TrustedProxies } from "../../server/platform/http/trusted-proxies.ts";
import { silentLogger } from "../../server/platform/logger.ts";
import { auditLogIn } from "./audit.ts";
import { testDatabase } from "./postgres.ts";
import { settableClock } from "./small-world.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

export const PASSWORD = "four small ducks swim";

export interface Answer {
	status: number;
	// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
	body: any;
	cookie: string | null;
	headers: Headers;
}

interface AskOptions {
	body?: unknown;
	cookie?: string | null;
	token?: string;
	headers?: Record<string, string>;
}

/** Started; the clock stands until it is set. `trusted`: reverse proxies whose `X-Forwarded-For` counts. */
export async function identitySystem({ trusted = [] }: { trusted?: readonly string[] } = {}) {
	const logger = silentLogger();
	const directory = await temporaryDirectory("identity");
	const { database, drop } = await testDatabase({ ...auditMigrations, ...ledgerMigrations, ...rightsMigrations, ...identityMigrations });
	const clock = settableClock(Date.now());
	const audit = auditLogIn(directory.path, database, { clock });
	await audit.start();
	const ledger = new LedgerService({ database, keyFile: `${directory.path}/ledger-key`, site: () => "s", clock, logger });
	const rights = new RightsService({ database, audit, ledger, clock, logger });
	const identity = identityServices({ database, rights, audit, secrets: audit.secrets, ledger, clock, logger, secure: false });
	const authenticator = new SessionAuthenticator({ ...identity, logger });
	const changes: { account: string; credential: string | null }[] = [];
	authenticator.onChange((change) => changes.push(change));
	const http = new HttpServer({
		port: 0,
		logger,
		authenticator,
		note: (line) => audit.note(line),
		clock,
		site: () => "s",
		proxies: new TrustedProxies(trusted),
		routes: [...sessionRoutes(identity), ...userRoutes(identity)],
		validateResponses: true,
	});
	const base = `http://127.0.0.1:${await http.start()}/api/v1`;
	const ask = async (method: string, path: string, options: AskOptions = {}): Promise<Answer> => {
		const answer = await fetch(base + path, {
			method,
			headers: {
				...(options.body !== undefined && { "content-type": "application/json" }),
				...(options.cookie && { cookie: options.cookie }),
				...(options.token && { authorization: `Bearer ${options.token}` }),
				...options.headers,
			},
			...(options.body !== undefined && { body: JSON.stringify(options.body) }),
		});
		const text = await answer.text();
		return {
			status: answer.status,
			body: text === "" ? null : JSON.parse(text),
			cookie: answer.headers.get("set-cookie")?.split(";")[0] ?? null,
			headers: answer.headers,
		};
	};
	const system = {
		...identity,
		database,
		authenticator,
		changes,
		clock,
		directory: directory.path,
		logger,
		ask,
		/** Makes an account with roles and a password; resolves to its id and the set-up session's cookie. */
		async user(username: string, ...roles: Role[]): Promise<{ id: string; cookie: string }> {
			const given = { username, name: `Name of ${username}`, email: null };
			const first = { roles: roles.map((role) => ({ role, site: "*" })), how: "console" as const };
			const link = await identity.accounts.create(given, CONSOLE, first);
			const used = await ask("POST", `${link.setUpPath}`, { body: { password: PASSWORD } });
			if (used.status !== 200) throw new Error(JSON.stringify(used.body));
			return { id: link.user.id, cookie: used.cookie ?? "" };
		},
		/** Turns the second factor of a session on. */
		async secondFactor(cookie: string): Promise<{ secret: string; recoveryCodes: string[] }> {
			const begun = await ask("POST", "/session/second-factor", { cookie });
			const confirmed = await ask("POST", "/session/second-factor/confirm", { cookie, body: { totp: totpCode(begun.body.secret, clock.time) } });
			if (confirmed.status !== 200) throw new Error(JSON.stringify(confirmed.body));
			// The code of this step is used up.
			clock.time += 30_000;
			return { secret: begun.body.secret, recoveryCodes: confirmed.body.recoveryCodes };
		},
		logIn: (username: string, password = PASSWORD, totp?: string) =>
			ask("POST", "/session", { body: { username, password, ...(totp !== undefined && { totp }) } }),
		name: () => `u${randomUUID().slice(0, 8)}`,
		async stop() {
			await http.stop();
			await audit.stop();
			await drop();
			await directory.remove();
		},
	};
	return system;
}
