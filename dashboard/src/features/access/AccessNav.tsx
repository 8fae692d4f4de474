import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { mayDo } from "../session/pages.ts";
import { useSession } from "../session/session-context.ts";

/** The pages of physical access, one line each. */
const PAGES = [
	{ to: "/access", name: "console", needs: "access.read" },
	{ to: "/access/holders", name: "holders", needs: "access.read" },
	{ to: "/access/grants", name: "grants", needs: "access.read" },
	{ to: "/access/controllers", name: "controllers", needs: "access.read" },
	{ to: "/access/import", name: "import", needs: "holders.manage" },
	{ to: "/access/leavers", name: "leavers", needs: "access.read" },
	{ to: "/access/muster", name: "muster", needs: "access.read" },
] as const;

/** The way between the pages of physical access. */
export function AccessNav() {
	const { t } = useTranslation();
	const session = useSession();
	return (
		<nav className="sub-nav" aria-label={t("access.title")}>
			{PAGES.filter(({ needs }) => mayDo(session, needs)).map(({ to, name }) => (
				<Link key={to} to={to} activeOptions={{ exact: to === "/access", includeSearch: false }}>
					{t(`register.pages.${name}`)}
				</Link>
			))}
		</nav>
	);
}
