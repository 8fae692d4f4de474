import { ageOf } from "../ui/age.ts";

/** Writes numbers and times for one language and one time zone. */
export interface Format {
	/** Without unit; the digits fit the unit. */
	number(value: number, unit?: string | null): string;
	/** 14:03:27 */
	time(ms: number): string;
	/** 22 Nov, 14:03:27 */
	dateTime(ms: number): string;
	/** 22 Nov 2026, 14:03 */
	moment(ms: number): string;
	/** How long something took, such as 34 s. */
	age(ms: number): string;
	bytes(size: number): string;
	/** 14:03 GMT+8 */
	zoneName(ms: number): string;
}

/** Digits after the point by unit; what isn't listed gets at most two. */
const DIGITS: Readonly<Record<string, number>> = {
	"°C": 1,
	"%RH": 1,
	"%": 0,
	V: 1,
	A: 1,
	W: 0,
	kWh: 0,
	Hz: 2,
	min: 0,
	"m³/h": 0,
	Pa: 0,
	Ω: 2,
	"mm/s": 2,
	"1": 0,
};

/** `timeZone`: the site's, so that everybody on a call reads the same clock. */
export function createFormat(language: string, timeZone: string): Format {
	const locale = language === "zh" ? "zh-CN" : "en-GB";
	const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone } as const;
	const time = new Intl.DateTimeFormat(locale, clock);
	const dateTime = new Intl.DateTimeFormat(locale, { ...clock, day: "numeric", month: "short" });
	const moment = new Intl.DateTimeFormat(locale, {
		day: "numeric",
		month: "short",
		year: "numeric",
		hour: "2-digit",
		minute: "2-digit",
		hourCycle: "h23",
		timeZone,
	});
	const zone = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: "short" });
	const numbers = new Map<number, Intl.NumberFormat>();
	const units = new Map<string, Intl.NumberFormat>();
	return {
		number(value, unit) {
			const digits = (unit == null ? undefined : DIGITS[unit]) ?? -1;
			let format = numbers.get(digits);
			if (!format) {
				format = new Intl.NumberFormat(
					locale,
					digits < 0 ? { maximumFractionDigits: 2 } : { minimumFractionDigits: digits, maximumFractionDigits: digits },
				);
				numbers.set(digits, format);
			}
			return format.format(value);
		},
		time: (ms) => time.format(ms),
		dateTime: (ms) => dateTime.format(ms),
		moment: (ms) => moment.format(ms),
		age(ms) {
			const { amount, unit } = ageOf(ms);
			let format = units.get(unit);
			if (!format) {
				format = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: unit === "day" ? "long" : "short" });
				units.set(unit, format);
			}
			return format.format(amount);
		},
		bytes(size) {
			const [unit, divisor] =
				size < 1024 ? (["byte", 1] as const) : size < 1024 ** 2 ? (["kilobyte", 1024] as const) : (["megabyte", 1024 ** 2] as const);
			return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", maximumFractionDigits: 1 }).format(
				size / divisor,
			);
		},
		zoneName: (ms) => zone.formatToParts(ms).find((part) => part.type === "timeZoneName")?.value ?? timeZone,
	};
}
