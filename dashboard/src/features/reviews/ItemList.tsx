// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by their height, which a table can't do; the roles say what they are
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus stays on the grid, which names its active row (aria-activedescendant)
import { memo, type RefObject, useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../ui/site-context.ts";
import { useRoleText } from "./use-role-text.ts";
import { useWindow } from "./use-window.ts";
import { isAttestable, type Row, type ShownItem, whoOf } from "./workbench-view.ts";

/** Heights of the list's rows, px; `reviews.css` has the same. On a phone a row has two lines. */
const HEIGHTS = { wide: { item: 44, group: 30, head: 28 }, phone: { item: 72, group: 30, head: 0 } };
const COLUMNS = ["number", "holder", "zone", "used", "hint", "decision"] as const;

export interface ItemListProps {
	rows: readonly Row[];
	current: string | null;
	selected: ReadonlySet<string>;
	phone: boolean;
	scroller: RefObject<HTMLDivElement | null>;
	onOpen: (item: string) => void;
	onSelect: (item: string) => void;
}

/** The items, of which only those in sight are drawn: 2,000 scroll like 20. */
export function ItemList({ rows, current, selected, phone, scroller, onOpen, onSelect }: ItemListProps) {
	const { t } = useTranslation();
	const size = phone ? HEIGHTS.phone : HEIGHTS.wide;
	const heights = useMemo(() => rows.map(({ type }) => size[type]), [rows, size]);
	const { tops, from, to } = useWindow(scroller, heights, size.head);
	const at = rows.findIndex(({ key }) => key === current);
	// What is decided on stays in sight.
	useEffect(() => {
		const element = scroller.current;
		const top = tops[at];
		if (!element || top === undefined || at < 0) return;
		const bottom = top + size.item + size.head;
		// The heading of the group comes along.
		if (top - size.group < element.scrollTop) element.scrollTop = top - size.group;
		else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
	}, [scroller, tops, at, size]);
	const end = tops.at(-1) ?? 0;
	return (
		<div
			ref={scroller}
			className="review-list"
			role="grid"
			tabIndex={0}
			aria-label={t("review.list")}
			aria-rowcount={rows.length + 1}
			aria-activedescendant={at >= from && at < to ? `row-${current}` : undefined}
			data-testid="review-list"
		>
			<div className="review-row review-head" role="row" aria-rowindex={1}>
				<span role="columnheader" />
				{COLUMNS.map((name) => (
					<span key={name} role="columnheader">
						{t(`review.${name}`)}
					</span>
				))}
			</div>
			<div className="review-rows" role="rowgroup" style={{ height: end }}>
				{rows.slice(from, to).map((row, place) => {
					const index = from + place;
					const top = tops[index] ?? 0;
					if (row.type === "group") return <GroupRow key={row.key} row={row} top={top} index={index} />;
					return (
						<ItemRow
							key={row.key}
							shown={row.shown}
							top={top}
							index={index}
							current={index === at}
							selected={selected.has(row.key)}
							onOpen={onOpen}
							onSelect={onSelect}
						/>
					);
				})}
			</div>
		</div>
	);
}

function GroupRow({ row, top, index }: { row: Extract<Row, { type: "group" }>; top: number; index: number }) {
	const { t, i18n } = useTranslation();
	const hint = `review.hints.${row.label}`;
	const label = row.label === null ? t("review.noHint") : i18n.exists(hint) ? t(hint as "review.hints.denials") : row.label;
	return (
		<div className="review-group" role="row" aria-rowindex={index + 2} style={{ top }}>
			<span role="gridcell">
				<strong>{label}</strong> <span className="dim">{t("review.groupCount", { count: row.count, decided: row.decided })}</span>
			</span>
		</div>
	);
}

interface ItemRowProps {
	shown: ShownItem;
	top: number;
	index: number;
	current: boolean;
	selected: boolean;
	onOpen: (item: string) => void;
	onSelect: (item: string) => void;
}

const ItemRow = memo(function ItemRow({ shown, top, index, current, selected, onOpen, onSelect }: ItemRowProps) {
	const { t } = useTranslation();
	const { item } = shown;
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the list's keys choose items
		<div
			id={`row-${item.id}`}
			className={`review-row review-item ${current ? "is-current" : ""} ${item.decidable ? "" : "is-others"}`}
			role="row"
			aria-rowindex={index + 2}
			aria-selected={current}
			tabIndex={-1}
			style={{ top }}
			data-testid="item-row"
			data-item={item.id}
			data-number={item.number}
			data-risk={item.risk}
			data-decision={item.decision ?? "none"}
			data-saved={shown.refused ? "refused" : shown.unsent ? "unsent" : "saved"}
			data-submitted={item.submitted}
			onClick={() => onOpen(item.id)}
		>
			<span role="gridcell" className="review-check">
				{isAttestable(shown) && (
					<input
						type="checkbox"
						tabIndex={-1}
						aria-label={t("review.selectItem", { number: item.number })}
						checked={selected}
						onClick={(event) => event.stopPropagation()}
						onChange={() => onSelect(item.id)}
					/>
				)}
			</span>
			<span role="gridcell" className="dim review-number">
				{item.number}
			</span>
			<span role="gridcell" className="review-who">
				<span className="review-line">{item.holder || item.account ? whoOf(item) : t("review.post", { post: whoOf(item) })}</span>
				<span className="review-line dim">{item.holder?.company ?? item.holder?.post ?? item.account?.username ?? t("review.everybodyOf")}</span>
			</span>
			<span role="gridcell" className="review-where">
				<Where item={item} />
			</span>
			<span role="gridcell" className="review-used">
				<Used item={item} />
			</span>
			<span role="gridcell" className="review-hints">
				<span className={`review-risk is-${item.risk}`}>{t(`review.risks.${item.risk}`)}</span>
				<span className="review-line dim">{item.hints.map((hint) => t(`review.hints.${hint}`)).join(", ")}</span>
			</span>
			<span role="gridcell" className="review-decision">
				<Decision shown={shown} />
			</span>
		</div>
	);
});

function Where({ item }: { item: ShownItem["item"] }) {
	const { t } = useTranslation();
	const roleText = useRoleText();
	if (item.role) return <span className="review-line">{roleText(item.role.role)}</span>;
	return item.grant ? <span className="review-line">{item.grant.zoneName}</span> : <span className="review-line dim">{t("review.noGrant")}</span>;
}

function Used({ item }: { item: ShownItem["item"] }) {
	const { t } = useTranslation();
	const format = useFormat();
	const { usage } = item;
	if (!usage) return <span className="dim">–</span>;
	return (
		<>
			<span className="review-line">{usage.lastUsedAt ? format.dateTime(Date.parse(usage.lastUsedAt)) : t("review.notUsed")}</span>
			<span className="review-line dim">{usage.granted > 0 && t("review.usedTimes", { count: usage.granted })}</span>
		</>
	);
}

/** A decision in words, and how far it has come. */
export function Decision({ shown: { item, unsent, refused } }: { shown: ShownItem }) {
	const { t } = useTranslation();
	return (
		<>
			<span className={`review-line review-decided is-${item.decision ?? "none"}`}>
				{item.decision === null ? <span className="dim">–</span> : t(`review.decisions.${item.decision}`)}
				{item.block && <span className="dim"> {t("review.asBlock")}</span>}
			</span>
			<span className="review-line">
				{refused ? (
					<span className="is-abnormal">{t("review.refusedMark")}</span>
				) : unsent ? (
					<span className="review-unsent">{t("review.unsentMark")}</span>
				) : (
					item.decision !== null && <span className="dim">{t(item.submitted ? "review.submittedMark" : "review.draftMark")}</span>
				)}
			</span>
		</>
	);
}
