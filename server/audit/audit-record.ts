/** A line as it is stored: its clear head, its sealed rest and the blind indexes by which it is found. */
import { AppError } from "../platform/errors.ts";
import type { AuditLine } from "./audit.ts";
import type { DerivedKey } from "./audit-keys.ts";
import { isHighRisk } from "./high-risk.ts";
import { type BlindField, blindIndex, type LineHead, type LineSecret, sealLine } from "./sealed-line.ts";

export interface StoredLine {
	at: Date;
	id: string;
	tag: string;
	operation: string;
	result: string;
	high_risk: boolean;
	key_id: string;
	sealed: Buffer;
	user_index: Buffer | null;
	name_index: Buffer | null;
	object_index: Buffer | null;
	address_index: Buffer | null;
}

const OPERATION = /^[a-z0-9.-]{1,80}$/;
/** Most bytes of a line's detail; what is longer is cut and says so. */
const DETAIL_LIMIT = 16_384;

/** Seals a line. `at`: Unix ms. Throws AppError `invalid-audit-line` for an operation that is none. */
export function storedLine(key: DerivedKey, id: string, at: number, line: AuditLine): StoredLine {
	if (!OPERATION.test(line.operation))
		throw new AppError("invalid-audit-line", 500, "An audit line's operation is expected as {feature}.{verb}, of a-z 0-9 . -");
	const highRisk = isHighRisk(line.operation, line.result, line.highRisk);
	const head: LineHead = { id, at, tag: line.tag, operation: line.operation, result: line.result, highRisk };
	const secret = secretOf(line);
	const index = (field: BlindField, value: string | null | undefined) => (value ? blindIndex(key, field, value) : null);
	return {
		at: new Date(at),
		id,
		tag: line.tag,
		operation: line.operation,
		result: line.result,
		high_risk: highRisk,
		key_id: key.id,
		sealed: sealLine(key, head, secret),
		user_index: index("user", secret.userId),
		name_index: index("name", secret.username),
		object_index: index("object", secret.object?.id),
		address_index: index("address", secret.address),
	};
}

function secretOf(line: AuditLine): LineSecret {
	const { actor, object } = line;
	const detail = cut(line.detail ?? {});
	if (!("username" in actor))
		return {
			userId: null,
			username: actor.typedName?.slice(0, 256) ?? null,
			name: null,
			groups: [],
			address: actor.address,
			method: "none",
			object,
			detail,
		};
	const { id, username, name, address, method } = actor;
	const groups = actor.roles.map(({ role, site }) => (site === "*" ? role : `${role}@${site}`));
	return { userId: id, username, name, groups, address, method, object, detail };
}

function cut(detail: Readonly<Record<string, unknown>>): LineSecret["detail"] {
	const text = JSON.stringify(detail, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
	if (text.length <= DETAIL_LIMIT) return JSON.parse(text);
	return { cut: true, length: text.length, start: text.slice(0, DETAIL_LIMIT) };
}
