/** Whether what a device says fits the device list, and what becomes of it; pure but for the clock of the device it is given. */
import type { Quality } from "../../contracts/kinds.ts";
import type { Reading } from "../../contracts/reading.ts";
import type { UplinkEvent } from "../../contracts/uplink.ts";
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
export function refuseValue(point: PointEntry, value: number | boolean | string): Refusal | null {
	const expected = point.type === "state" ? "string" : point.type;
	if (typeof value !== expected) return { reason: "wrong-type", detail: `value: expected a ${point.type}, got a ${typeof value}` };
	if (typeof value === "number" && !Number.isFinite(value)) return { reason: "not-finite", detail: "value: expected a finite number" };
	if (typeof value === "string" && point.states && !point.states.has(value))
		return { reason: "unknown-state", detail: `value: expected ${[...point.states].join(", ")}, got ${value}` };
	return null;
}

/** The quality of an accepted reading: the worst of what the device says, its range and its clock. */
export function qualityOf(point: PointEntry, reading: DecodedReading, ts: number, receivedAt: number, clock: DeviceClock): Quality {
	if (reading.quality === "bad") return "bad";
	if (typeof reading.value === "number" && point.range && (reading.value < point.range.min || reading.value > point.range.max)) return "bad";
	if (reading.quality === "uncertain" || isTimeUncertain(clock, ts, receivedAt)) return "uncertain";
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
		const point = device.points.get(reading.point);
		if (!point) return at(index, readings, { reason: "unknown-point", detail: `${device.id} has no point ${reading.point} in the device list` });
		const refusal = refuseValue(point, reading.value) ?? (reading.ts === null ? null : refuseTime(reading.ts, receivedAt));
		if (refusal) return at(index, readings, refusal);
		const ts = reading.ts ?? withoutClock(point, checked, receivedAt);
		const quality = qualityOf(point, reading, ts, receivedAt, clock);
		checked.push({ point: point.id, ts, receivedAt, value: reading.value, quality });
	}
	return checked;
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
	if (!doors.has(event.door)) return { reason: "unknown-door", detail: `door: ${device.id} has no door ${event.door} in the device list` };
	if (event.type === "access" && (event.result === "granted" ? event.reason.startsWith("denied") : event.reason === "granted"))
		return { reason: "wrong-shape", detail: `reason: expected one of a ${event.result} access` };
	const refusal = event.ts === null ? null : refuseTime(event.ts, receivedAt);
	return refusal ?? { ...event, ...common };
}
