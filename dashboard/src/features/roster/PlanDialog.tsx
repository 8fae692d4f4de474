import { Button, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { DUTY_PLACES, type DutyPlan, type Rotation, type Shift } from "../../../../contracts/duty-plan.ts";
import type { RosterView } from "../../../../contracts/roster.ts";
import { WEEKDAYS } from "../../../../contracts/weekly-schedule.ts";
import { changePlan, ROSTER_KEYS } from "../../api/roster.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useSite } from "../../ui/site-context.ts";
import { dayOf } from "../../ui/site-time.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** An id that nothing in the list has yet, such as `shift-3`. */
function freshId(kind: string, list: readonly { id: string }[]): string {
	let number = list.length + 1;
	while (list.some(({ id }) => id === `${kind}-${number}`)) number++;
	return `${kind}-${number}`;
}

/** The plan as a whole: shifts, and who takes them in turn at which place of the chain. */
export function PlanDialog({ roster, onClose }: { roster: RosterView; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const { timeZone } = useSite();
	const [plan, setPlan] = useState<DutyPlan>(roster.plan);
	const { shifts, rotations } = plan;
	const act = useAct(changePlan, ROSTER_KEYS, onClose);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run({ version: roster.version, plan });
	};
	const changeShift = (at: number, change: Partial<Shift>) =>
		setPlan({ ...plan, shifts: shifts.map((one, index) => (index === at ? { ...one, ...change } : one)) });
	const changeRotation = (at: number, change: Partial<Rotation>) =>
		setPlan({ ...plan, rotations: rotations.map((one, index) => (index === at ? { ...one, ...change } : one)) });
	return (
		<Dialog title={t("roster.changePlan")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form is-wide" data-testid="plan-form">
				<FormError text={textOf(act.error)} />
				<h3>{t("roster.shifts")}</h3>
				{shifts.map((shift, at) => (
					<ShiftRow
						key={shift.id}
						shift={shift}
						onChange={(change) => changeShift(at, change)}
						onRemove={
							rotations.some((one) => one.shift === shift.id) ? null : () => setPlan({ ...plan, shifts: shifts.filter((_, index) => index !== at) })
						}
					/>
				))}
				<div>
					<Button
						size="xs"
						variant="default"
						type="button"
						onClick={() => {
							const id = freshId("shift", shifts);
							setPlan({ ...plan, shifts: [...shifts, { id, name: "", days: [...WEEKDAYS], from: "08:00", to: "20:00" }] });
						}}
					>
						{t("roster.addShift")}
					</Button>
				</div>
				<h3>{t("roster.rotations")}</h3>
				{rotations.map((rotation, at) => (
					<RotationRow
						key={rotation.id}
						rotation={rotation}
						shifts={shifts}
						onChange={(change) => changeRotation(at, change)}
						onRemove={() => setPlan({ ...plan, rotations: rotations.filter((_, index) => index !== at) })}
					/>
				))}
				<div>
					<Button
						size="xs"
						variant="default"
						type="button"
						disabled={shifts.length === 0}
						onClick={() => {
							const added = { id: freshId("rotation", rotations), shift: shifts[0]?.id ?? "", place: "first" as const, people: [], weeks: 1 };
							setPlan({ ...plan, rotations: [...rotations, { ...added, startsOn: dayOf(Date.now(), timeZone) }] });
						}}
					>
						{t("roster.addRotation")}
					</Button>
				</div>
				<div className="dialog-actions">
					<Button type="button" variant="default" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("roster.save")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}

function ShiftRow(props: { shift: Shift; onChange: (change: Partial<Shift>) => void; onRemove: (() => void) | null }) {
	const { t } = useTranslation();
	const { shift, onChange, onRemove } = props;
	return (
		<fieldset className="roster-row">
			<legend className="visually-hidden">{shift.name || shift.id}</legend>
			<TextInput
				label={t("roster.shiftName")}
				required
				maxLength={120}
				value={shift.name}
				onChange={(event) => onChange({ name: event.currentTarget.value })}
			/>
			<div className="choice">
				{WEEKDAYS.map((day) => (
					<label key={day}>
						<input
							type="checkbox"
							checked={shift.days.includes(day)}
							onChange={(event) =>
								onChange({ days: WEEKDAYS.filter((one) => (one === day ? event.currentTarget.checked : shift.days.includes(one))) })
							}
						/>
						<span>{t(`register.days.${day}`)}</span>
					</label>
				))}
			</div>
			<TextInput
				type="time"
				label={t("register.hoursFrom")}
				required
				value={shift.from}
				onChange={(event) => onChange({ from: event.currentTarget.value })}
			/>
			<TextInput
				type="time"
				label={t("register.hoursTo")}
				required
				value={shift.to}
				onChange={(event) => onChange({ to: event.currentTarget.value })}
			/>
			<Button
				size="xs"
				variant="default"
				type="button"
				disabled={onRemove === null}
				title={onRemove ? "" : t("roster.shiftUsed")}
				onClick={onRemove ?? undefined}
			>
				{t("register.hoursRemove")}
			</Button>
		</fieldset>
	);
}

function RotationRow(props: { rotation: Rotation; shifts: readonly Shift[]; onChange: (change: Partial<Rotation>) => void; onRemove: () => void }) {
	const { t } = useTranslation();
	const { rotation, shifts, onChange, onRemove } = props;
	const [people, setPeople] = useState(rotation.people.join(", "));
	return (
		<fieldset className="roster-row">
			<legend className="visually-hidden">{rotation.id}</legend>
			<NativeSelect
				label={t("roster.shift")}
				value={rotation.shift}
				data={shifts.map(({ id, name }) => ({ value: id, label: name || id }))}
				onChange={(event) => onChange({ shift: event.currentTarget.value })}
			/>
			<NativeSelect
				label={t("roster.place")}
				value={rotation.place}
				data={DUTY_PLACES.map((value) => ({ value, label: t(`roster.places.${value}`) }))}
				onChange={(event) => onChange({ place: DUTY_PLACES.find((one) => one === event.currentTarget.value) ?? "first" })}
			/>
			<TextInput
				label={t("roster.people")}
				description={t("roster.peopleHint")}
				required
				value={people}
				onChange={(event) => {
					setPeople(event.currentTarget.value);
					onChange({ people: event.currentTarget.value.split(/[,\s]+/).filter((one) => one !== "") });
				}}
			/>
			<NumberInput
				label={t("roster.weeks")}
				min={1}
				max={52}
				allowDecimal={false}
				value={rotation.weeks}
				onChange={(value) => onChange({ weeks: Number(value) })}
			/>
			<TextInput
				type="date"
				label={t("roster.startsOn")}
				required
				value={rotation.startsOn}
				onChange={(event) => onChange({ startsOn: event.currentTarget.value })}
			/>
			<Button size="xs" variant="default" type="button" onClick={onRemove}>
				{t("register.hoursRemove")}
			</Button>
		</fieldset>
	);
}
