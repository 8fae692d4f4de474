import { readFile } from "node:fs/promises";
import { z } from "zod";
import { rawRowSchema } from "../../contracts/api.ts";
import { addHash, readingHash } from "./load-points.ts";
import { type Manifest, manifestSchema } from "./manifest.ts";

export interface CheckResult {
	points: number;
	acknowledged: number;
	/** Readings in the store, without those that were never acknowledged. */
	stored: number;
	missing: number;
	extra: number;
	/** Stored although their PUBACK never came: allowed. */
	unacknowledgedStored: number;
	/** Points whose count is right and whose values or times are not. */
	different: string[];
}

const answerSchema = z.object({ step: z.literal("raw"), rows: z.array(rawRowSchema), truncated: z.boolean() });

/** Points asked for at once. */
const PARALLEL = 8;

/** The token of the demo's facility manager. Throws where the file isn't there: then WATCHROOM_TOKEN has to be set. */
export async function demoToken(file: string): Promise<string> {
	const text = await readFile(file, "utf8").catch(() => null);
	const logIns = text === null ? [] : z.array(z.object({ role: z.string(), token: z.string() })).parse(JSON.parse(text));
	const found = logIns.find(({ role }) => role === "facility-manager");
	if (!found) throw new Error(`WATCHROOM_TOKEN: expected a token of the server's API; there are no demo log-ins in ${file}`);
	return found.token;
}

/** Compares what a load run had acknowledged with what the server has stored, point by point. Throws when the server doesn't answer. */
export async function checkManifest(file: string, server: string, token: string): Promise<CheckResult> {
	const manifest = manifestSchema.parse(JSON.parse(await readFile(file, "utf8")));
	const { from, to, batch } = manifest.summary;
	return await compareManifest(manifest, (point) => storedReadings(server, token, point, from - batch - 1, to + 5_000));
}

/** One stored reading: time in Unix ms, and value. */
export type Stored = readonly [ts: number, value: number];

/** Compares with readings from anywhere; `stored` yields a point's distinct readings. */
export async function compareManifest(manifest: Manifest, stored: (point: string) => AsyncIterable<Stored> | Iterable<Stored>): Promise<CheckResult> {
	const loose = new Map<string, Set<number>>();
	for (const { id, ts, count } of manifest.unacknowledged) {
		const times = loose.get(id) ?? new Set();
		for (let at = ts; at < ts + count; at++) times.add(at);
		loose.set(id, times);
	}
	const result: CheckResult = { points: 0, acknowledged: 0, stored: 0, missing: 0, extra: 0, unacknowledgedStored: 0, different: [] };
	const queue = [...manifest.points];
	const work = async () => {
		for (let point = queue.shift(); point; point = queue.shift()) {
			let count = 0;
			let checksum = 0;
			for await (const [ts, value] of stored(point.id)) {
				if (loose.get(point.id)?.has(ts)) {
					result.unacknowledgedStored++;
					continue;
				}
				count++;
				checksum = addHash(checksum, readingHash(ts, Math.round(value * 1000)));
			}
			result.points++;
			result.acknowledged += point.count;
			result.stored += count;
			result.missing += Math.max(0, point.count - count);
			result.extra += Math.max(0, count - point.count);
			if (count === point.count && checksum !== point.checksum) result.different.push(point.id);
		}
	};
	await Promise.all(Array.from({ length: PARALLEL }, work));
	return result;
}

/** A point's raw readings over the REST API, page by page: a truncated answer goes on after its last row. */
async function* storedReadings(server: string, token: string, point: string, from: number, to: number): AsyncGenerator<Stored> {
	for (let start = from; start < to; ) {
		const url = new URL(`/api/v1/points/${encodeURIComponent(point)}/history`, server);
		url.search = new URLSearchParams({ from: new Date(start).toISOString(), to: new Date(to).toISOString(), step: "raw" }).toString();
		const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
		if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
		const { rows, truncated } = answerSchema.parse(await response.json());
		for (const row of rows) if (typeof row.value === "number") yield [Date.parse(row.ts), row.value];
		const newest = rows.at(-1);
		if (!truncated || !newest) return;
		start = Date.parse(newest.ts) + 1;
	}
}
