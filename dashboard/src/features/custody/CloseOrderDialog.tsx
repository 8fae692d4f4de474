import { Button, Textarea } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type BatchView, isUnexplained } from "../../../../contracts/media-orders.ts";
import { closeBatch, MEDIA_KEYS, reconciliationQuery } from "../../api/custody.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { Loaded } from "../../ui/Loaded.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { Deviations } from "./Deviations.tsx";
import { Differences } from "./ReconciliationPanel.tsx";

/** Closes an order, after a look at what would stand in the way. */
export function CloseOrderDialog({ order, onClose }: { order: BatchView; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const queries = useQueryClient();
	// A refusal opens an incident, so that what is on the page is old either way.
	const close = async (deviations: string | null) => {
		try {
			return await closeBatch({ batch: order.id, deviations });
		} finally {
			void queries.invalidateQueries({ predicate: ({ queryKey }) => MEDIA_KEYS.includes(String(queryKey[0])) });
		}
	};
	const act = useAct(close, [], onClose);
	const [because, setBecause] = useState("");
	const sets = useQuery(reconciliationQuery(order.id));
	const asked = sets.data?.balanced === true && sets.data.deviations.some(({ kinds }) => isUnexplained(kinds));
	const reason = because.trim();
	return (
		<Dialog title={t("custody.close")} onClose={onClose}>
			<div className="dialog-form" data-testid="close-order">
				<p className="dialog-subject">{order.title}</p>
				<FormError text={textOf(act.error)} />
				<p>{t("custody.closeText")}</p>
				<Loaded query={sets} rows={2}>
					{(found) =>
						found.balanced ? (
							<>
								<p>{t("custody.balanced")}</p>
								<Deviations steps={found.deviations} />
							</>
						) : (
							<>
								<p className="is-abnormal">▲ {t("custody.closeUnbalanced")}</p>
								<Differences sets={found} />
							</>
						)
					}
				</Loaded>
				{asked && (
					<Textarea
						name="because"
						label={t("custody.deviationsBecause")}
						description={t("custody.deviationsHint")}
						required
						minRows={2}
						maxLength={1000}
						value={because}
						onChange={(event) => setBecause(event.currentTarget.value)}
					/>
				)}
				<div className="dialog-actions">
					<Button variant="default" data-autofocus onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button className="primary" loading={act.pending} disabled={asked && reason.length < 3} onClick={() => act.run(asked ? reason : null)}>
						{t("custody.close")}
					</Button>
				</div>
			</div>
			{act.dialog}
		</Dialog>
	);
}
