import { Button, FileInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PERSONNEL_COLUMNS, type PersonnelImport } from "../../../../contracts/personnel.ts";
import { HIDDEN } from "../../../../contracts/sensitive.ts";
import { importPersonnel } from "../../api/personnel.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty } from "../../ui/Loaded.tsx";
import { errorsOf, FieldErrors } from "../session/FieldErrors.tsx";
import { useMay } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** Rows that are drawn: the refused ones and the leavers first. */
const MOST = 300;
const ORDER = { refused: 0, leave: 1, join: 2, rejoin: 3, update: 4, unchanged: 5 } as const;

/** A file of the HR system: first what would become of everybody in it, then that. */
export function PersonnelImportPage() {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const may = useMay("personnel.provision");
	const [text, setText] = useState<string | null>(null);
	const [full, setFull] = useState(false);
	const [shown, setShown] = useState<PersonnelImport | null>(null);
	const act = useAct(importPersonnel, ["leavers", "holders", "users"], setShown);
	const preview = (file: string, whole: boolean) => {
		setShown(null);
		act.run({ text: file, dryRun: true, full: whole, expectLeavers: null });
	};
	const choose = async (chosen: File | null) => {
		setShown(null);
		const file = chosen ? await chosen.text() : null;
		setText(file);
		if (file !== null) preview(file, full);
	};
	const changes = shown ? shown.counts.join + shown.counts.rejoin + shown.counts.update + shown.counts.leave : 0;
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("personnel.file")}</h1>
				<Link to="/users">{t("people.all")}</Link>
			</div>
			{may ? (
				<section className="panel panel-body stack" aria-label={t("personnel.file")}>
					<FormError text={textOf(act.error)} />
					<FieldErrors errors={errorsOf(act.error)} />
					<FileInput
						label={t("register.file")}
						description={t("register.fileHint", { columns: PERSONNEL_COLUMNS.join(", ") })}
						accept=".csv,text/csv"
						placeholder={t("register.choose")}
						disabled={act.pending}
						onChange={(chosen) => void choose(chosen)}
					/>
					<label className="check">
						<input
							type="checkbox"
							checked={full}
							disabled={act.pending}
							onChange={(event) => {
								setFull(event.currentTarget.checked);
								if (text !== null) preview(text, event.currentTarget.checked);
							}}
						/>{" "}
						{t("personnel.full")}
					</label>
					{shown && (
						<>
							<p role="status" data-testid="personnel-counts" data-done={shown.done}>
								{t(shown.done ? "personnel.done" : "personnel.would", shown.counts)}
							</p>
							{!shown.done && shown.counts.leave > shown.leaverLimit && (
								<p className="is-abnormal">▲ {t("personnel.manyLeave", { count: shown.counts.leave, limit: shown.leaverLimit })}</p>
							)}
							{!shown.done && shown.rows.some(({ missing }) => missing === HIDDEN) && <p>{t("personnel.missingHidden")}</p>}
							{!shown.done && text !== null && (
								<div className="actions">
									<Button
										className="primary"
										loading={act.pending}
										disabled={changes === 0}
										onClick={() => act.run({ text, dryRun: false, full, expectLeavers: shown.counts.leave })}
									>
										{t("register.importAsShown")}
									</Button>
									{shown.counts.refused > 0 && <span className="is-abnormal">▲ {t("personnel.refusedStay", { count: shown.counts.refused })}</span>}
								</div>
							)}
							<Rows result={shown} />
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

function Rows({ result }: { result: PersonnelImport }) {
	const { t } = useTranslation();
	const rows = [...result.rows].sort((one, other) => ORDER[one.fate] - ORDER[other.fate] || (one.line ?? 0) - (other.line ?? 0));
	return (
		<div className="table-scroll">
			<table className="plain-table">
				<caption className="visually-hidden">{t("personnel.file")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("register.line")}</th>
						<th scope="col">{t("personnel.userName")}</th>
						<th scope="col">{t("register.fate")}</th>
					</tr>
				</thead>
				<tbody>
					{rows.slice(0, MOST).map((row, at) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: people missing from the file have no line, and their names may be masked
						<tr key={at} data-testid="personnel-row" data-fate={row.fate}>
							<td>{row.line ?? t("personnel.missing")}</td>
							<th scope="row">
								{row.userName ?? row.missing ?? "–"} {row.missingId && <span className="dim">{row.missingId}</span>}
							</th>
							<td className={row.fate === "refused" || row.fate === "leave" ? "is-abnormal" : "dim"}>
								{t(`personnel.fates.${row.fate}`)} <FieldErrors errors={row.errors} />
							</td>
						</tr>
					))}
				</tbody>
			</table>
			{rows.length > MOST && <p className="note">{t("personnel.moreRows", { count: rows.length - MOST })}</p>}
		</div>
	);
}
