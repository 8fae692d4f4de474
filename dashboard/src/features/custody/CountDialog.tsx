import { Button, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CountView } from "../../../../contracts/media-orders.ts";
import { countStore, MEDIA_KEYS } from "../../api/custody.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { readSerials } from "./orders.ts";

const DIFFERENCES = ["missing", "misplaced", "unknown"] as const;

/** Counts a store: a scanner ends each number with Enter, and so begins the next line. */
export function CountDialog({ store, onClose }: { store: { id: string; name: string }; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [text, setText] = useState("");
	const [result, setResult] = useState<CountView | null>(null);
	const act = useAct(countStore, MEDIA_KEYS, setResult);
	const serials = readSerials(text);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run({ store: store.id, serials });
	};
	return (
		<Dialog title={t("custody.countOf", { store: store.name })} onClose={onClose}>
			{result ? (
				<div className="dialog-form" data-testid="count-result" role="status">
					<CountResult count={result} />
					<div className="dialog-actions">
						<Button className="primary" onClick={onClose}>
							{t("alarm.close")}
						</Button>
					</div>
				</div>
			) : (
				<form onSubmit={submit} className="dialog-form" data-testid="count-store">
					<FormError text={textOf(act.error)} />
					<Textarea
						label={t("custody.countSerials")}
						description={t("custody.countHint")}
						data-autofocus
						autosize
						minRows={6}
						maxRows={16}
						autoComplete="off"
						value={text}
						onChange={(event) => setText(event.currentTarget.value)}
					/>
					<p role="status">{t("custody.countSeen", { count: serials.length })}</p>
					<p className="note">{t("custody.countWarning")}</p>
					<div className="dialog-actions">
						<Button variant="default" type="button" onClick={onClose}>
							{t("alarm.cancel")}
						</Button>
						<Button type="submit" className="primary" loading={act.pending}>
							{t("custody.count")}
						</Button>
					</div>
				</form>
			)}
			{act.dialog}
		</Dialog>
	);
}

/** What was found, against what should be there. */
export function CountResult({ count }: { count: CountView }) {
	const { t } = useTranslation();
	const wrong = DIFFERENCES.filter((name) => count[name].length > 0);
	return (
		<>
			<p>
				{t("custody.countResult.expected")}: {count.expected.length}
				{wrong.length === 0 && `. ${t("custody.countGood")}`}
			</p>
			{wrong.map((name) => (
				<p key={name} className="wrap" data-testid={`count-${name}`}>
					<span className="is-abnormal">
						▲ {t(`custody.countResult.${name}`)} ({count[name].length})
					</span>
					: {count[name].join(t("people.comma"))}
				</p>
			))}
		</>
	);
}
