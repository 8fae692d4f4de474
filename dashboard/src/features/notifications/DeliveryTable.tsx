import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { DeliveryView } from "../../../../contracts/notifications.ts";
import { deliveryText, useServerWords } from "../../i18n/server-words.ts";
import { PriorityMark } from "../../ui/PriorityMark.tsx";
import { When } from "../../ui/When.tsx";
import { useDutyNames } from "./use-duty-names.ts";

/** Who was told of what by which channel, and what became of it. */
export function DeliveryTable({ deliveries }: { deliveries: readonly DeliveryView[] }) {
	const { t } = useTranslation();
	const words = useServerWords();
	const nameOf = useDutyNames();
	return (
		<table className="plain-table">
			<thead>
				<tr>
					<th scope="col">{t("notification.at")}</th>
					<th scope="col">{t("notification.subject")}</th>
					<th scope="col">{t("notification.to")}</th>
					<th scope="col">{t("notification.channel")}</th>
					<th scope="col">{t("notification.state")}</th>
				</tr>
			</thead>
			<tbody>
				{deliveries.map((delivery) => (
					<tr key={delivery.id} data-testid="delivery" data-channel={delivery.channel} data-state={delivery.state} data-kind={delivery.kind}>
						<td>
							<When at={delivery.createdAt} />
						</td>
						<th scope="row">
							<PriorityMark priority={delivery.priority} unacknowledged={false} word={false} />{" "}
							<Link to="/alarms" search={{ tab: "history", alarm: delivery.alarms[0] }}>
								{delivery.subject}
							</Link>{" "}
							{delivery.kind !== "raised" && <span className="tag">{t(`notification.kinds.${delivery.kind}`)}</span>}
						</th>
						<td>
							{delivery.person === null ? "–" : nameOf(delivery.person)}{" "}
							{delivery.address !== null && <span className="dim">{delivery.address}</span>}
						</td>
						<td>{t(`notification.channelNames.${delivery.channel}`)}</td>
						<td className={delivery.state === "failed" ? "is-abnormal" : ""}>
							{t(`notification.states.${delivery.state}`)}{" "}
							{delivery.reason !== null && delivery.state !== "delivered" && <span className="dim">{deliveryText(words, delivery.reason)}</span>}
						</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}
