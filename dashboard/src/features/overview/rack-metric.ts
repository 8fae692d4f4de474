import type { Device, Point } from "../../../../contracts/api.ts";
import type { Live } from "../../live/reading-store.ts";
import type { Metric } from "./heat-scale.ts";

/** What a rack shows on the heat map: one number, or why there is none. */
export type RackMetric = { state: "value"; value: number } | { state: "stale"; value: number | null } | { state: "none" };

export const isPduOnFeed = (device: Pick<Device, "kind" | "feed"> | undefined): boolean => device?.kind === "pdu" && device.feed !== null;

const EXHAUST = /outlet|exhaust|rear|hot|return/i;
const INLET = /inlet|intake|front|cold|supply/i;

/**
 * The points of a rack that the metric is made of. Temperature means inlet temperature (ASHRAE measures there); power is that of the
 * rack's PDUs, where it has some: what hangs on them, such as a metered plug, is in it already.
 */
export function metricPoints(metric: Metric, points: readonly Point[], devices: ReadonlyMap<string, Pick<Device, "kind" | "feed">>): Point[] {
	if (metric === "power") {
		const power = points.filter((point) => point.kind === "power");
		const ofPdus = power.filter(({ device }) => isPduOnFeed(devices.get(device)));
		return ofPdus.length > 0 ? ofPdus : power;
	}
	const ofKind = points.filter((point) => point.kind === metric && point.type === "number");
	const inlet = ofKind.filter((point) => INLET.test(point.point) || INLET.test(point.name));
	return inlet.length > 0 ? inlet : ofKind.filter((point) => !EXHAUST.test(point.point) && !EXHAUST.test(point.name));
}

/**
 * Worst inlet temperature (°C), worst humidity (%RH), or the sum of the feeds in per cent of the rated power.
 * One value that is missing or not good makes the whole stale: a sum without a part of it is no sum.
 */
export function rackMetric(metric: Metric, readings: readonly Live[], ratedPower: number | null): RackMetric {
	if (readings.length === 0 || (metric === "power" && ratedPower === null)) return { state: "none" };
	const numbers = readings.flatMap(({ value }) => (typeof value === "number" ? [value] : []));
	const value = numbers.length === 0 ? null : combined(metric, numbers, ratedPower);
	const sound = numbers.length === readings.length && readings.every(({ quality }) => quality === "good" || quality === "uncertain");
	return sound && value !== null ? { state: "value", value } : { state: "stale", value };
}

function combined(metric: Metric, numbers: readonly number[], ratedPower: number | null): number {
	if (metric !== "power") return Math.max(...numbers);
	return (100 * numbers.reduce((sum, number) => sum + number, 0)) / (ratedPower ?? 1);
}
