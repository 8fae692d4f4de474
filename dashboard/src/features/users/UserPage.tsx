import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { UserView } from "../../../../contracts/identity.ts";
import { endUserSession, userQuery, userSessionsQuery } from "../../api/people.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { SessionTable } from "../account/SessionTable.tsx";
import { useMay, useSession } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { CloseAccountDialog } from "./CloseAccountDialog.tsx";
import { ProposeRoleDialog, type RoleProposal } from "./ProposeRoleDialog.tsx";
import { ResetAccount } from "./ResetAccount.tsx";

const route = getRouteApi("/users/$user");

/** One account. */
export function UserPage() {
	const { user } = route.useParams();
	return <Loaded query={useQuery(userQuery(user))}>{(view) => <UserPanels user={view} />}</Loaded>;
}

function UserPanels({ user }: { user: UserView }) {
	const { t } = useTranslation();
	const manages = useMay("users.manage");
	const revokes = useMay("sessions.revoke");
	return (
		<div className="page">
			<div className="page-head">
				<h1>{user.name}</h1>
				<span className="dim">{user.username}</span>
				<Link to="/users">{t("people.all")}</Link>
			</div>
			<section className="panel panel-body stack" aria-label={t("people.accountOf")}>
				<dl className="facts">
					<div>
						<dt>{t("people.status")}</dt>
						<dd className={user.status === "locked" ? "is-abnormal" : ""}>{t(`people.statuses.${user.status}`)}</dd>
					</div>
					<div>
						<dt>{t("session.secondFactor")}</dt>
						<dd>{user.secondFactor ? t("people.on") : t("people.off")}</dd>
					</div>
					<div>
						<dt>{t("people.email")}</dt>
						<dd className="wrap">{user.email ?? "–"}</dd>
					</div>
					<div>
						<dt>{t("people.created")}</dt>
						<dd>
							<When at={user.createdAt} />
						</dd>
					</div>
					<div>
						<dt>{t("people.lastLogIn")}</dt>
						<dd>
							<When at={user.lastLogInAt} />
						</dd>
					</div>
				</dl>
				{manages && user.status !== "closed" && <ResetAccount user={user} />}
			</section>
			<UserRoles user={user} />
			{revokes && <UserSessions user={user.id} />}
		</div>
	);
}

function UserRoles({ user }: { user: UserView }) {
	const { t } = useTranslation();
	const self = useSession().user.id === user.id;
	const proposes = useMay("rights.propose") && !self && user.status !== "closed";
	const [proposal, setProposal] = useState<RoleProposal | null>(null);
	const [closing, setClosing] = useState(false);
	const [proposed, setProposed] = useState(false);
	return (
		<section className="panel" aria-label={t("people.roles")}>
			<div className="panel-head">
				<h2>{t("people.roles")}</h2>
				{proposes && (
					<div className="actions">
						<Button size="xs" variant="default" onClick={() => setProposal({ kind: "role-grant" })}>
							{t("people.proposeRole")}
						</Button>
						<Button size="xs" variant="default" onClick={() => setClosing(true)}>
							{t("change.short.account-closure")}
						</Button>
					</div>
				)}
			</div>
			<div role="status">
				{proposed && (
					<p className="note">
						{t("change.proposed")}{" "}
						<Link to="/changes" search={{ tab: "mine" }}>
							{t("nav.changes")}
						</Link>
					</p>
				)}
			</div>
			{user.roles.length === 0 ? (
				<Empty title={t("people.noRolesOf")} />
			) : (
				<table className="plain-table">
					<thead>
						<tr>
							<th scope="col">{t("people.role")}</th>
							<th scope="col" className="only-wide-cell">
								{t("people.site")}
							</th>
							<th scope="col">{t("people.lapses")}</th>
							{proposes && <th scope="col">{t("people.action")}</th>}
						</tr>
					</thead>
					<tbody>
						{user.roles.map(({ id, role, site, lapsesAt, lapsesSoon }) => (
							<tr key={id}>
								<td>{t(`role.${role}`)}</td>
								<td className="dim only-wide-cell">{site === "*" ? t("people.everySite") : site}</td>
								<td className={lapsesSoon ? "is-abnormal" : ""}>
									<When at={lapsesAt} /> {lapsesSoon && t("people.lapsesSoon")}
								</td>
								{proposes && (
									<td>
										<div className="actions">
											{(["role-renewal", "role-revocation"] as const).map((kind) => (
												<Button key={kind} size="xs" variant="default" onClick={() => setProposal({ kind, role, site })}>
													{t(`change.short.${kind}`)}
												</Button>
											))}
										</div>
									</td>
								)}
							</tr>
						))}
					</tbody>
				</table>
			)}
			{closing && (
				<CloseAccountDialog
					user={user}
					onClose={() => setClosing(false)}
					onDone={() => {
						setClosing(false);
						setProposed(true);
					}}
				/>
			)}
			{proposal && (
				<ProposeRoleDialog
					user={user}
					proposal={proposal}
					onClose={() => setProposal(null)}
					onDone={() => {
						setProposal(null);
						setProposed(true);
					}}
				/>
			)}
		</section>
	);
}

function UserSessions({ user }: { user: string }) {
	const { t } = useTranslation();
	const sessions = useQuery(userSessionsQuery(user));
	const end = useAct((id: string) => endUserSession(user, id), ["users"]);
	return (
		<section className="panel table-scroll" aria-label={t("people.sessions")}>
			<div className="panel-head">
				<h2>{t("people.sessions")}</h2>
			</div>
			<Loaded query={sessions} rows={2}>
				{({ items }) => <SessionTable sessions={items} onEnd={(id) => end.run(id)} />}
			</Loaded>
			{end.dialog}
		</section>
	);
}
