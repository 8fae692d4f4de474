import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { VISIT_STATES } from "../../../../contracts/visitors.ts";
import { visitsOfDayQuery, visitsQuery } from "../../api/visitors.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useSite } from "../../ui/site-context.ts";
import { useMay } from "../session/session-context.ts";
import { useProblemText } from "../session/use-problem-text.ts";
import { BadgePoolDialog } from "./BadgePoolDialog.tsx";
import { dayIn } from "./day.ts";
import { RequestVisitDialog } from "./RequestVisitDialog.tsx";
import { useVisitActs } from "./use-visit-acts.tsx";
import { Visit } from "./Visit.tsx";
import { byDesk, isOpen } from "./visit-acts.ts";
import "./visitors.css";

const route = getRouteApi("/visitors");

/** The desk: who is here, who comes, who waits for whom. */
export function VisitorsPage() {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const requests = useMay("visitors.request");
	const seesPeople = useMay("access.personal");
	const poolKeeper = useMay("holders.manage");
	const [dialog, setDialog] = useState<"request" | "pool" | null>(null);
	const { perform, pending, error, dialogs } = useVisitActs();
	const site = useSite();
	const state = VISIT_STATES.find((one) => one === search.show);
	const all = search.show === "all" || (search.day !== undefined && search.show === undefined);
	const day = search.day === undefined ? null : dayIn(site.timeZone, search.day);
	const whole = useQuery({ ...visitsQuery, enabled: day === null });
	const ofDay = useQuery({ ...visitsOfDayQuery(day?.from ?? 0, day?.to ?? 0), enabled: day !== null });
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("visits.title")}</h1>
			</div>
			<div className="filters">
				<NativeSelect
					label={t("visits.show")}
					value={search.show ?? (search.day === undefined ? "open" : "all")}
					data={[
						{ value: "open", label: t("visits.open") },
						{ value: "all", label: t("visits.all") },
						...VISIT_STATES.map((value) => ({ value, label: t(`visits.states.${value}`) })),
					]}
					onChange={(event) => void navigate({ search: { ...search, show: event.currentTarget.value }, replace: true })}
				/>
				<TextInput
					type="date"
					label={t("visits.day")}
					value={search.day ?? ""}
					onChange={(event) => void navigate({ search: { ...search, day: event.currentTarget.value || undefined }, replace: true })}
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
			<FormError text={textOf(error)} />
			<Loaded query={day === null ? whole : ofDay} rows={8}>
				{(list) => {
					const shown = list.filter((visit) => (state ? visit.state === state : all || isOpen(visit.state))).sort(byDesk);
					return shown.length === 0 ? (
						<section className="panel">
							<Empty title={t("visits.none")} />
						</section>
					) : (
						<ul className="visits">
							{shown.map((visit) => (
								<Visit key={visit.id} visit={visit} pending={pending} onAct={(act) => perform(visit, act)} />
							))}
						</ul>
					);
				}}
			</Loaded>
			{dialogs}
			{dialog === "request" && <RequestVisitDialog onClose={() => setDialog(null)} />}
			{dialog === "pool" && <BadgePoolDialog onClose={() => setDialog(null)} />}
		</div>
	);
}
