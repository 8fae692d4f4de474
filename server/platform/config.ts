import { resolve } from "node:path";
import { z } from "zod";
import { AppError, type FieldError } from "./errors.ts";
import { LOG_LEVELS, type LogLevel } from "./logger.ts";

const DAY_MS = 86_400_000;

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
	WATCHROOM_HTTP_PORT: port.default(8080).describe("Port of the dashboard, REST and Socket.IO, on 127.0.0.1"),
	WATCHROOM_UPLINK_PORT: port.default(1883).describe("Port of the server's own MQTT broker, to which agents connect; unused with `UPLINK_URL`"),
	WATCHROOM_SITE: z.string().default("sites/demo.yaml").describe("Site file: rooms, racks, devices, points, doors, rules"),
	DATABASE_URL: url("a URL postgres://user:password@host:port/database", "postgres", "postgresql").describe(
		"PostgreSQL for the records; unset: one of the server's own, below `WATCHROOM_DATA`",
	),
	INFLUX_URL: url("a URL http://user:password@host:port/database", "http", "https").describe(
		"InfluxDB for the readings, `http://user:password@host:8086/database`; unset: an embedded store below `WATCHROOM_DATA`",
	),
	UPLINK_URL: url("a URL mqtt://host:port or mqtts://host:port", "mqtt", "mqtts").describe(
		"MQTT broker that agents and server meet at; unset: the server's own",
	),
	SMTP_URL: url("a URL smtp://host:port or smtps://host:port", "smtp", "smtps").describe("Mail server for notifications; unset: no mail"),
	WEBHOOK_URL: url("a URL http://... or https://...", "http", "https").describe("Receives notifications as JSON; unset: no webhook"),
	SMS_GATEWAY_URL: url("a URL http://... or https://...", "http", "https").describe("HTTP gateway for text messages; unset: no text messages"),
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
	WATCHROOM_RETENTION_RAW_DAYS: days.default(30).describe("How long readings are kept as they came"),
	WATCHROOM_RETENTION_1M_DAYS: days.default(365).describe("How long 1-minute rows are kept"),
	WATCHROOM_RETENTION_1H_DAYS: days.default(1825).describe("How long 1-hour rows are kept"),
});

/** The server's configuration; `null` where a part is not set. */
export interface Config {
	/** Absolute. */
	data: string;
	httpPort: number;
	uplinkPort: number;
	/** Path of the site file, absolute. */
	site: string;
	databaseUrl: string | null;
	influxUrl: string | null;
	uplinkUrl: string | null;
	smtpUrl: string | null;
	webhookUrl: string | null;
	smsGatewayUrl: string | null;
	logLevel: LogLevel;
	spoolBytes: number;
	retention: { rawMs: number; minuteMs: number; hourMs: number };
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
	return {
		data: resolve(read.WATCHROOM_DATA),
		httpPort: read.WATCHROOM_HTTP_PORT,
		uplinkPort: read.WATCHROOM_UPLINK_PORT,
		site: resolve(read.WATCHROOM_SITE),
		databaseUrl: read.DATABASE_URL ?? null,
		influxUrl: read.INFLUX_URL ?? null,
		uplinkUrl: read.UPLINK_URL ?? null,
		smtpUrl: read.SMTP_URL ?? null,
		webhookUrl: read.WEBHOOK_URL ?? null,
		smsGatewayUrl: read.SMS_GATEWAY_URL ?? null,
		logLevel: read.WATCHROOM_LOG_LEVEL,
		spoolBytes: read.WATCHROOM_SPOOL_BYTES,
		retention: {
			rawMs: read.WATCHROOM_RETENTION_RAW_DAYS * DAY_MS,
			minuteMs: read.WATCHROOM_RETENTION_1M_DAYS * DAY_MS,
			hourMs: read.WATCHROOM_RETENTION_1H_DAYS * DAY_MS,
		},
	};
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
