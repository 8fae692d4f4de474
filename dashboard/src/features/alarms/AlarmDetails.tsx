import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Alarm } from "../../../../contracts/api.ts";
import { alarmTransitionsQuery } from "../../api/queries.ts";
import { useWorld } from "../../api/world-index.ts";
import { alarmWords, useServerWords } from "../../i18n/server-words.ts";
import { isOwn, isUnacknowledged } from "../../live/alarm-book.ts";
import { doorOfAlarm } from "../../live/door-alarms.ts";
import { AgeText } from "../../ui/AgeText.tsx";
import { Loaded } from "../../ui/Loaded.tsx";
import { PointValue, unitText, useValueText } from "../../ui/PointValue.tsx";
import { PriorityMark } from "../../ui/PriorityMark.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";
import { useMay } from "../session/session-context.ts";
import { usePlaceName } from "./AlarmTable.tsx";

/** One alarm with what to do about it and everything that has happened to it. */
export function AlarmDetails({ alarm, onAcknowledge, onClose }: { alarm: Alarm; onAcknowledge: (alarm: Alarm) => void; onClose: () => void }) {
	const { t } = useTranslation();
	const format = useFormat();
	const write = useValueText();
	const place = usePlaceName();
	const world = useWorld();
	const site = useSite();
	const transitions = useQuery(alarmTransitionsQuery(alarm.id, alarm.version));
	const seesAccess = useMay("access.read");
	const doorId = doorOfAlarm(alarm, site.doors);
	const door = site.doors.find((one) => one.id === doorId);
	const mayAcknowledge = useMay("alarms.acknowledge");
	const said = alarmWords(useServerWords(), alarm);
	const heading = useRef<HTMLHeadingElement>(null);
	const { id } = alarm;
	useEffect(() => {
		if (id) heading.current?.scrollIntoView({ block: "nearest" });
	}, [id]);
	const facts = [
		[t("alarm.cause"), said.cause],
		[t("alarm.consequence"), said.consequence],
	].filter(([, text]) => text !== "");
	const point = world.byId.get(alarm.point);
	return (
		<section className="panel alarm-details" aria-label={t("alarm.details")} data-testid="alarm-details">
			<div className="panel-head">
				<PriorityMark priority={alarm.priority} unacknowledged={isUnacknowledged(alarm)} />
				<h2 ref={heading}>{t(`alarm.states.${alarm.state}`)}</h2>
				{mayAcknowledge && isUnacknowledged(alarm) && (
					<Button size="xs" className="primary" onClick={() => onAcknowledge(alarm)}>
						{t("alarm.acknowledge")}
					</Button>
				)}
				<button type="button" className="icon-button" aria-label={t("alarm.close")} onClick={onClose}>
					×
				</button>
			</div>
			<dl className="panel-body">
				<div>
					<dt>{place(alarm)}</dt>
					<dd>
						<strong>{said.message}</strong>
					</dd>
				</div>
				{alarm.action !== "" && (
					<div className="alarm-do">
						<dt>
							{t("alarm.action")}
							{alarm.responseTimeMs !== null && ` · ${t("alarm.response")} ${format.age(alarm.responseTimeMs)}`}
						</dt>
						<dd>{said.action}</dd>
					</div>
				)}
				{facts.map(([name, text]) => (
					<div key={name}>
						<dt>{name}</dt>
						<dd>{text}</dd>
					</div>
				))}
				<div>
					<dt>{t("alarm.raised")}</dt>
					<dd>
						{format.dateTime(Date.parse(alarm.raisedAt))} (<AgeText event at={Date.parse(alarm.raisedAt)} />)
						{alarm.value !== null && `, ${write(alarm.value, alarm.unit)} ${unitText(alarm.unit)}`}
					</dd>
				</div>
				{alarm.clearedAt !== null && (
					<div>
						<dt>{t("alarm.cleared")}</dt>
						<dd>{format.dateTime(Date.parse(alarm.clearedAt))}</dd>
					</div>
				)}
				{point && (
					<div>
						<dt>{point.name}</dt>
						<dd>
							<PointValue point={point} />
						</dd>
					</div>
				)}
				<div>
					<dt>{t("alarm.rule")}</dt>
					<dd>{said.ruleName}</dd>
				</div>
			</dl>
			<div className="panel-body">
				{!isOwn(alarm) && (
					<p>
						<Link to="/points/$point" params={{ point: alarm.point }}>
							{t("alarm.openPoint")}
						</Link>
					</p>
				)}
				{door !== undefined && seesAccess && (
					<p>
						<Link to="/access/doors/$door" params={{ door: door.id }} hash="findings" data-testid="alarm-findings">
							{t("findingPage.ofAlarm", { door: door.name })}
						</Link>
					</p>
				)}
				<h3 className="alarm-log-title">{t("alarm.transitions")}</h3>
				<Loaded query={transitions} rows={2}>
					{(list) => (
						<ol className="alarm-log">
							{list.map((one) => (
								<li key={`${one.kind} ${one.occurrence} ${one.at} ${one.recordedAt}`}>
									<span className="dim">{format.dateTime(Date.parse(one.at))}</span> {t(`alarm.kinds.${one.kind}`)}
									{one.value !== null && ` ${write(one.value, alarm.unit)} ${unitText(alarm.unit)}`}
									{one.by !== null && ` ${t("alarm.acknowledgedBy", { name: one.by })}`}
									{one.comment !== null && one.comment !== "" && `: “${one.comment}”`}
									{one.late && <span className="tag">{t("alarm.late")}</span>}
								</li>
							))}
						</ol>
					)}
				</Loaded>
			</div>
		</section>
	);
}
