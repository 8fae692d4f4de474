import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import mqtt from "mqtt";
import { parsePointId } from "../../contracts/identifiers.ts";
import { deviceTopic } from "../../contracts/native-dialect.ts";
import type { World } from "../../contracts/world.ts";
import { csvFields, recordedTime, toCelsius } from "./csv.ts";

export interface ReplayOptions {
	url: string;
	/** CSV with a header line. */
	file: string;
	/** `{device}:{point}` */
	point: string;
	/** Names of the columns. */
	time: string;
	value: string;
	/** Seconds of the recording in one second. */
	speed: number;
	/** Where in the recording to begin, ISO 8601. */
	from: string | null;
	/** Send the recorded times; otherwise the recording begins now and its gaps are divided by `speed`. */
	keepTimes: boolean;
	fahrenheit: boolean;
}
export interface ReplayCounts {
	rows: number;
	/** Rows without a time or number in their columns, or out of order: left out. */
	skipped: number;
	sent: number;
	acknowledged: number;
}

/** One row of a recording. */
export interface RecordedRow {
	/** Unix ms */
	ts: number;
	value: number;
}

/** Points that an error names. */
const SHOWN_POINTS = 5;

/** When a row is sent and with which time stamp; `first` is the recording's first time, `begin` when the replay began (Unix ms). */
export function replayTime(row: RecordedRow, first: number, begin: number, speed: number, keepTimes: boolean): { due: number; ts: number } {
	const due = begin + (row.ts - first) / speed;
	return { due, ts: keepTimes ? row.ts : Math.round(due) };
}

/** Throws an Error that says what `--point` can be when the site has no such point with numbers for values. `file`: the site file's path. */
export function checkReplayPoint(point: string, world: World, file: string): void {
	const target = parsePointId(point);
	if (!target) throw new Error(`--point: expected device:point, got ${point}`);
	const known = world.points.get(point);
	if (known?.type === "number") return;
	const device = world.devices.get(target.device);
	const numbers = [...(device?.points ?? world.points.values())].filter(({ type }) => type === "number").map(({ id }) => id);
	const shown = numbers.slice(0, SHOWN_POINTS).join(", ") + (numbers.length > SHOWN_POINTS ? ", ..." : "");
	const what = known ? `${point} is not a number in` : `${point} is not a point of`;
	throw new Error(`--point: ${what} ${file} (WATCHROOM_SITE); expected device:point${shown && ` such as ${shown}`}`);
}

/** Plays a recording to the device broker and resolves when every row is acknowledged. Throws an Error when file, columns or broker are not there. */
export async function replay(options: ReplayOptions, signal: AbortSignal): Promise<ReplayCounts> {
	const target = parsePointId(options.point);
	if (!target) throw new Error(`--point: expected device:point, got ${options.point}`);
	const from = options.from === null ? Number.NEGATIVE_INFINITY : recordedTime(options.from);
	if (from === null) throw new Error(`--from: expected a time such as 2013-12-15T07:00:00Z, got ${options.from}`);
	const counts: ReplayCounts = { rows: 0, skipped: 0, sent: 0, acknowledged: 0 };
	const client = await mqtt.connectAsync(options.url, { clientId: `replay-${process.pid}` }, false);
	try {
		let first: number | null = null;
		let lastRecorded = Number.NEGATIVE_INFINITY;
		let last = Number.NEGATIVE_INFINITY;
		let begin = 0;
		const pending = new Set<Promise<void>>();
		for await (const row of recordedRows(options, counts)) {
			if (signal.aborted) break;
			if (row.ts < from) continue;
			if (first === null) {
				first = row.ts;
				begin = Date.now();
			}
			if (row.ts <= lastRecorded) {
				counts.skipped++;
				continue;
			}
			lastRecorded = row.ts;
			const { due, ts: rebased } = replayTime(row, first, begin, options.speed, options.keepTimes);
			// Two rows less than a millisecond apart stay two readings.
			const ts = Math.max(rebased, last + 1);
			last = ts;
			if (due > Date.now()) await sleep(due - Date.now(), undefined, { signal }).catch(() => {});
			counts.sent++;
			const sent = client.publishAsync(deviceTopic(target.device, target.point), JSON.stringify({ ts, value: row.value }), { qos: 1 }).then(
				() => {
					counts.acknowledged++;
					pending.delete(sent);
				},
				() => {
					pending.delete(sent);
				},
			);
			pending.add(sent);
			if (pending.size >= 500) await Promise.race(pending);
		}
		await Promise.all(pending);
	} finally {
		await client.endAsync();
	}
	return counts;
}

async function* recordedRows(options: ReplayOptions, counts: ReplayCounts): AsyncGenerator<RecordedRow> {
	let columns: { time: number; value: number } | null = null;
	for await (const line of createInterface({ input: createReadStream(options.file, "utf8"), crlfDelay: Number.POSITIVE_INFINITY })) {
		if (line.trim() === "") continue;
		const fields = csvFields(line);
		if (!columns) {
			columns = { time: fields.indexOf(options.time), value: fields.indexOf(options.value) };
			if (columns.time < 0 || columns.value < 0)
				throw new Error(`${options.file} has the columns ${fields.join(", ")}; expected ${options.time} and ${options.value} among them`);
			continue;
		}
		counts.rows++;
		const ts = recordedTime(fields[columns.time] ?? "");
		const text = fields[columns.value]?.trim() ?? "";
		const value = Number(text);
		if (ts === null || text === "" || !Number.isFinite(value)) counts.skipped++;
		else yield { ts, value: options.fahrenheit ? toCelsius(value) : value };
	}
}
