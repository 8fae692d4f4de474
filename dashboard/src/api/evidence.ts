import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { pageOf } from "../../../contracts/api.ts";
import { auditExportSchema, auditPageSchema, auditReviewSchema } from "../../../contracts/audit.ts";
import { evidencePackSchema, ledgerListItemSchema, ledgerStateSchema } from "../../../contracts/ledger.ts";
import { fetchJson } from "./fetch-json.ts";

const API = "/api/v1";
const segment = encodeURIComponent;

/** `filter`: query parameters of `GET /audit`. */
export function auditQuery(filter: Record<string, string | undefined>) {
	const wanted = new URLSearchParams(Object.entries(filter).flatMap(([key, value]) => (value ? [[key, value]] : [])));
	return infiniteQueryOptions({
		queryKey: ["audit", wanted.toString()],
		queryFn: ({ signal, pageParam }) => {
			const search = new URLSearchParams(wanted);
			search.set("limit", "100");
			if (pageParam) search.set("cursor", pageParam);
			return fetchJson(`${API}/audit?${search}`, auditPageSchema, { signal });
		},
		initialPageParam: "",
		getNextPageParam: (page) => page.nextCursor,
	});
}
export const reviewsQuery = queryOptions({
	queryKey: ["audit-reviews"],
	queryFn: ({ signal }) => fetchJson(`${API}/audit/reviews`, pageOf(auditReviewSchema), { signal }),
});
export const signReview = ({ id, remarks }: { id: string; remarks: string }) =>
	fetchJson(`${API}/audit/reviews/${segment(id)}/sign`, auditReviewSchema, { method: "POST", body: { remarks } });
export const exportsQuery = queryOptions({
	queryKey: ["audit-exports"],
	queryFn: ({ signal }) => fetchJson(`${API}/audit/exports`, pageOf(auditExportSchema), { signal }),
});
export const exportUrl = (id: string): string => `${API}/audit/exports/${segment(id)}/lines.jsonl`;

export const ledgerQuery = queryOptions({
	queryKey: ["ledger"],
	queryFn: ({ signal }) => fetchJson(`${API}/ledger`, ledgerStateSchema, { signal }),
	refetchInterval: 10_000,
});
export const ledgerEntriesQuery = infiniteQueryOptions({
	queryKey: ["ledger-entries"],
	queryFn: ({ signal, pageParam }) =>
		fetchJson(`${API}/ledger/entries?limit=50${pageParam ? `&cursor=${segment(pageParam)}` : ""}`, pageOf(ledgerListItemSchema), { signal }),
	initialPageParam: "",
	getNextPageParam: (page) => page.nextCursor,
});
export const evidenceUrl = (index: number): string => `${API}/ledger/entries/${index}/evidence`;
export function evidenceQuery(index: number) {
	return queryOptions({ queryKey: ["evidence", index], queryFn: ({ signal }) => fetchJson(evidenceUrl(index), evidencePackSchema, { signal }) });
}
