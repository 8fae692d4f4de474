import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import {
	accessEventViewSchema,
	agentSchema,
	alarmSchema,
	alarmTransitionSchema,
	deviceSchema,
	doorEventViewSchema,
	doorViewSchema,
	healthSchema,
	historySchema,
	pageOf,
	pointSchema,
	quarantinedSchema,
	sequenceGapSchema,
	siteViewSchema,
} from "../../../contracts/api.ts";
import { rackPowerSchema } from "../../../contracts/rack-power.ts";
import { fetchAll, fetchJson } from "./fetch-json.ts";
import { readRules } from "./rules.ts";

const API = "/api/v1";
const segment = encodeURIComponent;

/** How many access events the feed keeps. */
export const FEED_LENGTH = 200;

export const sitesQuery = queryOptions({
	queryKey: ["sites"],
	queryFn: ({ signal }) => fetchAll(`${API}/sites`, siteViewSchema, { signal }),
	staleTime: Number.POSITIVE_INFINITY,
});

/** All points; fetched in pages, because 10,000 in one answer would hold the screen for longer than a frame or two. */
export const pointsQuery = queryOptions({
	queryKey: ["points"],
	queryFn: ({ signal }) => fetchAll(`${API}/points?limit=1000`, pointSchema, { signal }),
	staleTime: Number.POSITIVE_INFINITY,
});

export const devicesQuery = queryOptions({
	queryKey: ["devices"],
	queryFn: ({ signal }) => fetchAll(`${API}/devices?limit=1000`, deviceSchema, { signal }),
	refetchInterval: 10_000,
});

/** One device, as often as agents speak of it. */
export function deviceQuery(id: string) {
	return queryOptions({
		queryKey: ["device", id],
		queryFn: ({ signal }) => fetchJson(`${API}/devices/${segment(id)}`, deviceSchema, { signal }),
		refetchInterval: 2000,
		retry: false,
	});
}

/** Event numbers of a device that are missing, the newest gap first. */
export function gapsQuery(device: string) {
	return queryOptions({
		queryKey: ["sequence-gaps", device],
		queryFn: ({ signal }) => fetchAll(`${API}/devices/${segment(device)}/sequence-gaps?limit=100`, sequenceGapSchema, { signal }, 1),
		refetchInterval: 10_000,
	});
}

export const agentsQuery = queryOptions({
	queryKey: ["agents"],
	queryFn: ({ signal }) => fetchAll(`${API}/agents?limit=1000`, agentSchema, { signal }),
	refetchInterval: 30_000,
});

export const rackPowerQuery = queryOptions({
	queryKey: ["rack-power"],
	queryFn: ({ signal }) => fetchAll(`${API}/racks/power?limit=500`, rackPowerSchema, { signal }),
	refetchInterval: 5000,
});

export const doorsQuery = queryOptions({
	queryKey: ["doors"],
	queryFn: ({ signal }) => fetchAll(`${API}/access/doors?limit=500`, doorViewSchema, { signal }),
	staleTime: Number.POSITIVE_INFINITY,
});

export const accessFeedQuery = queryOptions({
	queryKey: ["access-feed"],
	queryFn: ({ signal }) => fetchAll(`${API}/access/events?limit=${FEED_LENGTH}`, accessEventViewSchema, { signal }, 1),
	staleTime: Number.POSITIVE_INFINITY,
});

/** Access events before an instant of device time (ISO 8601, inclusive: several may share it), newest first. */
export function olderAccessQuery(before: string, door: string | undefined, result: string | undefined) {
	const filter = [
		`to=${segment(new Date((Date.parse(before) || 0) + 1).toISOString())}`,
		...(door === undefined ? [] : [`door=${segment(door)}`]),
		...(result === undefined ? [] : [`result=${segment(result)}`]),
	].join("&");
	return infiniteQueryOptions({
		queryKey: ["access-older", before, door, result],
		queryFn: ({ signal, pageParam }) =>
			fetchJson(`${API}/access/events?limit=100&${filter}${pageParam ? `&cursor=${segment(pageParam)}` : ""}`, pageOf(accessEventViewSchema), {
				signal,
			}),
		initialPageParam: "",
		getNextPageParam: (page) => page.nextCursor,
		staleTime: Number.POSITIVE_INFINITY,
	});
}

export const rulesQuery = queryOptions({
	queryKey: ["rules"],
	queryFn: async ({ signal }) => readRules(await fetchAll(`${API}/rules?limit=500`, z.unknown(), { signal })),
	staleTime: Number.POSITIVE_INFINITY,
	retry: false,
});

/** Readiness of the server's parts; a server that is not ready answers 503 with the same body. */
export const healthQuery = queryOptions({
	queryKey: ["health"],
	queryFn: ({ signal }) => fetchJson("/readyz", healthSchema, { signal, alsoGood: [503] }),
	refetchInterval: 10_000,
});

export function quarantineQuery(of: "devices" | "agents", id: string) {
	return queryOptions({
		queryKey: ["quarantine", of, id],
		queryFn: ({ signal }) => fetchAll(`${API}/${of}/${segment(id)}/quarantine?limit=100`, quarantinedSchema, { signal }, 1),
		refetchInterval: 10_000,
	});
}

/** `from` and `to`: Unix ms. */
export function historyQuery(point: string, from: number, to: number, step: "auto" | "raw" | "1m" | "1h" = "auto") {
	return queryOptions({
		queryKey: ["history", point, from, to, step],
		queryFn: ({ signal }) => fetchJson(`${API}/points/${segment(point)}/history?${range(from, to)}&step=${step}`, historySchema, { signal }),
		staleTime: 60_000,
		gcTime: 120_000,
	});
}

/** Address of the same rows as CSV. */
export function historyCsvUrl(point: string, from: number, to: number): string {
	return `${API}/points/${segment(point)}/history.csv?${range(from, to)}`;
}

export function pointTransitionsQuery(point: string, from: number, to: number) {
	return queryOptions({
		queryKey: ["alarm-transitions", point, from, to],
		queryFn: ({ signal }) =>
			fetchAll(`${API}/points/${segment(point)}/alarm-transitions?${range(from, to)}&limit=500`, alarmTransitionSchema, { signal }, 2),
	});
}

export function alarmTransitionsQuery(alarm: string, version: number) {
	return queryOptions({
		queryKey: ["alarm-history", alarm, version],
		queryFn: ({ signal }) => fetchAll(`${API}/alarms/${segment(alarm)}/transitions?limit=100`, alarmTransitionSchema, { signal }, 1),
	});
}

export function doorEventsQuery(door: string, from: number, to: number) {
	return queryOptions({
		queryKey: ["door-events", door, from, to],
		queryFn: ({ signal }) =>
			fetchAll(`${API}/access/door-events?door=${segment(door)}&${range(from, to)}&limit=500`, doorEventViewSchema, { signal }, 2),
	});
}

export const alarmHistoryQuery = infiniteQueryOptions({
	queryKey: ["alarms", "all"],
	queryFn: ({ signal, pageParam }) =>
		fetchJson(`${API}/alarms?limit=100${pageParam ? `&cursor=${segment(pageParam)}` : ""}`, pageOf(alarmSchema), { signal }),
	initialPageParam: "",
	getNextPageParam: (page) => page.nextCursor,
});

/** Every alarm that is active, not acknowledged or waits for its reset. */
export async function fetchOpenAlarms(signal?: AbortSignal) {
	const lists = await Promise.all([
		fetchAll(`${API}/alarms?active=true&limit=500`, alarmSchema, { signal }),
		fetchAll(`${API}/alarms?active=false&acknowledged=false&limit=500`, alarmSchema, { signal }),
		fetchAll(`${API}/alarms?active=false&acknowledged=true&latched=true&limit=500`, alarmSchema, { signal }),
	]);
	return lists.flat();
}

function range(from: number, to: number): string {
	return `from=${segment(new Date(from).toISOString())}&to=${segment(new Date(to).toISOString())}`;
}
