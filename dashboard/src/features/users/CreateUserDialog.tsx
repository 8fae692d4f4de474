import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { createUser } from "../../api/people.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { SetUpLink } from "./SetUpLink.tsx";

/** A new account, without any right; answers with its one-time link. */
export function CreateUserDialog({ onClose }: { onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [username, setUsername] = useState("");
	const [name, setName] = useState("");
	const [email, setEmail] = useState("");
	const [link, setLink] = useState<{ setUpPath: string; expiresAt: string } | null>(null);
	const act = useAct(createUser, ["users"], setLink);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run({ username: username.trim(), name: name.trim(), email: email.trim() || null });
	};
	return (
		<Dialog title={t("people.create")} onClose={onClose}>
			{link ? (
				<SetUpLink link={link} />
			) : (
				<form onSubmit={submit} className="dialog-form">
					<p>{t("people.createHint")}</p>
					<FormError text={textOf(act.error)} />
					<TextInput
						label={t("session.username")}
						data-autofocus
						autoComplete="off"
						required
						value={username}
						onChange={(event) => setUsername(event.currentTarget.value)}
					/>
					<TextInput label={t("people.name")} autoComplete="off" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
					<TextInput
						label={t("people.email")}
						type="email"
						autoComplete="off"
						value={email}
						onChange={(event) => setEmail(event.currentTarget.value)}
					/>
					<div className="dialog-actions">
						<Button type="submit" className="primary" loading={act.pending}>
							{t("people.create")}
						</Button>
					</div>
				</form>
			)}
			{act.dialog}
		</Dialog>
	);
}
