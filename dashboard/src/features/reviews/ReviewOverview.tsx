import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ReviewFigures, ReviewView } from "../../../../contracts/reviews.ts";
import { reviewEvidenceUrl, reviewItemsQuery, reviewReportUrl } from "../../api/reviews.ts";
import { Empty } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { When } from "../../ui/When.tsx";
import { Remediation } from "./Remediation.tsx";
import { SignOff } from "./SignOff.tsx";

const FIGURES = [
	"items",
	"decided",
	"submitted",
	"kept",
	"revoked",
	"changed",
	"attested",
	"risky",
	"unassigned",
	"confirmed",
	"unconfirmed",
	"reopened",
] as const satisfies readonly (keyof ReviewFigures)[];
/** What somebody should look into when there is any. */
const ABNORMAL: readonly string[] = ["unassigned", "reopened"];

/** How a review stands, how it was done, and what became of it. */
export function ReviewOverview({ review }: { review: ReviewView }) {
	const items = useQuery(reviewItemsQuery(review.id));
	return (
		<div className="review-overview">
			<SignOff review={review} />
			<Figures review={review} />
			<Quality review={review} />
			<Remediation review={review} items={items} />
			<Reports review={review} />
		</div>
	);
}

function Figures({ review }: { review: ReviewView }) {
	const { t } = useTranslation();
	return (
		<section className="panel" aria-labelledby="figures">
			<div className="panel-head">
				<h2 id="figures">{t("review.figures")}</h2>
				{review.figures.unassigned > 0 && (
					<Link to="/reviews/$review" params={{ review: review.id }} search={{ whose: "unassigned" }}>
						{t("review.showUnassigned")}
					</Link>
				)}
			</div>
			<div className="panel-body stack">
				<dl className="facts">
					{FIGURES.map((name) => (
						<div key={name}>
							<dt>{t(`review.figure.${name}`)}</dt>
							<dd data-testid={`figure-${name}`} className={ABNORMAL.includes(name) && review.figures[name] > 0 ? "is-abnormal" : ""}>
								{review.figures[name]}
							</dd>
						</div>
					))}
					<div>
						<dt>{t("review.revocationsAllowed")}</dt>
						<dd>{review.revocationsAllowed}</dd>
					</div>
					<div>
						<dt>{t("review.started")}</dt>
						<dd>
							<When at={review.startedAt} />
						</dd>
					</div>
					<div>
						<dt>{t("review.closedAt")}</dt>
						<dd>
							<When at={review.closedAt} />
						</dd>
					</div>
				</dl>
				<div>
					<div className="dim">
						{t("review.snapshot")},{" "}
						<Link to="/ledger/$index" params={{ index: String(review.snapshotIndex) }}>
							{t("review.snapshotProof", { index: review.snapshotIndex })}
						</Link>
					</div>
					<div className="secret">{review.snapshotHash}</div>
				</div>
			</div>
		</section>
	);
}

function Quality({ review: { quality } }: { review: ReviewView }) {
	const { t } = useTranslation();
	const format = useFormat();
	const percent = (share: number) => `${format.number(share * 100, "%")} %`;
	const seconds = (count: number | null) => (count === null ? t("review.tooFew") : t("review.seconds", { count: Math.round(count) }));
	return (
		<section className="panel" aria-labelledby="quality" data-testid="quality">
			<div className="panel-head">
				<h2 id="quality">{t("review.quality")}</h2>
			</div>
			{quality.reviewers.length === 0 ? (
				<Empty title={t("review.noDecisions")} />
			) : (
				<div className="panel-body stack">
					<dl className="facts">
						<div>
							<dt>{t("review.perDecision")}</dt>
							<dd>{seconds(quality.secondsPerDecision)}</dd>
						</div>
						<div>
							<dt>{t("review.shareKept")}</dt>
							<dd>{percent(quality.shareKept)}</dd>
						</div>
						<div>
							<dt>{t("review.shareAttested")}</dt>
							<dd>{percent(quality.shareAttested)}</dd>
						</div>
					</dl>
					<p className="dim">{t("review.qualityHint")}</p>
					{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls must be reachable by keyboard */}
					<div className="table-scroll" tabIndex={0}>
						<table className="plain-table">
							<caption className="visually-hidden">{t("review.quality")}</caption>
							<thead>
								<tr>
									<th scope="col">{t("review.reviewer")}</th>
									<th scope="col" className="number">
										{t("review.figure.decided")}
									</th>
									<th scope="col" className="number">
										{t("review.figure.kept")}
									</th>
									<th scope="col" className="number">
										{t("review.figure.attested")}
									</th>
									<th scope="col" className="number">
										{t("review.perDecision")}
									</th>
								</tr>
							</thead>
							<tbody>
								{quality.reviewers.map((reviewer) => (
									<tr key={reviewer.id}>
										<th scope="row">{reviewer.name}</th>
										<td className="number">{reviewer.decided}</td>
										<td className="number">{reviewer.kept}</td>
										<td className="number">{reviewer.attested}</td>
										<td className="number">{seconds(reviewer.secondsPerDecision)}</td>
									</tr>
								))}
							</tbody>
						</table>
					</div>
				</div>
			)}
		</section>
	);
}

function Reports({ review }: { review: ReviewView }) {
	const { t } = useTranslation();
	const file = `watchroom-review-${review.period}-evidence.json`;
	return (
		<section className="panel" aria-labelledby="reports">
			<div className="panel-head">
				<h2 id="reports">{t("review.reports")}</h2>
			</div>
			<div className="panel-body stack">
				<p className="filters">
					{(["pdf", "csv", "json"] as const).map((format) => (
						<a key={format} href={reviewReportUrl(review.id, format)} download data-testid={`report-${format}`}>
							{t("review.report", { format: format.toUpperCase() })}
						</a>
					))}
				</p>
				{review.report === null ? (
					<p className="dim">
						{t("review.reportDraft")} {t("review.evidence")}: {t("review.evidenceNone")}
					</p>
				) : (
					<>
						<div>
							<div className="dim">{t("review.reportHash")}</div>
							<div className="secret" data-testid="report-hash">
								{review.report.hash}
							</div>
						</div>
						<p>
							<a href={reviewEvidenceUrl(review.id)} download={file} data-testid="evidence">
								{t("review.evidenceFile")}
							</a>
							,{" "}
							<Link to="/ledger/$index" params={{ index: String(review.report.ledgerIndex) }}>
								{t("review.snapshotProof", { index: review.report.ledgerIndex })}
							</Link>
						</p>
						<p>{t("review.verify")}</p>
						<pre className="pre">npm run watchroom -- verify {file}</pre>
						<p className="dim">{t("review.verifyHint")}</p>
					</>
				)}
			</div>
		</section>
	);
}
