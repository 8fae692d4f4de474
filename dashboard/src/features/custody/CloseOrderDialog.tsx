import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { BatchView } from "../../../../contracts/media-orders.ts";
import { closeBatch, MEDIA_KEYS, reconciliationQuery } from "../../api/custody.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { Loaded } from "../../ui/Loaded.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { Differences } from "./ReconciliationPanel.tsx";

/** Closes an order, after a look at what would stand in the way. */
export function CloseOrderDialog({ order, onClose }: { order: BatchView; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const queries = useQueryClient();
	// A refusal opens an incident, so that what is on the page is old either way.
	const close = async (id: string) => {
		try {
			return await closeBatch(id);
		} finally {
			void queries.invalidateQueries({ predicate: ({ queryKey }) => MEDIA_KEYS.includes(String(queryKey[0])) });
		}
	};
	const act = useAct(close, [], onClose);
	return (
		<Dialog title={t("custody.close")} onClose={onClose}>
			<div className="dialog-form" data-testid="close-order">
				<p className="dialog-subject">{order.title}</p>
				<FormError text={textOf(act.error)} />
				<p>{t("custody.closeText")}</p>
				<Loaded query={useQuery(reconciliationQuery(order.id))} rows={2}>
					{(sets) =>
						sets.balanced ? (
							<p>{t("custody.balanced")}</p>
						) : (
							<>
								<p className="is-abnormal">▲ {t("custody.closeUnbalanced")}</p>
								<Differences sets={sets} />
							</>
						)
					}
				</Loaded>
				<div className="dialog-actions">
					<Button variant="default" data-autofocus onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button className="primary" loading={act.pending} onClick={() => act.run(order.id)}>
						{t("custody.close")}
					</Button>
				</div>
			</div>
			{act.dialog}
		</Dialog>
	);
}
