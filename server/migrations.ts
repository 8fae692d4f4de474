import { accessMigrations } from "./access/access-migrations.ts";
import { controllersMigrations } from "./access/controllers/controllers-migrations.ts";
import { monitorMigrations } from "./access/monitor/monitor-migrations.ts";
import { registerMigrations } from "./access/register/register-migrations.ts";
import { alarmsMigrations } from "./alarms/alarms-migrations.ts";
import { rulesMigrations } from "./alarms/rules/rules-migrations.ts";
import { approvalsMigrations } from "./approvals/approvals-migrations.ts";
import { auditMigrations } from "./audit/audit-migrations.ts";
import { custodyMigrations } from "./custody/custody-migrations.ts";
import { identityMigrations } from "./identity/identity-migrations.ts";
import { rightsMigrations } from "./identity/rights-migrations.ts";
import { ledgerMigrations } from "./ledger/ledger-migrations.ts";
import { linksMigrations } from "./links/links-migrations.ts";
import { notificationsMigrations } from "./notifications/notifications-migrations.ts";
import { onboardingMigrations } from "./onboarding/onboarding-migrations.ts";
import { personnelMigrations } from "./personnel/personnel-migrations.ts";
import type { Migrations } from "./platform/database/database.ts";
import { retentionMigrations } from "./retention/retention-migrations.ts";
import { reviewsMigrations } from "./reviews/reviews-migrations.ts";
import { rosterMigrations } from "./roster/roster-migrations.ts";
import { siteMigrations } from "./site/site-migrations.ts";
import { visitorsMigrations } from "./visitors/visitors-migrations.ts";

/** Everything that the server's database is made of. */
export const migrations: Migrations = {
	...siteMigrations,
	...onboardingMigrations,
	...alarmsMigrations,
	...rulesMigrations,
	...accessMigrations,
	...registerMigrations,
	...controllersMigrations,
	...monitorMigrations,
	...personnelMigrations,
	...visitorsMigrations,
	...linksMigrations,
	...auditMigrations,
	...ledgerMigrations,
	...rightsMigrations,
	...approvalsMigrations,
	...retentionMigrations,
	...identityMigrations,
	...reviewsMigrations,
	...custodyMigrations,
	...rosterMigrations,
	...notificationsMigrations,
};
