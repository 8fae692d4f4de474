import { Button } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Alarm } from "../../../../contracts/api.ts";
import { useWorld } from "../../api/world-index.ts";
import { alarmWords, useServerWords } from "../../i18n/server-words.ts";
import { isOwn, isUnacknowledged } from "../../live/alarm-book.ts";
import { AgeText } from "../../ui/AgeText.tsx";
import { moveBetweenRows } from "../../ui/list-keys.ts";
import { unitText, useValueText } from "../../ui/PointValue.tsx";
import { PriorityMark } from "../../ui/PriorityMark.tsx";
import { usePreference } from "../../ui/preferences.ts";
import { useSite } from "../../ui/site-context.ts";
import { useMay } from "../session/session-context.ts";

/** Alarms as rows; arrows or j/k move, Enter opens, `a` acknowledges. `compact` leaves out what a side column has no room for. */
export function AlarmTable(props: {
	alarms: readonly Alarm[];
	caption: string;
	compact?: boolean;
	selected?: string | undefined;
	onOpen: (alarm: Alarm) => void;
	onAcknowledge: (alarm: Alarm) => void;
}) {
	const { t } = useTranslation();
	const singleKeys = usePreference((preferences) => preferences.shortcuts);
	const mayAcknowledge = useMay("alarms.acknowledge");
	const [focused, setFocused] = useState<string | null>(null);
	const { alarms, compact = false } = props;
	const entry = alarms.some((alarm) => alarm.id === focused) ? focused : alarms[0]?.id;
	const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
		if (moveBetweenRows(event, singleKeys) || event.ctrlKey || event.metaKey || event.altKey) return;
		const alarm = alarms.find((one) => one.id === focused);
		if (!alarm) return;
		const onRow = event.target instanceof HTMLElement && event.target.matches("[data-row]");
		if (event.key === "Enter" && onRow) props.onOpen(alarm);
		else if (event.key === "a" && singleKeys && mayAcknowledge && isUnacknowledged(alarm)) props.onAcknowledge(alarm);
		else return;
		event.preventDefault();
	};
	return (
		<table className={`plain-table alarm-table ${compact ? "is-compact" : ""}`} onKeyDown={onKeyDown}>
			<caption className="visually-hidden">{props.caption}</caption>
			<thead className={compact ? "visually-hidden" : ""}>
				<tr>
					<th scope="col">{t("alarm.priority")}</th>
					<th scope="col">{t("alarm.message")}</th>
					{!compact && <th scope="col">{t("alarm.place")}</th>}
					{!compact && <th scope="col">{t("alarm.state")}</th>}
					<th scope="col">{t("alarm.raised")}</th>
					{!compact && <th scope="col">{t("alarm.occurrences")}</th>}
					<th scope="col">{t("alarm.acknowledge")}</th>
				</tr>
			</thead>
			<tbody>
				{alarms.map((alarm) => (
					<AlarmRow
						key={alarm.id}
						alarm={alarm}
						compact={compact}
						mayAcknowledge={mayAcknowledge}
						tabIndex={alarm.id === entry ? 0 : -1}
						selected={alarm.id === props.selected}
						onFocus={() => setFocused(alarm.id)}
						onOpen={() => props.onOpen(alarm)}
						onAcknowledge={() => props.onAcknowledge(alarm)}
					/>
				))}
			</tbody>
		</table>
	);
}

function AlarmRow(props: {
	alarm: Alarm;
	compact: boolean;
	mayAcknowledge: boolean;
	tabIndex: 0 | -1;
	selected: boolean;
	onFocus: () => void;
	onOpen: () => void;
	onAcknowledge: () => void;
}) {
	const { t } = useTranslation();
	const write = useValueText();
	const place = usePlaceName();
	const world = useWorld();
	const { alarm, compact } = props;
	const said = alarmWords(useServerWords(), alarm);
	const [id = "", subject = ""] = alarm.point.split(":");
	/** Four detectors of a room say the same; what to go to is the device. */
	const device = world.devices.get(id)?.name ?? (isOwn(alarm) ? (world.devices.get(subject)?.name ?? subject) : id);
	const unacknowledged = isUnacknowledged(alarm);
	return (
		<tr
			data-row
			data-testid="alarm-row"
			data-alarm={alarm.id}
			data-point={alarm.point}
			data-rule={alarm.rule}
			data-priority={alarm.priority}
			data-state={alarm.state}
			tabIndex={props.tabIndex}
			aria-selected={props.selected || undefined}
			className={`${unacknowledged ? "is-unacknowledged" : ""} ${alarm.active ? "is-active" : "is-returned"}`}
			onFocus={props.onFocus}
			onClick={props.onOpen}
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
						{alarm.value !== null && ` · ${write(alarm.value, alarm.unit)} ${unitText(alarm.unit)}`}
					</span>
				)}
			</td>
			{!compact && <td className="cell-place">{place(alarm)}</td>}
			{!compact && <td className="cell-state">{t(`alarm.states.${alarm.state}`)}</td>}
			<td className="cell-age">
				<AgeText event at={Date.parse(alarm.raisedAt)} short={compact} />
			</td>
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
							props.onAcknowledge();
						}}
					>
						{compact ? t("alarm.acknowledgeShort") : t("alarm.acknowledge")}
					</Button>
				)}
			</td>
		</tr>
	);
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
