import { AppError } from "../../platform/errors.ts";

/** How long one replay may take. */
export interface ReplayBounds {
	/** Unix ms. */
	deadline: number;
	now: () => number;
}

/** Throws AppError `replay-too-large` (422) when the time is over. */
export function keepTime({ deadline, now }: ReplayBounds): void {
	if (now() > deadline) throw new AppError("replay-too-large", 422, "The replay takes too long; ask for fewer days, or select fewer points.");
}
