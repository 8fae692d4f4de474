import { useTranslation } from "react-i18next";
import { ProblemError } from "../../api/problem-error.ts";
import { problemText, useServerWords } from "../../i18n/server-words.ts";
import { useFormat } from "../../ui/site-context.ts";
import { logInProblemOf } from "./log-in-error.ts";

/** Writes a refusal in the user's words; `null` for none. */
export function useProblemText(): (error: unknown) => string | null {
	const { t } = useTranslation();
	const format = useFormat();
	const words = useServerWords();
	return (error) => {
		if (error === null || error === undefined) return null;
		const problem = logInProblemOf(error);
		if (problem === "wrong") return t("session.wrong");
		if (problem === "unreachable") return t("session.unreachable");
		if (problem === "second-factor") return t("session.codeNeeded");
		const wait = error instanceof ProblemError ? error.retryAfter : null;
		if (problem === "throttled") return wait === null ? t("session.throttledSome") : t("session.throttled", { age: format.age(wait * 1000) });
		return problemText(words, error);
	};
}
