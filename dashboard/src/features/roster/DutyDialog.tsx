import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { DutyView } from "../../../../contracts/roster.ts";
import { assignDuty, contactsQuery, proposeSwap, ROSTER_KEYS } from "../../api/roster.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { useMay, useSession } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** A duty goes to somebody else: asked for by whoever has it, or given by whoever plans. */
export function DutyDialog({ duty, onClose }: { duty: DutyView; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const { user } = useSession();
	const manages = useMay("roster.manage");
	const own = duty.person === user.username;
	const [to, setTo] = useState("");
	const [note, setNote] = useState("");
	const { rotation, day } = duty;
	const ask = useAct(proposeSwap, ROSTER_KEYS, onClose);
	const give = useAct(assignDuty, ROSTER_KEYS, onClose);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (to !== "" && !ask.pending && own) ask.run({ give: { rotation, day }, to, take: null, note: note.trim() || null });
		else if (to !== "" && !give.pending) give.run({ rotation, day, person: to });
	};
	return (
		<Dialog title={own ? t("roster.askTitle") : t("roster.assignTitle")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="duty-form">
				<p className="dialog-subject">
					{duty.name}, {duty.shiftName}, <When minutes at={duty.from} />
				</p>
				<FormError text={textOf(ask.error ?? give.error)} />
				<Loaded query={useQuery(contactsQuery)} rows={1}>
					{(people) => (
						<NativeSelect
							label={t("roster.to")}
							required
							data-autofocus
							value={to}
							data={[
								{ value: "", label: "" },
								...people.filter(({ person }) => person !== duty.person).map(({ person, name }) => ({ value: person, label: name })),
							]}
							onChange={(event) => setTo(event.currentTarget.value)}
						/>
					)}
				</Loaded>
				{own && <TextInput label={t("roster.note")} maxLength={1000} value={note} onChange={(event) => setNote(event.currentTarget.value)} />}
				{own && <p className="dim">{t("roster.askHint")}</p>}
				<div className="dialog-actions">
					{manages && duty.person !== duty.planned && (
						<Button type="button" variant="default" loading={give.pending} onClick={() => give.run({ rotation, day, person: null })}>
							{t("roster.backToPlan")}
						</Button>
					)}
					<Button type="button" variant="default" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={ask.pending || give.pending}>
						{own ? t("roster.ask") : t("roster.assign")}
					</Button>
				</div>
			</form>
			{ask.dialog}
			{give.dialog}
		</Dialog>
	);
}
