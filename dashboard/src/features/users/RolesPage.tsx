import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PERMISSIONS, type Permission } from "../../../../contracts/permissions.ts";
import { rolesQuery } from "../../api/people.ts";
import { Loaded } from "../../ui/Loaded.tsx";

/** The role table: what each role may do. */
export function RolesPage() {
	const { t } = useTranslation();
	const roles = useQuery(rolesQuery);
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("people.roleTable")}</h1>
				<Link to="/users">{t("people.all")}</Link>
			</div>
			<p className="dim">{t("people.roleTableHint")}</p>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1) */}
			<section className="panel table-scroll" aria-label={t("people.roleTable")} tabIndex={0}>
				<Loaded query={roles} rows={12}>
					{({ items }) => (
						<table className="plain-table role-table">
							<thead>
								<tr>
									<th scope="col">{t("people.permission")}</th>
									{items.map(({ role }) => (
										<th key={role} scope="col">
											{t(`role.${role}`)}
										</th>
									))}
								</tr>
							</thead>
							<tbody>
								{(Object.keys(PERMISSIONS) as Permission[]).map((permission) => (
									<tr key={permission}>
										<th scope="row">{t(`permission.${permission}`)}</th>
										{items.map(({ role, permissions }) => (
											<td key={role}>
												{permissions.includes(permission) ? (
													<>
														<span aria-hidden="true">●</span>
														<span className="visually-hidden">{t("state.true")}</span>
													</>
												) : (
													<span className="dim" aria-hidden="true">
														·
													</span>
												)}
											</td>
										))}
									</tr>
								))}
							</tbody>
						</table>
					)}
				</Loaded>
			</section>
		</div>
	);
}
