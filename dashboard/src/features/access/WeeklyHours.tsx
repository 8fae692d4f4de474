import { Button, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { WEEKDAYS } from "../../../../contracts/weekly-schedule.ts";
import { type HoursRow, WORKING_HOURS } from "../../ui/weekly-hours.ts";

/** Rows of hours of the week; each may pass midnight. `null`: at any time. */
export function WeeklyHours(props: { rows: readonly HoursRow[] | null; error: string | undefined; onChange: (rows: HoursRow[] | null) => void }) {
	const { t } = useTranslation();
	const { rows, error, onChange } = props;
	const change = (at: number, change: Partial<HoursRow>) => onChange((rows ?? []).map((row, index) => (index === at ? { ...row, ...change } : row)));
	return (
		<fieldset className="hours" data-testid="weekly-hours">
			<legend>{t("register.hours")}</legend>
			<label className="check">
				<input type="checkbox" checked={rows === null} onChange={(event) => onChange(event.currentTarget.checked ? null : [WORKING_HOURS])} />{" "}
				{t("register.always")}
			</label>
			{rows?.map((row, at) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
				<fieldset key={at} className="hours-row">
					<legend className="visually-hidden">{t("register.hoursRow", { number: at + 1 })}</legend>
					<div className="choice">
						{WEEKDAYS.map((day) => (
							<label key={day}>
								<input
									type="checkbox"
									checked={row.days.includes(day)}
									onChange={(event) =>
										change(at, { days: event.currentTarget.checked ? [...row.days, day] : row.days.filter((other) => other !== day) })
									}
								/>
								<span>{t(`register.days.${day}`)}</span>
							</label>
						))}
					</div>
					<div className="hours-times">
						<TextInput
							type="time"
							label={t("register.hoursFrom")}
							required
							value={row.from}
							onChange={(event) => change(at, { from: event.currentTarget.value })}
						/>
						<TextInput
							type="time"
							label={t("register.hoursTo")}
							required
							value={row.to}
							onChange={(event) => change(at, { to: event.currentTarget.value })}
						/>
						{rows.length > 1 && (
							<Button size="xs" variant="default" type="button" onClick={() => onChange(rows.filter((_, index) => index !== at))}>
								{t("register.hoursRemove")}
							</Button>
						)}
					</div>
					{row.to <= row.from && row.to !== "00:00" && <p className="dim">{t("register.hoursOvernight")}</p>}
				</fieldset>
			))}
			{rows && (
				<Button size="xs" variant="default" type="button" onClick={() => onChange([...rows, { ...WORKING_HOURS, days: ["sat", "sun"] }])}>
					{t("register.hoursAdd")}
				</Button>
			)}
			{error && <p className="is-abnormal">{error}</p>}
		</fieldset>
	);
}
