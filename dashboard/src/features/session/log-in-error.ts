import { ProblemError } from "../../api/problem-error.ts";

export type LogInProblem = "second-factor" | "wrong" | "throttled" | "unreachable" | "other";

/** What a failed log-in or confirmation means to whoever is at the keyboard. */
export function logInProblemOf(error: unknown): LogInProblem {
	if (!(error instanceof ProblemError)) return "other";
	if (error.code === "second-factor-required") return "second-factor";
	if (error.code === "invalid-credentials") return "wrong";
	if (error.status === 429) return "throttled";
	return error.status === 0 || error.status >= 502 ? "unreachable" : "other";
}
