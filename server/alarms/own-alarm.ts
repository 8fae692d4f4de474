import { idSchema, OWN_DEVICE, pointIdOf } from "../../contracts/identifiers.ts";
import { type AlarmRecord, BLANK, cycleOf } from "./alarm.ts";
import { NORMAL, onCondition, type Transition } from "./alarm-life-cycle.ts";
import type { OwnRule, OwnRuleId } from "./own-rules.ts";

/** What a part of the server says of one of its own conditions. */
export interface OwnReport {
	rule: OwnRuleId;
	/** What it is about: an agent, a device, a certificate ... MUST satisfy `idSchema`. One alarm for each (rule, subject). */
	subject: string;
	/** Whether the condition holds. A momentary rule is only ever reported as active: it returns by itself. */
	active: boolean;
	/** Unix ms. */
	at: number;
	/** What an operator reads; while the alarm goes on, the newest that was said. */
	message: string;
	/** Where; the whole site where it isn't given. */
	room?: string;
	rack?: string | null;
}

/** A rule on a subject: one of the server's own, or one of the site's whose events another part counts. */
export type NotedRule = Omit<OwnRule, "responseTime"> & { responseTime: number | null };

/** The `point` of the alarm on a subject. Throws RangeError when the subject is no id. */
export function ownPointOf(subject: string): string {
	if (!idSchema.safeParse(subject).success) throw new RangeError(`the subject of an alarm must be 1 to 64 of A-Z a-z 0-9 . _ -, not ${subject}`);
	return pointIdOf(OWN_DEVICE, subject);
}

export const isOwnPoint = (point: string): boolean => point.startsWith(`${OWN_DEVICE}:`);

/** What a report changes, with `alarm` the one there is; nothing when it says what is known already. `apply` makes the changes, in their order. */
export function reported(
	alarm: AlarmRecord | undefined,
	rule: NotedRule,
	report: Omit<OwnReport, "rule">,
	context: { now: number; site: string; newId: () => string; apply: (before: AlarmRecord, transition: Transition) => AlarmRecord },
): void {
	const { subject, active, at, message, room = "", rack = null } = report;
	const { now, site, newId, apply } = context;
	let record = alarm;
	for (const condition of rule.momentary && active ? [true, false] : [active]) {
		const { transitions } = onCondition(record ? cycleOf(record) : NORMAL, { onDelay: 0, offDelay: 0 }, condition, { at, now, value: null });
		for (const transition of transitions) {
			const words = { ...wordsOf(rule), message, site, room, rack };
			const before: AlarmRecord = record ?? { ...blank(newId(), rule.id, ownPointOf(subject), at), ...words };
			record = apply(transition.kind === "raised" ? { ...before, ...words } : before, transition);
		}
	}
}

function wordsOf({ name, priority, cause, consequence, action, responseTime }: NotedRule) {
	return { ruleName: name, priority, cause, consequence, action, responseTimeMs: responseTime };
}

const blank = (id: string, rule: string, point: string, at: number) => ({ ...BLANK, id, rule, point, raisedAt: at, clearedAt: at, unit: null });
