import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { HOLDER_KINDS } from "../../../../contracts/access.ts";
import { holdersQuery } from "../../api/access.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { moveBetweenRows } from "../../ui/list-keys.ts";
import { usePreference } from "../../ui/preferences.ts";
import { useMay } from "../session/session-context.ts";
import { HolderDialog } from "./HolderDialog.tsx";
import "./access.css";

const route = getRouteApi("/access/holders");
/** Rows that are drawn; the search narrows down the rest. */
const MOST = 200;

/** Everybody who has, or had, a card or a fingerprint. */
export function HoldersPage() {
	const { t } = useTranslation();
	const holders = useQuery(holdersQuery);
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const set = (change: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
	const singleKeys = usePreference((preferences) => preferences.shortcuts);
	const manages = useMay("holders.manage");
	const [adding, setAdding] = useState(false);
	const text = (search.search ?? "").toLowerCase();
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("register.pages.holders")}</h1>
			</div>
			<div className="filters">
				<TextInput
					type="search"
					aria-label={t("register.searchHolder")}
					placeholder={t("register.searchHolder")}
					value={search.search ?? ""}
					onChange={(event) => set({ search: event.currentTarget.value || undefined })}
				/>
				<NativeSelect
					aria-label={t("register.kind")}
					value={search.kind ?? ""}
					data={[
						{ value: "", label: t("register.anyKind") },
						...HOLDER_KINDS.map((kind) => ({ value: kind, label: t(`register.holderKinds.${kind}`) })),
					]}
					onChange={(event) => set({ kind: event.currentTarget.value || undefined })}
				/>
				{manages && (
					<Button variant="default" onClick={() => setAdding(true)}>
						{t("register.add")}
					</Button>
				)}
			</div>
			<section className="panel table-scroll" aria-label={t("register.pages.holders")}>
				<Loaded query={holders} rows={12}>
					{(all) => {
						const found = all.filter(
							({ name, company, post, kind }) =>
								(search.kind === undefined || kind === search.kind) &&
								(text === "" || `${name} ${company ?? ""} ${post ?? ""}`.toLowerCase().includes(text)),
						);
						if (found.length === 0) return <Empty title={all.length === 0 ? t("register.noHolders") : t("register.noneFound")} />;
						return (
							<>
								<table className="plain-table" onKeyDown={(event) => void moveBetweenRows(event, singleKeys)}>
									<caption className="visually-hidden">{t("register.pages.holders")}</caption>
									<thead>
										<tr>
											<th scope="col">{t("register.name")}</th>
											<th scope="col">{t("register.kind")}</th>
											<th scope="col" className="only-wide-cell">
												{t("register.company")}
											</th>
											<th scope="col" className="only-wide-cell">
												{t("register.post")}
											</th>
											<th scope="col">{t("register.status")}</th>
										</tr>
									</thead>
									<tbody>
										{found.slice(0, MOST).map((holder, at) => (
											// Ids of people are hidden alike from who may not see them.
											// biome-ignore lint/suspicious/noArrayIndexKey: the place tells hidden rows apart
											<tr key={`${holder.id} ${at}`} data-testid="holder-row" data-holder={holder.id}>
												<th scope="row">
													<Link to="/access/holders/$holder" params={{ holder: holder.id }} data-row preload={false}>
														{holder.name}
													</Link>
												</th>
												<td>{t(`register.holderKinds.${holder.kind}`)}</td>
												<td className="dim only-wide-cell">{holder.company ?? "–"}</td>
												<td className="dim only-wide-cell">{holder.post ?? "–"}</td>
												<td className={holder.status === "left" ? "is-abnormal" : "dim"}>{t(`register.statuses.${holder.status}`)}</td>
											</tr>
										))}
									</tbody>
								</table>
								{found.length > MOST && <p className="note">{t("register.more", { count: found.length - MOST })}</p>}
							</>
						);
					}}
				</Loaded>
			</section>
			{adding && (
				<HolderDialog
					holder={null}
					onClose={() => setAdding(false)}
					onDone={({ id }) => void navigate({ to: "/access/holders/$holder", params: { holder: id } })}
				/>
			)}
		</div>
	);
}
