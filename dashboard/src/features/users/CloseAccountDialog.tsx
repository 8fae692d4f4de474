import { Button, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { UserView } from "../../../../contracts/identity.ts";
import { proposeChange } from "../../api/people.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** Proposes that an account is closed; another person decides. */
export function CloseAccountDialog({ user, onClose, onDone }: { user: UserView; onClose: () => void; onDone: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [reason, setReason] = useState("");
	const act = useAct(proposeChange, ["changes"], onDone);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run({ kind: "account-closure", user: user.id, reason: reason.trim() });
	};
	return (
		<Dialog title={t("change.kinds.account-closure")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="propose-closure">
				<p className="dialog-subject">{user.name}</p>
				<p>{t("people.closeHint")}</p>
				<FormError text={textOf(act.error)} />
				<Textarea
					label={t("change.reason")}
					description={t("change.reasonHint")}
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
						{t("change.propose")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
