/** What of a review is on the list, and in which order; pure. */
import { REVIEW_RISKS, type ReviewDecision, type ReviewItem } from "../../../../contracts/reviews.ts";
import type { Draft } from "./draft-box.ts";

export const WHOSE = ["mine", "all", "unassigned"] as const;
export const DECISIONS = ["none", "draft", "keep", "revoke", "change"] as const;
export const SORTS = ["number", "holder", "zone", "risk", "used", "lapses"] as const;
export const GROUPS = ["none", "zone", "holder", "hint"] as const;
export const VIEW_CHOICES = { whose: WHOSE, decision: DECISIONS, sort: SORTS, group: GROUPS, risk: REVIEW_RISKS } as const;

export interface ViewSettings {
	whose: (typeof WHOSE)[number];
	zone?: string | undefined;
	risk?: string | undefined;
	hint?: string | undefined;
	decision?: string | undefined;
	search?: string | undefined;
	sort: (typeof SORTS)[number];
	group: (typeof GROUPS)[number];
}

/** An item as its reviewer sees it: with what the server doesn't have yet. */
export interface ShownItem {
	item: ReviewItem;
	/** Its decision has not reached the server. */
	unsent: boolean;
	/** One's own decision that was not taken; `item` shows what stands instead. */
	refused: Draft | null;
}

export type Row =
	| { type: "group"; key: string; label: string | null; count: number; decided: number }
	| { type: "item"; key: string; shown: ShownItem };

/** Lays the drafts over the items. */
export function withDrafts(items: readonly ReviewItem[], drafts: ReadonlyMap<string, Draft>, me: ReviewItem["decidedBy"]): ShownItem[] {
	return items.map((item) => {
		const draft = drafts.get(item.id);
		if (!draft) return { item, unsent: false, refused: null };
		if (draft.refused) return { item, unsent: false, refused: draft };
		const { decision, reason, change, at } = draft;
		const decided = decision === null ? { decidedBy: null, decidedAt: null } : { decidedBy: me, decidedAt: new Date(at).toISOString() };
		return { item: { ...item, decision, reason: decision === null ? null : reason, change, ...decided, block: false }, unsent: true, refused: null };
	});
}

/** Whose access it is: a person, a post or an account. */
export const whoOf = (item: ReviewItem): string => item.holder?.name ?? item.account?.name ?? item.grant?.post ?? "";
/** Where it leads: a zone's name, or a role. */
export const whereOf = (item: ReviewItem): string => item.grant?.zoneName ?? item.role?.role ?? "";
const lapsesOf = (item: ReviewItem): number => Date.parse(item.grant?.lapsesAt ?? item.role?.lapsesAt ?? "") || Number.POSITIVE_INFINITY;
const usedOf = (item: ReviewItem): number => (item.usage?.lastUsedAt ? Date.parse(item.usage.lastUsedAt) : 0);
const riskOf = (item: ReviewItem): number => -REVIEW_RISKS.indexOf(item.risk);
/** Still to be decided by whoever looks: neither drafted nor out of reach. */
export const isOpen = ({ item }: ShownItem): boolean => item.decidable && item.decision === null;

/** Whether items may be kept together: unchanged, of low risk, undecided, and one's own to decide (REV-3). */
export const isAttestable = ({ item, unsent, refused }: ShownItem): boolean =>
	item.risk === "low" && item.decidable && item.decision === null && !unsent && refused === null;

/** The rows of the list: filtered, sorted, and with a heading before each group. `me`: id of the account that looks. */
export function viewOf(all: readonly ShownItem[], settings: ViewSettings, me: string): Row[] {
	const text = (settings.search ?? "").trim().toLowerCase();
	const kept = all.filter(
		(shown) =>
			(settings.whose === "all" || (settings.whose === "mine" ? shown.item.assignee?.id === me : shown.item.assignee === null)) &&
			(settings.zone === undefined || shown.item.grant?.zone === settings.zone) &&
			(settings.risk === undefined || shown.item.risk === settings.risk) &&
			(settings.hint === undefined || shown.item.hints.some((hint) => hint === settings.hint)) &&
			decisionFits(shown, settings.decision) &&
			(text === "" || textOf(shown.item).includes(text)),
	);
	kept.sort((one, other) => compare(one.item, other.item, settings.sort));
	if (settings.group === "none") return kept.map(rowOf);
	const groups = new Map<string, { label: string | null; shown: ShownItem[] }>();
	for (const shown of kept) {
		const { key, label } = groupOf(shown.item, settings.group);
		const group = groups.get(key);
		if (group) group.shown.push(shown);
		else groups.set(key, { label, shown: [shown] });
	}
	return [...groups].flatMap(([key, { label, shown }]): Row[] => [
		{ type: "group", key: `group:${key}`, label, count: shown.length, decided: shown.filter(({ item }) => item.decision !== null).length },
		...shown.map(rowOf),
	]);
}

const rowOf = (shown: ShownItem): Row => ({ type: "item", key: shown.item.id, shown });

function decisionFits({ item, unsent, refused }: ShownItem, wanted: string | undefined): boolean {
	if (wanted === undefined) return true;
	if (wanted === "none") return item.decision === null || refused !== null;
	if (wanted === "draft") return (item.decision !== null && !item.submitted) || unsent;
	return item.decision === wanted;
}

function groupOf(item: ReviewItem, by: "zone" | "holder" | "hint"): { key: string; label: string | null } {
	if (by === "zone") return { key: item.grant?.zone ?? item.role?.role ?? "", label: whereOf(item) || null };
	if (by === "holder") return { key: item.holder?.id ?? item.account?.id ?? item.grant?.post ?? "", label: whoOf(item) || null };
	const [hint] = item.hints;
	return { key: hint ?? "", label: hint ?? null };
}

function textOf(item: ReviewItem): string {
	const { holder, account, grant, role, credentials } = item;
	const cards = credentials.map(({ card }) => card ?? "");
	return [holder?.name, holder?.company, holder?.post, account?.name, account?.username, grant?.zoneName, grant?.post, role?.role, ...cards]
		.join(" ")
		.toLowerCase();
}

const BY: Readonly<Record<ViewSettings["sort"], (one: ReviewItem, other: ReviewItem) => number>> = {
	number: () => 0,
	holder: (one, other) => whoOf(one).localeCompare(whoOf(other)),
	zone: (one, other) => whereOf(one).localeCompare(whereOf(other)),
	risk: (one, other) => riskOf(one) - riskOf(other),
	used: (one, other) => usedOf(one) - usedOf(other),
	// Two of them may be infinite.
	lapses: (one, other) => lapsesOf(one) - lapsesOf(other) || 0,
};
const compare = (one: ReviewItem, other: ReviewItem, sort: ViewSettings["sort"]): number => BY[sort](one, other) || one.number - other.number;

export type WorkbenchKey = "next" | "previous" | "first" | "last" | "keep" | "revoke" | "change" | "takeBack" | "undo" | "select" | "details";
/** What a single key does on the workbench; `inList`: the focus is on the list, where arrows move too. */
export function workbenchKey(key: string, inList: boolean): WorkbenchKey | null {
	const single = { j: "next", k: "previous", 1: "keep", 2: "revoke", 3: "change", x: "takeBack", u: "undo", s: "select", e: "details" } as const;
	const arrows = { ArrowDown: "next", ArrowUp: "previous", Home: "first", End: "last", " ": "select", Enter: "details" } as const;
	const of = (table: Readonly<Record<string, WorkbenchKey>>) => (Object.hasOwn(table, key) ? (table[key] ?? null) : null);
	return of(single) ?? (inList ? of(arrows) : null);
}

/** Keeping what is not risky is the one decision that explains itself (REV-3). */
export const needsReason = (item: ReviewItem, decision: ReviewDecision): boolean => decision !== "keep" || item.risk === "risky";

/** How many decisions wait to be submitted by somebody, by kind, and how many of their items are undecided. */
export function draftCounts(all: readonly ShownItem[], me: string) {
	const drafts = all.filter(({ item }) => item.decision !== null && !item.submitted && item.decidedBy?.id === me);
	const of = (decision: ReviewDecision) => drafts.filter(({ item }) => item.decision === decision).length;
	return { drafts: drafts.length, keep: of("keep"), revoke: of("revoke"), change: of("change"), open: all.filter(isOpen).length };
}
