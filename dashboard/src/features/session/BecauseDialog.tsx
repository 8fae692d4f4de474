import { Button, Textarea } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "./use-act.tsx";
import { useProblemText } from "./use-problem-text.ts";

export interface BecauseDialogProps<I> {
	title: string;
	/** What it is done to. */
	subject: string;
	act: (input: I) => Promise<unknown>;
	input: (reason: string) => I;
	/** First parts of the query keys that are fetched anew. */
	renews: readonly string[];
	/** What is asked for; a reason where it isn't given. */
	label?: string;
	/** On the button; the title where it isn't given. */
	doIt?: string;
	testId?: string;
	children?: ReactNode;
	onClose: () => void;
}

/** Does something that needs a reason, at once. */
export function BecauseDialog<I>(props: BecauseDialogProps<I>) {
	const { title, subject, act: perform, input, renews, label, doIt = title, testId = "because", children, onClose } = props;
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [reason, setReason] = useState("");
	const act = useAct(perform, renews, onClose);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run(input(reason.trim()));
	};
	return (
		<Dialog title={title} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid={testId}>
				<p className="dialog-subject">{subject}</p>
				<FormError text={textOf(act.error)} />
				{children}
				<Textarea
					label={label ?? t("register.reason")}
					data-autofocus
					required
					minLength={3}
					maxLength={2000}
					value={reason}
					onChange={(event) => setReason(event.currentTarget.value)}
				/>
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{doIt}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
