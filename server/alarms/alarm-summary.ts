import type { AlarmSummary } from "../../contracts/api.ts";
import type { AlarmRecord } from "./alarm.ts";
import { isAside } from "./alarm-life-cycle.ts";

/** Counts alarms. `open`: those in every state but normal. What is put aside is counted there and not in the list. */
export function summaryOf(open: Iterable<AlarmRecord>): AlarmSummary {
	const none = () => ({ unacknowledged: 0, acknowledged: 0, symptoms: 0 });
	const priorities = { critical: none(), high: none(), medium: none(), low: none() };
	const counts = { active: 0, unacknowledged: 0, latched: 0, symptoms: 0, shelved: 0, suppressed: 0, outOfService: 0 };
	for (const alarm of open) {
		const symptom = alarm.causeId !== null;
		counts.active += Number(alarm.active);
		counts.unacknowledged += Number(!alarm.acknowledged);
		counts.latched += Number(alarm.latched);
		counts.shelved += Number(alarm.shelved);
		counts.suppressed += Number(alarm.suppressed);
		counts.outOfService += Number(alarm.outOfService);
		counts.symptoms += Number(symptom);
		if (!isAside(alarm)) priorities[alarm.priority][symptom ? "symptoms" : alarm.acknowledged ? "acknowledged" : "unacknowledged"]++;
	}
	return { priorities, ...counts };
}
