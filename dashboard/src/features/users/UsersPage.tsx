import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usersQuery } from "../../api/people.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { moveBetweenRows } from "../../ui/list-keys.ts";
import { usePreference } from "../../ui/preferences.ts";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { CreateUserDialog } from "./CreateUserDialog.tsx";

const route = getRouteApi("/users");

/** Everybody who has an account, with their roles. */
export function UsersPage() {
	const { t } = useTranslation();
	const users = useQuery(usersQuery);
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const manages = useMay("users.manage");
	const provisions = useMay("personnel.provision");
	const singleKeys = usePreference((preferences) => preferences.shortcuts);
	const [creating, setCreating] = useState(false);
	const text = (search.search ?? "").toLowerCase();
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("people.title")}</h1>
				<Link to="/roles">{t("people.roleTable")}</Link>
				{provisions && <Link to="/users/import">{t("personnel.file")}</Link>}
			</div>
			<div className="filters">
				<TextInput
					type="search"
					aria-label={t("people.search")}
					placeholder={t("people.search")}
					value={search.search ?? ""}
					onChange={(event) => void navigate({ search: { search: event.currentTarget.value || undefined }, replace: true })}
				/>
				{manages && (
					<Button variant="default" onClick={() => setCreating(true)}>
						{t("people.create")}
					</Button>
				)}
			</div>
			<section className="panel table-scroll" aria-label={t("people.title")}>
				<Loaded query={users} rows={11}>
					{(list) => {
						const shown = list.filter(
							(user) =>
								text === "" ||
								`${user.username} ${user.name} ${user.roles.map(({ role }) => t(`role.${role}`)).join(" ")}`.toLowerCase().includes(text),
						);
						return shown.length === 0 ? (
							<Empty title={t("people.noneFound")} />
						) : (
							<table className="plain-table" onKeyDown={(event) => void moveBetweenRows(event, singleKeys)}>
								<caption className="visually-hidden">{t("people.title")}</caption>
								<thead>
									<tr>
										<th scope="col">{t("people.name")}</th>
										<th scope="col">{t("people.roles")}</th>
										<th scope="col">{t("people.status")}</th>
										<th scope="col" className="only-wide-cell">
											{t("session.secondFactor")}
										</th>
										<th scope="col" className="only-wide-cell">
											{t("people.lastLogIn")}
										</th>
									</tr>
								</thead>
								<tbody>
									{shown.map((user) => (
										<tr key={user.id} data-testid="user-row" data-user={user.username}>
											<th scope="row">
												<Link to="/users/$user" params={{ user: user.id }} data-row preload={false}>
													{user.name}
												</Link>{" "}
												<span className="dim">{user.username}</span>
											</th>
											<td>
												{user.roles.length === 0 && <span className="dim">{t("people.none")}</span>}
												{user.roles.map(({ id, role, lapsesSoon }, at) => (
													<span key={id}>
														{at > 0 && t("people.comma")}
														{t(`role.${role}`)}
														{lapsesSoon && <span className="tag is-abnormal">{t("people.lapsesSoon")}</span>}
													</span>
												))}
											</td>
											<td className={user.status === "locked" ? "is-abnormal" : "dim"}>{t(`people.statuses.${user.status}`)}</td>
											<td className="dim only-wide-cell">{user.secondFactor ? t("people.on") : t("people.off")}</td>
											<td className="dim only-wide-cell">
												<When at={user.lastLogInAt} />
											</td>
										</tr>
									))}
								</tbody>
							</table>
						);
					}}
				</Loaded>
			</section>
			{creating && <CreateUserDialog onClose={() => setCreating(false)} />}
		</div>
	);
}
