import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemError } from "../../api/problem-error.ts";
import { confirmSession } from "../../api/session.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useSession } from "./session-context.ts";
import { useProblemText } from "./use-problem-text.ts";

const wantsConfirmation = (error: unknown) => error instanceof ProblemError && error.code === "confirmation-required";

/**
 * An act that the server may want a new proof of identity for: then a dialog asks for it and the act is repeated.
 * `dialog` is to be placed on the page. What was done is fetched anew by the first parts of the query keys in `renews`.
 */
export function useAct<I, O>(act: (input: I) => Promise<O>, renews: readonly string[], onDone?: (output: O) => void) {
	const queries = useQueryClient();
	const [waiting, setWaiting] = useState<{ input: I } | null>(null);
	const mutation = useMutation({
		mutationFn: act,
		onSuccess: (output) => {
			void queries.invalidateQueries({ predicate: ({ queryKey }) => renews.includes(String(queryKey[0])) });
			onDone?.(output);
		},
		onError: (error, input) => wantsConfirmation(error) && setWaiting({ input }),
	});
	const dialog: ReactNode = waiting && (
		<ConfirmDialog
			onClose={() => setWaiting(null)}
			onConfirmed={() => {
				setWaiting(null);
				mutation.mutate(waiting.input);
			}}
		/>
	);
	return { run: mutation.mutate, pending: mutation.isPending, error: wantsConfirmation(mutation.error) ? null : mutation.error, dialog };
}

/** Asks again who one is, before an act that can do harm. */
export function ConfirmDialog({ onConfirmed, onClose }: { onConfirmed: () => void; onClose: () => void }) {
	const { t } = useTranslation();
	const { secondFactor, user } = useSession();
	const textOf = useProblemText();
	const [password, setPassword] = useState("");
	const [code, setCode] = useState("");
	const confirm = useMutation({
		mutationFn: () => confirmSession({ password, ...(secondFactor === "on" ? { totp: code.replaceAll(/\s/g, "") } : {}) }),
		onSuccess: onConfirmed,
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!confirm.isPending) confirm.mutate();
	};
	return (
		<Dialog title={t("session.confirmTitle")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="confirm">
				<p>{t("session.confirmText", { name: user.name })}</p>
				<FormError text={textOf(confirm.error)} />
				<TextInput
					label={t("session.password")}
					type="password"
					autoComplete="current-password"
					data-autofocus
					required
					value={password}
					onChange={(event) => setPassword(event.currentTarget.value)}
				/>
				{secondFactor === "on" && (
					<TextInput
						label={t("session.code")}
						description={t("session.codeOnce")}
						inputMode="numeric"
						autoComplete="one-time-code"
						required
						value={code}
						onChange={(event) => setCode(event.currentTarget.value)}
					/>
				)}
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={confirm.isPending}>
						{t("session.confirm")}
					</Button>
				</div>
			</form>
		</Dialog>
	);
}
