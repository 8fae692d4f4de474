import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

/** Puts a text into the clipboard and says so. Browsers give the clipboard to pages over TLS and on this machine only; elsewhere it isn't there. */
export function CopyButton({ text }: { text: string }) {
	const { t } = useTranslation();
	const [copied, setCopied] = useState<boolean | null>(null);
	if (!navigator.clipboard) return null;
	const copy = () =>
		navigator.clipboard.writeText(text).then(
			() => setCopied(true),
			() => setCopied(false),
		);
	return (
		<span className="actions">
			<Button size="xs" variant="default" onClick={() => void copy()}>
				{t("session.copy")}
			</Button>
			<span role="status" className="copied">
				{copied !== null && (copied ? t("session.copied") : t("session.notCopied"))}
			</span>
		</span>
	);
}
