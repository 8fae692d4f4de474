import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { DOCUMENT_TYPES, documentTypeSchema, type VisitView } from "../../../../contracts/visitors.ts";
import { checkIn } from "../../api/visitors.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** What was shown at the desk: the kind of document and the last four of its number, nothing more. */
export function CheckInDialog({ visit, onClose }: { visit: VisitView; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [type, setType] = useState<(typeof DOCUMENT_TYPES)[number]>("identity-card");
	const [lastFour, setLastFour] = useState("");
	const act = useAct(checkIn, ["visits"], onClose);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run({ id: visit.id, document: { type, lastFour: lastFour.trim() } });
	};
	return (
		<Dialog title={t("visits.acts.check-in")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="check-in">
				<p className="dialog-subject">{visit.visitor}</p>
				<FormError text={textOf(act.error)} />
				<NativeSelect
					label={t("visits.document")}
					value={type}
					data={DOCUMENT_TYPES.map((one) => ({ value: one, label: t(`visits.documents.${one}`) }))}
					onChange={(event) => setType(documentTypeSchema.parse(event.currentTarget.value))}
				/>
				<TextInput
					label={t("visits.lastFour")}
					description={t("visits.lastFourHint")}
					required
					minLength={4}
					maxLength={4}
					pattern="[A-Za-z0-9]{4}"
					autoComplete="off"
					data-autofocus
					value={lastFour}
					onChange={(event) => setLastFour(event.currentTarget.value)}
				/>
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("visits.acts.check-in")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
