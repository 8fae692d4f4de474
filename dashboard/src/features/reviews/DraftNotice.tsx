import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { DraftState } from "./draft-box.ts";

/** What has not reached the server, and what was not taken. */
export function DraftNotice({ state, onSend, onShow }: { state: DraftState; onSend: () => void; onShow: (item: string) => void }) {
	const { t } = useTranslation();
	const drafts = [...state.drafts.values()];
	const refused = drafts.filter((draft) => draft.refused !== null);
	const unsent = drafts.length - refused.length;
	const [first] = refused;
	return (
		<>
			<div role="status" data-testid="unsent" data-count={unsent} data-broken={state.broken}>
				{unsent > 0 && (state.broken || !state.kept) && (
					<div className="panel panel-body review-notice">
						<p>
							<strong>{t("review.unsent", { count: unsent })}</strong> {t(state.kept ? "review.unsentKept" : "review.unsentLost")}
						</p>
						<Button size="xs" variant="default" onClick={onSend}>
							{t("review.sendNow")}
						</Button>
					</div>
				)}
			</div>
			{first && (
				<div role="alert" className="panel panel-body review-notice" data-testid="refused-notice">
					<p className="is-abnormal">{t("review.refused", { count: refused.length })}</p>
					<Button size="xs" variant="default" onClick={() => onShow(first.item)}>
						{t("review.refusedShow")}
					</Button>
				</div>
			)}
		</>
	);
}
