import { queryOptions } from "@tanstack/react-query";
import { addedDeviceSchema, seenDeviceDetailsSchema, seenDeviceViewSchema } from "../../../contracts/onboarding.ts";
import { fetchAll, fetchJson } from "./fetch-json.ts";

const API = "/api/v1";

export const seenDevicesQuery = queryOptions({
	queryKey: ["seen-devices"],
	queryFn: ({ signal }) => fetchAll(`${API}/seen-devices?limit=500`, seenDeviceViewSchema, { signal }),
	refetchInterval: 10_000,
});
/** What is proposed stays as it was while somebody works on it. */
export function seenDeviceQuery(id: string) {
	return queryOptions({
		queryKey: ["seen-devices", id],
		queryFn: ({ signal }) => fetchJson(`${API}/seen-devices/${encodeURIComponent(id)}`, seenDeviceDetailsSchema, { signal }),
		staleTime: Number.POSITIVE_INFINITY,
		refetchOnWindowFocus: false,
	});
}
export const addedDevicesQuery = queryOptions({
	queryKey: ["added-devices"],
	queryFn: ({ signal }) => fetchAll(`${API}/added-devices?limit=500`, addedDeviceSchema, { signal }),
});
