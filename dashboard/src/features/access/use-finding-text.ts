import { useTranslation } from "react-i18next";
import type { FindingView } from "../../../../contracts/access.ts";
import { type FindingValues, wordsOfFinding } from "./finding-words.ts";
import { useReasonText } from "./use-reason-text.ts";

/** Says in the user's language what a finding is about; a sentence that isn't known stands in the server's English. */
export function useFindingText(): (finding: Pick<FindingView, "detail">) => string {
	const { t, i18n } = useTranslation();
	const reasonText = useReasonText();
	const known = (key: string, otherwise: string) => (i18n.exists(key) ? t(key as "access.granted") : otherwise);
	const inWords: Readonly<Record<string, (code: string) => string>> = {
		reason: reasonText,
		result: (code) => known(`access.${code}`, code),
		state: (code) => known(`register.states.${code}`, code),
		method: (code) => known(`access.methods.${code}`, code),
	};
	return ({ detail }) => {
		const words = wordsOfFinding(detail);
		if (!words) return detail;
		const values: FindingValues = Object.fromEntries(Object.entries(words.values).map(([name, value]) => [name, inWords[name]?.(value) ?? value]));
		return t(`findingWords.${words.word}`, values);
	};
}
