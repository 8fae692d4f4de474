/** MQTT 3.1.1 packets of load mode, made by hand because a client library's object per message costs more than the rest together. */
import { loadMilliValue } from "./load-points.ts";

/** `{"ts":1769000000000,"value":12.345}`: always as long as this. */
const READING = 35;
const TS_AT = 6;
const TS_DIGITS = 13;
const VALUE_AT = 28;

/** CONNECT (MQTT 3.1.1, 3.1) with a clean session and no keep-alive. */
export function connectPacket(clientId: string, username: string | null, password: string | null): Buffer {
	const text = (value: string) => {
		const bytes = Buffer.from(value);
		return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
	};
	const flags = 0x02 | (username === null ? 0 : 0x80) | (password === null ? 0 : 0x40);
	const fields = [clientId, username, password].filter((value) => value !== null).map(text);
	const body = Buffer.concat([text("MQTT"), Buffer.from([4, flags, 0, 0]), ...fields]);
	return Buffer.concat([Buffer.from([0x10]), remainingLength(body.length), body]);
}

/** Remaining Length (2.2.3): seven bits a byte, lowest first. */
function remainingLength(length: number): Buffer {
	const bytes: number[] = [];
	let rest = length;
	do {
		const more = rest > 127;
		bytes.push((rest & 127) | (more ? 128 : 0));
		rest >>>= 7;
	} while (rest > 0);
	return Buffer.from(bytes);
}

/** The unchanging part of every QoS 1 PUBLISH (3.3) of one topic with `count` readings: all before the packet identifier. */
export function publishHead(topic: string, count: number): Buffer {
	const name = Buffer.from(topic);
	const length = 2 + name.length + 2 + payloadLength(count);
	return Buffer.concat([Buffer.from([0x32]), remainingLength(length), Buffer.from([name.length >> 8, name.length & 255]), name]);
}

export function payloadLength(count: number): number {
	return count === 1 ? READING : count * (READING + 1) + 1;
}

const TEMPLATE = Buffer.from('{"ts":0000000000000,"value":00.000}');

/** Writes a PUBLISH of the readings of a point at `ts`, `ts + 1`, ... into `out`; returns where it ends. */
export function writePublish(out: Buffer, at: number, head: Buffer, packetId: number, index: number, ts: number, count: number): number {
	let end = at + head.copy(out, at);
	out[end++] = packetId >> 8;
	out[end++] = packetId & 255;
	if (count > 1) out[end++] = 0x5b;
	for (let row = 0; row < count; row++) {
		if (row > 0) out[end++] = 0x2c;
		TEMPLATE.copy(out, end);
		writeDigits(out, end + TS_AT + TS_DIGITS, ts + row, TS_DIGITS);
		const milli = loadMilliValue(index, ts + row);
		writeDigits(out, end + VALUE_AT + 6, milli % 1000, 3);
		writeDigits(out, end + VALUE_AT + 2, Math.floor(milli / 1000), 2);
		end += READING;
	}
	if (count > 1) out[end++] = 0x5d;
	return end;
}

/** Writes `digits` decimal digits that end before `end`. */
function writeDigits(out: Buffer, end: number, value: number, digits: number): void {
	// Two halves, so that the arithmetic stays in 32 bits.
	let low = value % 1_000_000;
	let high = (value - low) / 1_000_000;
	for (let digit = 1; digit <= digits; digit++) {
		const source = digit <= 6 ? low : high;
		const rest = (source / 10) | 0;
		out[end - digit] = 48 + source - rest * 10;
		if (digit <= 6) low = rest;
		else high = rest;
	}
}
