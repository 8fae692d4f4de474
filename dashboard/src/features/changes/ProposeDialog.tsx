import { Button } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Proposal } from "../../../../contracts/changes.ts";
import { proposeChange } from "../../api/people.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { ReasonField } from "./ReasonField.tsx";

export interface ProposeDialogProps {
	title: string;
	/** What it is done to. */
	subject: string;
	testId: string;
	/** What the kind of change asks for beside the reason. */
	children?: ReactNode;
	/** The reason is the first field. */
	reasonFirst?: boolean;
	proposal: (reason: string) => Proposal;
	onClose: () => void;
	onDone: () => void;
}

/** Proposes a change, with its reason; another person decides. */
export function ProposeDialog({ title, subject, testId, children, reasonFirst = false, proposal, onClose, onDone }: ProposeDialogProps) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [reason, setReason] = useState("");
	const act = useAct(proposeChange, ["changes"], onDone);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run(proposal(reason.trim()));
	};
	return (
		<Dialog title={title} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid={testId}>
				<p className="dialog-subject">{subject}</p>
				<FormError text={textOf(act.error)} />
				{children}
				<ReasonField value={reason} first={reasonFirst} onChange={setReason} />
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("change.propose")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
