/** Personal fields, marked where a schema names them, and how they look to whoever may not see them (IAM-3). */
import { z } from "zod";
import type { Permission } from "./permissions.ts";

export interface Sensitive {
	/** Who has it sees the field as it is. */
	permission: Permission;
	/** What everybody else sees. */
	mask: (text: string) => string;
}

/**
 * The marks. `z.string().register(sensitiveFields, NAME)` marks a field; the server masks every answer and every event by its schema,
 * so a mark is all that a new personal field needs.
 */
export const sensitiveFields = z.registry<Sensitive>();

export const HIDDEN = "•••";

/** Names of people, and ids that tell who they are. */
export const NAME: Sensitive = { permission: "access.personal", mask: () => HIDDEN };
/** Who has signed what is certified: with other names it would be another text. */
export const SIGNATORY: Sensitive = { permission: "media.certificates", mask: () => HIDDEN };
/** `{format} {facility}-{number}`. */
export const CARD: Sensitive = { permission: "access.card-numbers", mask: maskCard };
/** Where somebody is reached. */
export const EMAIL: Sensitive = { permission: "contacts.read", mask: (text) => HIDDEN + text.replace(/^.*(?=@)|^[^@]*$/, "") };
export const PHONE: Sensitive = { permission: "contacts.read", mask: (text) => HIDDEN + (text.length > 6 ? text.slice(-2) : "") };
/** An address of either kind. */
export const ADDRESS: Sensitive = { permission: "contacts.read", mask: (text) => (text.includes("@") ? EMAIL : PHONE).mask(text) };

/** Hides all but the last two digits of a card's number, all of a number of one or two digits, and a text of another form altogether. */
export function maskCard(card: string): string {
	const parts = /^(.* \d+-)(\d+)$/.exec(card);
	if (!parts?.[1] || !parts[2]) return HIDDEN;
	const shown = parts[2].length > 2 ? parts[2].slice(-2) : "";
	return `${parts[1]}${"*".repeat(parts[2].length - shown.length)}${shown}`;
}
