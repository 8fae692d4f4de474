/** What the dashboard asks about who was told of alarms. */
import { queryOptions } from "@tanstack/react-query";
import { deliverySchema, notificationStateSchema, testAlarmSchema } from "../../../contracts/notifications.ts";
import { fetchAll, fetchJson } from "./fetch-json.ts";

const API = "/api/v1/notifications";
const segment = encodeURIComponent;

/** Whether people are reached now. */
export const notificationStateQuery = queryOptions({
	queryKey: ["notification-state"],
	queryFn: ({ signal }) => fetchJson(`${API}/state`, notificationStateSchema, { signal }),
	refetchInterval: 10_000,
});
/** The newest deliveries; of one alarm where that is given. */
export const deliveriesQuery = (alarm?: string) =>
	queryOptions({
		queryKey: ["deliveries", alarm ?? null],
		queryFn: ({ signal }) => fetchAll(`${API}?limit=100${alarm === undefined ? "" : `&alarm=${segment(alarm)}`}`, deliverySchema, { signal }, 1),
		refetchInterval: 10_000,
	});
export const testAlarmsQuery = queryOptions({
	queryKey: ["test-alarms"],
	queryFn: ({ signal }) => fetchAll(`${API}/tests?limit=20`, testAlarmSchema, { signal }, 1),
	refetchInterval: 5000,
});

export const beginTestAlarm = () => fetchJson(`${API}/tests`, testAlarmSchema, { method: "POST", body: {} });
