import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { changePassword } from "../../api/session.ts";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "./use-act.tsx";
import { useProblemText } from "./use-problem-text.ts";

/** Changes one's own password; the rules stand before the field. */
export function PasswordForm({ onDone }: { onDone: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [current, setCurrent] = useState("");
	const [password, setPassword] = useState("");
	const act = useAct(changePassword, ["own-sessions", "session"], () => {
		setCurrent("");
		setPassword("");
		onDone();
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run({ current, password });
	};
	return (
		<form onSubmit={submit} className="dialog-form">
			<FormError text={textOf(act.error)} />
			<TextInput
				label={t("session.currentPassword")}
				type="password"
				autoComplete="current-password"
				required
				value={current}
				onChange={(event) => setCurrent(event.currentTarget.value)}
			/>
			<TextInput
				label={t("session.newPassword")}
				description={t("session.passwordRules")}
				type="password"
				autoComplete="new-password"
				minLength={12}
				required
				value={password}
				onChange={(event) => setPassword(event.currentTarget.value)}
			/>
			<Button type="submit" variant="default" loading={act.pending}>
				{t("session.changePassword")}
			</Button>
			{act.dialog}
		</form>
	);
}
