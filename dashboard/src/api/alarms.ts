/** What people do to alarms. */
import { type Alarm, acknowledgedManySchema, alarmSchema } from "../../../contracts/api.ts";
import { fetchJson } from "./fetch-json.ts";

const API = "/api/v1/alarms";
const segment = encodeURIComponent;

/** Acknowledges alarms as they were seen, each for itself; the answer says of each whether it was. */
export function acknowledgeAlarms(alarms: readonly Alarm[], comment: string) {
	const seen = alarms.map(({ id, occurrences }) => ({ id, occurrence: occurrences }));
	return fetchJson(`${API}/acknowledge`, acknowledgedManySchema, { method: "POST", body: { alarms: seen, ...(comment !== "" && { comment }) } });
}

/** Does what its name says; answers the alarm as it is then. `shelf` counts for shelving. */
export function actOnAlarm(
	id: string,
	act: "reset" | "shelve" | "unshelve" | "out-of-service" | "in-service",
	reason: string,
	shelf: { minutes: number; oneShot: boolean },
) {
	const why = reason !== "" && { reason };
	const [path, body] =
		act === "shelve"
			? ["shelve", { ...shelf, reason }]
			: act === "out-of-service" || act === "in-service"
				? ["out-of-service", { outOfService: act === "out-of-service", reason }]
				: [act, { ...why }];
	return fetchJson(`${API}/${segment(id)}/${path}`, alarmSchema, { method: "POST", body });
}
