import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { REVIEW_SUBJECTS, type ReviewView } from "../../../../contracts/reviews.ts";
import { accessReviewsQuery, startReview } from "../../api/reviews.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useSite } from "../../ui/site-context.ts";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { ProgressBar } from "./ProgressBar.tsx";
import { periodOf } from "./period.ts";
import "./reviews.css";

/** The monthly reviews: how far they are, and what waits for whoever looks. */
export function ReviewsPage() {
	const { t } = useTranslation();
	const reviews = useQuery(accessReviewsQuery);
	const manages = useMay("reviews.manage");
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("review.title")}</h1>
			</div>
			<Loaded query={reviews} rows={4}>
				{(list) => (
					<>
						{manages && <StartButtons reviews={list} />}
						<section className="panel table-scroll" aria-label={t("review.title")}>
							{list.length === 0 ? <Empty title={t("review.none")} hint={t("review.noneHint")} /> : <ReviewTable reviews={list} />}
						</section>
					</>
				)}
			</Loaded>
		</div>
	);
}

function ReviewTable({ reviews }: { reviews: readonly ReviewView[] }) {
	const { t } = useTranslation();
	return (
		<table className="plain-table">
			<caption className="visually-hidden">{t("review.title")}</caption>
			<thead>
				<tr>
					<th scope="col">{t("review.period")}</th>
					<th scope="col">{t("review.state")}</th>
					<th scope="col" className="only-wide-cell">
						{t("review.due")}
					</th>
					<th scope="col">{t("review.progress")}</th>
					<th scope="col">{t("review.mine")}</th>
				</tr>
			</thead>
			<tbody>
				{reviews.map((review) => (
					<tr key={review.id} data-testid="review-row" data-review={review.id} data-subject={review.subject} data-state={review.state}>
						<th scope="row">
							<Link to="/reviews/$review" params={{ review: review.id }}>
								{t("review.of", { subject: t(`review.subjects.${review.subject}`), period: review.period })}
							</Link>
						</th>
						<td>
							{t(`review.states.${review.state}`)}
							{review.overdue && <div className="is-abnormal">{t("review.overdue")}</div>}
							{review.figures.reopened > 0 && (
								<div className="is-abnormal">
									{t("review.figure.reopened")}: {review.figures.reopened}
								</div>
							)}
						</td>
						<td className={review.overdue ? "is-abnormal only-wide-cell" : "dim only-wide-cell"}>
							<When at={review.dueAt} />
						</td>
						<td>
							<ProgressBar figures={review.figures} />
						</td>
						<td>
							{review.mine.items === 0 ? (
								<span className="dim">–</span>
							) : (
								<span className={review.state === "open" && review.mine.open > 0 ? "review-mine" : "dim"}>{t("review.mineOf", review.mine)}</span>
							)}
						</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

/** Starts what hasn't been started this month: after an import, or where the server was not there on the first. */
function StartButtons({ reviews }: { reviews: readonly ReviewView[] }) {
	const { t } = useTranslation();
	const site = useSite();
	const textOf = useProblemText();
	const act = useAct(startReview, ["reviews"]);
	const period = periodOf(Date.now(), site.timeZone);
	const missing = REVIEW_SUBJECTS.filter((subject) => !reviews.some((review) => review.subject === subject && review.period === period));
	return (
		<>
			<FormError text={textOf(act.error)} />
			{missing.length > 0 && (
				<p className="filters">
					{missing.map((subject) => (
						<Button key={subject} size="xs" variant="default" loading={act.pending} onClick={() => act.run(subject)}>
							{t("review.start", { subject: t(`review.subjects.${subject}`) })}
						</Button>
					))}
				</p>
			)}
			{act.dialog}
		</>
	);
}
