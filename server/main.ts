/** The server: the one place that builds its parts, connects them and runs them; long for that reason. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { accessMetrics } from "./access/access-metrics.ts";
import { accessRoutes } from "./access/access-routes.ts";
import { AccessService } from "./access/access-service.ts";
import { ControllerService } from "./access/controllers/controller-service.ts";
import { controllersMetrics } from "./access/controllers/controllers-metrics.ts";
import { controllersRoutes } from "./access/controllers/controllers-routes.ts";
import { HeldDoors } from "./access/held-doors.ts";
import { AccessMonitor } from "./access/monitor/access-monitor.ts";
import { countedBetween } from "./access/monitor/count-replay.ts";
import { monitorRoutes } from "./access/monitor/monitor-routes.ts";
import { AccessRegister } from "./access/register/access-register.ts";
import { ImportService } from "./access/register/import-service.ts";
import { lapsingByZone } from "./access/register/lapse.ts";
import { LapseWatch } from "./access/register/lapse-watch.ts";
import { registerRoutes } from "./access/register/register-routes.ts";
import { RegisterService } from "./access/register/register-service.ts";
import { alarmActRoutes } from "./alarms/alarm-act-routes.ts";
import { AlarmFeed } from "./alarms/alarm-feed.ts";
import { alarmMetrics } from "./alarms/alarm-metrics.ts";
import { alarmRoutes } from "./alarms/alarm-routes.ts";
import { AlarmService } from "./alarms/alarm-service.ts";
import {
	agentConditions,
	clockConditions,
	forkConditions,
	highRiskReport,
	historyCondition,
	lapseConditions,
	reviewConditions,
	visitorConditions,
	WATCHED,
} from "./alarms/own-conditions.ts";
import { OwnWatch } from "./alarms/own-watch.ts";
import { qualityRoutes } from "./alarms/quality/quality-routes.ts";
import { QualityService } from "./alarms/quality/quality-service.ts";
import { QualityStore } from "./alarms/quality/quality-store.ts";
import { rackPowerRoutes } from "./alarms/rules/rack-power-routes.ts";
import { ReplayService } from "./alarms/rules/replay-service.ts";
import { RuleBook } from "./alarms/rules/rule-book-service.ts";
import { ruleChange } from "./alarms/rules/rule-kind.ts";
import { ruleRoutes } from "./alarms/rules/rule-routes.ts";
import { approvalRoutes } from "./approvals/approval-routes.ts";
import { ApprovalService } from "./approvals/approval-service.ts";
import { AuditLog } from "./audit/audit-log.ts";
import { auditMetrics } from "./audit/audit-metrics.ts";
import { auditRoutes } from "./audit/audit-routes.ts";
import { AuditService } from "./audit/audit-service.ts";
import { ExportService } from "./audit/export-service.ts";
import { ReviewService } from "./audit/review-service.ts";
import { custodyPart } from "./custody/custody.ts";
import { configuredHistory } from "./history/configured-history.ts";
import { historyMetrics } from "./history/history-metrics.ts";
import { historyRoutes } from "./history/history-routes.ts";
import { HistoryService } from "./history/history-service.ts";
import { accountReset } from "./identity/account-reset.ts";
import { DemoAccounts } from "./identity/demo-accounts.ts";
import { firstStart } from "./identity/first-start.ts";
import { identityServices } from "./identity/identity.ts";
import { ReviewAccounts } from "./identity/review-accounts.ts";
import { rightsAccounts } from "./identity/rights-accounts.ts";
import { rightsKinds } from "./identity/rights-kinds.ts";
import { RightsService } from "./identity/rights-service.ts";
import { SessionAuthenticator } from "./identity/session-authenticator.ts";
import { sessionRoutes } from "./identity/session-routes.ts";
import { userRoutes } from "./identity/user-routes.ts";
import { configuredUplink } from "./ingest/configured-uplink.ts";
import { DeviceCommands } from "./ingest/device-commands.ts";
import { ingestMetrics } from "./ingest/ingest-metrics.ts";
import { IngestService } from "./ingest/ingest-service.ts";
import { uplinkHealth } from "./ingest/uplink-health.ts";
import { ledgerRoutes } from "./ledger/ledger-routes.ts";
import { LedgerService } from "./ledger/ledger-service.ts";
import { WitnessService } from "./ledger/witness-service.ts";
import { linksPart } from "./links/links.ts";
import { linksMetrics } from "./links/links-metrics.ts";
import { linksRoutes } from "./links/links-routes.ts";
import { migrations } from "./migrations.ts";
import { configuredChannels } from "./notifications/configured-channels.ts";
import { notificationMetrics } from "./notifications/notification-metrics.ts";
import { notificationRoutes } from "./notifications/notification-routes.ts";
import { notificationPart } from "./notifications/notifications.ts";
import { onboardingPart } from "./onboarding/onboarding.ts";
import { DropFolder } from "./personnel/drop-folder.ts";
import { PersonnelImports } from "./personnel/personnel-imports.ts";
import { personnelRoutes } from "./personnel/personnel-routes.ts";
import { PersonnelService } from "./personnel/personnel-service.ts";
import { scimRoutes } from "./personnel/scim-routes.ts";
import { systemClock } from "./platform/clock.ts";
import { readConfig } from "./platform/config.ts";
import { EmbeddedPostgres } from "./platform/database/embedded-postgres.ts";
import { PostgresDatabase } from "./platform/database/postgres-database.ts";
import { externalPostgres } from "./platform/database/postgres-server.ts";
import { healthRoutes } from "./platform/http/health-routes.ts";
import { HttpServer } from "./platform/http/http-server.ts";
import { TrustedProxies } from "./platform/http/trusted-proxies.ts";
import { isLoopback, publicAddress } from "./platform/listen-policy.ts";
import { createLogger } from "./platform/logger.ts";
import { Metrics } from "./platform/metrics.ts";
import { type Part, runParts } from "./platform/parts.ts";
import { realtimeMetrics } from "./platform/realtime/realtime-metrics.ts";
import { SocketRealtime } from "./platform/realtime/socket-realtime.ts";
import { Rounds } from "./platform/rounds.ts";
import { firstRetention } from "./retention/retention.ts";
import { retentionRoutes } from "./retention/retention-routes.ts";
import { RetentionService } from "./retention/retention-service.ts";
import { reviewPart } from "./reviews/reviews.ts";
import { rosterPart } from "./roster/roster-part.ts";
import { Agents } from "./site/agents.ts";
import { Devices } from "./site/devices.ts";
import { LivePoints } from "./site/live-points.ts";
import { Quarantine } from "./site/quarantine.ts";
import { siteMetrics } from "./site/site-metrics.ts";
import { siteRoutes } from "./site/site-routes.ts";
import { SiteService } from "./site/site-service.ts";
import { visitorsRoutes } from "./visitors/visitors-routes.ts";
import { VisitorsService } from "./visitors/visitors-service.ts";

async function main(): Promise<void> {
	const config = readConfig(process.env);
	mkdirSync(config.data, { recursive: true });
	const clock = systemClock;
	const logger = createLogger({ level: config.logLevel, name: "server" });
	const log = (part: string) => logger.child({ part });
	const metrics = new Metrics();

	const database = new PostgresDatabase({
		server: config.databaseUrl
			? externalPostgres(config.databaseUrl)
			: new EmbeddedPostgres({ directory: join(config.data, "postgres"), logger: log("postgres") }),
		logger: log("database"),
	});
	const audit = new AuditLog({
		database,
		clock,
		logger: log("audit"),
		keys: config.auditKey,
		keyFile: config.auditKeyFile,
		days: () => retention.daysNow("audit"),
	});
	const ledger = new LedgerService({
		database,
		keyFile: config.ledgerKeyFile ?? join(config.data, "ledger", "key"),
		site: () => site.current().site.id,
		clock,
		logger: log("ledger"),
	});
	const rights = new RightsService({ database, audit, ledger, clock, logger: log("rights") });
	const identity = identityServices({
		database,
		rights,
		audit,
		secrets: audit.secrets,
		ledger,
		clock,
		logger: log("identity"),
		secure: config.tls !== null,
	});
	const authenticator = new SessionAuthenticator({ ...identity, logger: log("identity") });
	const demoAccounts = new DemoAccounts({ ...identity, logger: log("identity"), data: config.data });

	const proxies = new TrustedProxies(config.trustedProxies);
	const realtime = new SocketRealtime({
		logger: log("realtime"),
		clock,
		hosts: config.hosts,
		proxies,
		authenticator,
		note: (line) => audit.note(line),
		isSite: (id) => site.current().site.id === id,
	});
	const siteFile = new SiteService({ file: config.site, dataDirectory: config.data, clock, realtime, logger: log("site") });
	const onboarding = onboardingPart({ world: siteFile, database, realtime, clock, logger: log("onboarding") });
	const site = onboarding.book;

	const auditExports = new ExportService({ log: audit, database, clock, logger: log("audit"), directory: join(config.data, "exports") });
	const auditReviews = new ReviewService({
		log: audit,
		ledger,
		database,
		clock,
		logger: log("audit"),
		timeZone: () => site.current().site.timeZone,
	});

	const history = configuredHistory(config, { clock, logger: log("history") });
	const retention = new RetentionService({
		database,
		clock,
		logger: log("retention"),
		first: firstRetention(config),
		apply: (kept) => history.setRetention(kept),
	});
	const samePerson = (one: string, other: string) => register.current().samePerson(one, other);
	const approvals = new ApprovalService({
		database,
		audit,
		ledger,
		clock,
		logger: log("approvals"),
		holds: (...asked) => rights.holds(...asked),
		samePerson,
		people: (ids) => identity.accounts.people(ids),
	});
	const isSite = (id: string) => site.current().site.id === id;
	const rightsChanges = rightsKinds({ rights, accounts: rightsAccounts(identity.accounts), clock, isSite, samePerson });
	approvals.register(rightsChanges.grant);
	approvals.register(rightsChanges.renewal);
	approvals.register(rightsChanges.revocation);
	approvals.register(rightsChanges.closure);
	approvals.register(accountReset);
	approvals.register(retention.kind);
	approvals.register(auditExports.changeKind);
	onboarding.register(approvals);

	const points = new LivePoints({
		world: site,
		history,
		realtime,
		clock,
		logger: log("points"),
		heard: (id) => devices.isHeard(id),
		voidUntil: (id) => devices.voidUntil(id),
	});
	const agents = new Agents({ world: site, database, realtime, clock, logger: log("agents") });
	const devices = new Devices({ world: site, agents, database, logger: log("devices") });
	const quarantine = new Quarantine({ database, world: site, logger: log("quarantine") });
	const rules = new RuleBook({ world: site, database, logger: log("rules") });
	const replays = new ReplayService({ history, book: rules, database, counted: (...asked) => countedBetween(database, ...asked), clock });
	approvals.register(
		ruleChange({ book: rules, replays, accounts: (...asked) => identity.accounts.inUse(...asked), site: () => site.current().site.id }),
	);
	const alarms = new AlarmService({
		world: rules,
		database,
		audit,
		ledger,
		realtime,
		clock,
		logger: log("alarms"),
		newest: (point) => points.newest(point),
		unheard: () => agents.unheard(),
	});
	const register = new AccessRegister({
		world: site,
		database,
		audit,
		ledger,
		clock,
		logger: log("register"),
		accounts: (usernames) => identity.accounts.idsOf(usernames),
	});
	const access = new AccessService({
		world: site,
		database,
		realtime,
		clock,
		register: () => register.current(),
		heard: (id) => devices.isHeard(id),
	});
	const monitor = new AccessMonitor({
		database,
		register: () => register.current(),
		site: () => access.site(),
		uncertain: () => access.doors().flatMap(({ id, stale }) => (stale ? id : [])),
		report: (report) => alarms.report(report),
		counts: alarms,
		realtime,
		audit,
		clock,
		logger: log("access monitor"),
	});
	access.onRecorded(() => monitor.wake());
	const heldDoors = new HeldDoors({
		world: site,
		access,
		live: points,
		alarms,
		history,
		hearing: (id) => ({ heard: devices.isHeard(id), toldUntil: agents.toldUntil(site.current().devices.get(id)?.agent ?? "") }),
		clock,
	});
	const heldDoorRounds = new Rounds({
		look: () => heldDoors.look(),
		every: 500,
		logger: log("access"),
		failed: "doors held open could not be recorded; trying again",
	});
	const visitors = new VisitorsService({
		register,
		database,
		clock,
		logger: log("visitors"),
		renameInEvents: (...asked) => access.renameInEvents(...asked),
		days: () => retention.daysNow("visits"),
	});
	monitor.setEscorts(visitors);
	const registerService = new RegisterService({
		register,
		lastUse: (credentials) => access.lastUse(credentials),
		accounts: (ids) => identity.accounts.people(ids),
		clock,
	});
	const accessImport = new ImportService({ register, accounts: (usernames) => identity.accounts.idsOf(usernames), clock });
	const lapseWatch = new LapseWatch({ register, clock, logger: log("register") });
	const duty = rosterPart({
		world: site,
		database,
		audit,
		accounts: identity.accounts,
		serving: (at, transaction) => rights.holdersOf("roster.serve", at, clock.now(), transaction),
		alarms,
		clock,
		logger: log("roster"),
	});
	const notifications = notificationPart({
		world: rules,
		database,
		alarms,
		feed: new AlarmFeed(database),
		...duty,
		leads: () => reviewAccounts.holdersOf("shift-lead"),
		channels: configuredChannels(config, { realtime, clock }),
		address: config.publicUrl ?? publicAddress(config),
		audit,
		clock,
		logger: log("notifications"),
	});
	const startedAt = clock.now();
	const ownWatch = new OwnWatch({
		alarms,
		rules: WATCHED,
		conditions: (now, active) => [
			...agentConditions(agents.list(), startedAt, now),
			...clockConditions(devices.list(), (device) => active("device-clock-skew", device)),
			historyCondition(history.state(), config.spoolBytes, active("history-degraded", "history")),
			...forkConditions(agents.list(), (agent) => witnesses.forkOf(agent)),
			...reviewConditions(auditReviews.unsigned(), now),
			...controllers.conditions(now),
			...reviews.conditions(now),
			...visitorConditions(visitors.overdue(now)),
			...custody.conditions(),
			...lapseConditions(lapsingByZone(register.current(), now)),
			...duty.conditions(now),
			...notifications.conditions(now),
		],
		clock,
	});
	// Before the alarms' start it fails, and is tried again.
	audit.onHighRisk(({ head, secret }) => alarms.report(highRiskReport({ ...head, username: secret?.username ?? null })));

	if (config.insecure && !isLoopback(config.bind))
		logger.warn(
			{ bind: config.bind },
			"WATCHROOM_INSECURE: listening beyond this machine in plain text, everybody on the way reads passwords and card numbers",
		);
	const { tls, links, expiryWatch } = await linksPart({
		config,
		database,
		audit,
		ledger,
		clock,
		log,
		world: site,
		report: (report) => alarms.report(report),
	});
	const transport = configuredUplink(config, { tls, guard: links, logger: log("uplink") });
	const witnesses = new WitnessService({
		ledger,
		database,
		agents: () => site.current().site.agents.map(({ id }) => id),
		publish: (topic, payload, options) => transport.publish(topic, payload, options),
		clock,
		logger: log("witnesses"),
	});
	const commands = new DeviceCommands({ world: site, agents, transport });
	const heard = (id: string) => devices.isHeard(id);
	const controllers = new ControllerService({
		world: site,
		register,
		database,
		commands,
		audit,
		ledger,
		report: (said) => void alarms.report(said),
		heard,
		clock,
		logger: log("controllers"),
		rhythm: { checkEvery: config.controllerCheck, firstPause: 1000, longestPause: 60_000 },
		removalBound: config.removalBound,
	});
	const reviewAccounts = new ReviewAccounts({ accounts: identity.accounts, rights, clock });
	const reviews = reviewPart({
		world: site,
		database,
		register,
		access,
		people: (...asked) => identity.accounts.people(...asked),
		accounts: reviewAccounts,
		rights,
		removals: controllers,
		findings: monitor,
		report: (report) => alarms.report(report),
		approvals,
		audit,
		ledger,
		clock,
		logger: log("reviews"),
	});
	const custody = custodyPart({
		world: site,
		database,
		accounts: identity.accounts,
		rights,
		access,
		samePerson,
		personOf: (account) => register.current().holderOfAccount(account)?.id ?? null,
		approvals,
		audit,
		ledger,
		data: config.data,
		address: publicAddress(config),
		clock,
		logger: log("custody"),
	});
	const personnel = new PersonnelService({
		register,
		database,
		ledger,
		clock,
		logger: log("personnel"),
		removals: controllers,
		accounts: identity.accounts,
	});
	const personnelImports = new PersonnelImports({
		personnel,
		register,
		database,
		accounts: (usernames) => identity.accounts.idsOf(usernames),
	});
	const dropFolder = new DropFolder({ directory: join(config.data, "personnel"), imports: personnelImports, logger: log("personnel") });
	const ingest = new IngestService({
		witnesses,
		results: (agent, payload) => commands.result(agent, payload),
		transport,
		world: site,
		live: points,
		alarms,
		history,
		access,
		devices,
		agents,
		quarantine,
		seen: onboarding.seen,
		accounts: links.accounts,
		refusals: links.deviceRefusals,
		clock,
		logger: log("ingest"),
	});

	siteMetrics(metrics, { points, devices, agents, quarantine });
	ingestMetrics(metrics, ingest, transport);
	historyMetrics(metrics, history);
	alarmMetrics(metrics, alarms);
	notificationMetrics(metrics, notifications);
	accessMetrics(metrics, access);
	controllersMetrics(metrics, controllers, () => clock.now());
	linksMetrics(metrics, links, clock);
	auditMetrics(metrics, audit);
	realtimeMetrics(metrics, realtime);
	const http = new HttpServer({
		port: config.httpPort,
		authenticator,
		note: (line) => audit.note(line),
		clock,
		site: () => site.current().site.id,
		bind: config.bind,
		tls,
		hosts: config.hosts,
		proxies,
		logger: log("http"),
		dashboard: join(import.meta.dirname, "..", "dashboard", "dist"),
		routes: [
			...healthRoutes([database.health, { name: "history", check: () => history.state() }, uplinkHealth(transport)], metrics),
			...siteRoutes({ site: siteFile, points, devices, agents, quarantine }),
			...onboarding.routes,
			...historyRoutes(new HistoryService({ history, world: site, clock })),
			...qualityRoutes(new QualityService({ store: new QualityStore(database), world: site, shifts: (window) => duty.roster.shifts(window), clock })),
			...alarmRoutes(alarms),
			...alarmActRoutes(alarms),
			...ruleRoutes({ alarms, book: rules, replays, approvals, people: (ids) => identity.accounts.people(ids) }),
			...rackPowerRoutes(site, points),
			...accessRoutes(access),
			...registerRoutes(registerService, accessImport, () => access.site()),
			...controllersRoutes({ controllers, register, world: site, heard, clock }),
			...monitorRoutes(monitor, () => access.site()),
			...visitorsRoutes(visitors, () => access.site()),
			...custody.routes,
			...personnelRoutes(personnel, personnelImports),
			...scimRoutes(personnel),
			...linksRoutes(links),
			...sessionRoutes(identity),
			...userRoutes(identity),
			...auditRoutes({ search: new AuditService(audit), exports: auditExports, reviews: auditReviews }),
			...ledgerRoutes(ledger),
			...approvalRoutes(approvals),
			...retentionRoutes(retention),
			...notificationRoutes(notifications),
			...duty.routes,
			...reviews.routes,
		],
	});

	const address = publicAddress(config);
	const parts: Part[] = [
		{ name: "database", start: () => database.start(), stop: () => database.stop() },
		{ name: "migrations", start: () => database.migrate(migrations) },
		{ name: "audit", start: () => audit.start(), stop: () => audit.stop() },
		{ name: "retention", start: () => retention.start(), stop: () => retention.stop() },
		{ name: "history", start: () => history.start(), stop: () => history.stop() },
		{ name: "site", start: () => siteFile.start(), stop: () => siteFile.stop() },
		{ name: "added devices", start: () => site.start() },
		{ name: "ledger", start: () => ledger.start(), stop: () => ledger.stop() },
		{ name: "rights", start: () => rights.start(), stop: () => rights.stop() },
		{ name: "approvals", start: () => approvals.start(), stop: () => approvals.stop() },
		{ name: "second factors", start: () => identity.totp.start(), stop: () => identity.totp.stop() },
		{ name: "identity", start: () => authenticator.start(), stop: () => authenticator.stop() },
		{
			name: "first accounts",
			start: () =>
				firstStart({
					demo: (config.demo ?? site.current().site.demo ?? false) && isLoopback(config.bind),
					demoAccounts,
					setUp: identity.setUp,
					address,
					logger: log("identity"),
					say: (text) => process.stdout.write(text),
				}),
		},
		{ name: "audit exports", start: () => auditExports.start(), stop: () => auditExports.stop() },
		{ name: "audit reviews", start: () => auditReviews.start(), stop: () => auditReviews.stop() },
		{ name: "points", start: () => points.start(), stop: () => points.stop() },
		{ name: "agents", start: () => agents.start(), stop: () => agents.stop() },
		{ name: "devices", start: () => devices.start(), stop: () => devices.stop() },
		{ name: "quarantine", start: () => quarantine.start(), stop: () => quarantine.stop() },
		{ name: "rules", start: () => rules.start() },
		{ name: "alarms", start: () => alarms.start(), stop: () => alarms.stop() },
		{ name: "register", start: () => register.start(), stop: () => register.stop() },
		{ name: "lapses", start: () => lapseWatch.start(), stop: () => lapseWatch.stop() },
		{ name: "visitors", start: () => visitors.start(), stop: () => visitors.stop() },
		{ name: "custody", start: () => custody.start(), stop: () => custody.stop() },
		{ name: "roster", start: () => duty.roster.start(), stop: () => duty.roster.stop() },
		{ name: "notifications", start: () => notifications.start(), stop: () => notifications.stop() },
		{ name: "own watch", start: () => ownWatch.start(), stop: () => ownWatch.stop() },
		{ name: "access", start: () => access.start() },
		{ name: "access monitor", start: () => monitor.start(), stop: () => monitor.stop() },
		{ name: "links", start: () => links.start(), stop: () => links.stop() },
		{ name: "expiry", start: () => expiryWatch.start(), stop: () => expiryWatch.stop() },
		{ name: "certificate", start: () => tls?.start(), stop: () => tls?.stop() },
		{ name: "realtime", start: () => realtime.start(http.server), stop: () => realtime.stop() },
		{ name: "ingest", start: () => ingest.start(), stop: () => ingest.stop() },
		{ name: "held doors", start: () => heldDoorRounds.start(), stop: () => heldDoorRounds.stop() },
		{ name: "controllers", start: () => controllers.start(), stop: () => controllers.stop() },
		// Stopped before the controllers, which wait for the answers.
		{ name: "commands", start: () => {}, stop: () => commands.stop() },
		{ name: "personnel", start: () => personnel.start(), stop: () => personnel.stop() },
		{ name: "personnel files", start: () => dropFolder.start(), stop: () => dropFolder.stop() },
		{ name: "reviews", start: () => reviews.start(), stop: () => reviews.stop() },
		{ name: "http", start: () => http.start(), stop: () => http.stop() },
	];
	await runParts(parts, { logger, ready: () => logger.info({ address, history: history.state().kind }, "server ready") });
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
