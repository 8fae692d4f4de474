import { join, resolve } from "node:path";
import { z } from "zod";
import { AppError, type FieldError } from "./errors.ts";
import { isProxyEntry } from "./http/trusted-proxies.ts";
import { answeredHosts, listenProblem } from "./listen-policy.ts";
import { LOG_LEVELS, type LogLevel } from "./logger.ts";

const DAY_MS = 86_400_000;

const list = (text: string) => text.split(",").map((entry) => entry.trim());
const port = z.coerce.number({ error: "expected a port number" }).int().min(1).max(65_535);
const days = z.coerce.number({ error: "expected a number of days" }).min(1).max(36_500);
const url = (what: string, ...protocols: string[]) =>
	z
		.string()
		.refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol.slice(0, -1)), { error: `expected ${what}` })
		.optional();

/** Every variable that the server reads, with its default and what it is for. The reference page is made of this. */
const environmentSchema = z.object({
	WATCHROOM_DATA: z.string().default("./data").describe("Folder below which everything is written"),
	WATCHROOM_HTTP_PORT: port.default(8080).describe("Port of the dashboard, REST and Socket.IO"),
	WATCHROOM_BIND: z
		.union([z.ipv4(), z.ipv6(), z.literal("localhost")], { error: "expected an IP address to listen on, such as 0.0.0.0" })
		.default("127.0.0.1")
		.describe("Address that the dashboard's port and the broker's listen on; beyond this machine only with TLS"),
	WATCHROOM_HOSTS: z
		.string()
		.regex(/^[A-Za-z0-9.:[\]-]+(\s*,\s*[A-Za-z0-9.:[\]-]+)*$/, { error: "expected names separated by commas, without ports" })
		.optional()
		.describe("Names that browsers use for the server, separated by commas; those of this machine are answered to anyhow"),
	WATCHROOM_TRUSTED_PROXIES: z
		.string()
		.refine((text) => list(text).every(isProxyEntry), { error: "expected addresses or ranges such as 10.0.0.0/24, separated by commas" })
		.optional()
		.describe(
			"Reverse proxies in front of the dashboard's port, addresses or ranges separated by commas: where they say that a request came from counts",
		),
	WATCHROOM_TLS: z
		.literal("own-ca", { error: "expected own-ca" })
		.optional()
		.describe("`own-ca`: TLS with a certificate of the server's private authority, made at the first start; unset: plain text, or the files below"),
	WATCHROOM_TLS_CERT: z
		.string()
		.optional()
		.describe("Certificate for HTTPS and the broker, a PEM file with intermediate certificates; followed while the server runs"),
	WATCHROOM_TLS_KEY: z.string().optional().describe("Its private key, a PEM file"),
	WATCHROOM_INSECURE: z
		.enum(["true", "false"], { error: "expected true or false" })
		.default("false")
		.describe("`true`: plain text also beyond this machine. Everybody on the way reads passwords and card numbers"),
	WATCHROOM_UPLINK_PORT: port.default(1883).describe("Port of the server's own MQTT broker, to which agents connect; unused with `UPLINK_URL`"),
	WATCHROOM_SITE: z.string().default("sites/demo.yaml").describe("Site file: rooms, racks, devices, points, doors, rules, roster"),
	DATABASE_URL: url("a URL postgres://user:password@host:port/database", "postgres", "postgresql").describe(
		"PostgreSQL for the records; unset: one of the server's own, below `WATCHROOM_DATA`",
	),
	INFLUX_URL: url("a URL http://user:password@host:port/database", "http", "https").describe(
		"InfluxDB for the readings, `http://user:password@host:8086/database`; unset: an embedded store below `WATCHROOM_DATA`",
	),
	UPLINK_URL: url("a URL mqtt://host:port or mqtts://host:port", "mqtt", "mqtts").describe(
		"MQTT broker that agents and server meet at; unset: the server's own",
	),
	UPLINK_CA: z
		.string()
		.optional()
		.describe("For `mqtts://` in `UPLINK_URL`: PEM file of the authority that the broker's certificate is of; unset: the public ones"),
	UPLINK_CERT: z.string().optional().describe("The server's client certificate at that broker, a PEM file"),
	UPLINK_KEY: z.string().optional().describe("Its private key, a PEM file"),
	WATCHROOM_PUBLIC_URL: url("a URL http://... or https://...", "http", "https").describe(
		"Where people reach the dashboard, for links in messages; unset: made of the names that the server answers to",
	),
	SMTP_URL: url("a URL smtp://host:port or smtps://host:port", "smtp", "smtps").describe(
		"Mail server for notifications, `smtps://user:password@host:465`; unset: no mail",
	),
	SMTP_FROM: z.string().min(3).default("Watchroom <watchroom@localhost>").describe("Sender of the mails, `Name <address>`"),
	WEBHOOK_URL: url("a URL http://... or https://...", "http", "https").describe("Receives notifications as JSON; unset: no webhook"),
	WEBHOOK_SECRET: z
		.string()
		.regex(/^(whsec_)?[A-Za-z0-9+/]{32,88}={0,2}$/, { error: "expected whsec_ and 24 to 64 bytes in base64" })
		.optional()
		.describe(
			"Signs the webhook (Standard Webhooks), `whsec_` and base64; unset: `keys/webhook-secret` below `WATCHROOM_DATA`, made at the first start",
		),
	SMS_GATEWAY_URL: url("a URL http://... or https://...", "http", "https").describe(
		"HTTP gateway for text messages, by POST; `{to}`, `{text}` and `{id}` in it are put in; unset: no text messages",
	),
	SMS_GATEWAY_BODY: z
		.string()
		.default('{"to":"{to}","text":"{text}"}')
		.describe("Body of that POST, JSON or a form (`to={to}&text={text}`), with the same names put in"),
	SMS_GATEWAY_AUTHORIZATION: z.string().optional().describe("`Authorization` header of that POST, such as `Bearer ...`"),
	WATCHROOM_AUDIT_KEY: z
		.string()
		.optional()
		.describe(
			"Keys that seal the audit log and the second factors, 32 bytes in base64 each: `key`, or `id:key,id:key` of which the first is written with; unset: those of the key file",
		),
	WATCHROOM_AUDIT_KEY_FILE: z
		.string()
		.optional()
		.describe("File with those keys, made at the first start; unset: `keys/audit-keys.json` below `WATCHROOM_DATA`"),
	WATCHROOM_LEDGER_KEY_FILE: z
		.string()
		.optional()
		.describe("File with the key that signs the ledger's checkpoints; unset: `ledger/key` below `WATCHROOM_DATA`, made at the first start"),
	WATCHROOM_DEMO: z
		.enum(["true", "false"], { error: "expected true or false" })
		.optional()
		.describe("Whether there are demo accounts, one a role, only on the loopback interface; unset: as the site file's `demo` says"),
	WATCHROOM_LOG_LEVEL: z
		.enum(LOG_LEVELS)
		.default("info")
		.describe(`How much is logged: ${LOG_LEVELS.join(", ")}`),
	WATCHROOM_SPOOL_BYTES: z.coerce
		.number({ error: "expected a number of bytes" })
		.int()
		.min(1_000_000)
		.default(1_000_000_000)
		.describe("Most bytes of readings kept on disk while InfluxDB is down; beyond it agents keep theirs"),
	WATCHROOM_CONTROLLER_CHECK_SECONDS: z.coerce
		.number({ error: "expected a number of seconds" })
		.min(1)
		.max(86_400)
		.default(300)
		.describe("How often the access list of each door controller is read back and compared, besides each change"),
	WATCHROOM_REMOVAL_BOUND_SECONDS: z.coerce
		.number({ error: "expected a number of seconds" })
		.min(1)
		.max(86_400)
		.default(120)
		.describe("How long a door controller may leave a revocation unconfirmed before that raises an alarm"),
	WATCHROOM_RETENTION_AUDIT_DAYS: z.coerce
		.number({ error: "expected a number of days" })
		.int("expected a whole number of days")
		.min(180, "expected at least 180 days: the audit log is never kept for less")
		.max(36_500)
		.default(180)
		.describe("How long the audit log is kept, at least 180 days; the first value, which is changed by two people after that"),
	WATCHROOM_RETENTION_RAW_DAYS: days.default(30).describe("How long readings are kept as they came; the first value, as are the next two"),
	WATCHROOM_RETENTION_1M_DAYS: days.default(365).describe("How long 1-minute rows are kept"),
	WATCHROOM_RETENTION_1H_DAYS: days.default(1825).describe("How long 1-hour rows are kept"),
});

/** The server's configuration; `null` where a part is not set. */
export interface Config {
	/** Absolute. */
	data: string;
	httpPort: number;
	/** Address that is listened on. */
	bind: string;
	/** Names in the `Host` header that are answered to. */
	hosts: readonly string[];
	/** Addresses and ranges of the reverse proxies. */
	trustedProxies: readonly string[];
	/** `null`: plain text. `own-ca`: a certificate of the private authority below `data`. */
	tls: { cert: string; key: string } | "own-ca" | null;
	/** Plain text beyond this machine was asked for. */
	insecure: boolean;
	uplinkPort: number;
	/** Path of the site file, absolute. */
	site: string;
	databaseUrl: string | null;
	influxUrl: string | null;
	uplinkUrl: string | null;
	/** PEM files for the broker of `uplinkUrl`, absolute. */
	uplinkTls: { ca: string | null; cert: string | null; key: string | null };
	/** Without a slash at its end. */
	publicUrl: string | null;
	smtpUrl: string | null;
	smtpFrom: string;
	webhookUrl: string | null;
	/** A secret; `null`: it is in the file. */
	webhookSecret: string | null;
	smsGateway: { url: string; body: string; authorization: string | null } | null;
	/** A secret; `null`: the keys are in the file. */
	auditKey: string | null;
	/** Absolute. */
	auditKeyFile: string;
	/** Absolute. */
	ledgerKeyFile: string | null;
	/** `null`: as the site file says. */
	demo: boolean | null;
	logLevel: LogLevel;
	spoolBytes: number;
	/** ms. */
	controllerCheck: number;
	/** ms. */
	removalBound: number;
	retention: { rawMs: number; minuteMs: number; hourMs: number };
	/** How long the audit log is kept at first, days. */
	auditDays: number;
}

/**
 * Reads the configuration from the environment; an empty variable counts as unset. Throws AppError `invalid-config` whose
 * `errors` name every wrong variable and what was expected there, never its value, which may be a secret.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
	const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
	const parsed = environmentSchema.safeParse(given);
	if (!parsed.success) throw invalidConfig(parsed.error.issues.map((issue) => ({ field: issue.path.join("."), message: issue.message })));
	const read = parsed.data;
	const wrong = linkProblems(read);
	if (wrong.length > 0) throw invalidConfig(wrong);
	const path = (file: string | undefined) => (file === undefined ? null : resolve(file));
	return {
		data: resolve(read.WATCHROOM_DATA),
		httpPort: read.WATCHROOM_HTTP_PORT,
		bind: read.WATCHROOM_BIND,
		hosts: answeredHosts(read.WATCHROOM_BIND, read.WATCHROOM_HOSTS ? list(read.WATCHROOM_HOSTS) : []),
		trustedProxies: read.WATCHROOM_TRUSTED_PROXIES ? list(read.WATCHROOM_TRUSTED_PROXIES) : [],
		tls:
			read.WATCHROOM_TLS_CERT && read.WATCHROOM_TLS_KEY
				? { cert: resolve(read.WATCHROOM_TLS_CERT), key: resolve(read.WATCHROOM_TLS_KEY) }
				: (read.WATCHROOM_TLS ?? null),
		insecure: read.WATCHROOM_INSECURE === "true",
		uplinkPort: read.WATCHROOM_UPLINK_PORT,
		site: resolve(read.WATCHROOM_SITE),
		databaseUrl: read.DATABASE_URL ?? null,
		influxUrl: read.INFLUX_URL ?? null,
		uplinkUrl: read.UPLINK_URL ?? null,
		uplinkTls: { ca: path(read.UPLINK_CA), cert: path(read.UPLINK_CERT), key: path(read.UPLINK_KEY) },
		publicUrl: read.WATCHROOM_PUBLIC_URL?.replace(/\/+$/, "") ?? null,
		smtpUrl: read.SMTP_URL ?? null,
		smtpFrom: read.SMTP_FROM,
		webhookUrl: read.WEBHOOK_URL ?? null,
		webhookSecret: read.WEBHOOK_SECRET ?? null,
		smsGateway:
			read.SMS_GATEWAY_URL === undefined
				? null
				: { url: read.SMS_GATEWAY_URL, body: read.SMS_GATEWAY_BODY, authorization: read.SMS_GATEWAY_AUTHORIZATION ?? null },
		auditKey: read.WATCHROOM_AUDIT_KEY ?? null,
		auditKeyFile: resolve(read.WATCHROOM_AUDIT_KEY_FILE ?? join(read.WATCHROOM_DATA, "keys", "audit-keys.json")),
		ledgerKeyFile: read.WATCHROOM_LEDGER_KEY_FILE === undefined ? null : resolve(read.WATCHROOM_LEDGER_KEY_FILE),
		demo: read.WATCHROOM_DEMO === undefined ? null : read.WATCHROOM_DEMO === "true",
		logLevel: read.WATCHROOM_LOG_LEVEL,
		spoolBytes: read.WATCHROOM_SPOOL_BYTES,
		controllerCheck: read.WATCHROOM_CONTROLLER_CHECK_SECONDS * 1000,
		removalBound: read.WATCHROOM_REMOVAL_BOUND_SECONDS * 1000,
		auditDays: read.WATCHROOM_RETENTION_AUDIT_DAYS,
		retention: {
			rawMs: read.WATCHROOM_RETENTION_RAW_DAYS * DAY_MS,
			minuteMs: read.WATCHROOM_RETENTION_1M_DAYS * DAY_MS,
			hourMs: read.WATCHROOM_RETENTION_1H_DAYS * DAY_MS,
		},
	};
}

/** What variables about links say that doesn't go together. */
function linkProblems(read: z.output<typeof environmentSchema>): FieldError[] {
	const wrong: FieldError[] = [];
	const pair = (cert: "WATCHROOM_TLS_CERT" | "UPLINK_CERT", key: "WATCHROOM_TLS_KEY" | "UPLINK_KEY") => {
		if (!read[cert] !== !read[key]) wrong.push({ field: read[cert] ? key : cert, message: "expected: certificate and key come together" });
	};
	pair("WATCHROOM_TLS_CERT", "WATCHROOM_TLS_KEY");
	pair("UPLINK_CERT", "UPLINK_KEY");
	if (read.WATCHROOM_TLS && read.WATCHROOM_TLS_CERT)
		wrong.push({ field: "WATCHROOM_TLS", message: "expected either own-ca or the files of WATCHROOM_TLS_CERT and WATCHROOM_TLS_KEY, not both" });
	const tls = read.WATCHROOM_TLS !== undefined || read.WATCHROOM_TLS_CERT !== undefined;
	const problem = listenProblem({ bind: read.WATCHROOM_BIND, tls, insecure: read.WATCHROOM_INSECURE === "true" });
	if (problem) wrong.push({ field: "WATCHROOM_BIND", message: problem });
	return wrong;
}

function invalidConfig(errors: FieldError[]): AppError {
	const lines = errors.map((error) => `  ${error.field}: ${error.message}`);
	return new AppError("invalid-config", 500, `The environment is not as expected:\n${lines.join("\n")}`, { errors });
}

/** The reference page as Markdown: one row a variable. */
export function configReference(): string {
	const defaults = environmentSchema.parse({});
	const rows = Object.entries(environmentSchema.shape).map(([name, schema]) => {
		const value = defaults[name as keyof typeof defaults];
		return `| \`${name}\` | ${value === undefined ? "unset" : `\`${value}\``} | ${schema.description ?? ""} |`;
	});
	return [
		"# Configuration of the server",
		"",
		"The server reads these environment variables. It reports everything that is wrong with them at once and does not start.",
		"`npm run watchroom -- config check` checks them alone; `npm run watchroom -- config reference` writes this page.",
		"",
		"| variable | default | |",
		"|---|---|---|",
		...rows,
		"",
	].join("\n");
}
