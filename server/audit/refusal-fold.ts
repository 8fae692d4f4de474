/** Bounds what refusals can fill the disk with: identical ones from one address are one line a minute, with their count. */
import type { AuditLine } from "./audit.ts";

const MINUTE_MS = 60_000;
/** Different folds of one minute; beyond it they are folded by operation alone, whatever the address. */
const MOST_FOLDS = 1000;
/** `detail.reason` of a log-in that was not looked at, since too many failed before it. */
const TOO_SOON = "too-many-attempts";

interface Fold {
	line: AuditLine;
	count: number;
	firstAt: number;
	lastAt: number;
}

/**
 * What makes a refusal identical to another, or `null` for a line that is never folded: log-ins of known accounts, reads and
 * changes. `detail.knownAccount: false` says that a failed log-in named no account. An attempt that came too soon is folded whether
 * there is such an account or not: writing a line takes time, and that must not tell.
 */
export function foldKey(line: AuditLine): string | null {
	if (line.result !== "refused" || line.highRisk) return null;
	const who = "username" in line.actor ? line.actor.id : null;
	const unread = line.detail?.knownAccount === false || line.detail?.reason === TOO_SOON;
	if (line.tag === "log-in" && (who !== null || !unread)) return null;
	if (line.tag !== "log-in" && line.tag !== "authorisation") return null;
	// Whoever isn't logged in chooses freely what to ask for: the object must not make a line of its own.
	const object = who === null ? null : line.object;
	return JSON.stringify([line.actor.address, who, line.tag, line.operation, object]);
}

/** The first of a kind in a minute passes; those after it are counted, and come as one line when the minute is over. */
export class RefusalFold {
	readonly #folds = new Map<string, Fold>();

	/** True when the line was counted and MUST NOT be written. `now`: Unix ms. */
	takes(line: AuditLine, now: number): boolean {
		const exact = foldKey(line);
		if (exact === null) return false;
		const key = this.#folds.has(exact) || this.#folds.size < MOST_FOLDS ? exact : `many addresses ${line.operation}`;
		const fold = this.#folds.get(key);
		if (!fold) {
			const spread = key === exact ? line : { ...line, actor: { address: null, typedName: null }, object: null, detail: { addresses: "many" } };
			this.#folds.set(key, { line: spread, count: 0, firstAt: now, lastAt: now });
			return false;
		}
		if (fold.count === 0) fold.firstAt = now;
		fold.count += 1;
		fold.lastAt = now;
		return true;
	}

	/**
	 * Lines of the minutes that are over at `now`: `detail.count` further refusals like the one that was written in full, between
	 * `firstAt` and `lastAt`. `all`: also of the running one.
	 */
	due(now: number, all = false): AuditLine[] {
		const lines: AuditLine[] = [];
		for (const [key, fold] of this.#folds) {
			if (!all && Math.floor(fold.firstAt / MINUTE_MS) === Math.floor(now / MINUTE_MS)) continue;
			this.#folds.delete(key);
			if (fold.count === 0) continue;
			const [firstAt, lastAt] = [new Date(fold.firstAt).toISOString(), new Date(fold.lastAt).toISOString()];
			lines.push({ ...fold.line, detail: { ...fold.line.detail, folded: true, count: fold.count, firstAt, lastAt } });
		}
		return lines;
	}
}
