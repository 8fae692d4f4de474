import type { Device } from "../../../../contracts/api.ts";

/** More than this between a device's clock and the agent's is worth a look, ms. */
export const SKEW_LIMIT_MS = 5000;

/** Less than this is what the network does, not the clock, ms. */
const SKEW_NOISE_MS = 50;

/** A clock skew (ms) as it is shown, s: noise is 0, and never -0. */
export function shownSkew(ms: number): number {
	return Math.abs(ms) < SKEW_NOISE_MS ? 0 : ms / 1000;
}

/** What is not as it should be with a device. */
export function deviceFaults(device: Device): ReadonlySet<"status" | "rejected" | "gaps" | "skew"> {
	const faults = new Set<"status" | "rejected" | "gaps" | "skew">();
	if (device.status === "offline") faults.add("status");
	if (device.rejected > 0) faults.add("rejected");
	if (device.sequenceGaps > 0) faults.add("gaps");
	if (device.clockSkewMs !== null && Math.abs(device.clockSkewMs) > SKEW_LIMIT_MS) faults.add("skew");
	return faults;
}

/** Those with faults first, the worse the earlier; equal ones by id. */
export function compareDevices(a: Device, b: Device): number {
	const weight = (device: Device) => (device.status === "offline" ? 10 : 0) + deviceFaults(device).size;
	return weight(b) - weight(a) || a.id.localeCompare(b.id, "en", { numeric: true });
}
