import { randomBytes, randomUUID } from "node:crypto";
import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ROLES, type Role, roleSchema } from "../../contracts/permissions.ts";
import { SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { AppError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import type { AccountService } from "./account-service.ts";
import { accountByName, deleteSessions, deleteTokens, type IdentityTables, updateAccount } from "./identity-store.ts";
import { hashPassword } from "./password.ts";
import type { RightsService } from "./rights-service.ts";
import type { RightsTables } from "./rights-store.ts";
import type { TokenService } from "./token-service.ts";
import { newTotpSecret } from "./totp.ts";
import type { TotpSecrets } from "./totp-secrets.ts";

export const credentialsFile = (data: string): string => join(data, "demo-credentials.json");
const credentialsSchema = z.array(
	z.object({ role: roleSchema, username: z.string(), password: z.string(), totpSecret: z.string(), token: z.string() }),
);
export type DemoCredentials = z.infer<typeof credentialsSchema>[number];
const TOKEN_DAYS = 365;
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
	readonly #totp: TotpSecrets;
	readonly #clock: Clock;
	readonly #logger: Logger;
	readonly #data: string;

	constructor(options: {
		database: Database;
		accounts: AccountService;
		tokens: TokenService;
		rights: RightsService;
		totp: TotpSecrets;
		clock: Clock;
		logger: Logger;
		/** Folder of the file. */
		data: string;
	}) {
		this.#database = options.database;
		this.#accounts = options.accounts;
		this.#tokens = options.tokens;
		this.#rights = options.rights;
		this.#totp = options.totp;
		this.#clock = options.clock;
		this.#logger = options.logger;
		this.#data = options.data;
	}

	/**
	 * Makes the accounts that are missing and new log-ins for those that the file doesn't tell of, and prolongs roles that lapse, so
	 * that a demo that stood for months can still be used. What people have decided since stays: a changed password, a closed account, a
	 * role that was taken away. Killed in between, the next start makes what the file does not tell yet.
	 */
	async start(): Promise<void> {
		const kept = await readDemoCredentials(this.#data);
		const entries = new Map<Role, DemoCredentials>();
		const missing: Role[] = [];
		for (const role of ROLES) {
			const account = await accountByName(this.#database.tables<IdentityTables>(), role);
			const before = kept.find((entry) => entry.role === role);
			if (account && before) {
				entries.set(role, before);
				await this.#prolong(account.id, role);
			} else if (account === undefined || account.closed_at === null) missing.push(role);
		}
		if (missing.length === 0) return;
		// First without them: what is old in the file must not pass for theirs.
		if (kept.length > entries.size) await this.#write([...entries.values()]);
		for (const role of missing) entries.set(role, await this.#renew(role));
		await this.#write(ROLES.flatMap((role) => entries.get(role) ?? []));
		this.#logger.info({ roles: missing.length, file: credentialsFile(this.#data) }, "demo log-ins written");
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
				totp_secret: this.#totp.seal(id, totpSecret),
				totp_step: null,
				totp_pending: null,
				must_change_password: false,
			});
			const { token } = await this.#tokens.create(id, { name: TOKEN_NAME, days: TOKEN_DAYS }, SYSTEM, transaction);
			if (!known) await this.#grant(transaction, id, role);
			return { role, username: role, password, totpSecret, token };
		});
	}

	/** A role that nobody has taken away is given again when it lapses or has lapsed. */
	async #prolong(account: string, role: Role): Promise<void> {
		try {
			await this.#database.transaction<RightsTables, void>(async (transaction) => {
				const last = await transaction
					.selectFrom("role_grants")
					.select("end_reason")
					.where("account", "=", account)
					.where("role", "=", role)
					.where("site", "=", "*")
					.orderBy("granted_at", "desc")
					.limit(1)
					.executeTakeFirst();
				if (last && (last.end_reason === null || last.end_reason === "lapsed")) await this.#grant(transaction, account, role);
			});
		} catch (error) {
			if (!(error instanceof AppError)) throw error;
			this.#logger.warn({ role, reason: error.message }, "a demo role that lapsed can't be given again");
		}
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
