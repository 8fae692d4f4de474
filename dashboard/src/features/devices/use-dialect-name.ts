import { useTranslation } from "react-i18next";

/** What people call the dialect that a device speaks. */
export function useDialectName(): (profile: string) => string {
	const { t } = useTranslation();
	return (profile) => (profile === "native" ? t("onboarding.native") : profile);
}
