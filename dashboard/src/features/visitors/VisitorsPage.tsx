import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { VisitView } from "../../../../contracts/visitors.ts";
import { actOnVisit, endVisit, visitsQuery } from "../../api/visitors.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { BecauseDialog } from "../session/BecauseDialog.tsx";
import { mayDo } from "../session/pages.ts";
import { useMay, useSession } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { BadgePoolDialog } from "./BadgePoolDialog.tsx";
import { CheckInDialog } from "./CheckInDialog.tsx";
import { IssueBadgeDialog } from "./IssueBadgeDialog.tsx";
import { RequestVisitDialog } from "./RequestVisitDialog.tsx";
import { byDesk, isOpen, VISIT_ACTS, type VisitAct } from "./visit-acts.ts";
import "./visitors.css";

const route = getRouteApi("/visitors");
const RENEWS = ["visits", "visitor-badges"];

/** The desk: who is here, who comes, who waits for whom. */
export function VisitorsPage() {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const requests = useMay("visitors.request");
	const seesPeople = useMay("access.personal");
	const poolKeeper = useMay("holders.manage");
	const [asking, setAsking] = useState<{ visit: VisitView; act: VisitAct } | null>(null);
	const [dialog, setDialog] = useState<"request" | "pool" | null>(null);
	const plain = useAct(actOnVisit, RENEWS);
	const close = () => setAsking(null);
	const perform = (visit: VisitView, act: VisitAct) => {
		if (act === "approve" || act === "accept-escort" || act === "check-out" || act === "badge-returned") plain.run({ id: visit.id, act });
		else setAsking({ visit, act });
	};
	const all = search.show === "all";
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("visits.title")}</h1>
			</div>
			<div className="filters">
				<NativeSelect
					aria-label={t("visits.show")}
					value={all ? "all" : "open"}
					data={[
						{ value: "open", label: t("visits.open") },
						{ value: "all", label: t("visits.all") },
					]}
					onChange={(event) => void navigate({ search: event.currentTarget.value === "all" ? { show: "all" } : {}, replace: true })}
				/>
				{requests && seesPeople && (
					<Button variant="default" onClick={() => setDialog("request")}>
						{t("visits.request")}
					</Button>
				)}
				{poolKeeper && (
					<Button variant="default" onClick={() => setDialog("pool")}>
						{t("visits.pool")}
					</Button>
				)}
			</div>
			<FormError text={textOf(plain.error)} />
			<Loaded query={useQuery(visitsQuery)} rows={8}>
				{(list) => {
					const shown = list.filter(({ state }) => all || isOpen(state)).sort(byDesk);
					return shown.length === 0 ? (
						<section className="panel">
							<Empty title={t("visits.none")} />
						</section>
					) : (
						<ul className="visits">
							{shown.map((visit) => (
								<Visit key={visit.id} visit={visit} pending={plain.pending} onAct={(act) => perform(visit, act)} />
							))}
						</ul>
					);
				}}
			</Loaded>
			{asking?.act === "check-in" && <CheckInDialog visit={asking.visit} onClose={close} />}
			{asking?.act === "badge" && <IssueBadgeDialog visit={asking.visit} onClose={close} />}
			{(asking?.act === "reject" || asking?.act === "cancel") && (
				<BecauseDialog
					title={t(`visits.acts.${asking.act}`)}
					subject={asking.visit.visitor}
					act={endVisit}
					input={(reason) => ({ id: asking.visit.id, act: asking.act === "reject" ? ("reject" as const) : ("cancel" as const), reason })}
					renews={RENEWS}
					onClose={close}
				/>
			)}
			{dialog === "request" && <RequestVisitDialog onClose={() => setDialog(null)} />}
			{dialog === "pool" && <BadgePoolDialog onClose={() => setDialog(null)} />}
			{plain.dialog}
		</div>
	);
}

function Visit({ visit, pending, onAct }: { visit: VisitView; pending: boolean; onAct: (act: VisitAct) => void }) {
	const { t } = useTranslation();
	const format = useFormat();
	const session = useSession();
	const wrong = visit.overstayed ? t("visits.overstayed") : visit.badgeOutstanding ? t("visits.badgeOut") : null;
	const acts = VISIT_ACTS[visit.state].filter(([, permission]) => mayDo(session, permission));
	return (
		<li className="panel visit" data-testid="visit" data-state={visit.state}>
			<div className="visit-who">
				<strong>{visit.visitor}</strong> <span className="dim">{visit.company}</span>
			</div>
			<div>
				<span className={wrong ? "is-abnormal" : ""}>
					{wrong && "▲ "}
					{wrong ?? t(`visits.states.${visit.state}`)}
				</span>{" "}
				<span className="dim">
					{format.dateTime(Date.parse(visit.from))} – {format.dateTime(Date.parse(visit.until))}
				</span>
			</div>
			<div className="dim">
				{visit.purpose}; {t("visits.hostOf", { name: visit.host.name })}, {t("visits.escortOf", { name: visit.escort.name })};{" "}
				{visit.zones.join(", ")}
				{visit.badge && `; ${t("visits.badgeOf", { badge: visit.badge })}`}
				{visit.reason && `; ${visit.reason}`}
			</div>
			{acts.length > 0 && (
				<div className="actions">
					{acts.map(([act], at) => (
						<Button
							key={act}
							variant="default"
							className={at === 0 ? "primary" : ""}
							loading={pending}
							data-testid={`visit-${act}`}
							onClick={() => onAct(act)}
						>
							{t(`visits.acts.${act}`)}
						</Button>
					))}
				</div>
			)}
		</li>
	);
}
