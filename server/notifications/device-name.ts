import type { World } from "../../contracts/world.ts";
import { isOwnPoint } from "../alarms/own-alarm.ts";

/**
 * What to go to for an alarm on a point, as the site file calls it: the device; of what several points tell together their device, rack
 * or room; of the server's own alarms the device, door or agent that they are about. `null`: nothing that the site file names.
 */
export function deviceName(point: string, { site, devices }: World): string | null {
	const [id = "", subject = ""] = point.split(":");
	const named = (of: readonly { id: string; name?: string | undefined }[], wanted: string) => {
		const found = of.find((one) => one.id === wanted);
		return found && (found.name ?? found.id);
	};
	if (isOwnPoint(point)) return devices.get(subject)?.name ?? named(site.doors, subject) ?? named(site.agents, subject) ?? null;
	const [, per, place = ""] = /^(device|rack|room)\.(.+)$/.exec(id) ?? [];
	const device = devices.get(id) ?? (per === "device" ? devices.get(place) : undefined);
	if (device) return device.name;
	return named(per === "rack" ? site.racks : per === "room" ? site.rooms : [], place) ?? null;
}

/** Whether a text has a name in it, as words of their own: `A1` is not in `A12`. */
export function names(text: string, name: string): boolean {
	for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
		const [before = "", after = ""] = [text[at - 1], text[at + name.length]];
		if (!/[A-Za-z0-9]/.test(before + after)) return true;
	}
	return false;
}
