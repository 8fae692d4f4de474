import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ReviewDecision, ReviewItem } from "../../../../contracts/reviews.ts";
import { HoursText } from "../../ui/HoursText.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { When } from "../../ui/When.tsx";
import { DecisionForm } from "./DecisionForm.tsx";
import type { DraftContent } from "./draft-box.ts";
import { Decision } from "./ItemList.tsx";
import { useRoleText } from "./use-role-text.ts";
import type { ShownItem } from "./workbench-view.ts";

const WHY = ["not-assigned", "own-access", "submitted", "signed-off"] as const;

export interface ItemPanelProps {
	shown: ShownItem;
	/** A decision that waits for its reason. */
	asking: ReviewDecision | null;
	recent: readonly string[];
	onAsk: (decision: ReviewDecision) => void;
	onDecide: (content: DraftContent) => void;
	onTakeBack: () => void;
	onCancel: () => void;
	/** Drops one's own decision that was not taken. */
	onLetStand: () => void;
	/** Where the panel covers something else. */
	onClose: (() => void) | null;
	children?: ReactNode;
}

/** One item with all that speaks for and against it, and what may be decided. */
export function ItemPanel(props: ItemPanelProps) {
	const { t } = useTranslation();
	const { shown, asking } = props;
	const { item } = shown;
	const why = WHY.find((one) => one === item.undecidableBecause);
	return (
		<section className="panel review-panel" aria-label={t("review.item", { number: item.number })} data-testid="item-panel" data-item={item.id}>
			<div className="panel-head">
				<h2>{t("review.item", { number: item.number })}</h2>
				<span className={`review-risk is-${item.risk}`} title={t(`review.riskHints.${item.risk}`)}>
					{t(`review.risks.${item.risk}`)}
				</span>
				{props.onClose && (
					<button type="button" className="icon-button" aria-label={t("alarm.close")} onClick={props.onClose}>
						×
					</button>
				)}
			</div>
			<div className="panel-body stack">
				{shown.refused && <Refused {...props} />}
				{item.hints.length > 0 && (
					<ul className="review-tags">
						{item.hints.map((hint) => (
							<li key={hint} className="tag">
								{t(`review.hints.${hint}`)}
							</li>
						))}
					</ul>
				)}
				<Facts item={item} />
				<div className="review-standing">
					<Decision shown={shown} />
					{item.decidedBy && item.decidedAt && (
						<div className="dim">
							{item.decidedBy.name}, <When at={item.decidedAt} />
						</div>
					)}
					{item.reason && <p className="wrap">{item.reason}</p>}
				</div>
				{!item.decidable ? (
					<p className="note">{t("review.cannot", { why: why ? t(`review.whyNot.${why}`) : (item.undecidableBecause ?? "") })}</p>
				) : asking ? (
					<DecisionForm
						key={`${item.id} ${asking}`}
						item={item}
						decision={asking}
						recent={props.recent}
						onDecide={props.onDecide}
						onCancel={props.onCancel}
					/>
				) : (
					<div className="actions">
						{(["keep", "revoke", "change"] as const).map(
							(decision, place) =>
								(decision !== "change" || item.grant) && (
									<Button key={decision} size="xs" variant="default" aria-pressed={item.decision === decision} onClick={() => props.onAsk(decision)}>
										<kbd>{place + 1}</kbd> {t(`review.${decision}`)}
									</Button>
								),
						)}
						{item.decision !== null && (
							<Button size="xs" variant="default" onClick={props.onTakeBack}>
								<kbd>x</kbd> {t("review.takeBack")}
							</Button>
						)}
					</div>
				)}
				{props.children}
			</div>
		</section>
	);
}

/** What came of a decision that somebody else was quicker with, or that was refused: both are shown, nothing is overwritten. */
function Refused({ shown, onDecide, onLetStand }: ItemPanelProps) {
	const { t } = useTranslation();
	const format = useFormat();
	const { item, refused } = shown;
	if (!refused?.refused) return null;
	const words = (decision: ReviewDecision | null) => (decision === null ? t("review.undecidedNow") : t(`review.decisions.${decision}`));
	const { code, detail } = refused.refused;
	const time = item.decidedAt === null ? "" : format.dateTime(Date.parse(item.decidedAt));
	return (
		<div className="review-refused" role="alert" data-testid="refused" data-code={code}>
			<p>{t("review.refusedText", { mine: words(refused.decision), why: code === "changed-meanwhile" ? t("review.refusedChanged") : detail })}</p>
			<p>
				{item.decidedBy
					? t("review.theirsBy", { decision: words(item.decision), name: item.decidedBy.name, time })
					: t("review.theirs", { decision: words(item.decision) })}
			</p>
			{item.reason && <p className="wrap">{t("review.theirsReason", { reason: item.reason })}</p>}
			<div className="actions">
				<Button size="xs" variant="default" onClick={onLetStand}>
					{t("review.letStand")}
				</Button>
				{item.decidable && (
					<Button
						size="xs"
						variant="default"
						onClick={() => onDecide({ decision: refused.decision, reason: refused.reason, change: refused.change })}
					>
						{t("review.decideAnew", { mine: words(refused.decision) })}
					</Button>
				)}
			</div>
		</div>
	);
}

function Facts({ item }: { item: ReviewItem }) {
	const { t } = useTranslation();
	const roleText = useRoleText();
	const { holder, account, grant, role, usage, credentials } = item;
	const fact = (name: string, value: ReactNode) => (
		<div>
			<dt>{name}</dt>
			<dd className="wrap">{value}</dd>
		</div>
	);
	const counts = usage
		? [
				usage.granted > 0 ? t("review.usedTimes", { count: usage.granted }) : t("review.notUsed"),
				...(usage.denied > 0 ? [t("review.deniedTimes", { count: usage.denied })] : []),
				...(usage.outOfHours > 0 ? [t("review.outOfHoursTimes", { count: usage.outOfHours })] : []),
			]
		: [];
	return (
		<dl className="facts">
			{fact(
				t("review.holder"),
				<>
					{holder?.name ?? account?.name ?? t("review.post", { post: grant?.post ?? "" })}
					<div className="dim">{[holder?.company, holder?.post, account?.username].filter(Boolean).join(", ")}</div>
				</>,
			)}
			{role && fact(t("review.role"), roleText(role.role))}
			{!role && fact(t("review.zone"), grant?.zoneName ?? t("review.noGrant"))}
			{usage && fact(t("review.used"), <When at={usage.lastUsedAt} />)}
			{usage && fact(t("review.usage"), counts.join(", "))}
			{usage && usage.doors.length > 0 && fact(t("review.doors"), usage.doors.map(({ door, granted }) => `${door} (${granted})`).join(", "))}
			{(grant || role) && fact(t("review.since"), <When at={grant?.from ?? role?.grantedAt ?? null} />)}
			{grant && fact(t("review.until"), grant.until ? <When at={grant.until} /> : t("review.noEnd"))}
			{(grant || role) && fact(t("review.lapses"), <When at={grant?.lapsesAt ?? role?.lapsesAt ?? null} />)}
			{grant && fact(t("review.schedule"), <HoursText schedule={grant.schedule} />)}
			{grant && fact(t("review.grantReason"), grant.reason)}
			{grant && fact(t("review.sponsor"), grant.sponsor?.name ?? "–")}
			{credentials.length > 0 &&
				fact(
					t("review.credentials"),
					credentials.map(({ id, type, card, state }) => (
						<div key={id}>
							{t(`review.types.${type}`)} {card} <span className="dim">{t(`register.states.${state}`)}</span>
						</div>
					)),
				)}
			{fact(t("review.assignee"), item.assignee?.name ?? t("review.nobody"))}
		</dl>
	);
}
