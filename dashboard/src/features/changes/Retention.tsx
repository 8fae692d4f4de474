import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { z } from "zod";
import type { retentionSchema } from "../../../../contracts/audit.ts";
import { retentionQuery } from "../../api/people.ts";
import { Loaded } from "../../ui/Loaded.tsx";
import { useMay } from "../session/session-context.ts";
import { ProposeDialog } from "./ProposeDialog.tsx";

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
	const [days, setDays] = useState(String(setting.days));
	return (
		<ProposeDialog
			title={t("change.retention.propose")}
			subject={t(`change.retention.of.${setting.data}`)}
			testId="propose-retention"
			proposal={(reason) => ({ kind: "retention", data: setting.data, days: Number(days), reason })}
			onClose={onClose}
			onDone={onDone}
		>
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
		</ProposeDialog>
	);
}
