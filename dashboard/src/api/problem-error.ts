import type { Problem } from "../../../contracts/api.ts";

/** What the server, or the way to it, answered instead of data. `status` is 0 when nothing answered. */
export class ProblemError extends Error {
	readonly status: number;
	readonly code: string;
	/** Finds the request in the server's log; `null` when the server did not say. */
	readonly id: string | null;
	/** After how many seconds it may work; `null` when the server did not say. */
	readonly retryAfter: number | null;
	/** The wrong fields of the request, and what was expected there. */
	readonly errors: NonNullable<Problem["errors"]>;

	constructor(
		problem: Pick<Problem, "status" | "code" | "detail" | "errors"> & { id: string | null; retryAfter?: number | null },
		options?: ErrorOptions,
	) {
		super(problem.detail, options);
		this.name = "ProblemError";
		this.status = problem.status;
		this.code = problem.code;
		this.id = problem.id;
		this.retryAfter = problem.retryAfter ?? null;
		this.errors = problem.errors ?? [];
	}
}
