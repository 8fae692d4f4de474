import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { GrantView } from "../../../../contracts/access.ts";
import { endGrant, grantsQuery, renewGrant, zonesQuery } from "../../api/access.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { BecauseDialog } from "../session/BecauseDialog.tsx";
import { useMay } from "../session/session-context.ts";
import { GiveGrantDialog } from "./GiveGrantDialog.tsx";
import { GrantTable } from "./GrantTable.tsx";
import "./access.css";

const route = getRouteApi("/access/grants");
/** Rows that are drawn; the filters narrow down the rest. */
const MOST = 300;
const SHOWS = ["lapsing", "active", "future", "ended"] as const;

/** Grants by what becomes of them: those that lapse soon first. */
export function GrantsPage() {
	const { t } = useTranslation();
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const manages = useMay("grants.manage");
	const zones = useQuery(zonesQuery).data ?? [];
	const shows = SHOWS.find((one) => one === search.show) ?? "lapsing";
	const filter = [
		shows === "lapsing" ? "lapsing=true" : `status=${shows}`,
		...(search.zone === undefined ? [] : [`zone=${encodeURIComponent(search.zone)}`]),
	].join("&");
	const [giving, setGiving] = useState(false);
	const [acting, setActing] = useState<{ grant: GrantView; act: "revoke" | "renew" } | null>(null);
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("register.pages.grants")}</h1>
			</div>
			<div className="filters">
				<NativeSelect
					aria-label={t("register.status")}
					value={shows}
					data={SHOWS.map((one) => ({ value: one, label: one === "lapsing" ? t("register.lapsing") : t(`register.grantStatuses.${one}`) }))}
					onChange={(event) => void navigate({ search: { ...search, show: event.currentTarget.value }, replace: true })}
				/>
				<NativeSelect
					aria-label={t("register.zone")}
					value={search.zone ?? ""}
					data={[{ value: "", label: t("register.anyZone") }, ...zones.map(({ id, name }) => ({ value: id, label: name }))]}
					onChange={(event) => void navigate({ search: { ...search, zone: event.currentTarget.value || undefined }, replace: true })}
				/>
				{manages && (
					<Button variant="default" onClick={() => setGiving(true)}>
						{t("register.give")}
					</Button>
				)}
			</div>
			<section className="panel table-scroll" aria-label={t("register.pages.grants")}>
				<Loaded query={useQuery(grantsQuery(filter))} rows={10}>
					{(list) =>
						list.length === 0 ? (
							<Empty title={shows === "lapsing" ? t("register.noneLapsing") : t("register.noneFound")} />
						) : (
							<>
								<GrantTable grants={list.slice(0, MOST)} onAct={manages ? setActing : null} />
								{list.length > MOST && <p className="note">{t("register.more", { count: list.length - MOST })}</p>}
							</>
						)
					}
				</Loaded>
			</section>
			{giving && <GiveGrantDialog holder={null} onClose={() => setGiving(false)} />}
			{acting && (
				<BecauseDialog
					title={t(`register.${acting.act}`)}
					subject={`${acting.grant.holder?.name ?? acting.grant.post}, ${acting.grant.zone}`}
					act={acting.act === "revoke" ? endGrant : renewGrant}
					input={(reason) => ({ id: acting.grant.id, reason })}
					renews={["grants", "permitted", "removals", "controllers"]}
					onClose={() => setActing(null)}
				/>
			)}
		</div>
	);
}
