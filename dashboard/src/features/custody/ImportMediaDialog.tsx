import { Button, FileInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MEDIA_COLUMNS, type MediaImport } from "../../../../contracts/media-orders.ts";
import { importMedia, MEDIA_KEYS } from "../../api/custody.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** Rows that are drawn: the refused ones first. */
const MOST = 300;

/** Media of an order from a file: first what would become of every row, then that and nothing else. */
export function ImportMediaDialog({ batch, onClose }: { batch: string; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [file, setFile] = useState<string | null>(null);
	const [shown, setShown] = useState<MediaImport | null>(null);
	const act = useAct(importMedia, MEDIA_KEYS, setShown);
	const choose = async (chosen: File | null) => {
		setShown(null);
		setFile(null);
		if (!chosen) return;
		const text = await chosen.text();
		setFile(text);
		act.run({ batch, file: text, hash: null });
	};
	return (
		<Dialog title={t("custody.importCsv")} onClose={onClose}>
			<div className="dialog-form" data-testid="import-media">
				<FormError text={textOf(act.error)} />
				<FileInput
					label={t("register.file")}
					description={t("custody.fileHint", { columns: MEDIA_COLUMNS.join(", ") })}
					accept=".csv,text/csv"
					placeholder={t("register.choose")}
					data-autofocus
					onChange={(chosen) => void choose(chosen)}
				/>
				{shown && (
					<>
						<p role="status" data-testid="import-counts">
							{shown.done ? t("custody.imported", { create: shown.counts.create }) : t("custody.wouldImport", shown.counts)}
						</p>
						{!shown.done && shown.counts.refused > 0 && <p className="is-abnormal">▲ {t("custody.mendFirst")}</p>}
						<ImportRows rows={shown.rows} />
					</>
				)}
				<div className="dialog-actions">
					<Button variant="default" onClick={onClose}>
						{t("alarm.close")}
					</Button>
					{shown && file !== null && !shown.done && (
						<Button
							className="primary"
							loading={act.pending}
							disabled={shown.counts.create === 0 || shown.counts.refused > 0}
							onClick={() => act.run({ batch, file, hash: shown.hash })}
						>
							{t("custody.importAsShown")}
						</Button>
					)}
				</div>
			</div>
			{act.dialog}
		</Dialog>
	);
}

function ImportRows({ rows }: { rows: MediaImport["rows"] }) {
	const { t } = useTranslation();
	const order = ({ fate }: MediaImport["rows"][number]) => (fate === "refused" ? 0 : 1);
	const sorted = [...rows].sort((one, other) => order(one) - order(other) || one.line - other.line);
	return (
		<>
			<table className="plain-table">
				<caption className="visually-hidden">{t("custody.importCsv")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("custody.line")}</th>
						<th scope="col">{t("custody.serial")}</th>
						<th scope="col">{t("custody.fate")}</th>
					</tr>
				</thead>
				<tbody>
					{sorted.slice(0, MOST).map((row) => (
						<tr key={row.line} data-testid="import-row" data-fate={row.fate}>
							<td>{row.line}</td>
							<th scope="row" className="wrap">
								{row.serial ?? "–"}
							</th>
							<td className={row.fate === "refused" ? "is-abnormal wrap" : "dim"}>
								{t(`custody.fates.${row.fate}`)} {row.errors.map(({ field, message }) => `${field}: ${message}`).join("; ")}
							</td>
						</tr>
					))}
				</tbody>
			</table>
			{rows.length > MOST && <p className="note">{t("custody.more", { count: rows.length - MOST })}</p>}
		</>
	);
}
