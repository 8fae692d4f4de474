import { createHash } from "node:crypto";
import type { DeviceAccount, DeviceList } from "../../contracts/uplink.ts";
import type { World, WorldPoint } from "../../contracts/world.ts";

/** What an agent must know of its devices (EDG-9); the version is a hash of the content. */
export function deviceListFor(world: World, agent: string, allAccounts: readonly DeviceAccount[] = []): DeviceList {
	const devices = [...world.devices.values()]
		.filter((device) => device.agent === agent)
		.map(({ id, kind, profile, address, mapping, timeZone, doors, points }) => {
			const stands = world.site.doors.flatMap((door) =>
				door.readers.filter(({ device }) => device === id).map(({ direction }) => [door.id, direction] as const),
			);
			const sources = world.site.doors.filter((door) => doors.includes(door.id) && door.source !== undefined);
			return {
				id,
				kind,
				profile,
				...(address !== id && { address }),
				...(mapping !== null && { mapping }),
				...(timeZone !== null && { timeZone }),
				doors: [...new Set([...doors, ...stands.map(([door]) => door)])],
				controls: doors,
				...(sources.length > 0 && { doorSources: Object.fromEntries(sources.map((door) => [door.id, door.source ?? door.id])) }),
				...(stands.length > 0 && { directions: Object.fromEntries(stands) }),
				// Door states come as door events, not as readings of a point.
				points: points.filter(({ point }) => !doors.includes(point)).map(listedPoint),
			};
		});
	const own = new Set(devices.map(({ id }) => id));
	// A hash goes to the agent that needs it and to no other.
	const accounts = allAccounts
		.map((account) => ({ ...account, devices: account.devices.filter((device) => device === "*" || own.has(device)) }))
		.filter((account) => account.devices.length > 0);
	const dialects = world.site.agents.find(({ id }) => id === agent)?.dialects ?? [];
	const { id: site, timeZone } = world.site;
	const content = { site, timeZone, ...(accounts.length > 0 && { accounts }), ...(dialects.length > 0 && { dialects }), devices };
	return { version: createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16), ...content };
}

function listedPoint({ point, type, states, range, unit, source, sourceUnit, values }: WorldPoint): DeviceList["devices"][number]["points"][number] {
	return {
		point,
		type,
		states,
		range,
		...(unit !== null && { unit }),
		...(source !== point && { source }),
		...(sourceUnit !== null && { sourceUnit }),
		...(values !== null && { values }),
	};
}
