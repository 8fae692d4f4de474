import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { NotificationState } from "../../../../contracts/notifications.ts";
import { beginTestAlarm, deliveriesQuery, notificationStateQuery, testAlarmsQuery } from "../../api/notifications.ts";
import { deliveryText, useServerWords } from "../../i18n/server-words.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { DeliveryTable } from "./DeliveryTable.tsx";
import { useDutyNames } from "./use-duty-names.ts";

/** Whether people are reached, whom alarms have called, and the proofs that it works (ALM-7, ALM-10). */
export function NotificationsPage() {
	const { t } = useTranslation();
	return (
		<div className="page">
			<h1>{t("notification.title")}</h1>
			<div className="two-columns">
				<Loaded query={useQuery(notificationStateQuery)} rows={5}>
					{(state) => <Channels state={state} />}
				</Loaded>
				<Tests />
			</div>
			<section className="panel table-scroll" aria-labelledby="deliveries">
				<div className="panel-head">
					<h2 id="deliveries">{t("notification.deliveries")}</h2>
				</div>
				<Loaded query={useQuery(deliveriesQuery())} rows={8}>
					{(deliveries) => (deliveries.length === 0 ? <Empty title={t("notification.none")} /> : <DeliveryTable deliveries={deliveries} />)}
				</Loaded>
			</section>
		</div>
	);
}

function Channels({ state }: { state: NotificationState }) {
	const { t } = useTranslation();
	const words = useServerWords();
	return (
		<section className="panel table-scroll" aria-labelledby="channels">
			<div className="panel-head">
				<h2 id="channels">{t("notification.channels")}</h2>
			</div>
			{state.silent.includes("no-channel") && (
				<p className="panel-body is-abnormal" data-testid="only-dashboards">
					<span aria-hidden="true">▲</span> {t("notification.onlyDashboards")}
				</p>
			)}
			<table className="plain-table">
				<thead>
					<tr>
						<th scope="col">{t("notification.channel")}</th>
						<th scope="col">{t("notification.state")}</th>
						<th scope="col">{t("notification.lastDelivered")}</th>
						<th scope="col" className="number">
							{t("notification.waiting")}
						</th>
					</tr>
				</thead>
				<tbody>
					{state.channels.map(({ channel, configured, status, reason, lastDeliveredAt, waiting }) => (
						<tr key={channel} data-testid="channel" data-channel={channel} data-status={configured ? status : "unset"}>
							<th scope="row">{t(`notification.channelNames.${channel}`)}</th>
							<td className={status === "failing" ? "is-abnormal" : configured ? "" : "dim"}>
								{configured ? t(`notification.statuses.${status}`) : t("notification.notSet")}{" "}
								{reason !== null && <span className="dim">{deliveryText(words, reason)}</span>}
							</td>
							<td>
								<When at={lastDeliveredAt} />
							</td>
							<td className="number">{waiting}</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

function Tests() {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const mayBegin = useMay("roster.manage");
	const nameOf = useDutyNames();
	const begin = useAct(beginTestAlarm, ["test-alarms", "deliveries"]);
	return (
		<section className="panel" aria-labelledby="tests">
			<div className="panel-head">
				<h2 id="tests">{t("notification.tests")}</h2>
				{mayBegin && (
					<Button size="compact-xs" variant="default" loading={begin.pending} onClick={() => begin.run()}>
						{t("notification.beginTest")}
					</Button>
				)}
			</div>
			<FormError text={textOf(begin.error)} />
			<Loaded query={useQuery(testAlarmsQuery)} rows={3}>
				{(tests) =>
					tests.length === 0 ? (
						<Empty title={t("notification.noTest")} hint={t("notification.noTestHint")} />
					) : (
						<ol className="panel-body stack">
							{tests.map((test) => (
								<li key={test.id} data-testid="test-alarm" data-state={test.state}>
									<When at={test.at} />{" "}
									<strong className={test.state === "missed" ? "is-abnormal" : ""}>{t(`notification.testStates.${test.state}`)}</strong>
									<ul>
										{test.proofs.map(({ person, confirmedAt }) => (
											<li key={person}>
												{nameOf(person)}:{" "}
												{confirmedAt === null ? <span className="dim">{t("notification.notConfirmed")}</span> : <When at={confirmedAt} />}
											</li>
										))}
									</ul>
								</li>
							))}
						</ol>
					)
				}
			</Loaded>
			{begin.dialog}
		</section>
	);
}
