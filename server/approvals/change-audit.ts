/** What the audit log is told of proposals and decisions. */
import type { AuditLine } from "../audit/audit.ts";
import type { Actor } from "../platform/actor.ts";
import type { AppError } from "../platform/errors.ts";
import type { ChangeAct } from "./change.ts";
import type { StoredChange } from "./change-store.ts";

export type Operation = ChangeAct | "propose" | "expire" | "stale";

/** A line about what happened to a change, for the transaction in which it happens. */
export function lineOf(change: StoredChange, operation: Operation, actor: Actor, detail: AuditLine["detail"]): AuditLine {
	return {
		tag: "change",
		operation: `change.${operation}`,
		actor,
		object: { type: "change", id: change.id },
		result: "ok",
		detail: { kind: change.kind, subject: change.subject, title: change.title, ...detail },
		highRisk: operation === "approve",
	};
}

/** A line about an act that was refused. */
export function refusal(operation: Operation, actor: Actor, object: AuditLine["object"], error: AppError): AuditLine {
	return {
		tag: "authorisation",
		operation: `change.${operation}`,
		actor,
		object,
		result: "refused",
		detail: { code: error.code, reason: error.message },
	};
}
