import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** The pages of physical access, one line each. */
const PAGES = [
	{ to: "/access", name: "console" },
	{ to: "/access/holders", name: "holders" },
	{ to: "/access/grants", name: "grants" },
	{ to: "/access/controllers", name: "controllers" },
	{ to: "/access/muster", name: "muster" },
] as const;

/** The way between the pages of physical access. */
export function AccessNav() {
	const { t } = useTranslation();
	return (
		<nav className="sub-nav" aria-label={t("access.title")}>
			{PAGES.map(({ to, name }) => (
				<Link key={to} to={to} activeOptions={{ exact: to === "/access", includeSearch: false }}>
					{t(`register.pages.${name}`)}
				</Link>
			))}
		</nav>
	);
}
