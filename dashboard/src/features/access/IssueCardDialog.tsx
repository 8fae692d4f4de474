import { Button, NativeSelect, NumberInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { WIEGAND_FORMATS } from "../../../../contracts/wiegand.ts";
import { issueCard } from "../../api/access.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** Issues a card: format, facility and number together are the card. */
export function IssueCardDialog({ holder, name, onClose }: { holder: string; name: string; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [format, setFormat] = useState<string>(WIEGAND_FORMATS[0] ?? "H10301");
	const [facility, setFacility] = useState<string | number>("");
	const [number, setNumber] = useState<string | number>("");
	const act = useAct(issueCard, ["credentials", "permitted", "controllers"], onClose);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run({ holder, card: { format, facility: Number(facility), number: Number(number) } });
	};
	return (
		<Dialog title={t("register.issue")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="issue-card">
				<p className="dialog-subject">{name}</p>
				<FormError text={textOf(act.error)} />
				<NativeSelect
					label={t("register.format")}
					value={format}
					data={[...WIEGAND_FORMATS]}
					onChange={(event) => setFormat(event.currentTarget.value)}
				/>
				<NumberInput
					label={t("register.facility")}
					required
					min={0}
					allowDecimal={false}
					hideControls
					data-autofocus
					value={facility}
					onChange={setFacility}
				/>
				<NumberInput label={t("register.number")} required min={0} allowDecimal={false} hideControls value={number} onChange={setNumber} />
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("register.issue")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
