import type { AccessService } from "../access/access-service.ts";
import type { AccessRegister } from "../access/register/access-register.ts";
import type { OwnCondition } from "../alarms/own-conditions.ts";
import type { ApprovalService } from "../approvals/approval-service.ts";
import type { Audit } from "../audit/audit.ts";
import type { AccountService } from "../identity/account-service.ts";
import type { ReviewAccounts } from "../identity/review-accounts.ts";
import { isAdministratorRole } from "../identity/rights.ts";
import type { RightsService } from "../identity/rights-service.ts";
import type { LedgerService } from "../ledger/ledger-service.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import type { Route } from "../platform/http/route.ts";
import type { Logger } from "../platform/logger.ts";
import type { WorldSource } from "../site/world-source.ts";
import { bulkRevocations } from "./bulk-kind.ts";
import { ReviewCampaigns } from "./review-campaigns.ts";
import { type ClosingOptions, ReviewClosing } from "./review-closing.ts";
import { ReviewReports } from "./review-reports.ts";
import { reviewRoutes } from "./review-routes.ts";
import { ReviewService } from "./review-service.ts";

export interface ReviewPartOptions extends Pick<ClosingOptions, "removals" | "findings" | "report"> {
	world: WorldSource;
	database: Database;
	register: AccessRegister;
	access: AccessService;
	people: AccountService["people"];
	/** Who may review, and what is reviewed of accounts. */
	accounts: Pick<ReviewAccounts, "reviewers" | "heldRoles" | "revoke">;
	rights: Pick<RightsService, "changed">;
	/** The kind of change of this part is registered here. */
	approvals: Pick<ApprovalService, "register">;
	audit: Audit;
	ledger: LedgerService;
	clock: Clock;
	logger: Logger;
}

export interface ReviewPart {
	routes: Route[];
	/** The server's own conditions of this part. */
	conditions(now: number): OwnCondition[];
	start(): Promise<void>;
	/** Idempotent. */
	stop(): Promise<void>;
}

/** The monthly access reviews, put together. */
export function reviewPart({ accounts, rights, approvals, removals, findings, report, ...common }: ReviewPartOptions): ReviewPart {
	const { database, register, ledger } = common;
	const reviewers = (site: string) => accounts.reviewers(site);
	const reviews = new ReviewService({
		...common,
		roles: {
			revoke: (...asked) => accounts.revoke(...asked),
			revoked: (account) => rights.changed(account),
		},
		reviewers,
	});
	const heldRoles = () => accounts.heldRoles();
	const campaigns = new ReviewCampaigns({ ...common, reviewers, heldRoles, isAdministrator: isAdministratorRole, reviews });
	const closing = new ReviewClosing({ ...common, reviews, register: () => register.current(), removals, findings, report });
	approvals.register(bulkRevocations);
	return {
		routes: reviewRoutes({ reviews, campaigns, closing, reports: new ReviewReports({ reviews, ledger, database }), ledger }),
		conditions: (now) => closing.overdueConditions(now),
		async start() {
			await campaigns.start();
			closing.start();
		},
		async stop() {
			await closing.stop();
			await campaigns.stop();
		},
	};
}
