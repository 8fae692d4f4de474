import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ReviewView } from "../../../../contracts/reviews.ts";
import { accessReviewQuery } from "../../api/reviews.ts";
import { Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { ProgressBar } from "./ProgressBar.tsx";
import { ReviewOverview } from "./ReviewOverview.tsx";
import { useDrafts } from "./use-drafts.ts";
import { Workbench } from "./Workbench.tsx";
import "./reviews.css";

const route = getRouteApi("/reviews/$review");

/** One review: its items to decide on, and how it stands. */
export function ReviewPage() {
	const { review } = route.useParams();
	return <Loaded query={useQuery(accessReviewQuery(review))}>{(view) => <Panels key={review} review={view} />}</Loaded>;
}

function Panels({ review }: { review: ReviewView }) {
	const { t } = useTranslation();
	const { tab = "items" } = route.useSearch();
	const navigate = route.useNavigate();
	const drafts = useDrafts(review.id);
	return (
		<div className="page review-page" data-testid="review" data-state={review.state}>
			<div className="page-head">
				<h1>{t("review.of", { subject: t(`review.subjects.${review.subject}`), period: review.period })}</h1>
				<Link to="/reviews">{t("review.all")}</Link>
				<fieldset className="choice">
					<legend className="visually-hidden">{t("review.view")}</legend>
					{(["items", "overview"] as const).map((one) => (
						<label key={one}>
							<input
								type="radio"
								name="tab"
								checked={tab === one}
								onChange={() => void navigate({ search: (before) => ({ ...before, tab: one === "items" ? undefined : one }) })}
							/>
							<span>{t(`review.tabs.${one}`)}</span>
						</label>
					))}
				</fieldset>
				<ProgressBar figures={review.figures} />
				<span className={review.overdue ? "is-abnormal" : "dim"}>
					{review.state === "open" ? (
						<>
							{t("review.due")} <When at={review.dueAt} /> {review.overdue && t("review.overdue")}
						</>
					) : (
						t(`review.states.${review.state}`)
					)}
				</span>
			</div>
			{tab === "items" ? <Workbench review={review} {...drafts} /> : <ReviewOverview review={review} />}
		</div>
	);
}
