import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { GrantView, HolderView } from "../../../../contracts/access.ts";
import { credentialsQuery, endGrant, grantsQuery, holderEventsQuery, holderQuery, permittedQuery, renewGrant } from "../../api/access.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { BecauseDialog } from "../session/BecauseDialog.tsx";
import { useMay } from "../session/session-context.ts";
import { CredentialTable } from "./CredentialTable.tsx";
import { FindingsOfHolder } from "./Findings.tsx";
import { GiveGrantDialog } from "./GiveGrantDialog.tsx";
import { GrantTable } from "./GrantTable.tsx";
import { HolderDialog } from "./HolderDialog.tsx";
import { IssueDialog } from "./IssueDialog.tsx";
import { Passages } from "./Passages.tsx";
import "./access.css";

const route = getRouteApi("/access/holders/$holder");

/** One person: cards and fingerprints, grants, doors, and where they have been. */
export function HolderPage() {
	const { holder } = route.useParams();
	return <Loaded query={useQuery(holderQuery(holder))}>{(view) => <HolderPanels holder={view} />}</Loaded>;
}

function HolderPanels({ holder }: { holder: HolderView }) {
	const { t } = useTranslation();
	const manages = useMay("holders.manage");
	const seesPeople = useMay("access.personal");
	const [editing, setEditing] = useState(false);
	return (
		<div className="page">
			<div className="page-head">
				<h1>{holder.name}</h1>
				<span className="dim">{t(`register.holderKinds.${holder.kind}`)}</span>
				<Link to="/access/holders">{t("register.allHolders")}</Link>
				{manages && (
					<Button size="xs" variant="default" onClick={() => setEditing(true)}>
						{t("register.edit")}
					</Button>
				)}
			</div>
			<section className="panel panel-body" aria-label={t("register.facts")}>
				<dl className="facts">
					<div>
						<dt>{t("register.status")}</dt>
						<dd className={holder.status === "left" ? "is-abnormal" : ""}>
							{t(`register.statuses.${holder.status}`)} {holder.leftAt && <When at={holder.leftAt} />}
						</dd>
					</div>
					<div>
						<dt>{t("register.company")}</dt>
						<dd>{holder.company ?? "–"}</dd>
					</div>
					<div>
						<dt>{t("register.post")}</dt>
						<dd>{holder.post ?? "–"}</dd>
					</div>
					<div>
						<dt>{t("register.sponsor")}</dt>
						<dd>{holder.sponsor?.name ?? "–"}</dd>
					</div>
				</dl>
			</section>
			<Credentials holder={holder} />
			<Grants holder={holder} />
			<Doors holder={holder.id} />
			{seesPeople && <FindingsOfHolder holder={holder.id} />}
			<Passages
				title={t("register.history")}
				query={useQuery(holderEventsQuery(holder.id))}
				subject={{ name: t("access.door"), of: ({ doorName }) => doorName }}
			/>
			{editing && <HolderDialog holder={holder} onClose={() => setEditing(false)} onDone={() => setEditing(false)} />}
		</div>
	);
}

function Credentials({ holder }: { holder: HolderView }) {
	const { t } = useTranslation();
	const manages = useMay("holders.manage");
	const [issuing, setIssuing] = useState<"card" | "fingerprint" | null>(null);
	return (
		<section className="panel table-scroll" aria-labelledby="credentials">
			<div className="panel-head wraps">
				<h2 id="credentials">{t("register.credentials")}</h2>
				{manages && holder.status === "active" && (
					<>
						<Button size="xs" variant="default" onClick={() => setIssuing("card")}>
							{t("register.issue")}
						</Button>
						<Button size="xs" variant="default" onClick={() => setIssuing("fingerprint")}>
							{t("register.enrol")}
						</Button>
					</>
				)}
			</div>
			<Loaded query={useQuery(credentialsQuery(holder.id))} rows={2}>
				{(list) => (list.length === 0 ? <Empty title={t("register.noCredentials")} /> : <CredentialTable credentials={list} />)}
			</Loaded>
			{issuing && <IssueDialog type={issuing} holder={holder} onClose={() => setIssuing(null)} />}
		</section>
	);
}

function Grants({ holder }: { holder: HolderView }) {
	const { t } = useTranslation();
	const manages = useMay("grants.manage");
	const [acting, setActing] = useState<{ grant: GrantView; act: "revoke" | "renew" } | null>(null);
	const [giving, setGiving] = useState(false);
	const own = useQuery(grantsQuery(`holder=${encodeURIComponent(holder.id)}`));
	const ofPost = useQuery({ ...grantsQuery(`post=${encodeURIComponent(holder.post ?? "")}`), enabled: holder.post !== null }).data ?? [];
	return (
		<section className="panel table-scroll" aria-labelledby="grants">
			<div className="panel-head">
				<h2 id="grants">{t("register.pages.grants")}</h2>
				{manages && holder.status === "active" && (
					<Button size="xs" variant="default" onClick={() => setGiving(true)}>
						{t("register.give")}
					</Button>
				)}
			</div>
			<Loaded query={own} rows={3}>
				{(list) =>
					list.length + ofPost.length === 0 ? (
						<Empty title={t("register.noGrants")} />
					) : (
						<GrantTable grants={[...list, ...ofPost]} onAct={manages ? setActing : null} />
					)
				}
			</Loaded>
			{acting && (
				<BecauseDialog
					title={t(`register.${acting.act}`)}
					subject={`${acting.grant.holder?.name ?? t("register.postOf", { post: acting.grant.post })}, ${acting.grant.zone}`}
					act={acting.act === "revoke" ? endGrant : renewGrant}
					input={(reason) => ({ id: acting.grant.id, reason })}
					renews={["grants", "permitted", "removals", "controllers"]}
					onClose={() => setActing(null)}
				/>
			)}
			{giving && <GiveGrantDialog holder={holder} onClose={() => setGiving(false)} />}
		</section>
	);
}

function Doors({ holder }: { holder: string }) {
	const { t } = useTranslation();
	return (
		<section className="panel table-scroll" aria-labelledby="permitted">
			<div className="panel-head">
				<h2 id="permitted">{t("register.permitted")}</h2>
			</div>
			<Loaded query={useQuery(permittedQuery("holders", holder))} rows={4}>
				{(list) =>
					list.length === 0 ? (
						<Empty title={t("register.noDoors")} />
					) : (
						<ul className="door-chips">
							{list.map((one) => (
								<li key={one.id} className={one.able ? "" : "is-abnormal"}>
									{one.doorName} <span className="dim">{one.able ? one.zone : t("register.notAble")}</span>
								</li>
							))}
						</ul>
					)
				}
			</Loaded>
		</section>
	);
}
