/** When access ends because nobody asked for it again or its time is over (ACC-6); pure, times are Unix ms. */
import { addMonths } from "../../platform/calendar.ts";
import type { GrantRecord, Register } from "./register.ts";

/** A grant lasts this many calendar months unless it is asked for again (ACC-6). */
export const GRANT_MONTHS = 3;
/** A lapse is announced this long before, ms. */
export const ANNOUNCE_BEFORE = 14 * 86_400_000;

/** When a grant that was asked for at this time lapses, Unix ms. */
export const grantLapse = (askedAt: number): number => addMonths(askedAt, GRANT_MONTHS);

/** Whether it is the lapse that ends this grant, rather than its own end before. */
const endsByLapse = ({ endedAt, until, lapsesAt }: GrantRecord): boolean => endedAt === null && (until === null || lapsesAt < until);

/** Whether a grant lapses within the announcement's time unless somebody asks for it again. */
export function isLapsing(grant: GrantRecord, now: number): boolean {
	return endsByLapse(grant) && now < grant.lapsesAt && grant.lapsesAt <= now + ANNOUNCE_BEFORE;
}

/** Ids of what is over and isn't recorded so yet: grants that have lapsed, credentials whose time is over. */
export function overdue({ grants, credentials }: Pick<Register, "grants" | "credentials">, now: number): { grants: string[]; credentials: string[] } {
	return {
		grants: [...grants.values()].filter((grant) => endsByLapse(grant) && grant.lapsesAt <= now).map(({ id }) => id),
		credentials: [...credentials.values()]
			.filter(({ state, until }) => (state === "active" || state === "suspended") && until !== null && until <= now)
			.map(({ id }) => id),
	};
}

/** Zones with grants that lapse soon: how many, and when the first of them does. Every zone is there, so that its notice can end. */
export function lapsingByZone(
	{ grants, zones }: Pick<Register, "grants" | "zones">,
	now: number,
): { zone: string; name: string; count: number; first: number }[] {
	const soon = Map.groupBy(
		[...grants.values()].filter((grant) => isLapsing(grant, now)),
		({ zone }) => zone,
	);
	return [...zones.values()].map(({ id, name }) => {
		const found = soon.get(id) ?? [];
		return { zone: id, name, count: found.length, first: Math.min(...found.map(({ lapsesAt }) => lapsesAt)) };
	});
}
