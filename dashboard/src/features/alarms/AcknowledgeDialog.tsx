import { Button, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Alarm } from "../../../../contracts/api.ts";
import { PRIORITIES } from "../../../../contracts/kinds.ts";
import { acknowledgeAlarms } from "../../api/alarms.ts";
import { alarmWords, problemText, useServerWords } from "../../i18n/server-words.ts";
import { isUnacknowledged } from "../../live/alarm-book.ts";
import { useLive, useLiveState } from "../../live/live-context.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { PriorityMark } from "../../ui/PriorityMark.tsx";
import { AlarmDevice } from "./AlarmDevice.tsx";

/**
 * Acknowledges alarms with a comment: those that it names, as they were when it was opened, and no others. Enter in the comment sends;
 * Shift+Enter makes a new line.
 */
export function AcknowledgeDialog({ alarms, onClose }: { alarms: readonly Alarm[]; onClose: () => void }) {
	const { t } = useTranslation();
	const { link } = useLive();
	const words = useServerWords();
	const [comment, setComment] = useState("");
	const book = useLiveState((state) => state.alarms);
	const [symptoms] = useState(() => alarms.flatMap(({ id }) => book.symptoms.get(id) ?? []).filter(isUnacknowledged));
	const [withSymptoms, setWithSymptoms] = useState(false);
	const acknowledge = useMutation({
		mutationFn: () => acknowledgeAlarms([...alarms, ...(withSymptoms ? symptoms : [])], comment.trim()),
		onSuccess: ({ items }) => {
			// What somebody else acknowledged meanwhile is acknowledged too.
			const left = items.filter(({ code }) => code !== null && code !== "already-acknowledged");
			if (left.length === 0) return onClose();
			void link?.refetch();
			return undefined;
		},
	});
	const left = acknowledge.data?.items.filter(({ code }) => code !== null && code !== "already-acknowledged") ?? [];
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!acknowledge.isPending) acknowledge.mutate();
	};
	const [only] = alarms.length === 1 ? alarms : [];
	return (
		<Dialog title={alarms.length === 1 ? t("alarm.acknowledgeTitle") : t("alarm.acknowledgeMany", { count: alarms.length })} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="acknowledge-form">
				{only ? <Subject alarm={only} /> : <Counts alarms={alarms} />}
				{symptoms.length > 0 && (
					<label className="check">
						<input type="checkbox" checked={withSymptoms} onChange={(event) => setWithSymptoms(event.currentTarget.checked)} />{" "}
						{t("alarm.withSymptoms", { count: symptoms.length })}
					</label>
				)}
				<Textarea
					label={t("alarm.comment")}
					description={t("alarm.commentHint")}
					data-autofocus
					minRows={2}
					maxLength={1000}
					value={comment}
					onChange={(event) => setComment(event.currentTarget.value)}
					onKeyDown={(event) => {
						if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
					}}
				/>
				{acknowledge.error && (
					<p role="alert" className="form-error">
						{t("alarm.acknowledgeFailed", { reason: problemText(words, acknowledge.error) })}
					</p>
				)}
				{left.length > 0 && (
					<p role="alert" className="form-error">
						{t("alarm.notAll", { count: left.length })}
					</p>
				)}
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{left.length > 0 ? t("alarm.close") : t("alarm.cancel")}
					</Button>
					{left.length === 0 && (
						<Button type="submit" className="primary" loading={acknowledge.isPending}>
							{t("alarm.acknowledge")}
						</Button>
					)}
				</div>
			</form>
		</Dialog>
	);
}

function Subject({ alarm }: { alarm: Alarm }) {
	const { t } = useTranslation();
	const said = alarmWords(useServerWords(), alarm);
	return (
		<>
			<p className="dialog-subject">
				<PriorityMark priority={alarm.priority} unacknowledged /> {said.message} <AlarmDevice alarm={alarm} />
			</p>
			{alarm.action !== "" && (
				<p>
					<strong>{t("alarm.action")}:</strong> {said.action}
				</p>
			)}
		</>
	);
}

/** How many of each priority, and each by its words: nobody acknowledges what they haven't read. */
function Counts({ alarms }: { alarms: readonly Alarm[] }) {
	const { t } = useTranslation();
	const words = useServerWords();
	return (
		<>
			<p className="dialog-subject">
				{PRIORITIES.map((priority) => {
					const count = alarms.filter((alarm) => alarm.priority === priority).length;
					return count === 0 ? null : (
						<span key={priority} className="alarm-tally">
							<PriorityMark priority={priority} unacknowledged /> {count}
						</span>
					);
				})}
			</p>
			<ul className="alarm-named" aria-label={t("alarm.named")}>
				{alarms.map((alarm) => (
					<li key={alarm.id}>
						<PriorityMark priority={alarm.priority} unacknowledged={false} word={false} /> {alarmWords(words, alarm).message}{" "}
						<AlarmDevice alarm={alarm} />
					</li>
				))}
			</ul>
		</>
	);
}
