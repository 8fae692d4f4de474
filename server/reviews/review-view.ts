/** Reviews and items as the API shows them; pure. */
import { z } from "zod";
import { instantSchema } from "../../contracts/api.ts";
import type { ReviewFigures, ReviewItem, ReviewView } from "../../contracts/reviews.ts";
import { weeklyScheduleSchema } from "../../contracts/weekly-schedule.ts";
import { isoOf, msOf } from "../platform/database/instants.ts";
import { refusalOf } from "./assignment.ts";
import { type Decided, qualityOf } from "./quality.ts";
import type { ItemRow, ReviewRow } from "./reviews-store.ts";
import type { FrozenItem } from "./snapshot.ts";

export type People = ReadonlyMap<string, { id: string; username: string; name: string }>;

const personOf = (people: People, id: string) => people.get(id) ?? { id, username: id, name: id };
const refOf = (people: People, id: string | null) => (id === null ? null : personOf(people, id));
const changeSchema = z.object({ until: instantSchema.nullable(), schedule: weeklyScheduleSchema.nullable() }).nullable();

export interface ReviewFacts {
	figures: ReviewFigures;
	decided: readonly Pick<ItemRow, "decided_by" | "decided_at" | "decision" | "block">[];
	mine: { items: number; open: number };
	report: { hash: string; ledger_index: number; at: Date } | undefined;
	people: People;
	now: number;
}

export function reviewView(row: ReviewRow, { figures, decided, mine, report, people, now }: ReviewFacts): ReviewView {
	const quality = qualityOf(
		decided.flatMap(({ decided_by, decided_at, decision, block }): Decided[] =>
			decided_by === null || decided_at === null || decision === null ? [] : [{ by: decided_by, at: msOf(decided_at), decision, block }],
		),
	);
	return {
		id: row.id,
		subject: row.subject,
		site: row.site,
		period: row.period,
		state: row.state,
		startedAt: isoOf(msOf(row.started_at)),
		dueAt: isoOf(msOf(row.due_at)),
		overdue: row.state === "open" && now > msOf(row.due_at),
		snapshotHash: row.snapshot_hash,
		snapshotIndex: row.snapshot_index,
		revocationsAllowed: row.revocations_allowed,
		figures,
		quality: { ...quality, reviewers: quality.reviewers.map(({ account, ...rest }) => ({ ...personOf(people, account), ...rest })) },
		mine,
		signedBy: refOf(people, row.signed_by),
		signedAt: isoOf(msOf(row.signed_at)),
		closedAt: isoOf(msOf(row.closed_at)),
		report: report ? { hash: report.hash, ledgerIndex: report.ledger_index, at: isoOf(msOf(report.at)) } : null,
	};
}

export function itemView(
	row: ItemRow,
	frozen: FrozenItem,
	{ people, account, decides, open }: { people: People; account: string; decides: boolean; open: boolean },
): ReviewItem {
	const refused = refusalOf({ assignee: row.assignee, excluded: row.excluded, submitted: row.submitted_at !== null }, { open }, account);
	return {
		...frozen,
		id: row.id,
		review: row.review,
		assignee: refOf(people, row.assignee),
		decidable: decides && refused === null,
		undecidableBecause: decides ? refused : "not-assigned",
		decision: row.decision,
		reason: row.reason,
		change: changeSchema.parse(row.change),
		decidedBy: refOf(people, row.decided_by),
		decidedAt: isoOf(msOf(row.decided_at)),
		block: row.block,
		submitted: row.submitted_at !== null,
		submittedAt: isoOf(msOf(row.submitted_at)),
		confirmedAt: isoOf(msOf(row.confirmed_at)),
		reopenedAt: isoOf(msOf(row.reopened_at)),
		resolution: row.resolution,
		version: row.version,
	};
}
