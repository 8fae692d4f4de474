import type { Actor } from "../actor.ts";

/**
 * What the audit log calls a request: `post /api/v1/agents/{id}/token` is `agents.token.post`. Which agent stands in the note's object.
 */
export function operationOf({ method, path }: { method: string; path: string }): string {
	const words = path.replace(/^\/api(\/v\d+)?\//, "").split("/");
	const named = words.filter((word) => word !== "" && !word.startsWith("{"));
	return [...named, method]
		.join(".")
		.toLowerCase()
		.replace(/[^a-z0-9.-]/g, "-")
		.slice(0, 80);
}

/** What the edges tell the audit log: who was refused what, and who read personal data. */
export interface AccessNote {
	tag: "authorisation" | "read";
	/** `{feature}.{verb}`, of a-z 0-9 . - */
	operation: string;
	actor: Actor | { address: string | null; typedName: string | null };
	object: { type: string; id: string } | null;
	result: "ok" | "refused";
	detail: Readonly<Record<string, unknown>>;
}

/** Resolves when the note is committed; rejects when it can't be written. */
export type NoteAccess = (note: AccessNote) => Promise<void>;
