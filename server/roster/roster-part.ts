import type { AlarmService } from "../alarms/alarm-service.ts";
import { type OwnCondition, rosterConditions } from "../alarms/own-conditions.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import type { Route } from "../platform/http/route.ts";
import { ContactService } from "./contact-service.ts";
import { HandOverService } from "./hand-over-service.ts";
import { rosterRoutes } from "./roster-routes.ts";
import { type RosterOptions, RosterService } from "./roster-service.ts";
import { SwapService } from "./swap-service.ts";

export interface RosterPart {
	roster: RosterService;
	contacts: ContactService;
	routes: Route[];
	/** The server's own conditions of this part. */
	conditions(now: number): OwnCondition[];
}
export interface RosterPartOptions extends Omit<RosterOptions, "people"> {
	accounts: { inUse: RosterOptions["people"] };
	/** Ids of the accounts that may be on duty at the site. */
	serving: (site: string, transaction?: AnyTransaction) => Promise<readonly string[]>;
	/** Whose open ones are kept with hand-over notes. */
	alarms: Pick<AlarmService, "list">;
}

/** The duty roster, put together. */
export function rosterPart({ accounts, serving, alarms, ...options }: RosterPartOptions): RosterPart {
	const { world, clock } = options;
	const people: RosterOptions["people"] = async (usernames, transaction) => {
		const able = new Set(await serving(world.current().site.id, transaction));
		return new Map([...(await accounts.inUse(usernames, transaction))].filter(([, { id }]) => able.has(id)));
	};
	const roster = new RosterService({ ...options, people });
	// A rule's receivers are told, too, whether they serve or not.
	const contacts = new ContactService(roster, (usernames, transaction) => accounts.inUse(usernames, transaction));
	const openAlarms = async (limit: number) => (await alarms.list({ open: true }, { limit, after: null })).items;
	const routes = rosterRoutes({
		roster,
		swaps: new SwapService(roster),
		handOvers: new HandOverService(roster, openAlarms),
		contacts,
		site: () => world.current().site.id,
		now: () => clock.now(),
	});
	return { roster, contacts, routes, conditions: (now) => rosterConditions(roster.troubles(now), { now, timeZone: world.current().site.timeZone }) };
}
