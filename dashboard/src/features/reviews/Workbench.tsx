import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReviewDecision, ReviewItem, ReviewView } from "../../../../contracts/reviews.ts";
import { attestItems, reviewItemsQuery } from "../../api/reviews.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useMay, useSession } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { DraftNotice } from "./DraftNotice.tsx";
import type { DraftBox, DraftContent, DraftState } from "./draft-box.ts";
import { Filters } from "./Filters.tsx";
import { ItemList } from "./ItemList.tsx";
import { ItemPanel } from "./ItemPanel.tsx";
import { KeyLegend } from "./KeyLegend.tsx";
import { Reassign } from "./Reassign.tsx";
import { SubmitDialog } from "./SubmitDialog.tsx";
import { useWorkbenchKeys } from "./use-workbench-keys.ts";
import {
	draftCounts,
	isAttestable,
	needsReason,
	type ShownItem,
	VIEW_CHOICES,
	type ViewSettings,
	viewOf,
	type WorkbenchKey,
	withDrafts,
} from "./workbench-view.ts";

const route = getRouteApi("/reviews/$review");
/** So many reasons are offered again. */
const RECENT = 3;
/** No filter. */
const EVERYTHING = { whose: "all", zone: undefined, risk: undefined, hint: undefined, decision: undefined, search: undefined } as const;

interface WorkbenchProps {
	review: ReviewView;
	box: DraftBox;
	state: DraftState;
}

/** A review's items, to be decided on one after the other. */
export function Workbench(props: WorkbenchProps) {
	const { t } = useTranslation();
	const items = useQuery(reviewItemsQuery(props.review.id));
	return (
		<Loaded query={items} rows={14}>
			{(list) =>
				list.length === 0 ? (
					<section className="panel">
						<Empty title={t("review.noItems")} hint={t("review.noItemsHint")} />
					</section>
				) : (
					<Bench {...props} items={list} onRefresh={() => void items.refetch()} refreshing={items.isFetching} />
				)
			}
		</Loaded>
	);
}

/** The address tells what is shown, so that it can be kept and sent to a colleague. */
function useViewSettings(review: ReviewView): [ViewSettings, (change: Partial<ViewSettings>) => void] {
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const one = <T extends string>(choices: readonly T[], value: string | undefined, otherwise: T) =>
		choices.find((choice) => choice === value) ?? otherwise;
	const settings: ViewSettings = {
		whose: one(VIEW_CHOICES.whose, search.whose, review.mine.items > 0 ? "mine" : "all"),
		sort: one(VIEW_CHOICES.sort, search.sort, "number"),
		group: one(VIEW_CHOICES.group, search.group, "none"),
		zone: search.zone,
		risk: search.risk,
		hint: search.hint,
		decision: search.decision,
		search: search.search,
	};
	return [settings, (change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })];
}

function Bench({
	review,
	box,
	state,
	items,
	onRefresh,
	refreshing,
}: WorkbenchProps & { items: ReviewItem[]; onRefresh: () => void; refreshing: boolean }) {
	const { t } = useTranslation();
	const { user } = useSession();
	const [decides, manages] = [useMay("reviews.decide"), useMay("reviews.manage")];
	const textOf = useProblemText();
	const phone = useMediaQuery("(max-width: 700px)", false, { getInitialValueInEffect: false });
	const [settings, setSettings] = useViewSettings(review);
	const [wanted, setCurrent] = useState<string | null>(null);
	const [asking, setAsking] = useState<ReviewDecision | null>(null);
	const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
	const [undo, setUndo] = useState<readonly { item: string; before: DraftContent }[]>([]);
	const [recent, setRecent] = useState<readonly string[]>([]);
	const [said, setSaid] = useState("");
	const [submitting, setSubmitting] = useState(false);
	const scroller = useRef<HTMLDivElement>(null);

	const all = useMemo(() => withDrafts(items, state.drafts, { id: user.id, username: user.username, name: user.name }), [items, state.drafts, user]);
	const byId = useMemo(() => new Map(all.map((shown) => [shown.item.id, shown])), [all]);
	const settingsKey = JSON.stringify(settings);
	// biome-ignore lint/correctness/useExhaustiveDependencies: the settings are made anew for every drawing; their text tells whether they differ
	const rows = useMemo(() => viewOf(all, settings, user.id), [all, settingsKey, user.id]);
	const keys = useMemo(() => rows.flatMap((row) => (row.type === "item" ? [row.key] : [])), [rows]);
	const at = wanted === null ? 0 : Math.max(0, keys.indexOf(wanted));
	const current = byId.get(keys[at] ?? "");
	const counts = useMemo(() => draftCounts(all, user.id), [all, user.id]);
	const low = useMemo(() => rows.flatMap((row) => (row.type === "item" && isAttestable(row.shown) ? [row.key] : [])), [rows]);
	const chosen = all.filter((shown) => selected.has(shown.item.id) && isAttestable(shown));

	const attest = useAct(attestItems, ["review-items", "reviews"], ({ attested }) => {
		setSelected(new Set());
		setSaid(t("review.attested", { count: attested }));
	});
	const backToList = () => scroller.current?.focus({ preventScroll: true });
	const open = useCallback((item: string) => {
		setCurrent(item);
		setAsking(null);
	}, []);
	const toggle = useCallback((item: string) => setSelected((before) => toggled(before, item)), []);
	const move = (to: number) => {
		const next = keys[Math.min(Math.max(to, 0), keys.length - 1)];
		if (next) open(next);
	};
	const tell = ({ item }: ShownItem, decision: ReviewDecision | null) =>
		setSaid(`${t("review.item", { number: item.number })}: ${decision === null ? t("review.undecided") : t(`review.decisions.${decision}`)}`);
	const decide = (shown: ShownItem, content: DraftContent, goOn: boolean) => {
		const { item } = shown;
		const { decision, reason, change } = item;
		setUndo((before) => [...before, { item: item.id, before: { decision, reason, change } }]);
		if (content.reason !== null) {
			const { reason: given } = content;
			setRecent((before) => [given, ...before.filter((one) => one !== given)].slice(0, RECENT));
		}
		setAsking(null);
		// Before it may leave the list, as where only undecided ones are shown.
		setCurrent((goOn ? keys[at + 1] : undefined) ?? item.id);
		box.decide(item.id, content, item.version);
		tell(shown, content.decision);
		backToList();
	};
	const ask = (decision: ReviewDecision) => {
		if (!current) return;
		const { item } = current;
		if (!item.decidable || (decision === "change" && item.grant === null)) return setSaid(t("review.cannot", { why: whyText(item) }));
		if (needsReason(item, decision)) return setAsking(decision);
		decide(current, { decision, reason: null, change: null }, true);
	};
	const whyText = ({ undecidableBecause: why }: ReviewItem) =>
		why === "not-assigned" || why === "own-access" || why === "submitted" || why === "signed-off" ? t(`review.whyNot.${why}`) : (why ?? "");
	const takeBack = () => {
		if (current?.item.decidable && current.item.decision !== null) decide(current, { decision: null, reason: null, change: null }, false);
	};
	const undoLast = () => {
		const last = undo.at(-1);
		const shown = last && byId.get(last.item);
		if (!last || !shown?.item.decidable) return setSaid(t("review.nothingToUndo"));
		setUndo((before) => before.slice(0, -1));
		setCurrent(last.item);
		setAsking(null);
		box.decide(last.item, last.before, shown.item.version);
		setSaid(t("review.undone", { number: shown.item.number }));
	};
	const act: Readonly<Record<WorkbenchKey, () => void>> = {
		next: () => move(at + 1),
		previous: () => move(at - 1),
		first: () => move(0),
		last: () => move(keys.length - 1),
		keep: () => ask("keep"),
		revoke: () => ask("revoke"),
		change: () => ask("change"),
		takeBack,
		undo: undoLast,
		select: () => current && isAttestable(current) && toggle(current.item.id),
		details: () => document.querySelector<HTMLElement>("[data-testid=item-panel] button")?.focus(),
	};
	useWorkbenchKeys(scroller, (key) => act[key]());

	return (
		<>
			<DraftNotice
				state={state}
				onSend={() => box.flush()}
				onShow={(item) => {
					setSettings(EVERYTHING);
					open(item);
				}}
			/>
			<FormError text={textOf(attest.error)} />
			<div className="review-bench">
				<section className="panel review-items" aria-label={t("review.list")}>
					<Filters items={items} settings={settings} folded={phone} onChange={setSettings} />
					<div className="filters review-acts">
						<span className="dim" data-testid="shown">
							{t("review.shown", { shown: keys.length, all: items.length })}
						</span>
						<Button size="xs" variant="default" title={t("review.refreshHint")} loading={refreshing} onClick={onRefresh}>
							{t("review.refresh")}
						</Button>
						{decides && low.length > 0 && (
							<Button size="xs" variant="default" onClick={() => setSelected(new Set(low))}>
								{t("review.selectLow", { count: low.length })}
							</Button>
						)}
						{chosen.length > 0 && (
							<>
								<Button
									size="xs"
									className="primary"
									loading={attest.pending}
									disabled={state.broken}
									title={state.broken ? t("review.attestOffline") : t("review.attestHint")}
									onClick={() => attest.run({ review: review.id, items: chosen.map(({ item }) => ({ item: item.id, version: item.version })) })}
								>
									{t("review.attest", { count: chosen.length })}
								</Button>
								<Button size="xs" variant="default" onClick={() => setSelected(new Set())}>
									{t("review.clear")}
								</Button>
							</>
						)}
						{decides && undo.length > 0 && (
							<Button size="xs" variant="default" onClick={undoLast}>
								<kbd>u</kbd> {t("review.undo")}
							</Button>
						)}
						{decides && review.state === "open" && (
							<Button
								size="xs"
								variant="default"
								className={counts.drafts > 0 ? "primary review-submit" : "review-submit"}
								disabled={counts.drafts === 0}
								onClick={() => setSubmitting(true)}
							>
								{counts.drafts === 0 ? t("review.submitNone") : t("review.submitCount", { count: counts.drafts })}
							</Button>
						)}
					</div>
					<p role="status" className="review-said dim" data-testid="said">
						{said}
					</p>
					{keys.length === 0 ? (
						<Empty title={t("review.noneShown")} hint={t("review.noneShownHint")}>
							<Button size="xs" variant="default" onClick={() => setSettings(EVERYTHING)}>
								{t("review.showAll")}
							</Button>
						</Empty>
					) : (
						<ItemList
							rows={rows}
							current={phone && wanted === null ? null : (current?.item.id ?? null)}
							selected={selected}
							phone={phone}
							scroller={scroller}
							onOpen={open}
							onSelect={toggle}
						/>
					)}
				</section>
				<div className="review-side">
					{current && phone && wanted === null ? null : current ? (
						<ItemPanel
							shown={current}
							asking={asking}
							recent={recent}
							onAsk={ask}
							onDecide={(content) => decide(current, content, current.refused === null)}
							onTakeBack={takeBack}
							onCancel={() => {
								setAsking(null);
								backToList();
							}}
							onLetStand={() => box.discard(current.item.id)}
							onClose={phone ? () => setCurrent(null) : null}
						>
							{manages && review.state === "open" && !current.item.submitted && <Reassign item={current.item} />}
						</ItemPanel>
					) : (
						<section className="panel">
							<Empty title={t("review.selectOne")} />
						</section>
					)}
					{decides && <KeyLegend />}
				</div>
			</div>
			{submitting && (
				<SubmitDialog
					review={review}
					counts={counts}
					unsent={[...state.drafts.values()].filter(({ refused }) => refused === null).length}
					onClose={() => setSubmitting(false)}
					onDone={(text) => {
						setSubmitting(false);
						setUndo([]);
						setSaid(text);
					}}
				/>
			)}
			{attest.dialog}
		</>
	);
}

function toggled(before: ReadonlySet<string>, item: string): ReadonlySet<string> {
	const after = new Set(before);
	if (!after.delete(item)) after.add(item);
	return after;
}
