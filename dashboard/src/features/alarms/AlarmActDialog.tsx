import { Button, NativeSelect, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Alarm } from "../../../../contracts/api.ts";
import { actOnAlarm } from "../../api/alarms.ts";
import { alarmWords, useServerWords } from "../../i18n/server-words.ts";
import { useLive } from "../../live/live-context.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { PriorityMark } from "../../ui/PriorityMark.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { useProblemText } from "../session/use-problem-text.ts";
import { AlarmDevice } from "./AlarmDevice.tsx";
import { ACT_RULES, type AlarmAct } from "./alarm-acts.ts";

const MINUTES = [15, 30, 60, 120, 240, 480] as const;

/** Shelves, resets or takes an alarm out of service, and back, with the reason that is kept with it. */
export function AlarmActDialog({ act, alarm, onClose }: { act: Exclude<AlarmAct, "acknowledge">; alarm: Alarm; onClose: () => void }) {
	const { t } = useTranslation();
	const format = useFormat();
	const textOf = useProblemText();
	const { link } = useLive();
	const said = alarmWords(useServerWords(), alarm);
	const [reason, setReason] = useState("");
	const [minutes, setMinutes] = useState<number>(60);
	const [oneShot, setOneShot] = useState(false);
	const doIt = useMutation({
		mutationFn: () => actOnAlarm(alarm.id, act, reason.trim(), { minutes, oneShot }),
		onSuccess: (answer) => {
			link?.put(answer);
			onClose();
		},
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!doIt.isPending) doIt.mutate();
	};
	return (
		<Dialog title={t(`alarm.acts.${act}`)} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="alarm-act-form" data-act={act}>
				<p className="dialog-subject">
					<PriorityMark priority={alarm.priority} unacknowledged={false} /> {said.message} <AlarmDevice alarm={alarm} />
				</p>
				<p className="dim">{t(`alarm.actHints.${act}`)}</p>
				<FormError text={textOf(doIt.error)} />
				{act === "shelve" && (
					<>
						<NativeSelect
							label={t("alarm.shelveFor")}
							value={String(minutes)}
							data={MINUTES.map((value) => ({ value: String(value), label: format.age(value * 60_000) }))}
							onChange={(event) => setMinutes(Number(event.currentTarget.value))}
						/>
						<label className="check">
							<input type="checkbox" checked={oneShot} onChange={(event) => setOneShot(event.currentTarget.checked)} /> {t("alarm.oneShot")}
						</label>
					</>
				)}
				<Textarea
					label={t("alarm.reason")}
					required={ACT_RULES[act].reason}
					data-autofocus
					minRows={2}
					maxLength={1000}
					value={reason}
					onChange={(event) => setReason(event.currentTarget.value)}
					onKeyDown={(event) => {
						if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
						event.preventDefault();
						event.currentTarget.form?.requestSubmit();
					}}
				/>
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={doIt.isPending}>
						{t(`alarm.acts.${act}`)}
					</Button>
				</div>
			</form>
		</Dialog>
	);
}
