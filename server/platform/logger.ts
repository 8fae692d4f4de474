import { type Logger as PinoLogger, pino } from "pino";

/** Structured log. `error` means that a person must act now; what heals itself is `warn`. */
export type Logger = PinoLogger;

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields that never reach the log, at the top and one level down. */
const SECRETS = ["password", "token", "totp", "secret", "authorization", "cookie", "url"];

/** The process's log, one JSON object per line on standard output. Parts take a child: `logger.child({ part: "ingest" })`. */
export function createLogger(options: { level: LogLevel; name: string; destination?: { write(line: string): void } }): Logger {
	return pino(
		{
			name: options.name,
			level: options.level,
			timestamp: pino.stdTimeFunctions.isoTime,
			redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: "[redacted]" },
		},
		options.destination ?? pino.destination(1),
	);
}

/** For tests and tools that say nothing. */
export function silentLogger(): Logger {
	return pino({ level: "silent" });
}
