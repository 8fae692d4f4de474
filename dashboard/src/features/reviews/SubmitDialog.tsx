import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReviewView } from "../../../../contracts/reviews.ts";
import { ProblemError } from "../../api/problem-error.ts";
import { submitReview } from "../../api/reviews.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { ProposeDialog } from "../changes/ProposeDialog.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import type { draftCounts } from "./workbench-view.ts";

export interface SubmitDialogProps {
	review: ReviewView;
	counts: ReturnType<typeof draftCounts>;
	/** Decisions that have not reached the server yet. */
	unsent: number;
	onClose: () => void;
	onDone: (text: string) => void;
}

/** What one is about to carry out, in figures; and the proposal where it takes a second person. */
export function SubmitDialog({ review, counts, unsent, onClose, onDone }: SubmitDialogProps) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [proposing, setProposing] = useState(false);
	const act = useAct(submitReview, ["reviews", "review-items"], (done) => onDone(t("review.submitted", done)));
	const takesTwo = act.error instanceof ProblemError && act.error.code === "takes-two-persons";
	if (proposing)
		return (
			<ProposeDialog
				title={t("change.kinds.review-revocations")}
				subject={t("review.proposeSubject", { revoked: review.figures.revoked, allowed: review.revocationsAllowed })}
				testId="propose-revocations"
				reasonFirst
				proposal={(reason) => ({ kind: "review-revocations", review: review.id, reason })}
				onClose={onClose}
				onDone={() => onDone(t("review.proposed"))}
			/>
		);
	return (
		<Dialog title={t("review.submitTitle")} onClose={onClose}>
			<div className="dialog-form" data-testid="submit-dialog">
				<dl className="facts">
					{(["keep", "revoke", "change"] as const).map((decision) => (
						<div key={decision}>
							<dt>{t(`review.decisions.${decision}`)}</dt>
							<dd data-testid={`submit-${decision}`}>{counts[decision]}</dd>
						</div>
					))}
				</dl>
				<p>{t("review.submitText")}</p>
				{counts.open > 0 && <p className="dim">{t("review.submitOpen", { count: counts.open })}</p>}
				{unsent > 0 && <p className="is-abnormal">{t("review.submitWaits")}</p>}
				<FormError text={textOf(act.error)} />
				{takesTwo && <p>{t("review.twoPersons")}</p>}
				<div className="dialog-actions">
					<Button variant="default" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					{takesTwo ? (
						<Button className="primary" onClick={() => setProposing(true)}>
							{t("change.propose")}
						</Button>
					) : (
						<Button className="primary" data-autofocus disabled={unsent > 0} loading={act.pending} onClick={() => act.run(review.id)}>
							{t("review.submit")}
						</Button>
					)}
				</div>
			</div>
			{act.dialog}
		</Dialog>
	);
}
