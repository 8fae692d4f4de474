import { Button, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { HandOverView } from "../../../../contracts/roster.ts";
import { handOversQuery, ROSTER_KEYS, takeOver, writeHandOver } from "../../api/roster.ts";
import { messageText, useServerWords } from "../../i18n/server-words.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { PriorityMark } from "../../ui/PriorityMark.tsx";
import { When } from "../../ui/When.tsx";
import { useMay, useSession } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** What one shift tells the next, with the alarms that were open at that moment. */
export function HandOvers() {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const serves = useMay("roster.serve");
	const [note, setNote] = useState("");
	const write = useAct(writeHandOver, ROSTER_KEYS, () => setNote(""));
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!write.pending && note.trim() !== "") write.run(note.trim());
	};
	return (
		<section className="panel" aria-labelledby="roster-hand-overs">
			<div className="panel-head">
				<h2 id="roster-hand-overs">{t("roster.handOvers")}</h2>
			</div>
			{serves && (
				<form onSubmit={submit} className="panel-body stack" data-testid="hand-over-form">
					<FormError text={textOf(write.error)} />
					<Textarea
						label={t("roster.handOverNote")}
						description={t("roster.handOverHint")}
						required
						minRows={2}
						autosize
						maxLength={10_000}
						value={note}
						onChange={(event) => setNote(event.currentTarget.value)}
					/>
					<div>
						<Button type="submit" size="xs" className="primary" loading={write.pending}>
							{t("roster.handOver")}
						</Button>
					</div>
				</form>
			)}
			<Loaded query={useQuery(handOversQuery)} rows={3}>
				{(notes) =>
					notes.length === 0 ? (
						<Empty title={t("roster.noHandOver")} />
					) : (
						<ol className="panel-body stack">
							{notes.map((one) => (
								<HandOver key={one.id} note={one} serves={serves} />
							))}
						</ol>
					)
				}
			</Loaded>
			{write.dialog}
		</section>
	);
}

function HandOver({ note, serves }: { note: HandOverView; serves: boolean }) {
	const { t } = useTranslation();
	const words = useServerWords();
	const textOf = useProblemText();
	const { user } = useSession();
	const take = useAct(takeOver, ROSTER_KEYS);
	return (
		<li className="roster-note" data-testid="hand-over" data-taken={note.takenBy !== null}>
			<p>
				<strong>{note.fromName}</strong> <When at={note.at} />{" "}
				{note.takenByName === null ? (
					<span className="is-abnormal">{t("roster.notTaken")}</span>
				) : (
					<span className="dim">{t("roster.takenBy", { name: note.takenByName })}</span>
				)}
			</p>
			<p className="roster-words">{note.note}</p>
			<FormError text={textOf(take.error)} />
			{note.alarms.length === 0 ? (
				<p className="dim">{t("roster.noneOpen")}</p>
			) : (
				<details>
					<summary>{t("roster.openThen", { count: note.alarms.length })}</summary>
					<ul>
						{note.alarms.map((alarm) => (
							<li key={alarm.id}>
								<PriorityMark priority={alarm.priority} unacknowledged={false} word={false} />{" "}
								<Link to="/alarms" search={{ alarm: alarm.id }}>
									{messageText(words, alarm.message)}
								</Link>
							</li>
						))}
						{note.more && <li className="dim">{t("roster.moreOpen")}</li>}
					</ul>
				</details>
			)}
			{serves && note.takenBy === null && note.from !== user.username && (
				<Button size="compact-xs" variant="default" loading={take.pending} onClick={() => take.run(note.id)}>
					{t("roster.take")}
				</Button>
			)}
			{take.dialog}
		</li>
	);
}
