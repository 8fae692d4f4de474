import { Button, Textarea } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

export interface BecauseDialogProps<I> {
	title: string;
	/** What it is done to. */
	subject: string;
	act: (input: I) => Promise<unknown>;
	input: (reason: string) => I;
	/** First parts of the query keys that are fetched anew. */
	renews: readonly string[];
	children?: ReactNode;
	onClose: () => void;
}

/** Does something that needs a reason, at once. */
export function BecauseDialog<I>({ title, subject, act: perform, input, renews, children, onClose }: BecauseDialogProps<I>) {
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
			<form onSubmit={submit} className="dialog-form" data-testid="because">
				<p className="dialog-subject">{subject}</p>
				<FormError text={textOf(act.error)} />
				{children}
				<Textarea
					label={t("register.reason")}
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
						{title}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
