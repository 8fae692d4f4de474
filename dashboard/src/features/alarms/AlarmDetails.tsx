import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Alarm } from "../../../../contracts/api.ts";
import { deliveriesQuery } from "../../api/notifications.ts";
import { alarmTransitionsQuery } from "../../api/queries.ts";
import { useWorld } from "../../api/world-index.ts";
import { alarmWords, useServerWords } from "../../i18n/server-words.ts";
import { isUnacknowledged } from "../../live/alarm-book.ts";
import { doorOfAlarm } from "../../live/door-alarms.ts";
import { useLiveState } from "../../live/live-context.ts";
import { AgeText } from "../../ui/AgeText.tsx";
import { Loaded, Loading } from "../../ui/Loaded.tsx";
import { PointValue, unitText, useValueText } from "../../ui/PointValue.tsx";
import { PriorityMark } from "../../ui/PriorityMark.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";
import { When } from "../../ui/When.tsx";
import { useMay, useMayAny } from "../session/session-context.ts";
import { AlarmDevice } from "./AlarmDevice.tsx";
import { usePlaceName } from "./AlarmRow.tsx";
import { ACT_RULES, type AlarmAct, actsOn } from "./alarm-acts.ts";

const AlarmTrend = lazy(() => import("./AlarmTrend.tsx").then((module) => ({ default: module.AlarmTrend })));

/** Symptoms that are named beside their cause: the list unfolds them all, and what to do must stay in sight. */
const NAMED = 6;

/** One alarm with what to do about it and everything that has happened to it. */
export function AlarmDetails({ alarm, onAct, onClose }: { alarm: Alarm; onAct: (act: AlarmAct, alarm: Alarm) => void; onClose: () => void }) {
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
	const may = useMayAny();
	const book = useLiveState((state) => state.alarms);
	const cause = alarm.causeId === null ? undefined : book.byId.get(alarm.causeId);
	const symptoms = book.symptoms.get(alarm.id) ?? [];
	const words = useServerWords();
	const said = alarmWords(words, alarm);
	const heading = useRef<HTMLHeadingElement>(null);
	const { id } = alarm;
	useEffect(() => {
		if (id) heading.current?.scrollIntoView({ block: "nearest" });
	}, [id]);
	const facts = [
		[t("alarm.cause"), said.cause],
		[t("alarm.consequence"), said.consequence],
	].filter(([, text]) => text !== "");
	// What a combination or the server itself tells of is no point of the site: it has no value, trend or page.
	const point = world.byId.get(alarm.point);
	return (
		<section className="panel alarm-details" aria-label={t("alarm.details")} data-testid="alarm-details">
			<div className="panel-head">
				<PriorityMark priority={alarm.priority} unacknowledged={isUnacknowledged(alarm)} />
				<h2 ref={heading}>{t(`alarm.states.${alarm.state}`)}</h2>
				<button type="button" className="icon-button" aria-label={t("alarm.close")} onClick={onClose}>
					×
				</button>
			</div>
			<div className="panel-body alarm-acts">
				{actsOn(alarm, may).map((act) => (
					<Button key={act} size="xs" variant="default" className={act === "acknowledge" ? "primary" : ""} onClick={() => onAct(act, alarm)}>
						<kbd>{ACT_RULES[act].key}</kbd> {t(`alarm.acts.${act}`)}
					</Button>
				))}
			</div>
			<dl className="panel-body">
				<div>
					<dt>
						{place(alarm)} <AlarmDevice alarm={alarm} />
					</dt>
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
				{alarm.shelf && (
					<div>
						<dt>{t("alarm.shelvedUntil", { until: format.moment(Date.parse(alarm.shelf.until)), name: alarm.shelf.by })}</dt>
						<dd>{alarm.shelf.reason}</dd>
					</div>
				)}
				{alarm.removal && (
					<div>
						<dt>{t("alarm.removedBy", { name: alarm.removal.by })}</dt>
						<dd>{alarm.removal.reason}</dd>
					</div>
				)}
				{cause && (
					<div>
						<dt>{t("alarm.explainedBy")}</dt>
						<dd>
							<PriorityMark priority={cause.priority} unacknowledged={isUnacknowledged(cause)} word={false} />{" "}
							<Link to="/alarms" search={{ alarm: cause.id }}>
								{alarmWords(words, cause).message}
							</Link>{" "}
							<AlarmDevice alarm={cause} />
						</dd>
					</div>
				)}
				{symptoms.length > 0 && (
					<div>
						<dt>{t("alarm.explains", { count: symptoms.length })}</dt>
						<dd className="alarm-named">
							{symptoms.slice(0, NAMED).map((one) => (
								<div key={one.id}>
									<PriorityMark priority={one.priority} unacknowledged={isUnacknowledged(one)} word={false} />{" "}
									<Link to="/alarms" search={{ alarm: one.id }}>
										{alarmWords(words, one).message}
									</Link>{" "}
									<AlarmDevice alarm={one} />
								</div>
							))}
							{symptoms.length > NAMED && <div className="dim">{t("alarm.more", { count: symptoms.length - NAMED })}</div>}
						</dd>
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
			{point && (
				<Suspense fallback={<Loading rows={4} />}>
					<AlarmTrend key={alarm.point} point={point} alarm={alarm} />
				</Suspense>
			)}
			<div className="panel-body">
				{point && (
					<p>
						<Link to="/points/$point" params={{ point: point.id }} data-testid="alarm-point">
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
				<Told alarm={alarm.id} />
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

/** Who was told of it, where somebody was. */
function Told({ alarm }: { alarm: string }) {
	const { t } = useTranslation();
	const { data } = useQuery(deliveriesQuery(alarm));
	if (!data || data.length === 0) return null;
	return (
		<>
			<h3 className="alarm-log-title">{t("notification.ofAlarm")}</h3>
			<ul className="alarm-log" data-testid="alarm-told">
				{data.slice(0, 20).map((delivery) => (
					<li key={delivery.id}>
						<When at={delivery.createdAt} /> {delivery.person ?? "–"}, {t(`notification.channelNames.${delivery.channel}`)}:{" "}
						<span className={delivery.state === "failed" ? "is-abnormal" : ""}>{t(`notification.states.${delivery.state}`)}</span>
					</li>
				))}
			</ul>
		</>
	);
}
