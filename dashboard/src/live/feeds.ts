import type { AccessEventView, Agent, DoorEventView, DoorView } from "../../../contracts/api.ts";

/** The feed after new events have come: newest first, each once, at most `length`. */
export function withAccessEvents(feed: readonly AccessEventView[], events: readonly AccessEventView[], length: number): AccessEventView[] {
	const byId = new Map<string, AccessEventView>();
	for (const event of [...events, ...feed]) if (!byId.has(event.id)) byId.set(event.id, event);
	return [...byId.values()].sort((a, b) => Date.parse(b.ts) - Date.parse(a.ts) || b.id.localeCompare(a.id)).slice(0, length);
}

/** The agents with the newest report of each. */
export function withAgents(agents: readonly Agent[], reports: readonly Agent[]): Agent[] {
	const byId = new Map(agents.map((agent) => [agent.id, agent]));
	for (const report of reports) byId.set(report.id, report);
	return [...byId.values()];
}

/** The doors after events: an event older than what is known (back-filled) changes nothing. */
export function withDoorEvents(doors: readonly DoorView[], events: readonly DoorEventView[]): DoorView[] {
	const newest = new Map<string, DoorEventView>();
	for (const event of events) {
		const known = newest.get(event.door);
		if (!known || Date.parse(event.ts) >= Date.parse(known.ts)) newest.set(event.door, event);
	}
	return doors.map((door) => {
		const event = newest.get(door.id);
		if (!event || (door.since !== null && Date.parse(event.ts) < Date.parse(door.since))) return door;
		return { ...door, state: event.state, since: event.ts };
	});
}
