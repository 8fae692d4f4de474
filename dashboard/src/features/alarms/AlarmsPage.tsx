import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Alarm } from "../../../../contracts/api.ts";
import { PRIORITIES } from "../../../../contracts/kinds.ts";
import { alarmHistoryQuery } from "../../api/queries.ts";
import { isUnacknowledged } from "../../live/alarm-book.ts";
import { useLive, useLiveState } from "../../live/live-context.ts";
import { Empty, Failed, Loaded, Loading } from "../../ui/Loaded.tsx";
import { useHeldList } from "../../ui/use-held-list.ts";
import { usePageKey } from "../../ui/use-page-key.ts";
import { useMay } from "../session/session-context.ts";
import { AlarmDetails } from "./AlarmDetails.tsx";
import { AlarmTable, type Folds } from "./AlarmTable.tsx";
import { FreshPill, NoOpenAlarms } from "./OpenAlarms.tsx";
import { type AlarmActs, useAlarmActs } from "./use-alarm-acts.tsx";
import { visibleRows } from "./visible-rows.ts";
import "./alarms.css";

const route = getRouteApi("/alarms");

/** All alarms: what is open now, and what has been. */
export function AlarmsPage() {
	const { t } = useTranslation();
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const acts = useAlarmActs();
	const aside = useLiveState((state) => state.alarms.aside);
	const open = useCallback((alarm: Alarm) => void navigate({ search: (before) => ({ ...before, alarm: alarm.id }) }), [navigate]);
	const known = useLiveState((state) => (search.alarm === undefined ? undefined : state.alarms.byId.get(search.alarm)));
	const history = useInfiniteQuery({
		...alarmHistoryQuery,
		enabled: search.tab === "history" || (search.alarm !== undefined && known === undefined),
	});
	const selected = known ?? history.data?.pages.flatMap((page) => page.items).find((alarm) => alarm.id === search.alarm);
	const wanted = useCallback((alarm: Alarm) => search.priority === undefined || alarm.priority === search.priority, [search.priority]);
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("alarm.title")}</h1>
				<fieldset className="choice">
					<legend className="visually-hidden">{t("alarm.title")}</legend>
					{(["open", "aside", "history"] as const).map((tab) => (
						<label key={tab}>
							<input
								type="radio"
								name="tab"
								checked={(search.tab ?? "open") === tab}
								onChange={() => void navigate({ search: (before) => ({ ...before, tab: tab === "open" ? undefined : tab }) })}
							/>
							<span>
								{t(`alarm.${tab}Tab`)}
								{tab === "aside" && ` ${aside.length}`}
							</span>
						</label>
					))}
				</fieldset>
				<fieldset className="choice">
					<legend className="visually-hidden">{t("alarm.filter")}</legend>
					{([undefined, ...PRIORITIES] as const).map((priority) => (
						<label key={priority ?? "any"}>
							<input
								type="radio"
								name="priority"
								checked={search.priority === priority}
								onChange={() => void navigate({ search: (before) => ({ ...before, priority }) })}
							/>
							<span>{priority ? t(`priority.${priority}`) : t("alarm.any")}</span>
						</label>
					))}
				</fieldset>
			</div>
			<div className={`alarms-layout ${selected ? "has-details" : ""}`}>
				{search.tab === "history" ? (
					<section className="panel table-scroll" aria-label={t("alarm.historyTab")}>
						<Loaded query={history}>
							{({ pages }) => {
								const alarms = pages.flatMap((page) => page.items).filter(wanted);
								return alarms.length === 0 ? (
									<Empty title={search.priority ? t("alarm.noneFiltered") : t("alarm.noHistory")} />
								) : (
									<AlarmTable alarms={alarms} caption={t("alarm.historyTab")} selected={search.alarm} onOpen={open} onAct={acts.act} />
								);
							}}
						</Loaded>
						{history.hasNextPage && (
							<p className="panel-more">
								<Button size="xs" variant="default" loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
									{t("alarm.loadMore")}
								</Button>
							</p>
						)}
					</section>
				) : search.tab === "aside" ? (
					<section className="panel table-scroll" aria-label={t("alarm.asideTab")}>
						{aside.filter(wanted).length === 0 ? (
							<Empty title={t("alarm.noneAside")} hint={t("alarm.noneAsideHint")} />
						) : (
							<AlarmTable alarms={aside.filter(wanted)} caption={t("alarm.asideTab")} selected={search.alarm} onOpen={open} onAct={acts.act} />
						)}
					</section>
				) : (
					<OpenList wanted={wanted} filtered={search.priority !== undefined} selected={search.alarm} onOpen={open} acts={acts} />
				)}
				{selected && (
					<AlarmDetails alarm={selected} onAct={acts.act} onClose={() => void navigate({ search: (before) => ({ ...before, alarm: undefined }) })} />
				)}
			</div>
			{acts.dialog}
		</div>
	);
}

function OpenList(props: {
	wanted: (alarm: Alarm) => boolean;
	filtered: boolean;
	selected: string | undefined;
	onOpen: (alarm: Alarm) => void;
	acts: AlarmActs;
}) {
	const { t } = useTranslation();
	const { link } = useLive();
	const book = useLiveState((state) => state.alarms);
	const error = useLiveState((state) => state.alarmsError);
	const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
	const list = useRef<HTMLElement>(null);
	const { wanted, acts } = props;
	const symptomIds = useCallback((cause: string) => (book.symptoms.get(cause) ?? []).map(({ id }) => id), [book]);
	const current = useMemo(
		() => book.front.filter(wanted).flatMap((alarm) => [alarm, ...(unfolded.has(alarm.id) ? (book.symptoms.get(alarm.id) ?? []) : [])]),
		[book, wanted, unfolded],
	);
	const lookUp = useCallback((id: string) => book.byId.get(id), [book]);
	const held = useHeldList(current, lookUp, acts.dialog !== null);
	const { edit } = held;
	const onFold = (cause: string, unfold: boolean) => {
		setUnfolded((before) => new Set(unfold ? [...before, cause] : [...before].filter((id) => id !== cause)));
		const under = new Set(symptomIds(cause));
		edit((shown) => shown.filter((id) => !under.has(id)).flatMap((id) => (id === cause && unfold ? [id, ...under] : [id])));
	};
	const folds: Folds = { symptoms: book.symptoms, unfolded, onFold };
	const acknowledgeVisible = () => {
		const visible = visibleRows(list.current);
		acts.acknowledgeAll(held.items.filter((alarm) => visible.has(alarm.id) && isUnacknowledged(alarm)));
	};
	const acknowledges = useMay("alarms.acknowledge");
	usePageKey((event) => {
		if (event.key !== "A" || !acknowledges) return;
		event.preventDefault();
		acknowledgeVisible();
	});
	const some = held.items.some(isUnacknowledged);
	return (
		<section ref={list} className="panel table-scroll" aria-label={t("alarm.open")} {...held.handlers}>
			<div className={held.fresh > 0 || (acknowledges && some) ? "panel-head" : ""}>
				{acknowledges && some && (
					<Button size="compact-xs" variant="default" data-testid="acknowledge-visible" onClick={acknowledgeVisible}>
						<kbd>A</kbd> {t("alarm.acknowledgeVisible")}
					</Button>
				)}
				<FreshPill fresh={held.fresh} show={held.show} />
			</div>
			{error !== null && error !== undefined && !book.loaded ? (
				<Failed error={error} retry={() => void link?.refetch()} />
			) : !book.loaded ? (
				<Loading rows={8} />
			) : held.items.length === 0 ? (
				props.filtered ? (
					<Empty title={t("alarm.noneFiltered")} />
				) : (
					<NoOpenAlarms />
				)
			) : (
				<AlarmTable alarms={held.items} caption={t("alarm.open")} folds={folds} selected={props.selected} onOpen={props.onOpen} onAct={acts.act} />
			)}
		</section>
	);
}
