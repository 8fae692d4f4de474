import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ABSENCE_KINDS } from "../../../../contracts/roster.ts";
import { absencesQuery, addAbsence, contactsQuery, ROSTER_KEYS, removeAbsence } from "../../api/roster.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useSite } from "../../ui/site-context.ts";
import { dayOf, instantOf } from "../../ui/site-time.ts";
import { When } from "../../ui/When.tsx";
import { useMay, useSession } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** Who is away, and until when: their duties are gaps until somebody takes them. */
export function Absences() {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const { user } = useSession();
	const [serves, manages] = [useMay("roster.serve"), useMay("roster.manage")];
	const [adding, setAdding] = useState(false);
	const remove = useAct(removeAbsence, ROSTER_KEYS);
	return (
		<section className="panel" aria-labelledby="roster-absences">
			<div className="panel-head">
				<h2 id="roster-absences">{t("roster.absences")}</h2>
				{serves && (
					<Button size="compact-xs" variant="default" onClick={() => setAdding(true)}>
						{t("roster.addAbsence")}
					</Button>
				)}
			</div>
			<FormError text={textOf(remove.error)} />
			<Loaded query={useQuery(absencesQuery)} rows={2}>
				{(absences) =>
					absences.length === 0 ? (
						<Empty title={t("roster.noAbsence")} />
					) : (
						<ul className="panel-body stack">
							{absences.map((absence) => (
								<li key={absence.id} data-testid="absence">
									<strong>{absence.name}</strong> {t(`roster.kinds.${absence.kind}`)}, <When minutes at={absence.from} /> –{" "}
									<When minutes at={absence.until} /> {absence.note && <span className="dim">{absence.note} </span>}
									{serves && (manages || absence.person === user.username) && (
										<Button size="compact-xs" variant="default" loading={remove.pending} onClick={() => remove.run(absence.id)}>
											{t("roster.removeAbsence")}
										</Button>
									)}
								</li>
							))}
						</ul>
					)
				}
			</Loaded>
			{adding && <AbsenceDialog manages={manages} onClose={() => setAdding(false)} />}
			{remove.dialog}
		</section>
	);
}

function AbsenceDialog({ manages, onClose }: { manages: boolean; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const { user } = useSession();
	const { timeZone } = useSite();
	const today = dayOf(Date.now(), timeZone);
	const people = useQuery({ ...contactsQuery, enabled: manages });
	const [person, setPerson] = useState(user.username);
	const [kind, setKind] = useState<(typeof ABSENCE_KINDS)[number]>("holiday");
	const [from, setFrom] = useState(today);
	const [last, setLast] = useState(today);
	const [note, setNote] = useState("");
	const act = useAct(addAbsence, ROSTER_KEYS, onClose);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		const [begin, end] = [instantOf(`${from}T00:00`, timeZone), instantOf(`${nextDay(last)}T00:00`, timeZone)];
		if (act.pending || begin === null || end === null) return;
		const own = person === user.username;
		act.run({ ...(!own && { person }), kind, from: new Date(begin).toISOString(), until: new Date(end).toISOString(), note: note.trim() || null });
	};
	return (
		<Dialog title={t("roster.addAbsence")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="absence-form">
				<FormError text={textOf(act.error)} />
				{manages && (
					<NativeSelect
						label={t("roster.person")}
						value={person}
						data={[
							{ value: user.username, label: user.name },
							...(people.data ?? []).filter((one) => one.person !== user.username).map((one) => ({ value: one.person, label: one.name })),
						]}
						onChange={(event) => setPerson(event.currentTarget.value)}
					/>
				)}
				<NativeSelect
					label={t("roster.kind")}
					value={kind}
					data={ABSENCE_KINDS.map((value) => ({ value, label: t(`roster.kinds.${value}`) }))}
					onChange={(event) => setKind(ABSENCE_KINDS.find((one) => one === event.currentTarget.value) ?? "other")}
				/>
				<TextInput type="date" label={t("roster.firstDay")} required value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
				<TextInput
					type="date"
					label={t("roster.lastDay")}
					required
					min={from}
					value={last}
					onChange={(event) => setLast(event.currentTarget.value)}
				/>
				<TextInput label={t("roster.note")} maxLength={1000} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
				<div className="dialog-actions">
					<Button type="button" variant="default" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("roster.addAbsence")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}

const nextDay = (day: string): string => {
	const at = Date.parse(`${day}T00:00:00Z`);
	return Number.isNaN(at) ? "" : new Date(at + 86_400_000).toISOString().slice(0, 10);
};
