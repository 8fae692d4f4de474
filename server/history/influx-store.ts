import { InfluxDB } from "influx";
import type { Logger } from "pino";
import { z } from "zod";
import type { Value } from "../../contracts/kinds.ts";
import type { Reading } from "../../contracts/reading.ts";
import { AppError } from "../platform/errors.ts";
import type { RawRow } from "./history.ts";
import { InfluxHttp, type WriteOutcome } from "./influx-http.ts";
import type { InfluxEndpoint } from "./influx-url.ts";
import type { LineSink } from "./influx-writer.ts";
import { MEASUREMENTS } from "./line-protocol.ts";
import type { Retention } from "./resolution.ts";
import type { Bucket } from "./rollup.ts";
import { decodeCode } from "./value-code.ts";

export const POLICIES = { raw: "raw", "1m": "1m", "1h": "1h" } as const;
export type Policy = keyof typeof POLICIES;

const answerSchema = z.object({
	results: z.array(
		z.object({
			error: z.string().optional(),
			series: z
				.array(z.object({ tags: z.record(z.string(), z.string()).optional(), columns: z.array(z.string()), values: z.array(z.array(z.unknown())) }))
				.optional(),
		}),
	),
});
/** One row of an answer by column name, with the tag `point` where it was grouped by it. */
export interface SeriesRows {
	point: string;
	rows: Cells[];
}
export type Cells = (column: string) => unknown;

/** InfluxDB through the 1.x API: statements through the `influx` client, writes as line protocol. */
export class InfluxStore implements LineSink {
	private readonly client: InfluxDB;
	private readonly http: InfluxHttp;
	private readonly endpoint: InfluxEndpoint;
	private retention: Retention;
	private readonly logger: Logger;
	/** False where the server doesn't let us create retention policies (the 1.x API of InfluxDB 2 and 3). */
	private policies = true;

	constructor(options: { endpoint: InfluxEndpoint; retention: Retention; connections: number; timeoutMs: number; logger: Logger }) {
		const { endpoint } = options;
		this.endpoint = endpoint;
		this.retention = options.retention;
		this.logger = options.logger;
		this.http = new InfluxHttp(endpoint, options);
		const always = { getDelay: () => 0, next: () => always, reset: () => always };
		this.client = new InfluxDB({
			host: endpoint.host,
			port: endpoint.port,
			protocol: endpoint.protocol,
			database: endpoint.database,
			...(endpoint.path === "" ? {} : { path: endpoint.path }),
			...(endpoint.username === "" ? {} : { username: endpoint.username, password: endpoint.password }),
			// One host: it is never worth waiting instead of asking it.
			pool: { backoff: always, maxRetries: 0, requestTimeout: 30_000 },
		});
	}

	write(policy: string, lines: Buffer): Promise<WriteOutcome> {
		return this.http.write(this.policies ? policy : null, lines);
	}

	close(): void {
		this.http.close();
	}

	/** What {@link prepare} sets from now on. */
	keep(retention: Retention): void {
		this.retention = retention;
	}

	/** Creates the database and the retention policies. Where the server refuses that, what it has must do. */
	async prepare(): Promise<boolean> {
		const pings = await this.client.ping(5000);
		if (!pings[0]?.online) return false;
		const database = quoted(this.endpoint.database);
		try {
			await this.statement(`CREATE DATABASE ${database}`);
			const existing = new Set<unknown>();
			for (const series of await this.statement(`SHOW RETENTION POLICIES ON ${database}`)) for (const row of series.rows) existing.add(row("name"));
			const durations: Record<Policy, number> = { raw: this.retention.rawMs, "1m": this.retention.minuteMs, "1h": this.retention.hourMs };
			for (const [policy, ms] of Object.entries(durations)) {
				// InfluxDB keeps nothing for less than an hour.
				const hours = Math.max(1, Math.ceil(ms / 3_600_000));
				const rest = `RETENTION POLICY ${quoted(policy)} ON ${database} DURATION ${hours}h REPLICATION 1${policy === "raw" ? " DEFAULT" : ""}`;
				if (!existing.has(policy)) await this.statement(`CREATE ${rest}`);
				else
					await this.statement(`ALTER ${rest}`).catch((error: unknown) =>
						this.logger.warn({ err: error, policy, hours }, "InfluxDB keeps the retention that it has"),
					);
			}
			this.policies = true;
			return true;
		} catch (error) {
			// Not there, or not allowed: writing shows whether it goes on without.
			if (isConnectionError(error)) return false;
			this.logger.warn({ err: error }, "InfluxDB doesn't let its database and retention policies be created; using what is there");
			this.policies = false;
			return true;
		}
	}

	/** `"database"."policy"."measurement"` as a statement names it. */
	from(policy: Policy): string {
		return this.policies ? `${quoted(this.endpoint.database)}.${quoted(policy)}.${quoted(MEASUREMENTS[policy])}` : quoted(MEASUREMENTS[policy]);
	}

	/** Runs one statement; times are Unix ms. Throws AppError `history-unavailable`. */
	async query(statement: string): Promise<SeriesRows[]> {
		try {
			return await this.statement(statement);
		} catch (error) {
			throw new AppError("history-unavailable", 503, "InfluxDB doesn't answer.", { cause: error });
		}
	}

	private async statement(statement: string): Promise<SeriesRows[]> {
		const raw: unknown = await this.client.queryRaw(statement, { precision: "ms", database: this.endpoint.database, method: "POST" });
		const result = answerSchema.parse(raw).results[0];
		if (result?.error !== undefined) throw new Error(result.error);
		return (result?.series ?? []).map(({ tags, columns, values }) => {
			const index = new Map(columns.map((column, at) => [column, at]));
			return { point: tags?.point ?? "", rows: values.map((row) => (column: string) => row[index.get(column) ?? -1]) };
		});
	}
}

/** An error of the connection or of an overloaded server, as opposed to a refusal. */
function isConnectionError(error: unknown): boolean {
	if (!(error instanceof Error)) return true;
	return "code" in error || error.constructor.name === "ServiceNotAvailableError";
}

const quoted = (name: string): string => `"${name.replace(/["\\]/g, "\\$&")}"`;
/** A text in a statement. */
export const stringOf = (text: string): string => `'${text.replace(/['\\]/g, "\\$&")}'`;
/** A condition on the tag `point`. */
export const isPoint = (point: string): string => `point=${stringOf(point)}`;
/** A condition on the time, `from` inclusive, `to` exclusive. */
export const within = (from: number, to: number): string => `time>=${Math.ceil(from)}ms AND time<${Math.ceil(to)}ms`;
export const READING_FIELDS = "value,flag,state,quality,delay";

function typedValue(cells: Cells, code: unknown): { value: Value; code: number } | null {
	const [number, flag, state] = [cells("value"), cells("flag"), cells("state")];
	const plain = typeof number === "number" ? 0 : typeof flag === "boolean" ? 10 : 20;
	const known = typeof code === "number" ? code : plain;
	const { type } = decodeCode(known);
	const value = type === "number" ? number : type === "boolean" ? flag : state;
	return typeof value === "number" || typeof value === "boolean" || typeof value === "string" ? { value, code: known } : null;
}

/** A row with {@link READING_FIELDS}; `null` where another program wrote something else. */
export function readingOf(point: string, cells: Cells): Reading | null {
	const found = typedValue(cells, cells("quality"));
	const ts = cells("time");
	if (!found || typeof ts !== "number") return null;
	const delay = cells("delay");
	return { point, ts, receivedAt: ts + (typeof delay === "number" ? delay : 0), value: found.value, quality: decodeCode(found.code).quality };
}

export function rawRowOf(cells: Cells): RawRow | null {
	const reading = readingOf("", cells);
	return reading && { ts: reading.ts, value: reading.value, quality: reading.quality };
}

/** A row with the fields min, max, sum, n, count, kind, value, flag, state. */
export function bucketOf(cells: Cells): Bucket | null {
	const found = typedValue(cells, cells("kind"));
	const ts = cells("time");
	if (!found || typeof ts !== "number") return null;
	const number = (column: string, otherwise: number) => {
		const value = cells(column);
		return typeof value === "number" ? value : otherwise;
	};
	return {
		ts,
		min: number("min", Number.POSITIVE_INFINITY),
		max: number("max", Number.NEGATIVE_INFINITY),
		sum: number("sum", 0),
		n: number("n", 0),
		count: number("count", 0),
		last: found.value,
	};
}
