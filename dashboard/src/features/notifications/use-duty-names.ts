import { useQuery } from "@tanstack/react-query";
import { notificationStateQuery } from "../../api/notifications.ts";

/** People by their names where they are on duty; otherwise by their user names. */
export function useDutyNames(): (person: string) => string {
	const { data } = useQuery(notificationStateQuery);
	return (person) => data?.onDuty.find((duty) => duty.person === person)?.name ?? person;
}
