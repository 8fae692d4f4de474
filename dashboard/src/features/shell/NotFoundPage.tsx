import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty } from "../../ui/Loaded.tsx";

/** For addresses that lead nowhere. */
export function NotFoundPage() {
	const { t } = useTranslation();
	return (
		<Empty title={t("error.page")} hint={t("error.pageText")}>
			<Link to="/">{t("error.home")}</Link>
		</Empty>
	);
}
