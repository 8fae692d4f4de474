/** The report of a review: JSON with everything, CSV for spreadsheets (REV-6); review-pdf.ts makes the paged one of it. */
import canonicalize from "canonicalize";
import { z } from "zod";
import { type ReviewItem, reviewItemSchema, reviewSchema } from "../../contracts/reviews.ts";
import type { Actor } from "../platform/actor.ts";
import { csvCell } from "../platform/csv-cell.ts";
import type { ReviewService } from "./review-service.ts";

export const reportSchema = z.object({
	format: z.literal("watchroom-review-report/1"),
	/** `draft`: not signed off yet, and in no ledger. */
	kind: z.enum(["draft", "signed", "closed"]),
	review: reviewSchema.omit({ mine: true, report: true }),
	items: z.array(reviewItemSchema.omit({ decidable: true, undecidableBecause: true })),
});
export type ReviewReport = z.infer<typeof reportSchema>;

const PAGE = 500;

/** The report in canonical JSON (RFC 8785): the bytes whose hash stands in the ledger. `becomes`: what the caller's transaction makes of it. */
export async function reportText(
	reviews: Pick<ReviewService, "get" | "items">,
	id: string,
	kind: ReviewReport["kind"],
	actor: Actor,
	becomes: Partial<Pick<ReviewReport["review"], "state" | "signedBy" | "signedAt" | "closedAt">> = {},
): Promise<string> {
	const { mine: _, report: __, ...found } = await reviews.get(id, actor);
	const review = { ...found, ...becomes };
	const items: ReviewReport["items"] = [];
	for (let after: number | null = 0; after !== null; ) {
		const page: { items: ReviewItem[]; nextCursor: string | null } = await reviews.items(id, {}, { limit: PAGE, after }, actor);
		items.push(...page.items.map(({ decidable: ___, undecidableBecause: ____, ...item }) => item));
		after = page.nextCursor === null ? null : (page.items.at(-1)?.number ?? null);
	}
	const text = canonicalize({ format: "watchroom-review-report/1", kind, review, items } satisfies ReviewReport);
	if (text === undefined) throw new Error("the report has no canonical form");
	return text;
}

const COLUMNS: readonly [string, (item: ReviewReport["items"][number]) => string | number | null][] = [
	["number", ({ number }) => number],
	["holder", ({ holder, account }) => holder?.name ?? account?.username ?? null],
	["kind", ({ holder }) => holder?.kind ?? null],
	["company", ({ holder }) => holder?.company ?? null],
	["post", ({ holder, grant }) => grant?.post ?? holder?.post ?? null],
	["zone or role", ({ grant, role }) => grant?.zoneName ?? (role ? `${role.role}@${role.site}` : null)],
	["cards", ({ credentials }) => credentials.flatMap(({ card }) => card ?? []).join("; ")],
	["granted in 90 days", ({ usage }) => usage?.granted ?? null],
	["last used", ({ usage }) => usage?.lastUsedAt ?? null],
	["denied", ({ usage }) => usage?.denied ?? null],
	["out of hours", ({ usage }) => usage?.outOfHours ?? null],
	["hints", ({ hints }) => hints.join("; ")],
	["risk", ({ risk }) => risk],
	["decision", ({ decision }) => decision],
	["reason", ({ reason }) => reason],
	["decided by", ({ decidedBy }) => decidedBy?.username ?? null],
	["decided at", ({ decidedAt }) => decidedAt],
	["block", ({ block }) => (block ? "yes" : "no")],
	["submitted at", ({ submittedAt }) => submittedAt],
	["confirmed at", ({ confirmedAt }) => confirmedAt],
	["reopened at", ({ reopenedAt }) => reopenedAt],
	["resolution", ({ resolution }) => resolution],
];

/** RFC 4180; a cell that a spreadsheet would take for a formula is put in as text. */
export function reportCsv({ items }: ReviewReport): string {
	const lines = [COLUMNS.map(([name]) => name), ...items.map((item) => COLUMNS.map(([, value]) => csvCell(value(item))))];
	return `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}
