/** Which points a rule watches; pure. */
import type { DeviceKind, PointKind } from "./kinds.ts";
import type { Rule, Selector } from "./rules.ts";

export interface SelectedPoint {
	kind: PointKind;
	device: string;
	/** Its own name, without the device. */
	point: string;
	location: { room: string | null; rack: string | null };
}

/** Whether a rule watches a point: every property that the selector names must match. */
export function selects(selector: Selector, point: SelectedPoint, device: { kind: DeviceKind | null }): boolean {
	const { pointKind, deviceKind, room, rack } = selector;
	return (
		among(pointKind, point.kind) &&
		among(deviceKind, device.kind) &&
		among(room, point.location.room) &&
		among(rack, point.location.rack) &&
		among(selector.device, point.device) &&
		among(selector.point, point.point)
	);
}

function among<T>(list: readonly T[] | undefined, value: T | null): boolean {
	return list === undefined || (value !== null && list.includes(value));
}

/** Whether a rule tells of everything that another one would tell of, where both watch the same points. */
export function tellsAllOf(rule: Rule, other: Rule): boolean {
	if (rule.kind === "no-data") return other.kind === "no-data";
	if (rule.kind === "state" && other.kind === "state") return other.states.every((state) => rule.states.includes(state));
	if (rule.kind === "rate" && other.kind === "rate")
		return rule.direction === other.direction && rule.within === other.within && rule.change <= other.change;
	if (rule.kind === "combination" && other.kind === "combination")
		return rule.measure === other.measure && rule.per === other.per && isAsStrict(rule, other);
	return rule.kind === "limit" && other.kind === "limit" && isAsStrict(rule, other);
}

interface Limited {
	level: "high-high" | "high" | "low" | "low-low";
	limit: number;
}
const isAsStrict = (one: Limited, other: Limited) =>
	one.level === other.level && (one.level.startsWith("high") ? one.limit <= other.limit : one.limit >= other.limit);
