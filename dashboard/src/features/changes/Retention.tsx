import { Button, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { z } from "zod";
import type { retentionSchema } from "../../../../contracts/audit.ts";
import { proposeChange, retentionQuery } from "../../api/people.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { Loaded } from "../../ui/Loaded.tsx";
import { useMay } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

type Setting = z.infer<typeof retentionSchema>["items"][number];

/** For how long each kind of data is kept; who may propose another time does it here. */
export function Retention({ onProposed }: { onProposed: () => void }) {
	const { t } = useTranslation();
	const settings = useQuery(retentionQuery);
	const proposes = useMay("retention.propose");
	const [changing, setChanging] = useState<Setting | null>(null);
	return (
		<section className="panel" aria-label={t("change.retention.title")} data-testid="retention">
			<div className="panel-head">
				<h2>{t("change.retention.title")}</h2>
			</div>
			<Loaded query={settings} rows={4}>
				{({ items }) => (
					<table className="plain-table">
						<thead>
							<tr>
								<th scope="col">{t("change.retention.data")}</th>
								<th scope="col" className="number">
									{t("people.days")}
								</th>
								{proposes && <th scope="col">{t("people.action")}</th>}
							</tr>
						</thead>
						<tbody>
							{items.map((setting) => (
								<tr key={setting.data}>
									<th scope="row">{t(`change.retention.of.${setting.data}`)}</th>
									<td className="number">{setting.days}</td>
									{proposes && (
										<td>
											<Button
												size="xs"
												variant="default"
												aria-label={`${t("change.retention.change")}: ${t(`change.retention.of.${setting.data}`)}`}
												onClick={() => setChanging(setting)}
											>
												{t("change.retention.change")}
											</Button>
										</td>
									)}
								</tr>
							))}
						</tbody>
					</table>
				)}
			</Loaded>
			{changing && (
				<ProposeRetention
					setting={changing}
					onClose={() => setChanging(null)}
					onDone={() => {
						setChanging(null);
						onProposed();
					}}
				/>
			)}
		</section>
	);
}

function ProposeRetention({ setting, onClose, onDone }: { setting: Setting; onClose: () => void; onDone: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [days, setDays] = useState(String(setting.days));
	const [reason, setReason] = useState("");
	const act = useAct(proposeChange, ["changes"], onDone);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run({ kind: "retention", data: setting.data, days: Number(days), reason: reason.trim() });
	};
	return (
		<Dialog title={t("change.retention.propose")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="propose-retention">
				<p className="dialog-subject">{t(`change.retention.of.${setting.data}`)}</p>
				<FormError text={textOf(act.error)} />
				<TextInput
					label={t("people.days")}
					type="number"
					data-autofocus
					min={setting.least}
					max={36_500}
					step={1}
					required
					value={days}
					onChange={(event) => setDays(event.currentTarget.value)}
				/>
				<Textarea
					label={t("change.reason")}
					description={t("change.reasonHint")}
					required
					minLength={3}
					maxLength={2000}
					value={reason}
					onChange={(event) => setReason(event.currentTarget.value)}
				/>
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("change.propose")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
