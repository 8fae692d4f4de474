import type { Value } from "../../contracts/kinds.ts";
import type { Rule } from "../../contracts/rules.ts";
import type { WorldPoint } from "../../contracts/world.ts";

/** What an operator reads, e.g. `Rack inlet A03 temperature 33.4 °C above 32 °C`. Names the point, not the rule. */
export function alarmMessage(rule: Rule, point: WorldPoint, value: Value | null): string {
	const name = point.name === point.point ? `${point.device} ${point.point}` : point.name;
	const unit = point.unit ?? "";
	switch (rule.kind) {
		case "combination":
		case "limit": {
			const beyond = rule.level === "high" || rule.level === "high-high" ? "above" : "below";
			return `${name} ${valueText(value, unit)} ${beyond} ${valueText(rule.limit, unit)}`.replace(/ {2,}/g, " ");
		}
		case "rate": {
			const moves = { rise: "rose", fall: "fell", either: "changed" }[rule.direction];
			return `${name} ${moves} by ${valueText(rule.change, unit)} or more within ${durationText(rule.within)}, now ${valueText(value, unit)}`;
		}
		case "count": {
			const into = rule.states === undefined ? "changed" : `became ${rule.states.join(" or ")}`;
			return `${name} ${into} ${rule.count} times or more within ${durationText(rule.within)}`;
		}
		case "access-count":
			return `${name}: ${rule.count} or more within ${durationText(rule.within)}`;
		case "state":
			return `${name}: ${value === null ? rule.states.join(", ") : String(value)}`;
		case "no-data": {
			const after = rule.after ?? (point.interval === null ? null : 3 * point.interval);
			return after === null ? `${name}: no data` : `${name}: no good reading for ${durationText(after)}`;
		}
	}
}

/** At most two decimals: `33.4 °C`. */
function valueText(value: Value | null, unit: string): string {
	if (value === null) return "";
	const text = typeof value === "number" ? String(Math.round(value * 100) / 100) : String(value);
	return unit ? `${text} ${unit}` : text;
}

/** `90 s`, `15 min`, `2 h`. */
export function durationText(ms: number): string {
	if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
	if (ms % 60_000 === 0) return `${ms / 60_000} min`;
	return ms % 1000 === 0 || ms > 10_000 ? `${Math.round(ms / 1000)} s` : `${ms} ms`;
}
