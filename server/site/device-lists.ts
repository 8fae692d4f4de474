import { createHash } from "node:crypto";
import type { DeviceAccount, DeviceList } from "../../contracts/uplink.ts";
import type { World } from "../../contracts/world.ts";

/** What an agent must know of its devices (EDG-9); the version is a hash of the content. */
export function deviceListFor(world: World, agent: string, allAccounts: readonly DeviceAccount[] = []): DeviceList {
	const devices = [...world.devices.values()]
		.filter((device) => device.agent === agent)
		.map(({ id, kind, profile, doors, points }) => ({
			id,
			kind,
			profile,
			doors: [
				...new Set([...doors, ...world.site.doors.filter(({ readers }) => readers.some(({ device }) => device === id)).map((door) => door.id)]),
			],
			controls: doors,
			// Door states come as door events, not as readings of a point.
			points: points.filter(({ point }) => !doors.includes(point)).map(({ point, type, states, range }) => ({ point, type, states, range })),
		}));
	const own = new Set(devices.map(({ id }) => id));
	// A hash goes to the agent that needs it and to no other.
	const accounts = allAccounts
		.map((account) => ({ ...account, devices: account.devices.filter((device) => device === "*" || own.has(device)) }))
		.filter((account) => account.devices.length > 0);
	const content = { site: world.site.id, ...(accounts.length > 0 && { accounts }), devices };
	return { version: createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16), ...content };
}
