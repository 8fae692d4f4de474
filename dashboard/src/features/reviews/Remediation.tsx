import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReviewItem, ReviewView } from "../../../../contracts/reviews.ts";
import { resolveItem } from "../../api/reviews.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { BecauseDialog } from "../session/BecauseDialog.tsx";
import { useMay } from "../session/session-context.ts";
import { useRoleText } from "./use-role-text.ts";
import { whereOf, whoOf } from "./workbench-view.ts";

interface RemediationProps {
	review: ReviewView;
	items: { data: ReviewItem[] | undefined; error: unknown; refetch: () => unknown };
}
/** So many are shown at first, and with every click more. */
const STEP = 50;

/** What was taken away or changed: whether controllers have confirmed it, and what was used all the same. */
export function Remediation({ review, items }: RemediationProps) {
	const { t } = useTranslation();
	const [shown, setShown] = useState(STEP);
	return (
		<section className="panel" aria-labelledby="remediation" data-testid="remediation">
			<div className="panel-head">
				<h2 id="remediation">{t("review.remediation")}</h2>
				<Button size="xs" variant="default" onClick={() => void items.refetch()}>
					{t("review.refresh")}
				</Button>
			</div>
			<Loaded query={items} rows={3}>
				{(all) => {
					const taken = all.filter(({ submitted, decision }) => submitted && decision !== "keep").sort((one, other) => urgency(one) - urgency(other));
					if (taken.length === 0) return <Empty title={t("review.remediationNone")} />;
					return (
						<>
							{review.figures.unconfirmed === 0 && review.figures.reopened === 0 && <p className="note panel-more">{t("review.remediationDone")}</p>}
							<RemovalTable items={taken.slice(0, shown)} />
							{taken.length > shown && (
								<p className="panel-more">
									<Button size="xs" variant="default" onClick={() => setShown(shown + STEP)}>
										{t("review.more", { count: Math.min(STEP, taken.length - shown) })}
									</Button>
								</p>
							)}
						</>
					);
				}}
			</Loaded>
		</section>
	);
}

const isReopened = ({ reopenedAt, resolution }: ReviewItem) => reopenedAt !== null && resolution === null;
/** What wants somebody comes first, then what waits. */
const urgency = (item: ReviewItem) => (isReopened(item) ? 0 : item.confirmedAt === null ? 1 : 2);

function RemovalTable({ items }: { items: readonly ReviewItem[] }) {
	const { t } = useTranslation();
	const manages = useMay("reviews.manage");
	const roleText = useRoleText();
	const [resolving, setResolving] = useState<ReviewItem | null>(null);
	return (
		<>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls must be reachable by keyboard */}
			<div className="table-scroll" tabIndex={0}>
				<table className="plain-table">
					<caption className="visually-hidden">{t("review.remediation")}</caption>
					<thead>
						<tr>
							<th scope="col">{t("review.number")}</th>
							<th scope="col">{t("review.holder")}</th>
							<th scope="col">{t("review.decision")}</th>
							<th scope="col">{t("review.confirmedAt")}</th>
						</tr>
					</thead>
					<tbody>
						{items.map((item) => (
							<tr
								key={item.id}
								data-testid="removal-row"
								data-item={item.id}
								data-confirmed={item.confirmedAt !== null}
								data-reopened={isReopened(item)}
							>
								<td>{item.number}</td>
								<th scope="row">
									{whoOf(item)}
									<div className="dim">{item.role ? roleText(item.role.role) : whereOf(item)}</div>
								</th>
								<td>
									{item.decision !== null && t(`review.decisions.${item.decision}`)}
									<div className="dim wrap">{item.reason}</div>
								</td>
								<td>
									{item.confirmedAt ? (
										<When at={item.confirmedAt} />
									) : (
										<span className="is-abnormal">
											{t("review.waitsFor")} <When at={item.submittedAt} />
										</span>
									)}
									{item.reopenedAt !== null && (
										<div className={isReopened(item) ? "is-abnormal" : "dim"}>
											{t("review.reopened")}, {t("review.reopenedAt")} <When at={item.reopenedAt} />
										</div>
									)}
									{item.resolution && <div className="wrap">{t("review.resolution", { text: item.resolution })}</div>}
									{isReopened(item) && manages && (
										<Button size="xs" variant="default" onClick={() => setResolving(item)}>
											{t("review.resolve")}
										</Button>
									)}
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{resolving && (
				<BecauseDialog
					title={t("review.resolveTitle")}
					subject={t("review.resolveText")}
					act={resolveItem}
					input={(reason) => ({ review: resolving.review, item: resolving.id, reason })}
					renews={["reviews", "review-items"]}
					label={t("review.resolveTitle")}
					doIt={t("review.resolve")}
					testId="resolve-dialog"
					onClose={() => setResolving(null)}
				/>
			)}
		</>
	);
}
