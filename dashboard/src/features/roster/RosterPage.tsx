import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DUTY_PLACES } from "../../../../contracts/duty-plan.ts";
import type { RosterView } from "../../../../contracts/roster.ts";
import { rosterQuery } from "../../api/roster.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { Absences } from "./Absences.tsx";
import { Contacts } from "./Contacts.tsx";
import { Duties } from "./Duties.tsx";
import { HandOvers } from "./HandOvers.tsx";
import { PlanDialog } from "./PlanDialog.tsx";
import { Swaps } from "./Swaps.tsx";
import "./roster.css";

/** The duty roster: who is called now, where nobody would be, and what whoever comes next must know (ALM-8). */
export function RosterPage() {
	const { t } = useTranslation();
	const roster = useQuery(rosterQuery);
	const manages = useMay("roster.manage");
	const [planning, setPlanning] = useState(false);
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("roster.title")}</h1>
				{manages && roster.data && (
					<Button size="xs" variant="default" onClick={() => setPlanning(true)}>
						{t("roster.changePlan")}
					</Button>
				)}
			</div>
			<Loaded query={roster} rows={4}>
				{(view) => (
					<>
						<OnDuty roster={view} />
						<Gaps roster={view} />
					</>
				)}
			</Loaded>
			<Duties />
			<div className="two-columns">
				<HandOvers />
				<div className="stack">
					<Swaps />
					<Absences />
				</div>
			</div>
			<Contacts />
			{planning && roster.data && <PlanDialog roster={roster.data} onClose={() => setPlanning(false)} />}
		</div>
	);
}

/** Who is called now, in the order of the chain; a place that nobody holds is said loudly. */
function OnDuty({ roster: { onDuty } }: { roster: RosterView }) {
	const { t } = useTranslation();
	return (
		<section className="panel" aria-labelledby="roster-now">
			<div className="panel-head">
				<h2 id="roster-now">{t("roster.now")}</h2>
			</div>
			<dl className="panel-body roster-now">
				{DUTY_PLACES.map((place) => {
					const people = onDuty.filter((duty) => duty.place === place);
					return (
						<div key={place} data-testid="on-duty" data-place={place}>
							<dt className="dim">{t(`roster.places.${place}`)}</dt>
							<dd>
								{people.length === 0 ? (
									<strong className="is-abnormal">
										<span aria-hidden="true">▲</span> {t("roster.nobody")}
									</strong>
								) : (
									people.map((duty) => (
										<div key={duty.rotation}>
											<strong>{duty.name}</strong>{" "}
											<span className="dim">
												{duty.shiftName}, {t("roster.until")} <When minutes at={duty.until} />
											</span>
										</div>
									))
								)}
							</dd>
						</div>
					);
				})}
			</dl>
		</section>
	);
}

function Gaps({ roster: { gaps, gone, version } }: { roster: RosterView }) {
	const { t } = useTranslation();
	return (
		<section className="panel" aria-labelledby="roster-gaps">
			<div className="panel-head">
				<h2 id="roster-gaps">{t("roster.gaps")}</h2>
			</div>
			{gone.length > 0 && <p className="panel-body is-abnormal">{t("roster.gone", { people: gone.join(", ") })}</p>}
			{gaps.length === 0 ? (
				<Empty title={t("roster.noGap")} />
			) : (
				<ul className="panel-body stack">
					{version === 0 && <li>{t("roster.noPlan")}</li>}
					{gaps.slice(0, 20).map((gap) => (
						<li key={`${gap.place} ${gap.from}`} data-testid="roster-gap">
							<span className="is-abnormal">
								<span aria-hidden="true">▲</span> {t(`roster.places.${gap.place}`)}
							</span>{" "}
							<When minutes at={gap.from} /> – <When minutes at={gap.until} />
						</li>
					))}
					{gaps.length > 20 && <li className="dim">{t("roster.moreGaps", { count: gaps.length - 20 })}</li>}
				</ul>
			)}
		</section>
	);
}
