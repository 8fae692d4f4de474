import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Alarm } from "../../../../contracts/api.ts";
import { PRIORITIES } from "../../../../contracts/kinds.ts";
import { alarmHistoryQuery } from "../../api/queries.ts";
import { useLive, useLiveState } from "../../live/live-context.ts";
import { Empty, Failed, Loaded, Loading } from "../../ui/Loaded.tsx";
import { useHeldList } from "../../ui/use-held-list.ts";
import { AlarmDetails } from "./AlarmDetails.tsx";
import { AlarmTable } from "./AlarmTable.tsx";
import { FreshPill, NoOpenAlarms } from "./OpenAlarms.tsx";
import { useAcknowledge } from "./use-acknowledge.tsx";
import "./alarms.css";

const route = getRouteApi("/alarms");

/** All alarms: what is open now, and what has been. */
export function AlarmsPage() {
	const { t } = useTranslation();
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const { acknowledge, dialog } = useAcknowledge();
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
					{(["open", "history"] as const).map((tab) => (
						<label key={tab}>
							<input
								type="radio"
								name="tab"
								checked={(search.tab ?? "open") === tab}
								onChange={() => void navigate({ search: (before) => ({ ...before, tab: tab === "history" ? tab : undefined }) })}
							/>
							<span>{t(`alarm.${tab}Tab`)}</span>
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
									<AlarmTable alarms={alarms} caption={t("alarm.historyTab")} selected={search.alarm} onOpen={open} onAcknowledge={acknowledge} />
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
				) : (
					<OpenList wanted={wanted} filtered={search.priority !== undefined} selected={search.alarm} onOpen={open} onAcknowledge={acknowledge} />
				)}
				{selected && (
					<AlarmDetails
						alarm={selected}
						onAcknowledge={acknowledge}
						onClose={() => void navigate({ search: (before) => ({ ...before, alarm: undefined }) })}
					/>
				)}
			</div>
			{dialog}
		</div>
	);
}

function OpenList(props: {
	wanted: (alarm: Alarm) => boolean;
	filtered: boolean;
	selected: string | undefined;
	onOpen: (alarm: Alarm) => void;
	onAcknowledge: (alarm: Alarm) => void;
}) {
	const { t } = useTranslation();
	const { link } = useLive();
	const book = useLiveState((state) => state.alarms);
	const error = useLiveState((state) => state.alarmsError);
	const { wanted } = props;
	const current = useMemo(() => book.open.filter(wanted), [book, wanted]);
	const lookUp = useCallback(
		(id: string) => {
			const alarm = book.byId.get(id);
			return alarm && wanted(alarm) ? alarm : undefined;
		},
		[book, wanted],
	);
	const held = useHeldList(current, lookUp);
	return (
		<section className="panel table-scroll" aria-label={t("alarm.open")} {...held.handlers}>
			<div className={held.fresh > 0 ? "panel-head" : ""}>
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
				<AlarmTable
					alarms={held.items}
					caption={t("alarm.open")}
					selected={props.selected}
					onOpen={props.onOpen}
					onAcknowledge={props.onAcknowledge}
				/>
			)}
		</section>
	);
}
