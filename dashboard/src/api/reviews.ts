import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { pageOf } from "../../../contracts/api.ts";
import {
	assignmentSchema,
	attestedSchema,
	type attestSchema,
	decidedManySchema,
	type decideManySchema,
	type ReviewSubject,
	reviewItemSchema,
	reviewSchema,
	submittedSchema,
} from "../../../contracts/reviews.ts";
import { fetchAll, fetchJson } from "./fetch-json.ts";

const API = "/api/v1/reviews";
const segment = encodeURIComponent;
const itemPath = (review: string, item: string) => `${API}/${segment(review)}/items/${segment(item)}`;

/** Access reviews, the newest first. */
export const accessReviewsQuery = queryOptions({
	queryKey: ["reviews"],
	queryFn: ({ signal }) => fetchAll(`${API}?limit=100`, reviewSchema, { signal }, 3),
	refetchInterval: 30_000,
});
export function accessReviewQuery(id: string) {
	return queryOptions({
		queryKey: ["reviews", id],
		queryFn: ({ signal }) => fetchJson(`${API}/${segment(id)}`, reviewSchema, { signal }),
		refetchInterval: 10_000,
	});
}
/** Every item: they are filtered, sorted and decided here, where a lost connection doesn't matter. */
export function reviewItemsQuery(id: string) {
	return queryOptions({
		queryKey: ["review-items", id],
		queryFn: ({ signal }) => fetchAll(`${API}/${segment(id)}/items?limit=500`, reviewItemSchema, { signal }),
		staleTime: Number.POSITIVE_INFINITY,
	});
}
export const fetchReviewItem = (review: string, item: string) => fetchJson(itemPath(review, item), reviewItemSchema);
export function assignmentsQuery(review: string, item: string) {
	return queryOptions({
		queryKey: ["review-assignments", review, item],
		queryFn: ({ signal }) => fetchJson(`${itemPath(review, item)}/assignments`, pageOf(assignmentSchema), { signal }),
	});
}

export const startReview = (subject: ReviewSubject) => fetchJson(API, reviewSchema, { method: "POST", body: { subject } });
export const decideMany = (review: string, decisions: z.input<typeof decideManySchema>["decisions"]) =>
	fetchJson(`${API}/${segment(review)}/decisions`, decidedManySchema, { method: "POST", body: { decisions } });
export const attestItems = ({ review, items }: { review: string } & z.input<typeof attestSchema>) =>
	fetchJson(`${API}/${segment(review)}/attest`, attestedSchema, { method: "POST", body: { items } });
export const submitReview = (review: string) => fetchJson(`${API}/${segment(review)}/submit`, submittedSchema, { method: "POST", body: {} });
export const signReviewOff = (review: string) => fetchJson(`${API}/${segment(review)}/sign-off`, reviewSchema, { method: "POST", body: {} });
export const reassignItem = ({ review, item, to, reason }: { review: string; item: string; to: string; reason: string }) =>
	fetchJson(`${itemPath(review, item)}/reassign`, reviewItemSchema, { method: "POST", body: { to, reason } });
export const resolveItem = ({ review, item, reason }: { review: string; item: string; reason: string }) =>
	fetchJson(`${itemPath(review, item)}/resolve`, reviewItemSchema, { method: "POST", body: { reason } });

export const reviewReportUrl = (id: string, format: "pdf" | "csv" | "json"): string => `${API}/${segment(id)}/report.${format}`;
export const reviewEvidenceUrl = (id: string): string => `${API}/${segment(id)}/evidence`;
