/** How a line is sealed for the disk, and found again without opening it. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { z } from "zod";
import type { AuditTag } from "./audit.ts";
import type { DerivedKey } from "./audit-keys.ts";

/** What stands beside the sealed part in clear. */
export interface LineHead {
	id: string;
	/** Unix ms. */
	at: number;
	tag: AuditTag;
	operation: string;
	result: "ok" | "refused" | "failed";
	highRisk: boolean;
}

/** Everything that could name a person or a thing. */
const secretSchema = z.object({
	userId: z.string().nullable(),
	username: z.string().nullable(),
	name: z.string().nullable(),
	groups: z.array(z.string()),
	address: z.string().nullable(),
	method: z.enum(["session", "token", "console", "system", "none"]),
	object: z.object({ type: z.string(), id: z.string() }).nullable(),
	detail: z.record(z.string(), z.json()),
});
export type LineSecret = z.infer<typeof secretSchema>;

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM with a random 96-bit IV (NIST SP 800-38D, 8.2.2): IV, cipher text, tag. */
export function sealBytes(key: Buffer, bound: string, clear: Buffer): Buffer {
	const iv = randomBytes(IV_BYTES);
	const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(bound));
	return Buffer.concat([iv, cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
}

/** Undoes {@link sealBytes}; `null` when anything of it, the key or what it is bound to is not what it was. */
export function openBytes(key: Buffer, bound: string, sealed: Buffer): Buffer | null {
	if (sealed.length < IV_BYTES + TAG_BYTES) return null;
	const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
	decipher.setAAD(Buffer.from(bound)).setAuthTag(sealed.subarray(-TAG_BYTES));
	try {
		return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
	} catch {
		return null;
	}
}

/** What the sealed part is bound to: a line's secret opens beside its own head only. */
const boundTo = (head: LineHead, keyId: string) =>
	JSON.stringify(["watchroom-audit/1", keyId, head.id, head.at, head.tag, head.operation, head.result, head.highRisk]);

export function sealLine(key: DerivedKey, head: LineHead, secret: LineSecret): Buffer {
	return sealBytes(key.seal, boundTo(head, key.id), Buffer.from(JSON.stringify(secret)));
}

/** `null` for a line that somebody tampered with. */
export function openLine(key: DerivedKey, head: LineHead, sealed: Buffer): LineSecret | null {
	const clear = openBytes(key.seal, boundTo(head, key.id), sealed);
	if (!clear) return null;
	const parsed = secretSchema.safeParse(JSON.parse(clear.toString("utf8")));
	return parsed.success ? parsed.data : null;
}

export type BlindField = "user" | "name" | "object" | "address";

/** A keyed index of a value: equal values find each other, and without the key nobody can try values out. */
export function blindIndex(key: DerivedKey, field: BlindField, value: string): Buffer {
	return createHmac("sha256", key.blind).update(`${field}\0${value}`).digest().subarray(0, 16);
}
