/** What the page of the duty roster asks the server for. */
import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import {
	type AbsenceInput,
	absenceViewSchema,
	type ContactInput,
	contactViewSchema,
	type DutyName,
	dutyViewSchema,
	handOverViewSchema,
	type planChangeSchema,
	rosterViewSchema,
	type SwapInput,
	swapViewSchema,
} from "../../../contracts/roster.ts";
import { fetchAll, fetchJson } from "./fetch-json.ts";

const API = "/api/v1/roster";
const segment = encodeURIComponent;
const nothing = z.undefined();
/** What the roster's acts may change. */
export const ROSTER_KEYS = ["roster", "duties", "swaps", "absences", "hand-overs", "contacts"] as const;

export const rosterQuery = queryOptions({
	queryKey: ["roster"],
	queryFn: ({ signal }) => fetchJson(API, rosterViewSchema, { signal }),
	refetchInterval: 15_000,
});
/** Duties of a span, Unix ms. */
export const dutiesQuery = (from: number, until: number) =>
	queryOptions({
		queryKey: ["duties", from, until],
		queryFn: ({ signal }) => fetchJson(`${API}/duties?from=${from}&until=${until}`, z.object({ items: z.array(dutyViewSchema) }), { signal }),
	});
export const swapsQuery = queryOptions({
	queryKey: ["swaps"],
	queryFn: ({ signal }) => fetchAll(`${API}/swaps?limit=100`, swapViewSchema, { signal }, 1),
	refetchInterval: 15_000,
});
export const absencesQuery = queryOptions({
	queryKey: ["absences"],
	queryFn: ({ signal }) => fetchAll(`${API}/absences?limit=500`, absenceViewSchema, { signal }),
});
/** The newest notes. */
export const handOversQuery = queryOptions({
	queryKey: ["hand-overs"],
	queryFn: ({ signal }) => fetchAll(`${API}/hand-overs?limit=10`, handOverViewSchema, { signal }, 1),
	refetchInterval: 15_000,
});
/** Read when asked for: each reading of personal data is audited. */
export const contactsQuery = queryOptions({
	queryKey: ["contacts"],
	queryFn: ({ signal }) => fetchAll(`${API}/contacts?limit=500`, contactViewSchema, { signal }),
	staleTime: 60_000,
});

export const changePlan = (change: z.input<typeof planChangeSchema>) => fetchJson(API, rosterViewSchema, { method: "PUT", body: change });
export const assignDuty = (input: DutyName & { person: string | null }) =>
	fetchJson(`${API}/assignments`, dutyViewSchema, { method: "POST", body: input });
export const proposeSwap = (input: SwapInput) => fetchJson(`${API}/swaps`, swapViewSchema, { method: "POST", body: input });
export const decideSwap = ({ id, verb }: { id: string; verb: "accept" | "decline" | "withdraw" }) =>
	fetchJson(`${API}/swaps/${segment(id)}/${verb}`, swapViewSchema, { method: "POST", body: {} });
export const addAbsence = (input: AbsenceInput) => fetchJson(`${API}/absences`, absenceViewSchema, { method: "POST", body: input });
export const removeAbsence = (id: string) => fetchJson(`${API}/absences/${segment(id)}`, nothing, { method: "DELETE" });
export const writeHandOver = (note: string) => fetchJson(`${API}/hand-overs`, handOverViewSchema, { method: "POST", body: { note } });
export const takeOver = (id: string) => fetchJson(`${API}/hand-overs/${segment(id)}/take`, handOverViewSchema, { method: "POST", body: {} });
export const putContact = ({ person, ...contact }: ContactInput & { person: string }) =>
	fetchJson(`${API}/contacts/${segment(person)}`, contactViewSchema, { method: "PUT", body: contact });
