import { Button, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { exportsQuery, exportUrl } from "../../api/evidence.ts";
import { proposeChange } from "../../api/people.ts";
import { useNow } from "../../live/live-context.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

const DAY_MS = 86_400_000;
/** The server exports what has passed: today until a moment ago, by a clock that may be a little ahead of the server's. */
const CLOCKS_APART_MS = 5000;

/** Exports that two people agreed on, and the form that proposes one. */
export function Exports() {
	const { t } = useTranslation();
	const exports = useQuery(exportsQuery);
	const proposes = useMay("audit.export-propose");
	return (
		<>
			{proposes && <ProposeExport />}
			<section className="panel table-scroll" aria-label={t("audit.tabs.exports")}>
				<Loaded query={exports} rows={3}>
					{({ items }) =>
						items.length === 0 ? (
							<Empty title={t("audit.noExports")} hint={t("audit.exportHint")} />
						) : (
							<table className="plain-table">
								<thead>
									<tr>
										<th scope="col">{t("audit.period")}</th>
										<th scope="col" className="number">
											{t("audit.lines")}
										</th>
										<th scope="col">{t("audit.until")}</th>
										<th scope="col">SHA-256</th>
									</tr>
								</thead>
								<tbody>
									{items.map((one) => (
										<tr key={one.id}>
											<td>
												<When at={one.from} /> – <When at={one.to} />{" "}
												{proposes && (
													<a href={exportUrl(one.id)} download>
														{t("audit.download")}
													</a>
												)}
											</td>
											<td className="number">{one.lines}</td>
											<td>
												<When at={one.availableUntil} />
											</td>
											<td className="secret">{one.sha256}</td>
										</tr>
									))}
								</tbody>
							</table>
						)
					}
				</Loaded>
			</section>
		</>
	);
}

function ProposeExport() {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [done, setDone] = useState(false);
	const today = new Date(useNow()).toISOString().slice(0, 10);
	const act = useAct(proposeChange, ["changes"], () => setDone(true));
	const submit = (event: FormEvent<HTMLFormElement>) => {
		event.preventDefault();
		const form = new FormData(event.currentTarget);
		const value = (name: string) => {
			const entry = form.get(name);
			return typeof entry === "string" ? entry.trim() : "";
		};
		const from = new Date(`${value("from")}T00:00:00Z`).toISOString();
		const to = new Date(Math.min(Date.parse(`${value("to")}T00:00:00Z`) + DAY_MS, Date.now() - CLOCKS_APART_MS)).toISOString();
		if (!act.pending) act.run({ kind: "audit-export", from, to, reason: value("reason") });
	};
	return (
		<section className="panel panel-body stack" aria-label={t("audit.propose")}>
			<FormError text={textOf(act.error)} />
			<div role="status">{done && <p className="note">{t("change.proposed")}</p>}</div>
			<form onSubmit={submit} className="filters">
				<TextInput type="date" label={t("trend.from")} name="from" max={today} required />
				<TextInput type="date" label={t("trend.to")} name="to" max={today} required />
				<Textarea label={t("change.reason")} name="reason" rows={1} required minLength={3} />
				<Button type="submit" variant="default" loading={act.pending}>
					{t("audit.propose")}
				</Button>
			</form>
			{act.dialog}
		</section>
	);
}
