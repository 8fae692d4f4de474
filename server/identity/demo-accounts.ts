import { randomBytes, randomUUID } from "node:crypto";
import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ROLES, type Role, roleSchema } from "../../contracts/permissions.ts";
import { SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { msOf } from "../platform/database/instants.ts";
import type { Logger } from "../platform/logger.ts";
import type { AccountService } from "./account-service.ts";
import { accountByName, deleteSessions, deleteTokens, type IdentityTables, tokenByHash, updateAccount } from "./identity-store.ts";
import { hashPassword, isPassword } from "./password.ts";
import { secretHash } from "./random-secret.ts";
import type { RightsService } from "./rights-service.ts";
import type { TokenService } from "./token-service.ts";
import { newTotpSecret } from "./totp.ts";

export const credentialsFile = (data: string): string => join(data, "demo-credentials.json");
const credentialsSchema = z.array(
	z.object({ role: roleSchema, username: z.string(), password: z.string(), totpSecret: z.string(), token: z.string() }),
);
export type DemoCredentials = z.infer<typeof credentialsSchema>[number];
const TOKEN_DAYS = 365;
const TOKEN_LEFT_MS = 30 * 86_400_000;
const TOKEN_NAME = "demo";

/** The log-ins in the file; empty where there is none, or none that can be read. */
export async function readDemoCredentials(data: string): Promise<DemoCredentials[]> {
	try {
		return credentialsSchema.parse(JSON.parse(await readFile(credentialsFile(data), "utf8")));
	} catch {
		return [];
	}
}

/** One account a role, for trying Watchroom out; their log-ins stand in a file that only its owner can read. */
export class DemoAccounts {
	readonly #database: Database;
	readonly #accounts: AccountService;
	readonly #tokens: TokenService;
	readonly #rights: RightsService;
	readonly #clock: Clock;
	readonly #logger: Logger;
	readonly #data: string;

	constructor(options: {
		database: Database;
		accounts: AccountService;
		tokens: TokenService;
		rights: RightsService;
		clock: Clock;
		logger: Logger;
		/** Folder of the file. */
		data: string;
	}) {
		this.#database = options.database;
		this.#accounts = options.accounts;
		this.#tokens = options.tokens;
		this.#rights = options.rights;
		this.#clock = options.clock;
		this.#logger = options.logger;
		this.#data = options.data;
	}

	/**
	 * Makes the accounts that are missing, renews log-ins that don't work any more, and gives the roles again, so that a demo that
	 * stood for months can still be used. Killed in between, the next start renews what the
	 * file does not tell yet.
	 */
	async start(): Promise<void> {
		const kept = new Map((await readDemoCredentials(this.#data)).map((entry) => [entry.role, entry]));
		const entries: DemoCredentials[] = [];
		const renewed: Role[] = [];
		for (const role of ROLES) {
			const before = kept.get(role);
			if (before && (await this.#works(before))) {
				entries.push(before);
				await this.#renewRole(role);
				continue;
			}
			entries.push(await this.#renew(role));
			renewed.push(role);
		}
		if (renewed.length > 0) {
			await this.#write(entries);
			this.#logger.info({ roles: renewed.length, file: credentialsFile(this.#data) }, "demo log-ins written");
		}
	}

	async #works(entry: DemoCredentials): Promise<boolean> {
		const tables = this.#database.tables<IdentityTables>();
		const account = await accountByName(tables, entry.username);
		const token = await tokenByHash(tables, secretHash(entry.token));
		if (!account || account.closed_at !== null || account.password_hash === null || account.totp_secret !== entry.totpSecret) return false;
		if (!token || token.account !== account.id || msOf(token.expires_at) - this.#clock.now() < TOKEN_LEFT_MS) return false;
		return await isPassword(entry.password, account.password_hash);
	}

	async #renew(role: Role): Promise<DemoCredentials> {
		const password = randomBytes(12).toString("base64url");
		const totpSecret = newTotpSecret();
		const password_hash = await hashPassword(password);
		return await this.#database.transaction<IdentityTables, DemoCredentials>(async (transaction) => {
			const known = await accountByName(transaction, role);
			const id = known?.id ?? randomUUID();
			if (!known) await this.#accounts.insert(transaction, { id, username: role, name: nameOf(role), email: null }, SYSTEM);
			else {
				await deleteSessions(transaction, id);
				await deleteTokens(transaction, id);
			}
			await updateAccount(transaction, id, {
				password_hash,
				totp_secret: totpSecret,
				totp_step: null,
				totp_pending: null,
				must_change_password: false,
				closed_at: null,
			});
			const { token } = await this.#tokens.create(id, { name: TOKEN_NAME, days: TOKEN_DAYS }, SYSTEM, transaction);
			await this.#grant(transaction, id, role);
			return { role, username: role, password, totpSecret, token };
		});
	}

	async #renewRole(role: Role): Promise<void> {
		await this.#database.transaction<IdentityTables, void>(async (transaction) => {
			const account = await accountByName(transaction, role);
			if (account) await this.#grant(transaction, account.id, role);
		});
	}

	/** Ends a role that lapses soon and gives it again. */
	async #grant(transaction: AnyTransaction, account: string, role: Role): Promise<void> {
		const now = this.#clock.now();
		const held = await this.#rights.rolesOf(account, now, transaction);
		if (held.some((grant) => grant.role === role && grant.site === "*" && !grant.lapsesSoon)) return;
		await this.#rights.beginChange(transaction, account, now);
		await this.#rights.endRoles(transaction, {
			account,
			reason: "renewed",
			now,
			by: {
				proposedBy: null,
				approvedBy: null,
			},
			change: null,
			which: (grant) => grant.role === role && grant.site === "*",
		});
		await this.#rights.grantInitially(transaction, { account, roles: [{ role, site: "*" }], how: "demo", now });
	}

	async #write(entries: readonly DemoCredentials[]): Promise<void> {
		const path = credentialsFile(this.#data);
		await writeFile(`${path}.tmp`, `${JSON.stringify(entries, null, "\t")}\n`, { mode: 0o600, flush: true });
		await chmod(`${path}.tmp`, 0o600);
		await rename(`${path}.tmp`, path);
	}
}

const nameOf = (role: Role) => `Demo ${role.replaceAll("-", " ")}`;
