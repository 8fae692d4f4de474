import type { LedgerService } from "../ledger/ledger-service.ts";
import type { Actor } from "../platform/actor.ts";
import type { Database } from "../platform/database/database.ts";
import { maskerOf, seesAs } from "../platform/masking.ts";
import { reportPdf } from "./review-pdf.ts";
import { reportCsv, reportSchema, reportText } from "./review-report.ts";
import type { ReviewService } from "./review-service.ts";
import { ReviewStore } from "./reviews-store.ts";

export interface ReportFile {
	name: string;
	body: string | Buffer;
	/** SHA-256 of the JSON that stands in the ledger; `null` for a draft, and for who may not see all of it. */
	hash: string | null;
}

/** Reports as files: the newest that stands in the ledger, or a draft. */
export class ReviewReports {
	readonly #reviews: ReviewService;
	readonly #ledger: LedgerService;
	readonly #store: ReviewStore;

	constructor({ reviews, ledger, database }: { reviews: ReviewService; ledger: LedgerService; database: Database }) {
		this.#reviews = reviews;
		this.#ledger = ledger;
		this.#store = ReviewStore.of(database);
	}

	/** Personal fields are masked as everywhere else, and then the bytes are not those of the ledger. Throws AppError 404. */
	async of(id: string, format: "json" | "csv" | "pdf", actor: Actor): Promise<ReportFile> {
		const { site } = await this.#reviews.get(id, actor);
		const kept = await this.#store.report(id);
		const text = kept?.body ?? (await reportText(this.#reviews, id, "draft", actor));
		const sees = seesAs(actor, site);
		const masker = maskerOf(reportSchema);
		const whole = masker.permissions.every(sees);
		const report = reportSchema.parse(masker.mask(reportSchema.parse(JSON.parse(text)), sees));
		const hash = whole ? (kept?.hash ?? null) : null;
		const name = `review-${report.review.subject}-${report.review.period}.${format}`;
		if (format === "json") return { name, body: whole ? text : JSON.stringify(report), hash };
		if (format === "csv") return { name, body: reportCsv(report), hash };
		const proof = kept ? { hash: kept.hash, index: kept.ledger_index, checkpoint: await this.#ledger.checkpoint() } : null;
		return { name, body: await reportPdf(report, proof), hash };
	}
}
