import type { Audit } from "../audit/audit.ts";
import type { SecretBox } from "../audit/secret-box.ts";
import type { LedgerAppender } from "../ledger/ledger-entry.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import type { Logger } from "../platform/logger.ts";
import { AccountService } from "./account-service.ts";
import { IdentityChanges } from "./identity-changes.ts";
import { LogInService } from "./log-in-service.ts";
import type { RightsService } from "./rights-service.ts";
import { SecondFactorService } from "./second-factor-service.ts";
import { SessionService } from "./session-service.ts";
import { SetUpService } from "./set-up-service.ts";
import { TokenService } from "./token-service.ts";
import { TotpSecrets } from "./totp-secrets.ts";

export interface IdentityOptions {
	database: Database;
	rights: RightsService;
	audit: Audit;
	/** Seals the second factors. */
	secrets: SecretBox;
	ledger: LedgerAppender;
	clock: Clock;
	logger: Logger;
	/** Served over TLS: the cookie is `__Host-` and `Secure`. */
	secure: boolean;
}

/** The use cases of accounts and log-in, connected with each other; shared by the server and the command line. */
export interface IdentityServices extends IdentityOptions {
	changes: IdentityChanges;
	logIn: LogInService;
	totp: TotpSecrets;
	secondFactor: SecondFactorService;
	sessions: SessionService;
	tokens: TokenService;
	accounts: AccountService;
	setUp: SetUpService;
}

export function identityServices(options: IdentityOptions): IdentityServices {
	const changes = new IdentityChanges();
	const common = { ...options, changes, totp: new TotpSecrets(options) };
	const logIn = new LogInService(common);
	const accounts = new AccountService({ ...common, logIn });
	return {
		...common,
		logIn,
		accounts,
		secondFactor: new SecondFactorService(common),
		sessions: new SessionService(common),
		tokens: new TokenService(common),
		setUp: new SetUpService({ ...common, accounts, logIn }),
	};
}
