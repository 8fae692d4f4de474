import type { Database } from "../../platform/database/database.ts";
import type { AccessRegister } from "../register/access-register.ts";
import type { Register } from "../register/register.ts";
import { addRemovals, type ControllersTables, dropController, loadControllers, lockPlans, plannedEntries, savePlan } from "./controllers-store.ts";
import { decisionTime, removedBy } from "./removal-decision.ts";
import { type WantedList, wantedLists } from "./wanted-list.ts";

export interface Plan {
	register: Register;
	lists: ReadonlyMap<string, WantedList>;
	/** Controllers that the site no longer has, known until this plan. */
	dropped: readonly string[];
	/** When the first entry ends: from then on the lists are others. */
	until: number;
}

/**
 * Derives the wanted lists from the newest register, and writes down what that takes away from whom, in one transaction. Any server
 * may do so at any time: the second to do it changes nothing.
 */
export async function makePlan(database: Database, register: AccessRegister, now: () => number): Promise<Plan> {
	return await database.transaction<ControllersTables, Plan>(async (transaction) => {
		await lockPlans(transaction);
		// Under the lock: nobody has planned by a newer register than this one.
		await register.refresh();
		const at = now();
		const current = register.current();
		const lists = wantedLists(current, at);
		const known = new Map((await loadControllers(transaction)).map((record) => [record.id, record]));
		for (const list of lists.values())
			if (known.get(list.controller)?.wanted !== list.list) {
				const before = await plannedEntries(transaction, list.controller);
				const removals = removedBy(before, list, at).flatMap(({ key, entry, grant, credentials }) => {
					const decidedAt = decisionTime(current, { grant, credentials }, at);
					return credentials.map((credential) => ({ controller: list.controller, door: entry.door, credential, key, decidedAt }));
				});
				await addRemovals(transaction, removals, at);
				const [keys, kept] = [new Set(list.entries.map(({ key }) => key)), new Map(before.map((entry) => [entry.key, entry]))];
				const gone = before.filter(({ key }) => !keys.has(key)).map(({ key }) => key);
				const changed = list.entries.filter(({ key, grant, credentials }) => {
					const planned = kept.get(key);
					return planned?.grant !== grant || planned.credentials.join() !== credentials.join();
				});
				await savePlan(transaction, { controller: list.controller, list: list.list, gone, changed, now: at });
			}
		const dropped = [...known.keys()].filter((id) => !lists.has(id));
		for (const id of dropped) await dropController(transaction, id, at);
		const ends = [...lists.values()].flatMap(({ entries }) => entries.map(({ entry }) => entry.until ?? Number.POSITIVE_INFINITY));
		return { register: current, lists, dropped, until: ends.reduce((first, end) => Math.min(first, end), Number.POSITIVE_INFINITY) };
	});
}
