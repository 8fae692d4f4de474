import type { Clock } from "../platform/clock.ts";
import { invalid, notFound } from "../platform/errors.ts";
import type { WorldSource } from "../site/world-source.ts";
import type { History, HistoryResult, RollupRow, Step } from "./history.ts";
import { STEP_MS } from "./rollup.ts";

export interface HistoryRequest {
	point: string;
	/** Unix ms; default an hour before `to`. */
	from?: number | undefined;
	/** Unix ms, exclusive; default now. */
	to?: number | undefined;
	step: Step | "auto";
	/** Most rows in the answer. */
	limit: number;
}
const DEFAULT_RANGE = 3_600_000;
const PAGE_ROWS = 10_000;
/** An export is as fine as this many rows allow. */
const EXPORT_ROWS = 1_000_000;

/** Series of the site's points, as pages, charts and exports ask for them. */
export class HistoryService {
	private readonly history: Pick<History, "query">;
	private readonly world: WorldSource;
	private readonly clock: Clock;

	constructor(options: { history: Pick<History, "query">; world: WorldSource; clock: Clock }) {
		this.history = options.history;
		this.world = options.world;
		this.clock = options.clock;
	}

	/** Throws AppError `not-found` for a point that the site doesn't have, `invalid-request` for an empty range. */
	async series(request: HistoryRequest): Promise<HistoryResult> {
		const { point, from, to, interval } = this.resolve(request);
		return await this.history.query({ point, from, to, step: request.step, maxRows: request.limit, interval });
	}

	/** All rows of the range, page by page, at least one page. Throws as {@link series} before the first. */
	async *pages(request: Omit<HistoryRequest, "limit">): AsyncGenerator<HistoryResult> {
		const { point, from, to, interval } = this.resolve(request);
		let step = request.step;
		if (step === "auto") step = (await this.history.query({ point, from, to, step, maxRows: EXPORT_ROWS, interval, stepOnly: true })).step;
		for (let start = from; ; ) {
			const page = await this.history.query({ point, from: start, to, step, maxRows: PAGE_ROWS });
			yield page;
			const last = page.rows.at(-1);
			if (!page.truncated || !last) return;
			start = last.ts + (page.step === "raw" ? 1 : STEP_MS[page.step]);
		}
	}

	private resolve(request: Pick<HistoryRequest, "point" | "from" | "to">): { point: string; from: number; to: number; interval: number | null } {
		const point = this.world.current().points.get(request.point);
		if (!point) throw notFound("point", request.point);
		const to = request.to ?? this.clock.now();
		const from = request.from ?? to - DEFAULT_RANGE;
		if (from >= to) throw invalid("The range is empty.", [{ field: "from", message: "expected an instant before `to`" }]);
		return { point: point.id, from, to, interval: point.interval };
	}
}

export type Aggregate = keyof Omit<RollupRow, "ts">;
