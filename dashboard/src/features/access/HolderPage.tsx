import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CredentialView, GrantView, HolderView } from "../../../../contracts/access.ts";
import { credentialsQuery, endGrant, grantsQuery, holderEventsQuery, holderQuery, permittedQuery, renewGrant, zonesQuery } from "../../api/access.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { isRefused, ResultMark } from "./AccessFeed.tsx";
import { AccessNav } from "./AccessNav.tsx";
import { BecauseDialog } from "./BecauseDialog.tsx";
import { CredentialDialog } from "./CredentialDialog.tsx";
import { EditHolderDialog } from "./EditHolderDialog.tsx";
import { GiveGrantDialog } from "./GiveGrantDialog.tsx";
import { IssueCardDialog } from "./IssueCardDialog.tsx";
import { useReasonText } from "./use-reason-text.ts";
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
			<AccessNav />
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
			<History holder={holder.id} />
			{editing && <EditHolderDialog holder={holder} onClose={() => setEditing(false)} />}
		</div>
	);
}

function Credentials({ holder }: { holder: HolderView }) {
	const { t } = useTranslation();
	const manages = useMay("holders.manage");
	const [changing, setChanging] = useState<CredentialView | null>(null);
	const [issuing, setIssuing] = useState(false);
	return (
		<section className="panel table-scroll" aria-labelledby="credentials">
			<div className="panel-head">
				<h2 id="credentials">{t("register.credentials")}</h2>
				{manages && holder.status === "active" && (
					<Button size="xs" variant="default" onClick={() => setIssuing(true)}>
						{t("register.issue")}
					</Button>
				)}
			</div>
			<Loaded query={useQuery(credentialsQuery(holder.id))} rows={2}>
				{(list) =>
					list.length === 0 ? (
						<Empty title={t("register.noCredentials")} />
					) : (
						<table className="plain-table">
							<caption className="visually-hidden">{t("register.credentials")}</caption>
							<thead>
								<tr>
									<th scope="col">{t("register.credential")}</th>
									<th scope="col">{t("register.state")}</th>
									<th scope="col" className="only-wide-cell">
										{t("register.lastUsed")}
									</th>
									{manages && <th scope="col">{t("people.action")}</th>}
								</tr>
							</thead>
							<tbody>
								{list.map((credential) => (
									<tr key={credential.id} data-testid="credential-row" data-state={credential.state}>
										<th scope="row">{credential.card ?? t("register.fingerprint")}</th>
										<td className={credential.state === "active" ? "" : "is-abnormal"}>
											{t(`register.states.${credential.state}`)} <span className="dim">{credential.stateReason}</span>
										</td>
										<td className="dim only-wide-cell">
											<When at={credential.lastUsedAt} />
										</td>
										{manages && (
											<td>
												{credential.state !== "returned" && (
													<Button size="xs" variant="default" onClick={() => setChanging(credential)}>
														{t("register.changeState")}
													</Button>
												)}
											</td>
										)}
									</tr>
								))}
							</tbody>
						</table>
					)
				}
			</Loaded>
			{issuing && <IssueCardDialog holder={holder.id} name={holder.name} onClose={() => setIssuing(false)} />}
			{changing && <CredentialDialog credential={changing} onClose={() => setChanging(null)} />}
		</section>
	);
}

function Grants({ holder }: { holder: HolderView }) {
	const { t } = useTranslation();
	const manages = useMay("grants.manage");
	const [acting, setActing] = useState<{ grant: GrantView; act: "revoke" | "renew" } | null>(null);
	const [giving, setGiving] = useState(false);
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
			<Loaded query={useQuery(grantsQuery(`holder=${encodeURIComponent(holder.id)}`))} rows={3}>
				{(list) => (list.length === 0 ? <Empty title={t("register.noGrants")} /> : <GrantTable grants={list} onAct={manages ? setActing : null} />)}
			</Loaded>
			{acting && (
				<BecauseDialog
					title={t(`register.${acting.act}`)}
					subject={`${holder.name}, ${acting.grant.zone}`}
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

/** Grants with what may be done to them. */
export function GrantTable({
	grants,
	onAct,
}: {
	grants: readonly GrantView[];
	onAct: ((act: { grant: GrantView; act: "revoke" | "renew" }) => void) | null;
}) {
	const { t } = useTranslation();
	const format = useFormat();
	const zones = new Map((useQuery(zonesQuery).data ?? []).map(({ id, name }) => [id, name]));
	return (
		<table className="plain-table">
			<caption className="visually-hidden">{t("register.pages.grants")}</caption>
			<thead>
				<tr>
					<th scope="col">{t("register.zone")}</th>
					<th scope="col">{t("register.who")}</th>
					<th scope="col">{t("register.status")}</th>
					<th scope="col" className="only-wide-cell">
						{t("register.reason")}
					</th>
					<th scope="col" className="only-wide-cell">
						{t("register.lapses")}
					</th>
					{onAct && <th scope="col">{t("people.action")}</th>}
				</tr>
			</thead>
			<tbody>
				{grants.map((grant) => (
					<tr key={grant.id} data-testid="grant-row" data-zone={grant.zone} data-status={grant.status}>
						<th scope="row">{zones.get(grant.zone) ?? grant.zone}</th>
						<td>{grant.holder?.name ?? t("register.postOf", { post: grant.post })}</td>
						<td className={grant.status === "ended" ? "dim" : ""}>
							{t(`register.grantStatuses.${grant.status}`)} {grant.endReason && <span className="dim">{t(`register.ends.${grant.endReason}`)}</span>}
						</td>
						<td className="dim only-wide-cell">{grant.reason}</td>
						<td className="dim only-wide-cell">{grant.status === "ended" ? "–" : format.dateTime(Date.parse(grant.lapsesAt))}</td>
						{onAct && (
							<td>
								{grant.status !== "ended" && (
									<div className="actions">
										{(["renew", "revoke"] as const).map((act) => (
											<Button key={act} size="xs" variant="default" data-testid={`grant-${act}`} onClick={() => onAct({ grant, act })}>
												{t(`register.${act}`)}
											</Button>
										))}
									</div>
								)}
							</td>
						)}
					</tr>
				))}
			</tbody>
		</table>
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

function History({ holder }: { holder: string }) {
	const { t } = useTranslation();
	const reason = useReasonText();
	return (
		<section className="panel table-scroll" aria-labelledby="history">
			<div className="panel-head">
				<h2 id="history">{t("register.history")}</h2>
			</div>
			<Loaded query={useQuery(holderEventsQuery(holder))} rows={6}>
				{(events) =>
					events.length === 0 ? (
						<Empty title={t("access.none")} />
					) : (
						<table className="plain-table access-table">
							<caption className="visually-hidden">{t("register.history")}</caption>
							<tbody>
								{events.map((event) => (
									<tr key={event.id} data-testid="access-row">
										<td>
											<When at={event.ts} />
										</td>
										<td className={isRefused(event) ? "result-denied" : "dim"}>
											<ResultMark event={event} /> {isRefused(event) && reason(event.reason)}
										</td>
										<td>
											{event.doorName} <span className="dim">{t(`access.${event.direction}`)}</span>
										</td>
									</tr>
								))}
							</tbody>
						</table>
					)
				}
			</Loaded>
		</section>
	);
}
