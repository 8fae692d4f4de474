import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Permission } from "../../../../contracts/permissions.ts";
import { rolesQuery } from "../../api/people.ts";
import { startPageOf } from "../session/pages.ts";
import { useSession } from "../session/session-context.ts";

/** For a page that one's roles don't lead to: what it takes, which roles have it, and who gives them. */
export function ForbiddenPage({ permission }: { permission: Permission }) {
	const { t } = useTranslation();
	const session = useSession();
	const roles = useQuery(rolesQuery);
	const having = roles.data?.items.filter(({ permissions }) => permissions.includes(permission)) ?? [];
	return (
		<div className="state-empty" data-testid="forbidden" data-permission={permission}>
			<h1>{t("error.forbidden")}</h1>
			<p>{t("people.takes", { what: t(`permission.${permission}`) })}</p>
			{having.length > 0 && <p>{t("people.whoHas", { roles: having.map(({ role }) => t(`role.${role}`)).join(t("people.comma")) })}</p>}
			<p>{t("people.whoGives")}</p>
			<Link to={startPageOf(session)}>{t("people.toStart")}</Link>
		</div>
	);
}
