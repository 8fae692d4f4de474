import { useTranslation } from "react-i18next";
import type { ReviewFigures } from "../../../../contracts/reviews.ts";

/** How much of a review is decided, and how much of that is submitted. */
export function ProgressBar({ figures }: { figures: Pick<ReviewFigures, "items" | "decided" | "submitted"> }) {
	const { t } = useTranslation();
	const { items, decided, submitted } = figures;
	const share = (count: number) => `${items === 0 ? 0 : (100 * count) / items}%`;
	const text = t("review.progressOf", { decided, items });
	return (
		<div className="review-progress" data-testid="review-progress" data-decided={decided} data-items={items}>
			<div className="review-bar" role="progressbar" aria-label={text} aria-valuemin={0} aria-valuemax={items} aria-valuenow={decided}>
				<span className="review-bar-decided" style={{ width: share(decided) }} />
				<span className="review-bar-submitted" style={{ width: share(submitted) }} />
			</div>
			<span className="dim">{text}</span>
		</div>
	);
}
