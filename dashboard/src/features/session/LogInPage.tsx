import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SessionView } from "../../../../contracts/identity.ts";
import { logIn, sessionQuery } from "../../api/session.ts";
import { FormError } from "../../ui/FormError.tsx";
import { logInProblemOf } from "./log-in-error.ts";
import { StartFrame } from "./StartFrame.tsx";
import { useProblemText } from "./use-problem-text.ts";

/** Username and password first; the code only when the account has a second factor. `ended`: a session was over during work. */
export function LogInPage({ ended, onSignedIn }: { ended: boolean; onSignedIn: (session: SessionView) => void }) {
	const { t } = useTranslation();
	const queries = useQueryClient();
	const textOf = useProblemText();
	const [username, setUsername] = useState("");
	const [password, setPassword] = useState("");
	const [code, setCode] = useState("");
	const [step, setStep] = useState<"password" | "code" | "recovery">("password");
	const first = useRef<HTMLInputElement>(null);
	const attempt = useMutation({
		mutationFn: () => logIn({ username: username.trim(), password, ...(step === "password" ? {} : { totp: code.replaceAll(/\s/g, "") }) }),
		onSuccess: (session) => {
			// What somebody else saw in this window is not for whoever comes next.
			queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
			queries.setQueryData(sessionQuery.queryKey, session);
			onSignedIn(session);
		},
		onError: (error) => {
			if (logInProblemOf(error) === "second-factor" && step === "password") setStep("code");
			else setCode("");
		},
	});
	// biome-ignore lint/correctness/useExhaustiveDependencies: each step begins at its first field
	useEffect(() => first.current?.focus(), [step]);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!attempt.isPending) attempt.mutate();
	};
	const asksForCode = logInProblemOf(attempt.error) === "second-factor";
	const back = () => {
		setStep("password");
		setCode("");
		attempt.reset();
	};
	return (
		<StartFrame title={step === "password" ? t("session.logIn") : t("session.secondFactor")}>
			{ended && step === "password" && (
				<p role="status" className="start-notice">
					{t("session.ended")}
				</p>
			)}
			<form onSubmit={submit} className="dialog-form" data-testid="log-in" data-step={step}>
				<FormError text={asksForCode ? null : textOf(attempt.error)} />
				{step === "password" ? (
					<>
						<TextInput
							ref={first}
							label={t("session.username")}
							name="username"
							autoComplete="username"
							autoCapitalize="none"
							spellCheck={false}
							required
							value={username}
							onChange={(event) => setUsername(event.currentTarget.value)}
						/>
						<TextInput
							label={t("session.password")}
							name="password"
							type="password"
							autoComplete="current-password"
							required
							value={password}
							onChange={(event) => setPassword(event.currentTarget.value)}
						/>
					</>
				) : (
					<TextInput
						ref={first}
						key={step}
						label={step === "code" ? t("session.code") : t("session.recoveryCode")}
						description={step === "code" ? t("session.codeHint") : t("session.recoveryHint")}
						name="totp"
						inputMode={step === "code" ? "numeric" : "text"}
						autoComplete="one-time-code"
						spellCheck={false}
						required
						maxLength={40}
						value={code}
						onChange={(event) => setCode(event.currentTarget.value)}
					/>
				)}
				<Button type="submit" className="primary" loading={attempt.isPending}>
					{t("session.logIn")}
				</Button>
				{step !== "password" && (
					<div className="start-links">
						<button type="button" className="text-button" onClick={() => setStep(step === "code" ? "recovery" : "code")}>
							{step === "code" ? t("session.useRecovery") : t("session.useCode")}
						</button>
						<button type="button" className="text-button" onClick={back}>
							{t("session.otherAccount")}
						</button>
					</div>
				)}
			</form>
		</StartFrame>
	);
}
