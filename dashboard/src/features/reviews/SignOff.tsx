import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ReviewView } from "../../../../contracts/reviews.ts";
import { signReviewOff } from "../../api/reviews.ts";
import { FormError } from "../../ui/FormError.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { useMay, useSession } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** The signature that ends the deciding: by whom, or why it can't be given yet. */
export function SignOff({ review }: { review: ReviewView }) {
	const { t } = useTranslation();
	const format = useFormat();
	const { user } = useSession();
	const signs = useMay("reviews.sign-off");
	const textOf = useProblemText();
	const act = useAct(signReviewOff, ["reviews", "review-items"]);
	const { figures, quality } = review;
	const open = figures.items - figures.submitted;
	const alone = quality.reviewers.length === 1 && quality.reviewers[0]?.id === user.id;
	return (
		<section className="panel" aria-labelledby="sign-off" data-testid="sign-off" data-signed={review.signedAt !== null}>
			<div className="panel-head">
				<h2 id="sign-off">{t("review.signTitle")}</h2>
			</div>
			<div className="panel-body stack">
				{review.signedAt !== null ? (
					<p>{t("review.signedBy", { name: review.signedBy?.name ?? "", time: format.dateTime(Date.parse(review.signedAt)) })}</p>
				) : (
					<>
						<p className={open > 0 ? "" : "dim"}>{open > 0 ? t("review.signOpen", { count: open }) : t("review.notSigned")}</p>
						{!signs && <p className="dim">{t("review.signWho")}</p>}
						{signs && open === 0 && alone && <p className="is-abnormal">{t("review.ownReview")}</p>}
						<FormError text={textOf(act.error)} />
						{signs && open === 0 && !alone && (
							<>
								<p>{t("review.signText")}</p>
								<div className="actions">
									<Button size="xs" className="primary" loading={act.pending} onClick={() => act.run(review.id)}>
										{t("review.sign")}
									</Button>
								</div>
							</>
						)}
					</>
				)}
				{act.dialog}
			</div>
		</section>
	);
}
