import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { confirmSecondFactor, startSecondFactor } from "../../api/session.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Failed, Loading } from "../../ui/Loaded.tsx";
import { CopyButton } from "./CopyButton.tsx";
import { QrCode } from "./QrCode.tsx";
import { useAct } from "./use-act.tsx";
import { useProblemText } from "./use-problem-text.ts";

/** Sets a second factor up: the QR code, a first code as proof, then the recovery codes, once. */
export function SecondFactorForm({ onDone }: { onDone: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [code, setCode] = useState("");
	const start = useMutation({ mutationFn: startSecondFactor });
	const act = useAct(() => start.mutateAsync(), []);
	const { run } = act;
	useEffect(() => run(undefined as never), [run]);
	const confirm = useMutation({ mutationFn: () => confirmSecondFactor(code.replaceAll(/\s/g, "")) });
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!confirm.isPending) confirm.mutate();
	};
	if (confirm.data) return <RecoveryCodes codes={confirm.data.recoveryCodes} onDone={onDone} />;
	if (!start.data)
		return (
			<>
				{act.error ? <Failed error={act.error} retry={() => run(undefined as never)} /> : <Loading rows={4} />}
				{act.dialog}
			</>
		);
	return (
		<form onSubmit={submit} className="dialog-form" data-testid="second-factor">
			<p>{t("session.scan")}</p>
			<QrCode text={start.data.uri} label={t("session.qr")} />
			<p>
				{t("session.orType")}{" "}
				<span className="secret" data-testid="secret">
					{start.data.secret}
				</span>
			</p>
			<FormError text={textOf(confirm.error)} />
			<TextInput
				label={t("session.code")}
				inputMode="numeric"
				autoComplete="one-time-code"
				required
				maxLength={7}
				value={code}
				onChange={(event) => setCode(event.currentTarget.value)}
			/>
			<Button type="submit" className="primary" loading={confirm.isPending}>
				{t("session.turnOn")}
			</Button>
		</form>
	);
}

function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
	const { t } = useTranslation();
	const [kept, setKept] = useState(false);
	return (
		<div className="stack" data-testid="recovery-codes">
			<p role="alert" className="note">
				{t("session.recoveryOnce")}
			</p>
			<ul className="codes">
				{codes.map((code) => (
					<li key={code}>{code}</li>
				))}
			</ul>
			<div className="actions">
				<CopyButton text={codes.join("\n")} />
				<Button size="xs" variant="default" onClick={() => window.print()}>
					{t("session.print")}
				</Button>
			</div>
			<label className="check">
				<input type="checkbox" checked={kept} onChange={(event) => setKept(event.currentTarget.checked)} />
				{t("session.kept")}
			</label>
			<Button className="primary" disabled={!kept} onClick={onDone}>
				{t("session.goOn")}
			</Button>
		</div>
	);
}
