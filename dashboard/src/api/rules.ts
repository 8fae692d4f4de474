import { z } from "zod";
import type { Device, Point } from "../../../contracts/api.ts";

const oneOrMany = z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional();

/** As much of an alarm rule as a trend needs; other kinds and further fields pass unread. */
export const ruleViewSchema = z.object({
	id: z.string(),
	name: z.string().catch(""),
	kind: z.string(),
	priority: z.enum(["critical", "high", "medium", "low"]).catch("low"),
	level: z.string().optional(),
	limit: z.number().optional(),
	on: z
		.object({ pointKind: oneOrMany, deviceKind: oneOrMany, room: oneOrMany, rack: oneOrMany, device: oneOrMany, point: oneOrMany })
		.optional()
		.catch(undefined),
});
export type RuleView = z.infer<typeof ruleViewSchema>;
/** The rules among what the server sent; leaves out what can't be read. */
export function readRules(items: readonly unknown[]): RuleView[] {
	return items.flatMap((item) => {
		const rule = ruleViewSchema.safeParse(item);
		return rule.success ? [rule.data] : [];
	});
}

/** Whether a rule watches a point: every named property matches. */
export function watches(rule: RuleView, point: Point, deviceKind: Device["kind"] | undefined): boolean {
	const on = rule.on;
	if (!on || Object.values(on).every((names) => names === undefined)) return false;
	const fits = (names: readonly string[] | undefined, actual: string | null | undefined) =>
		names === undefined || (actual != null && names.includes(actual));
	return (
		fits(on.pointKind, point.kind) &&
		fits(on.deviceKind, deviceKind) &&
		fits(on.room, point.room) &&
		fits(on.rack, point.rack) &&
		fits(on.device, point.device) &&
		fits(on.point, point.point)
	);
}
