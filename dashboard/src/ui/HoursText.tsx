import { useTranslation } from "react-i18next";
import type { WeeklySchedule } from "../../../contracts/weekly-schedule.ts";
import { daysText } from "./weekly-hours.ts";

/** Hours of the week in words, a line each. */
export function HoursText({ schedule }: { schedule: WeeklySchedule | null }) {
	const { t } = useTranslation();
	if (schedule === null) return t("register.always");
	return schedule.map(({ days, from, to }) => (
		<div key={`${days.join()} ${from} ${to}`}>
			{daysText(days, (day) => t(`register.days.${day}`))} {from}–{to}
		</div>
	));
}
