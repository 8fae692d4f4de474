import { Button, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AuditReviewView } from "../../../../contracts/audit.ts";
import { reviewsQuery, signReview } from "../../api/evidence.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** The periodic reviews of the log and their signatures. */
export function Reviews() {
	const { t } = useTranslation();
	const reviews = useQuery(reviewsQuery);
	const signs = useMay("audit.review");
	const [signing, setSigning] = useState<AuditReviewView | null>(null);
	return (
		<section className="panel table-scroll" aria-label={t("audit.tabs.reviews")}>
			<Loaded query={reviews} rows={4}>
				{({ items }) =>
					items.length === 0 ? (
						<Empty title={t("audit.noReviews")} />
					) : (
						<table className="plain-table">
							<thead>
								<tr>
									<th scope="col">{t("audit.period")}</th>
									<th scope="col">{t("audit.state")}</th>
									<th scope="col" className="number only-wide-cell">
										{t("audit.lines")}
									</th>
									<th scope="col" className="number only-wide-cell">
										{t("audit.highRisk")}
									</th>
									<th scope="col">{t("audit.signed")}</th>
								</tr>
							</thead>
							<tbody>
								{items.map((review) => (
									<tr key={review.id}>
										<th scope="row">{review.id}</th>
										<td className={review.state === "overdue" ? "is-abnormal" : ""}>{t(`audit.states.${review.state}`)}</td>
										<td className="number only-wide-cell">{review.lines}</td>
										<td className="number only-wide-cell">{review.highRisk}</td>
										<td>
											{review.signedBy ? (
												<>
													{review.signedBy.name}, <When at={review.signedAt} />{" "}
													{review.ledgerIndex !== null && (
														<Link to="/ledger/$index" params={{ index: String(review.ledgerIndex) }}>
															{t("change.proof", { index: review.ledgerIndex })}
														</Link>
													)}
												</>
											) : (
												signs && (
													<Button size="xs" variant="default" onClick={() => setSigning(review)}>
														{t("audit.sign")}
													</Button>
												)
											)}
										</td>
									</tr>
								))}
							</tbody>
						</table>
					)
				}
			</Loaded>
			{signing && <SignDialog review={signing} onClose={() => setSigning(null)} />}
		</section>
	);
}

function SignDialog({ review, onClose }: { review: AuditReviewView; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [remarks, setRemarks] = useState("");
	const act = useAct(signReview, ["audit-reviews"], onClose);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run({ id: review.id, remarks: remarks.trim() });
	};
	return (
		<Dialog title={`${t("audit.sign")} ${review.id}`} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form">
				<p>{t("audit.signText", { count: review.lines })}</p>
				<FormError text={textOf(act.error)} />
				<Textarea
					label={t("audit.remarks")}
					data-autofocus
					maxLength={4000}
					value={remarks}
					onChange={(event) => setRemarks(event.currentTarget.value)}
				/>
				<div className="dialog-actions">
					<Button type="submit" className="primary" loading={act.pending}>
						{t("audit.sign")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
