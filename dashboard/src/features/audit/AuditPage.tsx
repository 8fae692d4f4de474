import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { AuditLines } from "./AuditLines.tsx";
import { Exports } from "./Exports.tsx";
import { Reviews } from "./Reviews.tsx";

const route = getRouteApi("/audit");

/** The audit log: search, the periodic reviews, exports. */
export function AuditPage() {
	const { t } = useTranslation();
	const { tab = "lines" } = route.useSearch();
	const navigate = route.useNavigate();
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("audit.title")}</h1>
				<fieldset className="choice">
					<legend className="visually-hidden">{t("audit.title")}</legend>
					{(["lines", "reviews", "exports"] as const).map((one) => (
						<label key={one}>
							<input
								type="radio"
								name="tab"
								checked={tab === one}
								onChange={() => void navigate({ search: { tab: one === "lines" ? undefined : one } })}
							/>
							<span>{t(`audit.tabs.${one}`)}</span>
						</label>
					))}
				</fieldset>
			</div>
			{tab === "lines" ? <AuditLines /> : tab === "reviews" ? <Reviews /> : <Exports />}
		</div>
	);
}
