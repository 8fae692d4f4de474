/** Rules of how long data is kept. */
import type { FieldError } from "../platform/errors.ts";

export const RETAINED = ["audit", "readings", "minute-readings", "hour-readings", "visits"] as const;
export type Retained = (typeof RETAINED)[number];
/** Days by kind of data. */
export type RetentionDays = Readonly<Record<Retained, number>>;

/** The audit log is kept for at least this many days (AUD-2), visits for three months (ACC-8); everything else for at least one day. */
export const LEAST_AUDIT_DAYS = 180;
export const LEAST_VISIT_DAYS = 92;
export const MOST_DAYS = 36_500;
export const leastDays = (data: Retained): number => (data === "audit" ? LEAST_AUDIT_DAYS : data === "visits" ? LEAST_VISIT_DAYS : 1);

/** From the finest to the coarsest: what is coarser is kept at least as long. */
const RESOLUTIONS: readonly Retained[] = ["readings", "minute-readings", "hour-readings"];

/** What is wrong with settings if one of them is changed; empty where nothing is. */
export function retentionErrors(settings: RetentionDays, data: Retained, days: number): FieldError[] {
	if (!Number.isInteger(days) || days < leastDays(data) || days > MOST_DAYS) {
		const why =
			data === "audit" ? "the audit log is kept for at least 180 days; " : data === "visits" ? "visits are kept for at least three months; " : "";
		return [{ field: "days", message: `${why}expected a whole number from ${leastDays(data)} to ${MOST_DAYS}` }];
	}
	const at = RESOLUTIONS.indexOf(data);
	if (at < 0) return [];
	const finer = RESOLUTIONS[at - 1];
	const coarser = RESOLUTIONS[at + 1];
	const errors: FieldError[] = [];
	if (finer && days < settings[finer]) errors.push({ field: "days", message: `expected at least ${settings[finer]}, for which ${finer} are kept` });
	if (coarser && days > settings[coarser])
		errors.push({ field: "days", message: `expected at most ${settings[coarser]}, for which ${coarser} are kept` });
	return errors;
}

/** The settings of an installation that has none yet, from its configuration; parts of a day count as a whole one. */
export function firstRetention(config: { auditDays: number; retention: { rawMs: number; minuteMs: number; hourMs: number } }): RetentionDays {
	const { rawMs, minuteMs, hourMs } = config.retention;
	const days = (ms: number) => Math.ceil(ms / 86_400_000);
	return {
		audit: config.auditDays,
		readings: days(rawMs),
		"minute-readings": days(minuteMs),
		"hour-readings": days(hourMs),
		visits: LEAST_VISIT_DAYS,
	};
}
