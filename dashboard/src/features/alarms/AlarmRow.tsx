import { Button } from "@mantine/core";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Alarm } from "../../../../contracts/api.ts";
import { useWorld } from "../../api/world-index.ts";
import { alarmWords, useServerWords } from "../../i18n/server-words.ts";
import { isOwn, isUnacknowledged } from "../../live/alarm-book.ts";
import { useReading } from "../../live/live-context.ts";
import { AgeText } from "../../ui/AgeText.tsx";
import { unitText, useValueText } from "../../ui/PointValue.tsx";
import { PriorityMark } from "../../ui/PriorityMark.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";
import type { AlarmAct } from "./alarm-acts.ts";

interface AlarmRowProps {
	alarm: Alarm;
	/** Its place in the whole list; the heading is 1. */
	rowIndex: number;
	compact: boolean;
	/** Where, since when and in which state stand under what it says: a phone has no room for columns. */
	narrow: boolean;
	mayAcknowledge: boolean;
	tabIndex: 0 | -1;
	selected: boolean;
	/** What stands under it. */
	symptoms: readonly Alarm[] | undefined;
	unfolded: boolean;
	/** It stands under another. */
	symptom: boolean;
	onFocus: (id: string) => void;
	onOpen: (alarm: Alarm) => void;
	onAct: (act: AlarmAct, alarm: Alarm) => void;
	onFold: ((cause: string, unfold: boolean) => void) | undefined;
}

/** One alarm of a list. Drawn anew only when it has changed: a flood has hundreds of them. */
export const AlarmRow = memo(function AlarmRow(props: AlarmRowProps) {
	const { t } = useTranslation();
	const format = useFormat();
	const place = usePlaceName();
	const { alarm, compact, narrow, symptom } = props;
	const age = <AgeText event at={Date.parse(alarm.raisedAt)} short={compact} />;
	const said = alarmWords(useServerWords(), alarm);
	const device = useDeviceName()(alarm);
	const unacknowledged = isUnacknowledged(alarm);
	return (
		<tr
			data-row
			aria-rowindex={props.rowIndex}
			data-testid="alarm-row"
			data-alarm={alarm.id}
			data-point={alarm.point}
			data-rule={alarm.rule}
			data-priority={alarm.priority}
			data-state={alarm.state}
			data-symptom={symptom}
			tabIndex={props.tabIndex}
			aria-selected={props.selected || undefined}
			className={`${unacknowledged ? "is-unacknowledged" : ""} ${alarm.active ? "is-active" : "is-returned"} ${symptom ? "is-symptom" : ""}`}
			onFocus={() => props.onFocus(alarm.id)}
			onClick={() => props.onOpen(alarm)}
		>
			<td className="cell-priority">
				<PriorityMark priority={alarm.priority} unacknowledged={unacknowledged} />
			</td>
			<td className="cell-message">
				<span className="alarm-message">{said.message}</span>
				{compact && (
					<span className="alarm-sub dim">
						{place(alarm)} · {device}
						{alarm.state !== "unacknowledged" && ` · ${t(`alarm.states.${alarm.state}`)}`}
					</span>
				)}
				{!compact && (
					<span className="alarm-sub dim">
						{device} · {said.ruleName}
						{alarm.state !== "normal" && <ValueNow alarm={alarm} />}
					</span>
				)}
				{narrow && (
					<span className="alarm-sub dim">
						{place(alarm)} · {age}
						{!unacknowledged && ` · ${t(`alarm.states.${alarm.state}`)}`}
					</span>
				)}
				{alarm.shelf && (
					<span className="alarm-sub dim">
						{t("alarm.shelvedUntil", { until: format.moment(Date.parse(alarm.shelf.until)), name: alarm.shelf.by })}: {alarm.shelf.reason}
					</span>
				)}
				{alarm.removal && (
					<span className="alarm-sub dim">
						{t("alarm.removedBy", { name: alarm.removal.by })}: {alarm.removal.reason}
					</span>
				)}
				{props.symptoms && props.onFold && (
					<button
						type="button"
						className="alarm-fold"
						tabIndex={props.tabIndex}
						aria-expanded={props.unfolded}
						data-testid="alarm-fold"
						data-count={props.symptoms.length}
						onClick={(event) => {
							event.stopPropagation();
							props.onFold?.(alarm.id, !props.unfolded);
						}}
					>
						<span aria-hidden="true">{props.unfolded ? "▾" : "▸"}</span> {t("alarm.explains", { count: props.symptoms.length })}
					</button>
				)}
			</td>
			{!compact && <td className="cell-place">{place(alarm)}</td>}
			{!compact && (
				<td className="cell-state">
					{t(`alarm.states.${alarm.state}`)}
					{alarm.latched && !alarm.active && <span className="tag">{t("alarm.latched")}</span>}
				</td>
			)}
			{!narrow && <td className="cell-age">{age}</td>}
			{!compact && <td className="cell-count">{alarm.occurrences}</td>}
			<td className="cell-action">
				{unacknowledged && props.mayAcknowledge && (
					<Button
						size="compact-xs"
						variant="default"
						tabIndex={props.tabIndex}
						aria-label={`${compact ? t("alarm.acknowledgeShort") : t("alarm.acknowledge")}: ${said.message}`}
						onClick={(event) => {
							event.stopPropagation();
							props.onAct("acknowledge", alarm);
						}}
					>
						{compact ? t("alarm.acknowledgeShort") : t("alarm.acknowledge")}
					</Button>
				)}
			</td>
		</tr>
	);
});

/** What its point says now, beside the message that says what it was; nothing where there is no such point. */
function ValueNow({ alarm }: { alarm: Alarm }) {
	const { t } = useTranslation();
	const write = useValueText();
	const live = useReading(alarm.point);
	if (live.ts === null) return null;
	const value = `${write(live.value, alarm.unit)} ${unitText(alarm.unit)}`.trim();
	return (
		<span className={`value-${live.quality}`}>
			{" · "}
			{t("alarm.now", { value })}
			{live.quality !== "good" && ` (${t(`quality.${live.quality}`)})`}
		</span>
	);
}

/** What to go to: four detectors of a room say the same. Of what several points tell together it is their device, rack or room. */
export function useDeviceName(): (alarm: Alarm) => string {
	const { devices } = useWorld();
	const place = usePlaceName();
	return (alarm) => {
		const [id = "", subject = ""] = alarm.point.split(":");
		const known = devices.get(isOwn(alarm) ? subject : id.replace(/^device\./, ""))?.name;
		return known ?? (isOwn(alarm) ? subject : /^(rack|room)\./.test(id) ? place(alarm) : id);
	};
}

/** Room and rack of an alarm in words; the site's name for one that is of no room. */
export function usePlaceName(): (at: { room: string; rack: string | null }) => string {
	const site = useSite();
	return ({ room, rack }) => {
		if (room === "") return site.name;
		const roomName = site.rooms.find((one) => one.id === room)?.name ?? room;
		const rackName = rack === null ? null : (site.racks.find((one) => one.id === rack)?.name ?? rack);
		return rackName === null ? roomName : `${roomName} / ${rackName}`;
	};
}
