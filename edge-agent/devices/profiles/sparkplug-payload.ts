/**
 * Sparkplug B payloads as they travel: protobuf, read by the field numbers of the specification (sparkplug_b.proto). Values keep the shape in
 * which they came, since a metric's datatype may be known from its birth alone.
 */
import protobuf from "protobufjs/minimal.js";

/** Datatypes of metrics that become readings (Sparkplug 3.0, §6.4.16). */
export const DATATYPE = {
	Int8: 1,
	Int16: 2,
	Int32: 3,
	Int64: 4,
	UInt8: 5,
	UInt16: 6,
	UInt32: 7,
	UInt64: 8,
	Float: 9,
	Double: 10,
	Boolean: 11,
	String: 12,
	Text: 14,
	UUID: 15,
} as const;

/** One metric; what wasn't sent is `null`. */
export class Metric {
	name: string | null = null;
	alias: number | null = null;
	/** Unix ms. */
	timestamp: number | null = null;
	/** 0: not said. */
	datatype = 0;
	historical = false;
	isNull = false;
	/** Of its properties: quality code and unit. */
	quality: number | null = null;
	unit: string | null = null;
	/** Whole numbers, as two halves without sign. */
	low = 0;
	high = 0;
	isWhole = false;
	isLong = false;
	/** A float or double. */
	real: number | null = null;
	isFloat = false;
	boolean: boolean | null = null;
	text: string | null = null;
}
export interface SparkplugPayload {
	timestamp: number | null;
	/** `null`: none, as in a death; encoders that leave out zeros mean 0. */
	seq: number | null;
	metrics: Metric[];
}

const PART = 4_294_967_296;
const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];
/** Tags by field number and wire type. */
const varint = (field: number) => (field << 3) | VARINT;
const fixed64 = (field: number) => (field << 3) | FIXED64;
const bytes = (field: number) => (field << 3) | BYTES;
const fixed32 = (field: number) => (field << 3) | FIXED32;

/** Throws on bytes that are no Sparkplug payload. */
export function readPayload(buffer: Buffer): SparkplugPayload {
	const reader = protobuf.Reader.create(buffer);
	const payload: SparkplugPayload = { timestamp: null, seq: null, metrics: [] };
	while (reader.pos < reader.len) {
		const tag = reader.uint32();
		if (tag === varint(1)) payload.timestamp = unsigned(reader);
		else if (tag === bytes(2)) payload.metrics.push(readMetric(reader, endOf(reader, reader.len)));
		else if (tag === varint(3)) payload.seq = unsigned(reader);
		else skip(reader, tag, reader.len);
	}
	return payload;
}

function readMetric(reader: protobuf.Reader, end: number): Metric {
	const metric = new Metric();
	while (reader.pos < end) {
		const tag = reader.uint32();
		switch (tag) {
			case bytes(1):
				metric.name = reader.string();
				break;
			case varint(2):
				metric.alias = unsigned(reader);
				break;
			case varint(3):
				metric.timestamp = unsigned(reader);
				break;
			case varint(4):
				metric.datatype = reader.uint32();
				break;
			case varint(5):
				metric.historical = reader.bool();
				break;
			case varint(7):
				metric.isNull = reader.bool();
				break;
			case bytes(9):
				readProperties(reader, endOf(reader, end), metric);
				break;
			case varint(10):
			case varint(11): {
				const { low, high } = halves(reader);
				metric.low = low >>> 0;
				metric.high = high >>> 0;
				metric.isWhole = true;
				metric.isLong = tag === varint(11);
				break;
			}
			case fixed32(12):
				metric.real = reader.float();
				metric.isFloat = true;
				break;
			case fixed64(13):
				metric.real = reader.double();
				break;
			case varint(14):
				metric.boolean = reader.bool();
				break;
			case bytes(15):
				metric.text = reader.string();
				break;
			default:
				skip(reader, tag, end);
		}
	}
	if (reader.pos !== end) throw new RangeError("a metric ends in the middle of a field");
	return metric;
}

/** A PropertySet: keys (1) and values (2) in the same order; of a value, int (3), long (4) and string (8). */
function readProperties(reader: protobuf.Reader, end: number, metric: Metric): void {
	const keys: string[] = [];
	const values: (number | string | null)[] = [];
	while (reader.pos < end) {
		const tag = reader.uint32();
		if (tag === bytes(1)) keys.push(reader.string());
		else if (tag === bytes(2)) {
			const until = endOf(reader, end);
			let value: number | string | null = null;
			while (reader.pos < until) {
				const inner = reader.uint32();
				if (inner === varint(3) || inner === varint(4)) value = unsigned(reader);
				else if (inner === bytes(8)) value = reader.string();
				else skip(reader, inner, until);
			}
			if (reader.pos !== until) throw new RangeError("a property ends in the middle of a field");
			values.push(value);
		} else skip(reader, tag, end);
	}
	if (reader.pos !== end) throw new RangeError("properties end in the middle of a field");
	for (const [index, key] of keys.entries()) {
		const value = values[index];
		if (typeof value === "number" && /^quality$/i.test(key)) metric.quality = value;
		if (typeof value === "string" && /^(?:eng(?:ineering)?[ _]?units?|units?)$/i.test(key) && value !== "" && value.length <= 20) metric.unit = value;
	}
}

/** Where a field with a length ends; throws when that is beyond what it lies in. */
function endOf(reader: protobuf.Reader, limit: number): number {
	const length = reader.uint32();
	if (reader.pos + length > limit) throw new RangeError("a field is longer than what it lies in");
	return reader.pos + length;
}

function skip(reader: protobuf.Reader, tag: number, limit: number): void {
	if (tag >>> 3 === 0) throw new RangeError("0 is no field");
	reader.skipType(tag & 7);
	if (reader.pos > limit) throw new RangeError("a field is longer than what it lies in");
}

/** 64 bits in two halves. With the package `long`, which it depends on, protobufjs reads an object of that kind; its types say a number. */
function halves(reader: protobuf.Reader): { low: number; high: number } {
	return reader.uint64() as unknown as { low: number; high: number };
}

/** `null`: more than a number can hold exactly. */
function unsigned(reader: protobuf.Reader): number | null {
	const { low, high } = halves(reader);
	return whole(low >>> 0, high >>> 0);
}
function whole(low: number, high: number): number | null {
	return high <= 0x1f_ffff ? high * PART + low : null;
}

/** The metric's value as the datatype means it; `null`: there is none, or none that can be said exactly. */
export function metricValue(metric: Metric, datatype: number): number | boolean | string | null {
	if (metric.isNull) return null;
	if (datatype === DATATYPE.Float || datatype === DATATYPE.Double) {
		const { real } = metric;
		if (real === null || !Number.isFinite(real)) return null;
		return metric.isFloat ? shortest(real) : real;
	}
	if (datatype === DATATYPE.Boolean) return metric.boolean;
	if (datatype === DATATYPE.String || datatype === DATATYPE.Text || datatype === DATATYPE.UUID)
		return metric.text !== null && metric.text !== "" && metric.text.length <= 64 ? metric.text : null;
	return metric.isWhole ? wholeNumber(metric, datatype) : null;
}

/** Of 8, 16 and 32 bits the low half counts: encoders differ in whether they extend the sign to 64 bits. */
function wholeNumber({ low, high, isLong }: Metric, datatype: number): number | null {
	switch (datatype) {
		case DATATYPE.Int8:
			return (low << 24) >> 24;
		case DATATYPE.Int16:
			return (low << 16) >> 16;
		case DATATYPE.Int32:
			return low | 0;
		case DATATYPE.Int64:
			// In the field of 32 bits nobody can tell how a negative number was meant.
			if (!isLong) return high === 0 && low < 0x8000_0000 ? low : null;
			if (high < 0x8000_0000) return whole(low, high);
			return negative(low, high);
		case DATATYPE.UInt8:
			return high === 0 && low <= 0xff ? low : null;
		case DATATYPE.UInt16:
			return high === 0 && low <= 0xffff ? low : null;
		case DATATYPE.UInt32:
			// An int that went through a signed type has its sign extended.
			return high === 0 || !isLong ? low : null;
		case DATATYPE.UInt64:
			return whole(low, high);
		default:
			return null;
	}
}
function negative(low: number, high: number): number | null {
	const value = (high - PART) * PART + low;
	return value >= Number.MIN_SAFE_INTEGER ? value : null;
}

/** 12.1 for the float that stands for 12.1: the shortest number with at most six decimals that is the same float. */
function shortest(value: number): number {
	const short = Math.round(value * 1e3) / 1e3;
	if (Math.fround(short) === value) return short;
	const longer = Math.round(value * 1e6) / 1e6;
	return Math.fround(longer) === value ? longer : value;
}

/** The payload that asks an edge node for its births. */
export function rebirthRequest(timestamp: number): Buffer {
	const writer = protobuf.Writer.create();
	writer.uint32(varint(1)).uint64(timestamp);
	writer.uint32(bytes(2)).fork();
	writer.uint32(bytes(1)).string("Node Control/Rebirth");
	writer.uint32(varint(3)).uint64(timestamp);
	writer.uint32(varint(4)).uint32(DATATYPE.Boolean);
	writer.uint32(varint(14)).bool(true);
	writer.ldelim();
	return Buffer.from(writer.finish());
}
