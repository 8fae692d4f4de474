/** Whether what a device says fits the device list, and what becomes of it; pure but for the clock of the device it is given. */
import type { Quality, Value } from "../../contracts/kinds.ts";
import type { Reading } from "../../contracts/reading.ts";
import { conversionOf, convert, unitsFor } from "../../contracts/units.ts";
import { ANY_OTHER, type UplinkEvent } from "../../contracts/uplink.ts";
import { AGE_LIMIT, type DeviceClock, FUTURE_LIMIT, isTimeUncertain } from "./device-clock.ts";
import type { DeviceEntry, PointEntry } from "./device-directory.ts";
import type { DecodedEvent, DecodedReading, Refusal } from "./profiles/profile.ts";

/** Times before 2001 come from clocks that were never set, whatever their epoch (1970, 1980, 2000). */
const EARLIEST = Date.UTC(2001, 0, 1);

/** `null`: the time is believable. */
export function refuseTime(ts: number, receivedAt: number): Refusal | null {
	if (ts - receivedAt > FUTURE_LIMIT)
		return { reason: "time-in-future", detail: `ts: expected at most ${FUTURE_LIMIT / 60_000} min ahead of receipt, got ${ts - receivedAt} ms` };
	if (ts < EARLIEST || receivedAt - ts > AGE_LIMIT)
		return { reason: "time-too-old", detail: `ts: expected at most ${AGE_LIMIT / 86_400_000} days before receipt, got ${ts}` };
	return null;
}

/** `null`: the value is one that the point can have. */
export function refuseValue(point: PointEntry, value: Value): Refusal | null {
	const expected = point.type === "state" ? "string" : point.type;
	if (typeof value !== expected) return { reason: "wrong-type", detail: `value: expected a ${point.type}, got a ${typeof value}` };
	if (typeof value === "number" && !Number.isFinite(value)) return { reason: "not-finite", detail: "value: expected a finite number" };
	if (typeof value === "string" && point.states && !point.states.has(value))
		return { reason: "unknown-state", detail: `value: expected ${[...point.states].join(", ")}, got ${value}` };
	return null;
}

/** The quality of an accepted reading: the worst of what the device says, its range and its clock. */
export function qualityOf(point: PointEntry, value: Value, said: Quality | null, ts: number, receivedAt: number, clock: DeviceClock): Quality {
	if (said === "bad") return "bad";
	if (typeof value === "number" && point.range && (value < point.range.min || value > point.range.max)) return "bad";
	if (said === "uncertain" || isTimeUncertain(clock, ts, receivedAt)) return "uncertain";
	return "good";
}

/**
 * The readings of one message, complete, or why the message is refused: one wrong reading refuses all, and the refusal names
 * its index. A reading without a time gets the time of receipt, a millisecond later than the point's last where that is taken.
 */
export function checkReadings(device: DeviceEntry, readings: readonly DecodedReading[], receivedAt: number, clock: DeviceClock): Reading[] | Refusal {
	const checked: Reading[] = [];
	for (let index = 0; index < readings.length; index++) {
		const reading = readings[index] as DecodedReading;
		const point = device.channels.get(reading.channel);
		if (!point) return at(index, readings, { reason: "unknown-point", detail: `${device.id} has no point ${reading.channel} in the device list` });
		const value = meantBy(point, reading);
		if (typeof value === "object") return at(index, readings, value);
		const refusal = refuseValue(point, value) ?? (reading.ts === null ? null : refuseTime(reading.ts, receivedAt));
		if (refusal) return at(index, readings, refusal);
		const ts = reading.ts ?? withoutClock(point, checked, receivedAt);
		const quality = qualityOf(point, value, reading.quality, ts, receivedAt, clock);
		const complete: Reading = { point: point.id, ts, receivedAt, value, quality };
		if (reading.historical === true) complete.historical = true;
		checked.push(complete);
	}
	return checked;
}

/** The value in the point's own words and unit, or why it has none. */
function meantBy(point: PointEntry, reading: DecodedReading): Value | Refusal {
	const { values, unit, sourceUnit, type } = point;
	if (values !== null) {
		const meant = values.get(String(reading.value));
		if (meant !== undefined) return meant;
		const otherwise = values.get(ANY_OTHER);
		if (otherwise !== undefined && refuseValue(point, reading.value) !== null) return otherwise;
	}
	const from = reading.unit ?? sourceUnit;
	if (from === null || from === unit || unit === null || type !== "number" || typeof reading.value !== "number") return reading.value;
	const conversion = conversionOf(from, unit);
	if (conversion) return convert(reading.value, conversion);
	return { reason: "wrong-type", detail: `unit: expected one of ${unitsFor(unit).join(", ")}, got ${from}` };
}

/** Furthest that a reading without a time is moved from its receipt, ms. */
const SPREAD = 1_000;

function withoutClock(point: PointEntry, before: readonly Reading[], receivedAt: number): number {
	const last = before.findLast((reading) => reading.point === point.id)?.ts ?? point.latest?.ts;
	return last !== undefined && last >= receivedAt && last < receivedAt + SPREAD ? last + 1 : receivedAt;
}

function at(index: number, readings: readonly DecodedReading[], refusal: Refusal): Refusal {
	return readings.length === 1 ? refusal : { reason: refusal.reason, detail: `[${index}] ${refusal.detail}` };
}

/** The event, complete, or why it is refused. A door's state comes from its controller, access from its readers too. */
export function checkEvent(device: DeviceEntry, event: DecodedEvent, receivedAt: number): UplinkEvent | Refusal {
	const common = { device: device.id, ts: event.ts ?? receivedAt, receivedAt };
	if (event.type === "status") return { type: "status", status: event.status, ...common };
	const doors = event.type === "door" ? device.controls : device.doors;
	const door = doorOf(device, doors, event.door);
	if (door === null) {
		const detail = event.door === null ? "stands at no one door" : `has no door ${event.door}`;
		return { reason: "unknown-door", detail: `door: ${device.id} ${detail} in the device list` };
	}
	if (event.type === "access" && (event.result === "granted" ? event.reason.startsWith("denied") : event.reason === "granted"))
		return { reason: "wrong-shape", detail: `reason: expected one of a ${event.result} access` };
	const refusal = event.ts === null ? null : refuseTime(event.ts, receivedAt);
	if (refusal) return refusal;
	// Without numbers of its own the device's events are numbered by time: later than all before, also after the agent has lost its files.
	const seq = event.seq ?? Math.max(receivedAt, (device.state.events.last ?? 0) + 1);
	if (event.type === "door") return { type: "door", ...common, seq, door, state: event.state };
	const { method, card, fingerprint, result, reason } = event;
	const direction = event.direction ?? device.directions.get(door) ?? "in";
	return { type: "access", ...common, seq, door, direction, method, card, fingerprint, result, reason };
}

/** The door that a device means; without a word for it the only one that it has. */
function doorOf(device: DeviceEntry, doors: ReadonlySet<string>, source: string | null): string | null {
	const door = source === null ? (doors.size === 1 ? [...doors][0] : undefined) : device.doorsBySource.get(source);
	return door !== undefined && doors.has(door) ? door : null;
}
