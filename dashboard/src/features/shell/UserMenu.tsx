import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { logOut, sessionQuery } from "../../api/session.ts";
import { useSession } from "../session/session-context.ts";

/** Who is signed in, and the way out. */
export function UserMenu() {
	const { t } = useTranslation();
	const { user } = useSession();
	const queries = useQueryClient();
	const navigate = useNavigate();
	const leave = useMutation({
		mutationFn: logOut,
		onSuccess: async () => {
			await navigate({ to: "/log-in" });
			queries.setQueryData(sessionQuery.queryKey, null);
			queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
		},
	});
	return (
		<>
			<Link to="/account" className="user-link" data-testid="user" title={user.username}>
				<span className="visually-hidden">{t("people.account")}: </span>
				{user.name}
			</Link>
			<button type="button" className="icon-button" aria-label={t("session.logOut")} title={t("session.logOut")} onClick={() => leave.mutate()}>
				<svg viewBox="-1.2 -1.2 2.4 2.4" width="14" height="14" aria-hidden="true">
					<path d="M0-1V0M-.6-.75A.95.95 0 1 0 .6-.75" className="status-stroke" strokeWidth="0.3" />
				</svg>
			</button>
		</>
	);
}
