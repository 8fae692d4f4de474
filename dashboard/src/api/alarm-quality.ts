import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { alarmQualitySchema, qualityPeriodSchema } from "../../../contracts/alarm-quality.ts";
import { fetchJson } from "./fetch-json.ts";

const API = "/api/v1/alarms/quality";
const DAY = 86_400_000;

/** What is looked at: the last so many days of the site, or of one room. */
export interface QualityWanted {
	days: number;
	room: string | undefined;
}

/** The end is the coming whole minute, so that looking twice asks once. */
function windowOf({ days, room }: QualityWanted): URLSearchParams {
	const to = Math.ceil(Date.now() / 60_000) * 60_000;
	return new URLSearchParams({ from: String(to - days * DAY), to: String(to), ...(room !== undefined && { room }) });
}

export function alarmQualityQuery(wanted: QualityWanted) {
	return queryOptions({
		queryKey: ["alarm-quality", wanted],
		queryFn: ({ signal }) => fetchJson(`${API}?${windowOf(wanted)}`, alarmQualitySchema, { signal }),
		refetchInterval: 60_000,
	});
}

export function qualityPeriodsQuery(wanted: QualityWanted, by: "shift" | "day" | "month") {
	return queryOptions({
		queryKey: ["alarm-quality-periods", wanted, by],
		queryFn: ({ signal }) => fetchJson(`${API}/periods?${windowOf(wanted)}&by=${by}`, z.object({ items: z.array(qualityPeriodSchema) }), { signal }),
		refetchInterval: 60_000,
	});
}
