import { Button, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Alarm } from "../../../../contracts/api.ts";
import { acknowledgeAlarm } from "../../api/queries.ts";
import { alarmWords, problemText, useServerWords } from "../../i18n/server-words.ts";
import { useLive } from "../../live/live-context.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { PriorityMark } from "../../ui/PriorityMark.tsx";

/** Acknowledges an alarm with a comment. Enter in the comment sends; Shift+Enter makes a new line. */
export function AcknowledgeDialog({ alarm, onClose }: { alarm: Alarm; onClose: () => void }) {
	const { t } = useTranslation();
	const { link } = useLive();
	const words = useServerWords();
	const said = alarmWords(words, alarm);
	const [comment, setComment] = useState("");
	const acknowledge = useMutation({
		mutationFn: () => acknowledgeAlarm(alarm.id, comment.trim()),
		onSuccess: (answer) => {
			if (answer) link?.put(answer);
			else void link?.refetch();
			onClose();
		},
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!acknowledge.isPending) acknowledge.mutate();
	};
	return (
		<Dialog title={t("alarm.acknowledgeTitle")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form">
				<p className="dialog-subject">
					<PriorityMark priority={alarm.priority} unacknowledged /> {said.message}
				</p>
				{alarm.action !== "" && (
					<p>
						<strong>{t("alarm.action")}:</strong> {said.action}
					</p>
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
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={acknowledge.isPending}>
						{t("alarm.acknowledge")}
					</Button>
				</div>
			</form>
		</Dialog>
	);
}
