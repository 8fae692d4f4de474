import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { endOwnSession, ownSessionsQuery, sessionQuery } from "../../api/session.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { PasswordForm } from "../session/PasswordForm.tsx";
import { SecondFactorForm } from "../session/SecondFactorForm.tsx";
import { useSession } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { SessionTable } from "./SessionTable.tsx";
import { Tokens } from "./Tokens.tsx";

/** One's own account: roles and when they lapse, sessions, tokens, password, second factor. */
export function AccountPage() {
	const { t } = useTranslation();
	const session = useSession();
	const queries = useQueryClient();
	const sessions = useQuery(ownSessionsQuery);
	const end = useAct(endOwnSession, ["own-sessions", "session"]);
	const [doing, setDoing] = useState<"password" | "second-factor" | null>(null);
	const [changed, setChanged] = useState(false);
	const done = () => {
		setDoing(null);
		setChanged(true);
		void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
	};
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("people.account")}</h1>
				<span className="dim">{session.user.username}</span>
			</div>
			<div role="status">{changed && <p className="note">{t("people.saved")}</p>}</div>
			<div className="two-columns">
				<section className="panel" aria-label={t("people.ownRoles")}>
					<div className="panel-head">
						<h2>{t("people.ownRoles")}</h2>
					</div>
					{session.roles.length === 0 ? (
						<Empty title={t("people.noRoles")} hint={t("people.whoGives")} />
					) : (
						<table className="plain-table">
							<thead>
								<tr>
									<th scope="col">{t("people.role")}</th>
									<th scope="col">{t("people.site")}</th>
									<th scope="col">{t("people.lapses")}</th>
								</tr>
							</thead>
							<tbody>
								{session.roles.map(({ role, site, lapsesAt }) => (
									<tr key={`${role} ${site}`}>
										<td>{t(`role.${role}`)}</td>
										<td className="dim">{site === "*" ? t("people.everySite") : site}</td>
										<td>
											<When at={lapsesAt} />
										</td>
									</tr>
								))}
							</tbody>
						</table>
					)}
				</section>
				<section className="panel" aria-label={t("people.security")}>
					<div className="panel-head">
						<h2>{t("people.security")}</h2>
					</div>
					<div className="panel-body stack">
						<p>
							{t("session.secondFactor")}: {session.secondFactor === "on" ? t("people.on") : t("people.off")}
						</p>
						<div className="actions">
							<Button variant="default" onClick={() => setDoing("second-factor")}>
								{t("session.setUpSecondFactor")}
							</Button>
							<Button variant="default" onClick={() => setDoing("password")}>
								{t("session.changePassword")}
							</Button>
						</div>
					</div>
				</section>
			</div>
			<section className="panel table-scroll" aria-label={t("people.sessions")}>
				<div className="panel-head">
					<h2>{t("people.sessions")}</h2>
				</div>
				<Loaded query={sessions} rows={3}>
					{({ items }) => <SessionTable sessions={items} onEnd={(id) => end.run(id)} />}
				</Loaded>
			</section>
			<Tokens />
			{end.dialog}
			{doing === "password" && (
				<Dialog title={t("session.changePassword")} onClose={() => setDoing(null)}>
					<PasswordForm onDone={done} />
				</Dialog>
			)}
			{doing === "second-factor" && (
				<Dialog title={t("session.setUpSecondFactor")} onClose={() => setDoing(null)}>
					<SecondFactorForm onDone={done} />
				</Dialog>
			)}
		</div>
	);
}
