import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** For addresses that lead nowhere. */
export function NotFoundPage() {
	const { t } = useTranslation();
	return (
		<div className="state-empty">
			<h1>{t("error.page")}</h1>
			<p>{t("error.pageText")}</p>
			<Link to="/">{t("error.home")}</Link>
		</div>
	);
}
