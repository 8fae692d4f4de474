import type { AuditLineView } from "../../contracts/audit.ts";
import type { Actor } from "../platform/actor.ts";
import { isoOf, msOf } from "../platform/database/instants.ts";
import { encodeCursor } from "../platform/http/paging.ts";
import type { AuditLog, OpenedLine } from "./audit-log.ts";
import type { StoredLine } from "./audit-record.ts";
import type { LineFilter, LinePosition } from "./audit-store.ts";
import { lineView } from "./audit-view.ts";
import { type BlindField, blindIndex } from "./sealed-line.ts";

/** What is searched for; instants are Unix ms. */
export interface AuditQuery {
	from?: number | undefined;
	to?: number | undefined;
	/** An account's id or name, or a name that was typed at a failed log-in. */
	user?: string | undefined;
	operation?: string | undefined;
	tag?: string | undefined;
	result?: string | undefined;
	highRisk?: boolean | undefined;
	/** `{type}:{id}`, or the id alone. */
	object?: string | undefined;
	address?: string | undefined;
	/** Anywhere in a line, whatever the case of its letters. */
	text?: string | undefined;
}
export interface AuditPage {
	items: AuditLineView[];
	nextCursor: string | null;
	searchedTo: string | null;
}

/** Lines that one request opens at most. */
const WINDOW = 5_000;
const STEP = 500;

/** Searches the audit log; every search is a line of it. */
export class AuditService {
	readonly #log: AuditLog;

	constructor(log: AuditLog) {
		this.#log = log;
	}

	/** Newest first. `after`: where the page before ended. */
	async search(actor: Actor, query: AuditQuery, after: LinePosition | null, limit: number): Promise<AuditPage> {
		const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
		await this.#log.note({
			tag: "read",
			operation: "audit.search",
			actor,
			object: { type: "audit", id: "lines" },
			result: "ok",
			detail: { query: given, limit, next: after !== null },
		});
		const filter = this.#filter(query);
		const matches = matcher(query);
		const found: AuditLineView[] = [];
		let position = after;
		for (let seen = 0; seen < WINDOW; ) {
			const size = query.text === undefined ? Math.min(limit + 1, STEP) : STEP;
			const rows = await this.#log.store.list(filter, position, size);
			for (const row of rows) {
				const line = this.#log.open(row);
				if (matches(line)) {
					if (found.length === limit) return { items: found, nextCursor: position && encodeCursor(position), searchedTo: null };
					found.push(lineView(line));
				}
				position = positionOf(row);
			}
			if (rows.length < size) return { items: found, nextCursor: null, searchedTo: null };
			seen += rows.length;
		}
		return { items: found, nextCursor: position && encodeCursor(position), searchedTo: position && isoOf(position.at) };
	}

	#filter(query: AuditQuery): LineFilter {
		const { user, object, address, from, to, operation, tag, result, highRisk } = query;
		const indexes = (field: BlindField, values: readonly string[]) =>
			this.#log.ring.all.flatMap((key) => values.map((value) => blindIndex(key, field, value)));
		return {
			from,
			to,
			operation,
			tag,
			result,
			highRisk,
			user: user === undefined ? undefined : { ids: indexes("user", [user]), names: indexes("name", [user]) },
			objects: object === undefined ? undefined : indexes("object", objectIds(object)),
			addresses: address === undefined ? undefined : indexes("address", [address]),
		};
	}
}

const positionOf = (row: StoredLine): LinePosition => ({ at: msOf(row.at), id: row.id });
/** The id that `type:id` or an id, which may have a colon too, can mean. */
const objectIds = (object: string) => (object.includes(":") ? [object, object.slice(object.indexOf(":") + 1)] : [object]);

/** The rest of the question, asked of the opened line: blind indexes are cut short, and text stands only inside. */
function matcher({ user, object, address, text }: AuditQuery): (line: OpenedLine) => boolean {
	const words = text?.toLowerCase();
	return (line) => {
		const { head, secret } = line;
		// A line that was tampered with belongs into every answer that it may belong to.
		if (!secret) return true;
		if (user !== undefined && secret.userId !== user && secret.username !== user) return false;
		if (object !== undefined && secret.object?.id !== object && `${secret.object?.type}:${secret.object?.id}` !== object) return false;
		if (address !== undefined && secret.address !== address) return false;
		return words === undefined || `${head.operation} ${JSON.stringify(secret)}`.toLowerCase().includes(words);
	};
}
