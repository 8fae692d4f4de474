import { Button, FileInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { IMPORT_COLUMNS, type ImportResult } from "../../../../contracts/access-import.ts";
import { importPeople } from "../../api/access.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty } from "../../ui/Loaded.tsx";
import { errorsOf, FieldErrors } from "../session/FieldErrors.tsx";
import { useMay } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import "./access.css";

/** Rows that are drawn: the refused ones first. */
const MOST = 300;
const ORDER = { refused: 0, create: 1, update: 2, unchanged: 3 } as const;

/** People with cards and zones from a file: first what would become of every row, then that and nothing else. */
export function ImportPage() {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const may = useMay("holders.manage");
	const [file, setFile] = useState<{ name: string; text: string } | null>(null);
	const [shown, setShown] = useState<ImportResult | null>(null);
	const act = useAct(importPeople, ["holders", "grants", "credentials", "controllers"], setShown);
	const choose = async (chosen: File | null) => {
		setShown(null);
		if (!chosen) return setFile(null);
		const text = await chosen.text();
		setFile({ name: chosen.name, text });
		act.run({ file: text, hash: null });
	};
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("register.pages.import")}</h1>
			</div>
			{may ? (
				<section className="panel panel-body stack" aria-label={t("register.pages.import")}>
					<FormError text={textOf(act.error)} />
					<FieldErrors errors={errorsOf(act.error)} />
					<FileInput
						label={t("register.file")}
						description={t("register.fileHint", { columns: IMPORT_COLUMNS.join(", ") })}
						accept=".csv,text/csv"
						placeholder={t("register.choose")}
						onChange={(chosen) => void choose(chosen)}
					/>
					{shown && (
						<>
							<p role="status" data-testid="import-counts">
								{t(shown.done ? "register.imported" : "register.wouldImport", shown.counts)}
							</p>
							{!shown.done && file && (
								<div className="actions">
									<Button
										className="primary"
										loading={act.pending}
										disabled={shown.counts.create + shown.counts.update === 0 || shown.counts.refused > 0}
										onClick={() => act.run({ file: file.text, hash: shown.hash })}
									>
										{t("register.importAsShown")}
									</Button>
									{shown.counts.refused > 0 && <span className="is-abnormal">{t("register.mendFirst")}</span>}
								</div>
							)}
							<ImportRows result={shown} />
						</>
					)}
				</section>
			) : (
				<Empty title={t("error.forbidden")} hint={t("error.forbiddenText")} />
			)}
			{act.dialog}
		</div>
	);
}

function ImportRows({ result }: { result: ImportResult }) {
	const { t } = useTranslation();
	const rows = [...result.rows].sort((one, other) => ORDER[one.fate] - ORDER[other.fate] || one.line - other.line);
	return (
		<div className="table-scroll">
			<table className="plain-table">
				<caption className="visually-hidden">{t("register.pages.import")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("register.line")}</th>
						<th scope="col">{t("register.name")}</th>
						<th scope="col">{t("register.fate")}</th>
					</tr>
				</thead>
				<tbody>
					{rows.slice(0, MOST).map((row) => (
						<tr key={row.line} data-testid="import-row" data-fate={row.fate}>
							<td>{row.line}</td>
							<th scope="row">{row.id ?? "–"}</th>
							<td className={row.fate === "refused" ? "is-abnormal" : "dim"}>
								{t(`register.fates.${row.fate}`)} {row.changes.join(", ")} <FieldErrors errors={row.errors} />
								{row.ends > 0 && ` ${t("register.endsGrants", { count: row.ends })}`}
							</td>
						</tr>
					))}
				</tbody>
			</table>
			{rows.length > MOST && <p className="note">{t("register.more", { count: rows.length - MOST })}</p>}
		</div>
	);
}
