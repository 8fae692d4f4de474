/**
 * How readings are encoded on the uplink: rows of objects, rows of arrays, or columns (contracts/reading.ts), as JSON and
 * compressed. One JSON line per encoding: bytes and CPU microseconds per reading to write and to read. Arguments: `--readings 5000 --points 1000`.
 */
import { parseArgs } from "node:util";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { fromColumns, type Reading, toColumns } from "../contracts/reading.ts";
import { readingColumnsSchema } from "../contracts/uplink.ts";

const encodings: Record<string, { encode: (readings: Reading[]) => Buffer; decode: (bytes: Buffer) => unknown }> = {
	"rows of objects": { encode: (readings) => Buffer.from(JSON.stringify(readings)), decode: (bytes) => JSON.parse(bytes.toString()) },
	"rows of arrays": {
		encode: (readings) =>
			Buffer.from(JSON.stringify(readings.map(({ point, ts, receivedAt, value, quality }) => [point, ts, receivedAt, value, quality]))),
		decode: (bytes) =>
			JSON.parse(bytes.toString()).map(([point, ts, receivedAt, value, quality]: unknown[]) => ({ point, ts, receivedAt, value, quality })),
	},
	columns: {
		encode: (readings) => Buffer.from(JSON.stringify(toColumns(readings))),
		decode: (bytes) => fromColumns(JSON.parse(bytes.toString())),
	},
	"columns, checked by the schema": {
		encode: (readings) => Buffer.from(JSON.stringify(toColumns(readings))),
		decode: (bytes) => fromColumns(readingColumnsSchema.parse(JSON.parse(bytes.toString()))),
	},
	"columns, deflated": {
		encode: (readings) => deflateRawSync(JSON.stringify(toColumns(readings)), { level: 1 }),
		decode: (bytes) => fromColumns(JSON.parse(inflateRawSync(bytes).toString())),
	},
};

export async function run(args: string[]): Promise<void> {
	const { values } = parseArgs({ args, options: { readings: { type: "string", default: "5000" }, points: { type: "string", default: "1000" } } });
	const [count, points] = [Number(values.readings), Number(values.points)];
	const base = Date.UTC(2026, 0, 1);
	const readings = Array.from(
		{ length: count },
		(_, index): Reading => ({
			point: `hall-a-rack-${index % points}:inlet-temperature`,
			ts: base + index,
			receivedAt: base + index + (index % 7),
			value: Math.round((22 + 3 * Math.sin(index)) * 100) / 100,
			quality: index % 500 === 0 ? "uncertain" : "good",
		}),
	);
	for (const [encoding, { encode, decode }] of Object.entries(encodings)) {
		const bytes = encode(readings);
		const time = (work: () => unknown): number => {
			const rounds = Math.max(3, Math.ceil(1_000_000 / count));
			for (let round = 0; round < rounds / 4; round++) work();
			const before = process.cpuUsage();
			for (let round = 0; round < rounds; round++) work();
			const { user, system } = process.cpuUsage(before);
			return Math.round(((user + system) / rounds / count) * 1000) / 1000;
		};
		const line = { bench: "encoding", encoding, readings: count, points, bytesPerReading: Math.round((bytes.length / count) * 10) / 10 };
		process.stdout.write(
			`${JSON.stringify({ ...line, encodeMicroseconds: time(() => encode(readings)), decodeMicroseconds: time(() => decode(bytes)) })}\n`,
		);
	}
}
