import { useMediaQuery } from "@mantine/hooks";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Alarm } from "../../../../contracts/api.ts";
import { moveBetweenRows } from "../../ui/list-keys.ts";
import { usePreference } from "../../ui/preferences.ts";
import { TableChunk } from "../../ui/TableChunk.tsx";
import { usePageKey } from "../../ui/use-page-key.ts";
import { useMayAny } from "../session/session-context.ts";
import { AlarmRow } from "./AlarmRow.tsx";
import { type AlarmAct, actOfKey } from "./alarm-acts.ts";

/** So many rows are drawn, or not, together. */
const CHUNK = 40;

/** Symptoms under their causes, and which of these are unfolded. */
export interface Folds {
	symptoms: ReadonlyMap<string, readonly Alarm[]>;
	unfolded: ReadonlySet<string>;
	onFold: (cause: string, unfold: boolean) => void;
}

/**
 * Alarms as rows; arrows or j/k move, Enter opens, right and left unfold and fold, and a key for each act (alarm-acts.ts).
 * `compact` leaves out what a side column has no room for.
 */
export function AlarmTable(props: {
	alarms: readonly Alarm[];
	caption: string;
	compact?: boolean;
	folds?: Folds;
	selected?: string | undefined;
	onOpen: (alarm: Alarm) => void;
	onAct: (act: AlarmAct, alarm: Alarm) => void;
}) {
	const { t } = useTranslation();
	const singleKeys = usePreference((preferences) => preferences.shortcuts);
	const may = useMayAny();
	const phone = useMediaQuery("(max-width: 640px)", false, { getInitialValueInEffect: false });
	const [focused, setFocused] = useState<string | null>(null);
	const { alarms, compact = false, folds, onOpen, onAct } = props;
	const narrow = phone && !compact;
	const entry = alarms.some((alarm) => alarm.id === focused) ? focused : alarms[0]?.id;
	const table = useRef<HTMLTableElement>(null);
	// From anywhere on a page that is about alarms.
	usePageKey((event) => {
		if (compact || (event.key !== "j" && event.key !== "k")) return;
		table.current?.querySelector<HTMLElement>("[data-row][tabindex='0']")?.focus();
		event.preventDefault();
	});
	const under = useMemo(() => new Set([...(folds?.unfolded ?? [])].flatMap((id) => (folds?.symptoms.get(id) ?? []).map((one) => one.id))), [folds]);
	const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
		if (moveBetweenRows(event, singleKeys) || event.ctrlKey || event.metaKey || event.altKey) return;
		const alarm = alarms.find((one) => one.id === focused);
		if (!alarm) return;
		const onRow = event.target instanceof HTMLElement && event.target.matches("[data-row]");
		const act = singleKeys ? actOfKey(event.key, alarm, may) : undefined;
		if (event.key === "Enter" && onRow) onOpen(alarm);
		else if (event.key === "ArrowRight" && folds?.symptoms.has(alarm.id)) folds.onFold(alarm.id, true);
		else if (event.key === "ArrowLeft" && folds?.symptoms.has(alarm.id)) folds.onFold(alarm.id, false);
		else if (act) onAct(act, alarm);
		else return;
		event.preventDefault();
	};
	return (
		<table
			ref={table}
			className={`plain-table alarm-table ${compact ? "is-compact" : ""}`}
			aria-rowcount={alarms.length + 1}
			data-testid="alarm-table"
			data-count={alarms.length}
			onKeyDown={onKeyDown}
		>
			<caption className="visually-hidden">{props.caption}</caption>
			<thead className={compact ? "visually-hidden" : ""}>
				<tr>
					<th scope="col">{t("alarm.priority")}</th>
					<th scope="col">{t("alarm.message")}</th>
					{!compact && <th scope="col">{t("alarm.place")}</th>}
					{!compact && <th scope="col">{t("alarm.state")}</th>}
					{!narrow && <th scope="col">{t("alarm.raised")}</th>}
					{!compact && <th scope="col">{t("alarm.occurrences")}</th>}
					<th scope="col">{t("alarm.acknowledge")}</th>
				</tr>
			</thead>
			{chunksOf(alarms).map((chunk, at) => (
				<TableChunk
					// biome-ignore lint/suspicious/noArrayIndexKey: a chunk is its place
					key={at}
					rows={chunk.length}
					kept={at === 0 || chunk.some(({ id }) => id === focused)}
				>
					{() =>
						chunk.map((alarm, place) => (
							<AlarmRow
								key={alarm.id}
								alarm={alarm}
								rowIndex={at * CHUNK + place + 2}
								compact={compact}
								narrow={narrow}
								mayAcknowledge={may("alarms.acknowledge")}
								tabIndex={alarm.id === entry ? 0 : -1}
								selected={alarm.id === props.selected}
								symptoms={folds?.symptoms.get(alarm.id)}
								unfolded={folds?.unfolded.has(alarm.id) ?? false}
								symptom={under.has(alarm.id)}
								onFocus={setFocused}
								onOpen={onOpen}
								onAct={onAct}
								onFold={folds?.onFold}
							/>
						))
					}
				</TableChunk>
			))}
		</table>
	);
}

function chunksOf(alarms: readonly Alarm[]): (readonly Alarm[])[] {
	return Array.from({ length: Math.ceil(alarms.length / CHUNK) }, (_, at) => alarms.slice(at * CHUNK, (at + 1) * CHUNK));
}
