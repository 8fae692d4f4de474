/** The server: the one place that builds its parts, connects them and runs them. */
import { mkdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { accessMetrics } from "./access/access-metrics.ts";
import { accessMigrations } from "./access/access-migrations.ts";
import { accessRoutes } from "./access/access-routes.ts";
import { AccessService } from "./access/access-service.ts";
import { alarmMetrics } from "./alarms/alarm-metrics.ts";
import { alarmRoutes } from "./alarms/alarm-routes.ts";
import { AlarmService } from "./alarms/alarm-service.ts";
import { alarmsMigrations } from "./alarms/alarms-migrations.ts";
import { agentConditions, clockConditions, forkConditions, highRiskReport, historyCondition, reviewConditions } from "./alarms/own-conditions.ts";
import { OwnWatch } from "./alarms/own-watch.ts";
import { approvalRoutes } from "./approvals/approval-routes.ts";
import { ApprovalService } from "./approvals/approval-service.ts";
import { approvalsMigrations } from "./approvals/approvals-migrations.ts";
import { AuditLog } from "./audit/audit-log.ts";
import { auditMigrations } from "./audit/audit-migrations.ts";
import { auditRoutes } from "./audit/audit-routes.ts";
import { AuditService } from "./audit/audit-service.ts";
import { ExportService } from "./audit/export-service.ts";
import { ReviewService } from "./audit/review-service.ts";
import { DuckDbHistory } from "./history/duckdb.ts";
import type { History } from "./history/history.ts";
import { historyMetrics } from "./history/history-metrics.ts";
import { historyRoutes } from "./history/history-routes.ts";
import { HistoryService } from "./history/history-service.ts";
import { InfluxHistory } from "./history/influx.ts";
import { DemoAccounts } from "./identity/demo-accounts.ts";
import { firstStart } from "./identity/first-start.ts";
import { identityServices } from "./identity/identity.ts";
import { identityMigrations } from "./identity/identity-migrations.ts";
import { rightsAccounts } from "./identity/rights-accounts.ts";
import { rightsKinds } from "./identity/rights-kinds.ts";
import { rightsMigrations } from "./identity/rights-migrations.ts";
import { RightsService } from "./identity/rights-service.ts";
import { SessionAuthenticator } from "./identity/session-authenticator.ts";
import { sessionRoutes } from "./identity/session-routes.ts";
import { userRoutes } from "./identity/user-routes.ts";
import { ExternalUplink } from "./ingest/external-uplink.ts";
import { ingestMetrics } from "./ingest/ingest-metrics.ts";
import { IngestService } from "./ingest/ingest-service.ts";
import { UplinkBroker } from "./ingest/uplink-broker.ts";
import { uplinkHealth } from "./ingest/uplink-health.ts";
import type { UplinkTransport } from "./ingest/uplink-transport.ts";
import { ledgerMigrations } from "./ledger/ledger-migrations.ts";
import { ledgerRoutes } from "./ledger/ledger-routes.ts";
import { LedgerService } from "./ledger/ledger-service.ts";
import { WitnessService } from "./ledger/witness-service.ts";
import { AuthorityFiles } from "./links/authority-files.ts";
import { ExpiryWatch } from "./links/expiry-watch.ts";
import { linksMetrics } from "./links/links-metrics.ts";
import { linksMigrations } from "./links/links-migrations.ts";
import { linksRoutes } from "./links/links-routes.ts";
import { LinksService } from "./links/links-service.ts";
import { systemClock } from "./platform/clock.ts";
import { readConfig } from "./platform/config.ts";
import { EmbeddedPostgres } from "./platform/database/embedded-postgres.ts";
import { PostgresDatabase } from "./platform/database/postgres-database.ts";
import { externalPostgres } from "./platform/database/postgres-server.ts";
import { healthRoutes } from "./platform/http/health-routes.ts";
import { HttpServer } from "./platform/http/http-server.ts";
import { isLoopback } from "./platform/listen-policy.ts";
import { createLogger } from "./platform/logger.ts";
import { Metrics } from "./platform/metrics.ts";
import { SocketRealtime } from "./platform/realtime/socket-realtime.ts";
import { TlsFiles } from "./platform/tls/tls-files.ts";
import { firstRetention } from "./retention/retention.ts";
import { retentionMigrations } from "./retention/retention-migrations.ts";
import { retentionRoutes } from "./retention/retention-routes.ts";
import { RetentionService } from "./retention/retention-service.ts";
import { Agents } from "./site/agents.ts";
import { Devices } from "./site/devices.ts";
import { LivePoints } from "./site/live-points.ts";
import { Quarantine } from "./site/quarantine.ts";
import { siteMetrics } from "./site/site-metrics.ts";
import { siteMigrations } from "./site/site-migrations.ts";
import { siteRoutes } from "./site/site-routes.ts";
import { SiteService } from "./site/site-service.ts";

/** Something with effects; parts start in the order of the list and stop in the reverse one. */
interface Part {
	name: string;
	start(): unknown;
	stop(): unknown;
}

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
	const identity = identityServices({ database, rights, audit, ledger, clock, secure: config.tls !== null });
	const authenticator = new SessionAuthenticator({ ...identity, logger: log("identity") });
	const demoAccounts = new DemoAccounts({ ...identity, logger: log("identity"), data: config.data });

	const realtime = new SocketRealtime({
		logger: log("realtime"),
		clock,
		hosts: config.hosts,
		authenticator,
		note: (line) => audit.note(line),
		isSite: (id) => site.current().site.id === id,
	});
	const site = new SiteService({ file: config.site, dataDirectory: config.data, clock, realtime, logger: log("site") });

	const auditExports = new ExportService({ log: audit, database, clock, logger: log("audit"), directory: join(config.data, "exports") });
	const auditReviews = new ReviewService({
		log: audit,
		ledger,
		database,
		clock,
		logger: log("audit"),
		timeZone: () => site.current().site.timeZone,
	});

	const historyOptions = { logger: log("history"), clock, retention: config.retention };
	const history: History = config.influxUrl
		? new InfluxHistory({ ...historyOptions, url: config.influxUrl, directory: join(config.data, "influx"), spoolBytes: config.spoolBytes })
		: new DuckDbHistory({ ...historyOptions, directory: config.data });
	const retention = new RetentionService({
		database,
		clock,
		logger: log("retention"),
		first: firstRetention(config),
		apply: (kept) => history.setRetention(kept),
	});
	const approvals = new ApprovalService({
		database,
		audit,
		ledger,
		clock,
		logger: log("approvals"),
		holds: (...asked) => rights.holds(...asked),
		people: (ids) => identity.accounts.people(ids),
	});
	const isSite = (id: string) => site.current().site.id === id;
	const rightsChanges = rightsKinds({ rights, accounts: rightsAccounts(identity.accounts), clock, isSite });
	approvals.register(rightsChanges.grant);
	approvals.register(rightsChanges.renewal);
	approvals.register(rightsChanges.revocation);
	approvals.register(rightsChanges.closure);
	approvals.register(retention.kind);
	approvals.register(auditExports.changeKind);

	const points = new LivePoints({ world: site, history, realtime, clock, logger: log("points"), heard: (id) => devices.isHeard(id) });
	const agents = new Agents({ world: site, database, realtime, clock, logger: log("agents") });
	const devices = new Devices({ world: site, agents, database, logger: log("devices") });
	const quarantine = new Quarantine({ database, world: site, logger: log("quarantine") });
	const alarms = new AlarmService({ world: site, database, audit, ledger, realtime, clock, logger: log("alarms") });
	const access = new AccessService({ world: site, database, realtime, clock, heard: (id) => devices.isHeard(id) });
	const startedAt = clock.now();
	const ownWatch = new OwnWatch({
		alarms,
		rules: ["agent-offline", "device-clock-skew", "history-degraded", "ledger-fork", "audit-review-overdue"],
		conditions: (now, active) => [
			...agentConditions(agents.list(), startedAt, now),
			...clockConditions(devices.list(), (device) => active("device-clock-skew", device)),
			historyCondition(history.state(), config.spoolBytes, active("history-degraded", "history")),
			...forkConditions(agents.list(), (agent) => witnesses.forkOf(agent)),
			...reviewConditions(auditReviews.unsigned(), now),
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
	const authority = new AuthorityFiles(config.data);
	if (config.tls === "own-ca") await authority.ensureServerCertificate(config.hosts, clock.now());
	const ownPaths = authority.paths;
	const tls = config.tls
		? new TlsFiles({ paths: { ...(config.tls === "own-ca" ? ownPaths : config.tls), ca: ownPaths.ca }, logger: log("tls") })
		: null;
	const links = new LinksService({
		database,
		audit,
		ledger,
		clock,
		logger: log("links"),
		files: authority,
		required: !isLoopback(config.bind),
		knows: {
			agent: (id) => site.current().site.agents.some((agent) => agent.id === id),
			device: (id) => site.current().devices.has(id),
		},
		server: tls,
	});
	const expiryWatch = new ExpiryWatch({
		expiries: () => links.expiries(),
		agents: () => site.current().site.agents.map(({ id }) => id),
		report: (report) => alarms.report(report),
		renew: async () => config.tls === "own-ca" && (await authority.ensureServerCertificate(config.hosts, clock.now())),
		clock,
		logger: log("links"),
	});
	const pem = (path: string | null) => (path === null ? undefined : readFileSync(path));
	const [uplinkCa, uplinkCert, uplinkKey] = [pem(config.uplinkTls.ca), pem(config.uplinkTls.cert), pem(config.uplinkTls.key)];
	const uplinkTls = { ...(uplinkCa && { ca: uplinkCa }), ...(uplinkCert && { cert: uplinkCert }), ...(uplinkKey && { key: uplinkKey }) };
	const transport: UplinkTransport = config.uplinkUrl
		? new ExternalUplink({
				url: config.uplinkUrl,
				tls: uplinkTls,
				clientId: `watchroom-server-${hostname()}-${config.httpPort}`,
				logger: log("uplink"),
			})
		: new UplinkBroker({ port: config.uplinkPort, host: config.bind, tls, guard: links, logger: log("uplink") });
	const witnesses = new WitnessService({
		ledger,
		database,
		agents: () => site.current().site.agents.map(({ id }) => id),
		publish: (topic, payload, options) => transport.publish(topic, payload, options),
		clock,
		logger: log("witnesses"),
	});
	const ingest = new IngestService({
		witnesses,
		transport,
		world: site,
		live: points,
		alarms,
		history,
		access,
		devices,
		agents,
		quarantine,
		accounts: links.accounts,
		refusals: links.deviceRefusals,
		clock,
		logger: log("ingest"),
	});

	siteMetrics(metrics, { points, devices, agents, quarantine });
	ingestMetrics(metrics, ingest, transport);
	historyMetrics(metrics, history);
	alarmMetrics(metrics, alarms);
	accessMetrics(metrics, access);
	linksMetrics(metrics, links, clock);
	metrics.total("watchroom_audit_lines_total", "Lines written to the audit log", () => audit.figures().written);
	metrics.total("watchroom_audit_folded_total", "Refusals counted in the line of another", () => audit.figures().folded);
	metrics.total("watchroom_audit_failed_total", "Lines that could not be written, each with the act that needed it", () => audit.figures().failed);
	metrics.gauge("watchroom_dashboards", "Dashboards that watch a site", () => realtime.state().clients);
	metrics.total("watchroom_dashboard_reloads_total", "Times that a dashboard fell behind and was told to reload", () => realtime.state().cuts);
	const http = new HttpServer({
		port: config.httpPort,
		authenticator,
		note: (line) => audit.note(line),
		clock,
		site: () => site.current().site.id,
		bind: config.bind,
		tls,
		hosts: config.hosts,
		logger: log("http"),
		dashboard: join(import.meta.dirname, "..", "dashboard", "dist"),
		routes: [
			...healthRoutes([database.health, { name: "history", check: () => history.state() }, uplinkHealth(transport)], metrics),
			...siteRoutes({ site, points, devices, agents, quarantine }),
			...historyRoutes(new HistoryService({ history, world: site, clock })),
			...alarmRoutes(alarms),
			...accessRoutes(access),
			...linksRoutes(links),
			...sessionRoutes(identity),
			...userRoutes(identity),
			...auditRoutes({ search: new AuditService(audit), exports: auditExports, reviews: auditReviews }),
			...ledgerRoutes(ledger),
			...approvalRoutes(approvals),
			...retentionRoutes(retention),
		],
	});

	const address = `${tls ? "https" : "http"}://${isLoopback(config.bind) ? "127.0.0.1" : config.bind}:${config.httpPort}`;
	const parts: Part[] = [
		{ name: "database", start: () => database.start(), stop: () => database.stop() },
		{
			name: "migrations",
			start: () =>
				database.migrate({
					...siteMigrations,
					...alarmsMigrations,
					...accessMigrations,
					...linksMigrations,
					...auditMigrations,
					...ledgerMigrations,
					...rightsMigrations,
					...approvalsMigrations,
					...retentionMigrations,
					...identityMigrations,
				}),
			stop: () => {},
		},
		{ name: "audit", start: () => audit.start(), stop: () => audit.stop() },
		{ name: "retention", start: () => retention.start(), stop: () => retention.stop() },
		{ name: "history", start: () => history.start(), stop: () => history.stop() },
		{ name: "site", start: () => site.start(), stop: () => site.stop() },
		{ name: "ledger", start: () => ledger.start(), stop: () => ledger.stop() },
		{ name: "rights", start: () => rights.start(), stop: () => rights.stop() },
		{ name: "approvals", start: () => approvals.start(), stop: () => approvals.stop() },
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
			stop: () => {},
		},
		{ name: "audit exports", start: () => auditExports.start(), stop: () => auditExports.stop() },
		{ name: "audit reviews", start: () => auditReviews.start(), stop: () => auditReviews.stop() },
		{ name: "points", start: () => points.start(), stop: () => points.stop() },
		{ name: "agents", start: () => agents.start(), stop: () => agents.stop() },
		{ name: "devices", start: () => devices.start(), stop: () => devices.stop() },
		{ name: "quarantine", start: () => quarantine.start(), stop: () => quarantine.stop() },
		{ name: "alarms", start: () => alarms.start(), stop: () => alarms.stop() },
		{ name: "own watch", start: () => ownWatch.start(), stop: () => ownWatch.stop() },
		{ name: "access", start: () => access.start(), stop: () => {} },
		{ name: "links", start: () => links.start(), stop: () => links.stop() },
		{ name: "expiry", start: () => expiryWatch.start(), stop: () => expiryWatch.stop() },
		{ name: "certificate", start: () => tls?.start(), stop: () => tls?.stop() },
		{ name: "realtime", start: () => realtime.start(http.server), stop: () => realtime.stop() },
		{ name: "ingest", start: () => ingest.start(), stop: () => ingest.stop() },
		{ name: "http", start: () => http.start(), stop: () => http.stop() },
	];
	const started: Part[] = [];
	let stopping: Promise<void> | undefined;
	const stop = (): Promise<void> => {
		stopping ??= (async () => {
			logger.info("stopping");
			for (const part of started.reverse())
				try {
					await part.stop();
				} catch (error) {
					logger.warn({ err: error, stopped: part.name }, "could not be stopped cleanly");
				}
			logger.info("stopped");
		})();
		return stopping;
	};
	process.on("SIGTERM", () => void stop());
	process.on("SIGINT", () => void stop());
	process.once("disconnect", () => void stop()); // whoever started this process is gone
	process.channel?.unref(); // listening to that alone keeps no process alive

	try {
		for (const part of parts) {
			if (stopping) return;
			started.push(part);
			await part.start();
		}
		logger.info(
			{
				address,
				history: history.state().kind,
			},
			"server ready",
		);
	} catch (error) {
		logger.fatal({ err: error }, "server can't run");
		process.exitCode = 1;
		await stop();
	}
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
