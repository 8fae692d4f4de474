import { Link, useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useIsLost, useLive, useLiveState } from "../../live/live-context.ts";
import { Empty, Failed, Loading } from "../../ui/Loaded.tsx";
import { useSite } from "../../ui/site-context.ts";
import { useHeldList } from "../../ui/use-held-list.ts";
import { AlarmTable } from "./AlarmTable.tsx";
import { useAlarmActs } from "./use-alarm-acts.tsx";
import "./alarms.css";

/** How many rows the overview shows at most; the alarms page has them all. */
const SHOWN = 50;

/** The open alarms beside the plan. */
export function OpenAlarms() {
	const { t } = useTranslation();
	const navigate = useNavigate();
	const { link } = useLive();
	const book = useLiveState((state) => state.alarms);
	const error = useLiveState((state) => state.alarmsError);
	const lookUp = useCallback((id: string) => book.byId.get(id), [book]);
	const { act, dialog } = useAlarmActs();
	const held = useHeldList(book.front, lookUp, dialog !== null);
	return (
		<section className="panel alarms-panel" aria-labelledby="open-alarms" {...held.handlers}>
			<div className="panel-head">
				<h2 id="open-alarms">
					{t("alarm.open")} <span className="dim">{book.loaded ? book.front.length : ""}</span>
				</h2>
				<FreshPill fresh={held.fresh} show={held.show} />
				<Link to="/alarms">{t("alarm.all")}</Link>
			</div>
			<div className="panel-scroll">
				{!book.loaded ? (
					error ? (
						<Failed error={error} retry={() => void link?.refetch()} />
					) : (
						<Loading rows={5} />
					)
				) : held.items.length === 0 ? (
					<NoOpenAlarms />
				) : (
					<AlarmTable
						alarms={held.items.slice(0, SHOWN)}
						caption={t("alarm.open")}
						compact
						onOpen={(alarm) => void navigate({ to: "/alarms", search: { alarm: alarm.id } })}
						onAct={act}
					/>
				)}
				{held.items.length > SHOWN && (
					<p className="panel-more">
						<Link to="/alarms">{t("alarm.more", { count: held.items.length - SHOWN })}</Link>
					</p>
				)}
			</div>
			{dialog}
		</section>
	);
}

/** Says that there is no open alarm, but not of the present while nothing is heard. */
export function NoOpenAlarms() {
	const { t } = useTranslation();
	const site = useSite();
	const lost = useIsLost();
	return (
		<Empty title={lost ? t("alarm.noneKnown") : t("alarm.none")} hint={lost ? t("alarm.noneKnownHint") : t("alarm.noneHint", { site: site.name })} />
	);
}

/** "2 new alarms, show": what waits while the list is held still. */
export function FreshPill({ fresh, show }: { fresh: number; show: () => void }) {
	const { t } = useTranslation();
	return (
		<span role="status">
			{fresh > 0 && (
				<button type="button" className="pill" onClick={show}>
					{t("alarm.fresh", { count: fresh })} · {t("alarm.show")}
				</button>
			)}
		</span>
	);
}
