import type { DeviceList } from "../../contracts/uplink.ts";
import { DeviceDirectory } from "../../edge-agent/devices/device-directory.ts";
import { Dialects } from "../../edge-agent/devices/dialects.ts";
import { PROFILES } from "../../edge-agent/devices/profiles/registry.ts";

/** A device list with `sensors` sensors `s0`, `s1`... (points temperature, on, mode) and a controller `c0` of door `d0`. */
export function deviceList(sensors = 2, version = "v1"): DeviceList {
	return {
		version,
		site: "demo",
		devices: [
			...Array.from({ length: sensors }, (_, index) => ({
				id: `s${index}`,
				kind: "temperature-sensor" as const,
				profile: "native",
				doors: [],
				points: [
					{ point: "temperature", type: "number" as const, states: null, range: { min: -40, max: 125 } },
					{ point: "on", type: "boolean" as const, states: null, range: null },
					{ point: "mode", type: "state" as const, states: ["auto", "manual"], range: null },
				],
			})),
			{ id: "c0", kind: "door-controller" as const, profile: "native", doors: ["d0"], points: [] },
			{ id: "r0", kind: "card-reader" as const, profile: "native", doors: [], points: [] },
		],
	};
}

/** Whose topic it is where the device list is empty: only the native dialect's topics tell. */
export function ownersOf(topic: string): { devices: readonly string[] | null; ofDialect: () => string[] } | undefined {
	const owners = new Dialects(PROFILES, new DeviceDirectory()).ownersOf(topic);
	return owners && { devices: owners.devices, ofDialect: () => [] };
}
