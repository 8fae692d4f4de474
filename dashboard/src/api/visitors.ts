/** What the pages of visits ask the server for. */
import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { type CheckIn, type VisitRequest, visitActSchema, visitorBadgeSchema, visitViewSchema } from "../../../contracts/visitors.ts";
import { fetchAll, fetchJson } from "./fetch-json.ts";

const API = "/api/v1";
const segment = encodeURIComponent;

/** The newest 500 by their beginning. */
export const visitsQuery = queryOptions({
	queryKey: ["visits"],
	queryFn: ({ signal }) => fetchAll(`${API}/visitors?limit=500`, visitViewSchema, { signal }, 1),
	refetchInterval: 5_000,
});
/** Visits that last into a time, Unix ms. */
export const visitsOfDayQuery = (from: number, to: number) =>
	queryOptions({
		queryKey: ["visits", "day", from, to],
		queryFn: ({ signal }) =>
			fetchAll(`${API}/visitors?limit=500&from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`, visitViewSchema, { signal }),
		refetchInterval: 5_000,
	});
export const visitQuery = (id: string) =>
	queryOptions({
		queryKey: ["visits", "one", id],
		queryFn: ({ signal }) => fetchJson(`${API}/visitors/${segment(id)}`, visitViewSchema, { signal }),
		refetchInterval: 5_000,
		retry: false,
	});
/** Who did what with a visit; read anew when its version is another. */
export const visitHistoryQuery = (id: string, version: number) =>
	queryOptions({
		queryKey: ["visit-history", id, version],
		queryFn: ({ signal }) => fetchAll(`${API}/visitors/${segment(id)}/history?limit=500`, visitActSchema, { signal }),
	});
export const badgesQuery = queryOptions({
	queryKey: ["visitor-badges"],
	queryFn: ({ signal }) => fetchAll(`${API}/visitor-badges?limit=500`, visitorBadgeSchema, { signal }),
});

export const requestVisit = (body: VisitRequest) => fetchJson(`${API}/visitors`, visitViewSchema, { method: "POST", body });
/** Acts that take nothing but the visit. */
export type PlainAct = "approve" | "accept-escort" | "check-out" | "badge-returned";
export const actOnVisit = ({ id, act }: { id: string; act: PlainAct }) =>
	fetchJson(`${API}/visitors/${segment(id)}/${act}`, visitViewSchema, { method: "POST", body: {} });
export const endVisit = ({ id, act, reason }: { id: string; act: "reject" | "cancel"; reason: string }) =>
	fetchJson(`${API}/visitors/${segment(id)}/${act}`, visitViewSchema, { method: "POST", body: { reason } });
export const checkIn = ({ id, ...body }: { id: string } & CheckIn) =>
	fetchJson(`${API}/visitors/${segment(id)}/check-in`, visitViewSchema, { method: "POST", body });
export const issueBadge = ({ id, badge }: { id: string; badge: string }) =>
	fetchJson(`${API}/visitors/${segment(id)}/badge`, visitViewSchema, { method: "POST", body: { badge } });
export const removeBadge = (id: string) => fetchJson(`${API}/visitor-badges/${segment(id)}`, z.undefined(), { method: "DELETE" });
export const addBadge = (body: { id: string; card: { format: string; facility: number; number: number } }) =>
	fetchJson(`${API}/visitor-badges`, visitorBadgeSchema, { method: "POST", body });
