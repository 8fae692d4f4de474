import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { changesQuery } from "../../api/people.ts";
import { groupsOf, pageAt } from "../session/pages.ts";
import { useSession } from "../session/session-context.ts";

export const NAVIGATION_ID = "navigation";

/** The way between the pages, grouped: a column beside them, or, where the screen is narrow, what the header's button opens. */
export function Navigation({ path, open, onClose }: { path: string; open: boolean; onClose: () => void }) {
	const { t } = useTranslation();
	const current = pageAt(path);
	const groups = groupsOf(useSession());
	useEffect(() => {
		if (!open) return;
		const onKey = (event: KeyboardEvent) => event.key === "Escape" && !event.defaultPrevented && onClose();
		document.addEventListener("keydown", onKey);
		return () => document.removeEventListener("keydown", onKey);
	}, [open, onClose]);
	return (
		<nav id={NAVIGATION_ID} className={open ? "nav is-open" : "nav"} aria-label={t("nav.label")}>
			{groups.map(({ name, pages }) => (
				<div key={name} className="nav-group">
					<p id={`nav-${name}`} className="nav-title">
						{t(`nav.groups.${name}`)}
					</p>
					<ul aria-labelledby={`nav-${name}`}>
						{pages.map((page) => (
							<li key={page.to}>
								<Link
									to={page.to}
									className={page.to === current ? "nav-link active" : "nav-link"}
									aria-current={page.to === current ? "page" : undefined}
									activeOptions={{ exact: true, includeSearch: false }}
									onClick={onClose}
								>
									{t(`nav.${page.name}`)}
									{page.name === "changes" && <WaitingCount />}
								</Link>
							</li>
						))}
					</ul>
				</div>
			))}
		</nav>
	);
}

/** How many changes wait for a decision by whoever is signed in. */
function WaitingCount() {
	const { t } = useTranslation();
	const waiting = useQuery(changesQuery).data?.filter(({ state, decidable }) => state === "pending" && decidable).length ?? 0;
	return waiting === 0 ? null : (
		<span className="tag" data-testid="waiting-count">
			{waiting}
			<span className="visually-hidden"> {t("change.waitingFor")}</span>
		</span>
	);
}
