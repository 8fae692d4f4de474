import type { Audit } from "../audit/audit.ts";
import type { LedgerAppender } from "../ledger/ledger-entry.ts";
import type { Clock } from "../platform/clock.ts";
import type { Config } from "../platform/config.ts";
import type { Database } from "../platform/database/database.ts";
import { isLoopback } from "../platform/listen-policy.ts";
import type { Logger } from "../platform/logger.ts";
import { TlsFiles } from "../platform/tls/tls-files.ts";
import { AuthorityFiles } from "./authority-files.ts";
import { type ExpiryReport, ExpiryWatch } from "./expiry-watch.ts";
import { LinksService } from "./links-service.ts";

export interface LinksPartOptions {
	config: Config;
	database: Database;
	audit: Audit;
	ledger: LedgerAppender;
	clock: Clock;
	log: (part: string) => Logger;
	/** The site in use. */
	world: { current(): { site: { agents: readonly { id: string }[] }; devices: ReadonlyMap<string, unknown> } };
	report: (report: ExpiryReport) => Promise<void>;
}

/** What proves the server, its agents and its devices to each other. */
export interface LinksPart {
	/** Of the server's listeners; `null`: they speak plain text. */
	tls: TlsFiles | null;
	links: LinksService;
	expiryWatch: ExpiryWatch;
}

/** Builds it; with WATCHROOM_TLS=own-ca the authority and the server's certificate are there when it resolves. */
export async function linksPart(options: LinksPartOptions): Promise<LinksPart> {
	const { config, clock, log, world, report, database, audit, ledger } = options;
	const files = new AuthorityFiles(config.data);
	const renew = async () => config.tls === "own-ca" && (await files.ensureServerCertificate(config.hosts, clock.now()));
	await renew();
	const agents = () => world.current().site.agents.map(({ id }) => id);
	const tls = config.tls
		? new TlsFiles({ paths: { ...(config.tls === "own-ca" ? files.paths : config.tls), ca: files.paths.ca }, logger: log("tls") })
		: null;
	const links = new LinksService({
		database,
		audit,
		ledger,
		clock,
		files,
		logger: log("links"),
		server: tls,
		required: !isLoopback(config.bind),
		knows: { agent: (id) => agents().includes(id), device: (id) => world.current().devices.has(id) },
	});
	const expiryWatch = new ExpiryWatch({ expiries: () => links.expiries(), agents, report, renew, clock, logger: log("links") });
	return { tls, links, expiryWatch };
}
