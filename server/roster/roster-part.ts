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
	/** Whose open ones are kept with hand-over notes. */
	alarms: Pick<AlarmService, "list">;
}

/** The duty roster, put together. */
export function rosterPart({ accounts, alarms, ...options }: RosterPartOptions): RosterPart {
	const { world, clock } = options;
	const people = (usernames: readonly string[], transaction?: AnyTransaction) => accounts.inUse(usernames, transaction);
	const roster = new RosterService({ ...options, people });
	const contacts = new ContactService(roster, people);
	const openAlarms = async (limit: number) => (await alarms.list({ open: true }, { limit, after: null })).items;
	const routes = rosterRoutes({
		roster,
		swaps: new SwapService(roster),
		handOvers: new HandOverService(roster, openAlarms),
		contacts,
		site: () => world.current().site.id,
		now: () => clock.now(),
	});
	return { roster, contacts, routes, conditions: (now) => rosterConditions(roster.troubles(now)) };
}
