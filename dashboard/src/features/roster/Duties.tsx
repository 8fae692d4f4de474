import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DUTY_PLACES } from "../../../../contracts/duty-plan.ts";
import type { DutyView } from "../../../../contracts/roster.ts";
import { dutiesQuery } from "../../api/roster.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";
import { dayOf, instantOf } from "../../ui/site-time.ts";
import { useMay, useSession } from "../session/session-context.ts";
import { DutyDialog } from "./DutyDialog.tsx";

const DAY = 86_400_000;
const DAYS = 14;

/** Two weeks of duties, day by day; one's own can be given away, and whoever plans can give any to somebody else. */
export function Duties() {
	const { t } = useTranslation();
	const { timeZone } = useSite();
	const [page, setPage] = useState(0);
	const [chosen, setChosen] = useState<DutyView | null>(null);
	const today = instantOf(`${dayOf(Date.now(), timeZone)}T00:00`, timeZone) ?? 0;
	const from = today + page * DAYS * DAY;
	const duties = useQuery(dutiesQuery(from, from + DAYS * DAY));
	return (
		<section className="panel table-scroll" aria-labelledby="roster-duties">
			<div className="panel-head">
				<h2 id="roster-duties">{t("roster.duties")}</h2>
				<Button size="compact-xs" variant="default" disabled={page <= -4} onClick={() => setPage(page - 1)}>
					{t("roster.earlier")}
				</Button>
				<Button size="compact-xs" variant="default" disabled={page === 0} onClick={() => setPage(0)}>
					{t("roster.today")}
				</Button>
				<Button size="compact-xs" variant="default" disabled={page >= 26} onClick={() => setPage(page + 1)}>
					{t("roster.later")}
				</Button>
			</div>
			<Loaded query={duties} rows={DAYS}>
				{({ items }) => (items.length === 0 ? <Empty title={t("roster.noDuty")} /> : <DutyTable duties={items} onOpen={setChosen} />)}
			</Loaded>
			{chosen && <DutyDialog duty={chosen} onClose={() => setChosen(null)} />}
		</section>
	);
}

function DutyTable({ duties, onOpen }: { duties: readonly DutyView[]; onOpen: (duty: DutyView) => void }) {
	const { t } = useTranslation();
	const days = [...new Set(duties.map(({ day }) => day))].sort();
	return (
		<table className="plain-table roster-duties">
			<thead>
				<tr>
					<th scope="col">{t("roster.day")}</th>
					{DUTY_PLACES.map((place) => (
						<th key={place} scope="col">
							{t(`roster.places.${place}`)}
						</th>
					))}
				</tr>
			</thead>
			<tbody>
				{days.map((day) => (
					<tr key={day} data-testid="duty-day" data-day={day}>
						<th scope="row">{day}</th>
						{DUTY_PLACES.map((place) => (
							<td key={place}>
								<ul>
									{duties
										.filter((duty) => duty.day === day && duty.place === place)
										.map((duty) => (
											<li key={duty.rotation}>
												<Duty duty={duty} onOpen={onOpen} />
											</li>
										))}
								</ul>
							</td>
						))}
					</tr>
				))}
			</tbody>
		</table>
	);
}

function Duty({ duty, onOpen }: { duty: DutyView; onOpen: (duty: DutyView) => void }) {
	const { t } = useTranslation();
	const format = useFormat();
	const { user } = useSession();
	const [serves, manages] = [useMay("roster.serve"), useMay("roster.manage")];
	const over = Date.parse(duty.until) <= Date.now();
	const own = duty.person === user.username;
	const text = (
		<>
			<span className={own ? "roster-own" : ""}>{duty.name}</span>{" "}
			<span className="dim">
				{duty.shiftName} {format.time(Date.parse(duty.from)).slice(0, 5)}–{format.time(Date.parse(duty.until)).slice(0, 5)}
			</span>
			{duty.person !== duty.planned && <span className="tag">{t("roster.changed")}</span>}
		</>
	);
	if (over || !(manages || (own && serves))) return text;
	return (
		<button type="button" className="roster-duty" data-testid="duty" data-person={duty.person} onClick={() => onOpen(duty)}>
			{text}
		</button>
	);
}
