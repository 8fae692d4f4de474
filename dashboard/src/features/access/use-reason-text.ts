import { useTranslation } from "react-i18next";

/** Writes the reason code of an access event in the user's language; a code that is not known stands as it came. */
export function useReasonText(): (reason: string) => string {
	const { t, i18n } = useTranslation();
	return (reason) => {
		const key = `accessReasons.${reason}`;
		return i18n.exists(key) ? t(key as "accessReasons.duress") : reason;
	};
}
