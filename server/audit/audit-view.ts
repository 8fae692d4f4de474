import type { AuditLineView } from "../../contracts/audit.ts";
import { isoOf } from "../platform/database/instants.ts";
import type { OpenedLine } from "./audit-log.ts";

/** A line as the API and an export show it. */
export function lineView({ head, secret }: OpenedLine): AuditLineView {
	const { id, tag, at, operation, result, highRisk } = head;
	const clear = { id, tag, at: isoOf(at), operation, result, highRisk };
	if (!secret) return { ...clear, userId: null, username: null, groups: [], address: null, method: "none", object: null, detail: {}, intact: false };
	const { userId, username, groups, address, method, object, name } = secret;
	const detail = name === null ? secret.detail : { ...secret.detail, name };
	return { ...clear, userId, username, groups, address, method, object, detail, intact: true };
}
