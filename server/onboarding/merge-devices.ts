/** The site file together with the devices that two people have added to it; pure. */
import type { Adoption, Resting } from "../../contracts/onboarding.ts";
import type { SiteFile } from "../../contracts/site.ts";

export interface MergedSite {
	site: SiteFile;
	/** Added devices that are not in use, with the reason. */
	resting: ReadonlyMap<string, Resting>;
}

/**
 * Puts each added device into its place, and its rules behind those of the file. What the site file says wins: a device or rule that
 * it names too is taken from there, and a device whose place, agent or model it no longer has rests until it has.
 */
export function mergeDevices(file: SiteFile, added: Iterable<Adoption>): MergedSite {
	const inFile = new Set([...file.rooms, ...file.racks].flatMap(({ devices }) => devices.map(({ id }) => id)));
	const rules = new Map(file.rules.map((rule) => [rule.id, rule]));
	const [rooms, racks] = [new Map(file.rooms.map((room) => [room.id, room])), new Map(file.racks.map((rack) => [rack.id, rack]))];
	const resting = new Map<string, Resting>();
	for (const { place, device, rules: own } of added) {
		const why = inFile.has(device.id) ? "in-site-file" : whatIsGone(file, place, device);
		if (why) {
			resting.set(device.id, why);
			continue;
		}
		if ("rack" in place) racks.set(place.rack, withDevice(racks.get(place.rack), device));
		else rooms.set(place.room, withDevice(rooms.get(place.room), device));
		for (const rule of own) if (!rules.has(rule.id)) rules.set(rule.id, rule);
	}
	return { site: { ...file, rooms: [...rooms.values()], racks: [...racks.values()], rules: [...rules.values()] }, resting };
}

/** `null`: everything that the device stands on is in the site file. */
function whatIsGone({ rooms, racks, agents, models }: SiteFile, place: Adoption["place"], { agent, model }: Adoption["device"]): Resting | null {
	if ("rack" in place ? !racks.some(({ id }) => id === place.rack) : !rooms.some(({ id }) => id === place.room)) return "no-place";
	if (agent !== undefined && !agents.some(({ id }) => id === agent)) return "no-agent";
	return model !== undefined && !models.some(({ id }) => id === model) ? "no-model" : null;
}

function withDevice<P extends { devices: Adoption["device"][] }>(place: P | undefined, device: Adoption["device"]): P {
	if (!place) throw new Error(`the place of ${device.id} was looked for before`);
	return { ...place, devices: [...place.devices, device] };
}
