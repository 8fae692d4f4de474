/** What the pages of leavers and of the HR system's files ask the server for. */
import { queryOptions } from "@tanstack/react-query";
import { leaverDetailSchema, leaverViewSchema, personnelImportSchema } from "../../../contracts/personnel.ts";
import { fetchAll, fetchJson } from "./fetch-json.ts";

const API = "/api/v1/personnel";
const segment = encodeURIComponent;

/** The newest 500. */
export const leaversQuery = queryOptions({
	queryKey: ["leavers"],
	queryFn: ({ signal }) => fetchAll(`${API}/leavers?limit=500`, leaverViewSchema, { signal }, 1),
	refetchInterval: 3_000,
});
export const leaverQuery = (id: string) =>
	queryOptions({
		queryKey: ["leavers", id],
		queryFn: ({ signal }) => fetchJson(`${API}/leavers/${segment(id)}`, leaverDetailSchema, { signal }),
		refetchInterval: 3_000,
	});
export const takeCardBack = ({ leaver, credential }: { leaver: string; credential: string }) =>
	fetchJson(`${API}/leavers/${segment(leaver)}/cards/${segment(credential)}/returned`, leaverDetailSchema, { method: "POST", body: {} });

export interface PersonnelFile {
	text: string;
	dryRun: boolean;
	/** Whoever came by a file and is missing from this one has left. */
	full: boolean;
	/** How many were shown to leave; the server refuses another number beyond its limit. */
	expectLeavers: number | null;
}
export function importPersonnel({ text, dryRun, full, expectLeavers }: PersonnelFile) {
	const query = new URLSearchParams({ dryRun: String(dryRun), full: String(full) });
	if (expectLeavers !== null) query.set("expectLeavers", String(expectLeavers));
	return fetchJson(`${API}/import?${query}`, personnelImportSchema, { method: "POST", csv: text });
}
