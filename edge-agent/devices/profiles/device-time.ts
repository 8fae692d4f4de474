/** Times as devices write them. What can't be used is marked, and the time of receipt stands for it. */
import type { UnusableClock } from "../../../contracts/uplink.ts";

/** `ts`: Unix ms, `null` where there is none that can be used; `unusable`: why. */
export interface DeviceTime {
	ts: number | null;
	unusable: UnusableClock | null;
}
export const NO_TIME: DeviceTime = { ts: null, unusable: null };

/** Before 2001 no clock of a device was right: it counts from when it was switched on, or from 1970, 1980 or 2000. */
const EARLIEST = Date.UTC(2001, 0, 1);
/** A year after 2001 in seconds; what is less is no date in seconds. */
const SECONDS = EARLIEST / 1000;
const LATEST = Date.UTC(2200, 0, 1);

/** Of a number in whichever of s, ms, µs or ns gives a date of this century. */
export function epochTime(value: number): DeviceTime {
	if (!Number.isFinite(value)) return { ts: null, unusable: "unreadable" };
	for (const perMs of [0.001, 1, 1_000, 1_000_000]) {
		const ts = Math.round(value / perMs);
		if (ts >= EARLIEST && ts < LATEST) return { ts, unusable: null };
	}
	return { ts: null, unusable: value >= 0 && value < SECONDS ? "since-boot" : "unreadable" };
}

/** Of seconds since 1970, with fractions; small numbers are seconds since the device was switched on. */
export function secondsTime(seconds: number): DeviceTime {
	return millisecondsTime(seconds * 1000);
}

/** Of milliseconds since 1970. */
export function millisecondsTime(milliseconds: number): DeviceTime {
	const ts = Math.round(milliseconds);
	if (ts >= EARLIEST && ts < LATEST) return { ts, unusable: null };
	return { ts: null, unusable: ts >= 0 && ts < EARLIEST ? "since-boot" : "unreadable" };
}

const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/;

/** Of ISO 8601 text with a zone. Without one nobody knows which hour is meant; "EST" and the like mean several. */
export function isoTime(text: string): DeviceTime {
	const match = ISO.exec(text.trim());
	if (!match) return { ts: null, unusable: /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?\s+[A-Z]{2,5}$/.test(text.trim()) ? "no-zone" : "unreadable" };
	const [, day = "", time = "", zone] = match;
	const offset =
		zone === undefined || zone === "UTC" || zone === "GMT"
			? "Z"
			: /^[+-]\d{2}$/.test(zone)
				? `${zone}:00`
				: zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
	const ts = Date.parse(`${day}T${time.replace(",", ".").replace(/(\.\d{3})\d+$/, "$1")}${offset}`);
	if (Number.isNaN(ts)) return { ts: null, unusable: "unreadable" };
	if (ts < EARLIEST) return { ts: null, unusable: "not-set" };
	return zone === undefined ? { ts: null, unusable: "no-zone" } : { ts, unusable: null };
}

/** Of a number or a text, whichever it is; absent: {@link NO_TIME}. */
export function timeOf(value: unknown): DeviceTime {
	if (value === undefined || value === null) return NO_TIME;
	if (typeof value === "number") return epochTime(value);
	if (typeof value !== "string") return { ts: null, unusable: "unreadable" };
	return /^\d+(\.\d+)?$/.test(value) ? epochTime(Number(value)) : isoTime(value);
}

/** As a decoded part says it. */
export function clockOf({ unusable }: DeviceTime): { unusableClock?: UnusableClock } {
	return unusable === null ? {} : { unusableClock: unusable };
}
