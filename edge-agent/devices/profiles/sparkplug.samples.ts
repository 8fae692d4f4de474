import protobuf from "protobufjs/minimal.js";
import type { Said, Sample } from "./sample.ts";
import { DATATYPE } from "./sparkplug-payload.ts";

/** A metric to be sent; numbers go into the field that their datatype asks for, `long` into the one of 64 bits. */
export interface SentMetric {
	name?: string;
	alias?: number;
	at?: number;
	type?: number;
	historical?: boolean;
	isNull?: boolean;
	quality?: number;
	unit?: string;
	value?: number | boolean | string;
	int?: number;
	long?: bigint;
}

/** A payload as an edge node makes it. `seq: null`: without one. */
export function sparkplugPayload(metrics: readonly SentMetric[], seq: number | null, at: number | null = AT): Buffer {
	const writer = protobuf.Writer.create();
	if (at !== null) writer.uint32(0x08).uint64(at);
	for (const metric of metrics) writeMetric(writer.uint32(0x12).fork(), metric).ldelim();
	if (seq !== null) writer.uint32(0x18).uint64(seq);
	return Buffer.from(writer.finish());
}

function writeMetric(writer: protobuf.Writer, metric: SentMetric): protobuf.Writer {
	const { name, alias, at, type, historical, isNull, quality, unit, value, int, long } = metric;
	if (name !== undefined) writer.uint32(0x0a).string(name);
	if (alias !== undefined) writer.uint32(0x10).uint64(alias);
	if (at !== undefined) writer.uint32(0x18).uint64(at);
	if (type !== undefined) writer.uint32(0x20).uint32(type);
	if (historical) writer.uint32(0x28).bool(true);
	if (isNull) writer.uint32(0x38).bool(true);
	if (quality !== undefined || unit !== undefined) {
		writer.uint32(0x4a).fork();
		if (quality !== undefined) writer.uint32(0x0a).string("Quality");
		if (unit !== undefined) writer.uint32(0x0a).string("engUnit");
		if (quality !== undefined) writer.uint32(0x12).fork().uint32(0x08).uint32(3).uint32(0x18).uint32(quality).ldelim();
		if (unit !== undefined) writer.uint32(0x12).fork().uint32(0x08).uint32(12).uint32(0x42).string(unit).ldelim();
		writer.ldelim();
	}
	if (int !== undefined) writer.uint32(0x50).uint32(int);
	if (long !== undefined)
		writer.uint32(0x58).uint64({ low: Number(long & 0xffff_ffffn), high: Number((long >> 32n) & 0xffff_ffffn), unsigned: true });
	if (typeof value === "boolean") writer.uint32(0x70).bool(value);
	else if (typeof value === "string") writer.uint32(0x7a).string(value);
	else if (value !== undefined && type === DATATYPE.Float) writer.uint32(0x65).float(value);
	else if (value !== undefined) writer.uint32(0x69).double(value);
	return writer;
}

const AT = 1_790_000_000_000;
const NODE = "plant-2/cooling";
const at = (type: string, device?: string) => `spBv1.0/plant-2/${type}/cooling${device === undefined ? "" : `/${device}`}`;
const { Double, Float, Boolean: Flag, String: Text, Int8, Int16, Int32, Int64, UInt32, UInt64 } = DATATYPE;
const bdSeq = (number: bigint): SentMetric => ({ name: "bdSeq", type: Int64, long: number });

/** Births of the node and of its pump. */
const NBIRTH: Said = {
	topic: at("NBIRTH"),
	payload: sparkplugPayload(
		[
			bdSeq(7n),
			{ name: "Node Control/Rebirth", type: Flag, value: false },
			{ name: "Supply/Temperature", alias: 1, type: Double, value: 7.5, unit: "°C" },
			{ name: "Running", alias: 2, type: Flag, value: true },
			{ name: "Properties/Model", type: Text, value: "CU-40" },
		],
		0,
	),
};
const DBIRTH: Said = { topic: at("DBIRTH", "pump"), payload: sparkplugPayload([{ name: "Speed", alias: 10, type: Int32, int: 1450 }], 1) };
const NDEATH: Said = { topic: at("NDEATH"), payload: sparkplugPayload([bdSeq(7n)], null) };
const REBIRTH = "spBv1.0/plant-2/NCMD/cooling";
const named = (name: string, type: number, rest: Partial<SentMetric>): SentMetric => ({ name, type, ...rest });

export const samples: readonly Sample[] = [
	{
		about: "a node's birth",
		...NBIRTH,
		expect: [
			{ device: NODE, readings: { "Supply/Temperature": [7.5, "°C"], Running: true }, status: "online", info: { "Properties/Model": "CU-40" } },
		],
	},
	{ about: "a device's birth", after: [NBIRTH], ...DBIRTH, expect: [{ device: `${NODE}/pump`, readings: { Speed: 1450 }, status: "online" }] },
	{
		about: "data by alias, with the unit that the birth has said",
		after: [NBIRTH],
		topic: at("NDATA"),
		payload: sparkplugPayload([{ alias: 1, value: 8.25 }], 1),
		expect: [{ device: NODE, readings: { "Supply/Temperature": [8.25, "°C"] }, ts: AT }],
	},
	{
		about: "the metric's time rather than the payload's",
		after: [NBIRTH],
		topic: at("NDATA"),
		payload: sparkplugPayload([{ alias: 1, at: AT - 5_000, type: Double, value: 8.25 }], 1),
		expect: [{ device: NODE, readings: { "Supply/Temperature": [8.25, "°C"] }, ts: AT - 5_000 }],
	},
	{
		about: "data before any birth: an alias means nothing, and the births are asked for",
		topic: at("NDATA"),
		payload: sparkplugPayload([{ alias: 1, type: Double, value: 8.25 }], 4),
		expect: [{ device: NODE }],
		sends: [REBIRTH],
	},
	{
		about: "a gap: the births are asked for, once",
		after: [NBIRTH],
		topic: at("NDATA"),
		payload: sparkplugPayload(
			[
				{ alias: 1, value: 9 },
				{ alias: 99, value: 1 },
			],
			5,
		),
		expect: [{ device: NODE, readings: { "Supply/Temperature": [9, "°C"] } }],
		sends: [REBIRTH],
	},
	{
		about: "an unknown alias",
		after: [NBIRTH],
		topic: at("NDATA"),
		payload: sparkplugPayload([{ alias: 77, type: Double, value: 1 }], 1),
		expect: [{ device: NODE }],
		sends: [REBIRTH],
	},
	{
		about: "one sequence for the node and its devices",
		after: [NBIRTH, DBIRTH, { topic: at("NDATA"), payload: sparkplugPayload([{ alias: 2, value: false }], 2) }],
		topic: at("DDATA", "pump"),
		payload: sparkplugPayload([{ alias: 10, int: 1500 }], 3),
		expect: [{ device: `${NODE}/pump`, readings: { Speed: 1500 } }],
	},
	{
		about: "255 is followed by 0",
		after: [
			NBIRTH,
			...Array.from({ length: 255 }, (_, index) => ({ topic: at("NDATA"), payload: sparkplugPayload([{ alias: 2, value: true }], index + 1) })),
		],
		topic: at("NDATA"),
		payload: sparkplugPayload([{ alias: 2, value: false }], 0),
		expect: [{ device: NODE, readings: { Running: false } }],
	},
	{
		about: "the node's death takes its devices along",
		after: [NBIRTH, DBIRTH],
		...NDEATH,
		addresses: [NODE, `${NODE}/pump`, `${NODE}/fan`, "plant-2/cooling-b"],
		expect: [
			{ device: NODE, status: "offline" },
			{ device: `${NODE}/pump`, status: "offline" },
			{ device: `${NODE}/fan`, status: "offline" },
		],
	},
	{
		about: "the last will of an older session is passed over",
		after: [NBIRTH],
		topic: at("NDEATH"),
		payload: sparkplugPayload([bdSeq(6n)], 0),
		expect: [],
	},
	{
		about: "a device whose node has come back says nothing before its own birth",
		after: [NBIRTH, DBIRTH, NDEATH, { topic: at("NBIRTH"), payload: sparkplugPayload([bdSeq(8n)], 0) }],
		topic: at("DDATA", "pump"),
		payload: sparkplugPayload([named("Speed", Int32, { int: 1500 })], 1),
		expect: [],
		sends: [REBIRTH],
	},
	{
		about: "another session without a death in between: the devices wait for their births",
		after: [NBIRTH, DBIRTH],
		topic: at("NBIRTH"),
		payload: sparkplugPayload([bdSeq(8n)], 0),
		expect: [
			{ device: NODE, status: "online" },
			{ device: `${NODE}/pump`, status: "offline" },
		],
	},
	{
		about: "a device's death",
		after: [NBIRTH, DBIRTH],
		topic: at("DDEATH", "pump"),
		payload: sparkplugPayload([], 2),
		expect: [{ device: `${NODE}/pump`, status: "offline" }],
	},
	{
		about: "a record of the past",
		after: [NBIRTH],
		topic: at("NDATA"),
		payload: sparkplugPayload([{ alias: 1, at: AT - 3_600_000, historical: true, value: 6.5 }], 1),
		expect: [{ device: NODE, readings: { "Supply/Temperature": [6.5, "°C"] }, historical: true, ts: AT - 3_600_000 }],
	},
	{
		about: "whole numbers in two's complement, from 8 to 64 bits, in either field",
		after: [NBIRTH],
		topic: at("NDATA"),
		payload: sparkplugPayload(
			[
				named("i8", Int8, { int: 0xfe }),
				named("i16", Int16, { int: 0xffff_ff9c }),
				named("i32", Int32, { int: 0xffff_ffff }),
				named("i64", Int64, { long: 2n ** 64n - 5n }),
				named("u32", UInt32, { int: 4_000_000_000 }),
				named("u32 as a long", UInt32, { long: 4_000_000_001n }),
				named("u64", UInt64, { long: 2n ** 53n - 1n }),
				named("too large to be said", UInt64, { long: 2n ** 53n + 1n }),
				named("too small to be said", Int64, { long: 2n ** 63n }),
			],
			1,
		),
		expect: [
			{
				device: NODE,
				readings: { i8: -2, i16: -100, i32: -1, i64: -5, u32: 4_000_000_000, "u32 as a long": 4_000_000_001, u64: Number.MAX_SAFE_INTEGER },
			},
		],
	},
	{
		about: "null, nan, a value of another type and an empty text are no values",
		after: [NBIRTH],
		topic: at("NDATA"),
		payload: sparkplugPayload(
			[
				{ alias: 1, isNull: true },
				named("a", Double, { value: Number.NaN }),
				named("b", Float, { value: Number.POSITIVE_INFINITY }),
				named("c", Flag, { int: 1 }),
				named("d", Text, { value: "" }),
				named("e", 16, { value: "no data set" }),
				named("f", Float, { value: 12.1 }),
			],
			1,
		),
		expect: [{ device: NODE, readings: { f: 12.1 } }],
	},
	{
		about: "a payload that ends in the middle of a metric",
		topic: at("NDATA"),
		payload: sparkplugPayload([{ alias: 1, type: Double, value: 1 }], null).subarray(0, 14),
		expect: [{ device: NODE, refused: "wrong-shape" }],
	},
	{
		about: "a command to the node",
		topic: REBIRTH,
		payload: sparkplugPayload([named("Node Control/Rebirth", Flag, { value: true })], null),
		expect: [],
	},
	{
		about: "a host application's state",
		topic: "spBv1.0/STATE/scada",
		payload: `{"online":true,"timestamp":${AT}}`,
		expect: [{ device: "scada", status: "online", ts: AT }],
	},
	{ about: "a host application's state before 3.0", topic: "STATE/scada", payload: "OFFLINE", expect: [{ device: "scada", status: "offline" }] },
	{ about: "another dialect's STATE", topic: "STATE/lamp", payload: "dimmed", expect: null },
];
