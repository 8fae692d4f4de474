import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { HOLDER_KINDS, type HolderView } from "../../../../contracts/access.ts";
import { holdersInZoneQuery, holdersQuery, zonesQuery } from "../../api/access.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { moveBetweenRows } from "../../ui/list-keys.ts";
import { usePreference } from "../../ui/preferences.ts";
import { useMay } from "../session/session-context.ts";
import { HolderDialog } from "./HolderDialog.tsx";
import { filtered, type HolderFilter, withoutEach } from "./holder-filter.ts";
import "./access.css";

const route = getRouteApi("/access/holders");
/** Rows that are drawn; the search narrows down the rest. */
const MOST = 200;
const STATUSES = ["active", "left"] as const;

/** Everybody who has, or had, a card or a fingerprint. */
export function HoldersPage() {
	const { t } = useTranslation();
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const everybody = useQuery(holdersQuery);
	const inZone = useQuery({ ...holdersInZoneQuery(search.zone ?? ""), enabled: search.zone !== undefined });
	const zones = useQuery(zonesQuery).data ?? [];
	const set = (change: HolderFilter) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
	const manages = useMay("holders.manage");
	const [adding, setAdding] = useState(false);
	const posts = [...new Set((everybody.data ?? []).flatMap(({ post }) => post ?? []))].sort((one, other) => one.localeCompare(other));
	/** What each part of the filter is called, for who has filtered everybody away. */
	const named = {
		search: (text: string) => text,
		kind: (kind: string) => t(`register.holderKinds.${HOLDER_KINDS.find((one) => one === kind) ?? "employee"}`),
		status: (status: string) => t(`register.statuses.${STATUSES.find((one) => one === status) ?? "active"}`),
		post: (post: string) => post,
		zone: (zone: string) => t("register.mayEnterZone", { zone: zones.find(({ id }) => id === zone)?.name ?? zone }),
	};
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("register.pages.holders")}</h1>
				<Link to="/access/credentials">{t("register.pages.credentials")}</Link>
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
				<NativeSelect
					aria-label={t("register.status")}
					value={search.status ?? ""}
					data={[
						{ value: "", label: t("register.anyStatus") },
						...STATUSES.map((status) => ({ value: status, label: t(`register.statuses.${status}`) })),
					]}
					onChange={(event) => set({ status: event.currentTarget.value || undefined })}
				/>
				<NativeSelect
					aria-label={t("register.post")}
					value={search.post ?? ""}
					data={[{ value: "", label: t("register.anyPost") }, ...posts]}
					onChange={(event) => set({ post: event.currentTarget.value || undefined })}
				/>
				<NativeSelect
					aria-label={t("register.mayEnter")}
					value={search.zone ?? ""}
					data={[
						{ value: "", label: t("register.mayEnterAny") },
						...zones.map(({ id, name }) => ({ value: id, label: t("register.mayEnterZone", { zone: name }) })),
					]}
					onChange={(event) => set({ zone: event.currentTarget.value || undefined })}
				/>
				{manages && (
					<Button variant="default" onClick={() => setAdding(true)}>
						{t("register.add")}
					</Button>
				)}
			</div>
			<section className="panel table-scroll" aria-label={t("register.pages.holders")}>
				<Loaded query={search.zone === undefined ? everybody : inZone} rows={12}>
					{(people) => {
						const found = filtered(people, search);
						if (found.length > 0) return <HolderTable people={found} />;
						const hiding = withoutEach(everybody.data ?? people, people, search);
						if (hiding.length === 0) return <Empty title={t("register.noHolders")} />;
						return (
							<Empty title={t("register.noneFound")} hint={t("register.hiddenBy")}>
								<div className="actions" data-testid="hiding">
									{hiding.map(({ part, count }) => (
										<Button key={part} size="xs" variant="default" onClick={() => set({ [part]: undefined })}>
											{t("register.withoutFilter", { filter: named[part](search[part] ?? ""), count })}
										</Button>
									))}
								</div>
							</Empty>
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

function HolderTable({ people }: { people: readonly HolderView[] }) {
	const { t } = useTranslation();
	const singleKeys = usePreference((preferences) => preferences.shortcuts);
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
					{people.slice(0, MOST).map((holder, at) => (
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
			{people.length > MOST && <p className="note">{t("register.more", { count: people.length - MOST })}</p>}
		</>
	);
}
