import { addMonths } from "../../platform/calendar.ts";

/** A grant lasts this many calendar months unless it is asked for again (ACC-6). */
export const GRANT_MONTHS = 3;
/** A lapse is announced this long before, ms. */
export const ANNOUNCE_BEFORE = 14 * 86_400_000;

/** When a grant that was asked for at this time lapses, Unix ms. */
export const grantLapse = (askedAt: number): number => addMonths(askedAt, GRANT_MONTHS);
