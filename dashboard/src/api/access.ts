/** What the pages of physical access ask the server for. */
import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import {
	type CredentialState,
	type CredentialType,
	type credentialInputSchema,
	credentialViewSchema,
	type FindingView,
	findingViewSchema,
	type grantInputSchema,
	grantViewSchema,
	type HolderKind,
	type HolderUpdate,
	holderViewSchema,
	occupancySchema,
	permittedSchema,
	zoneViewSchema,
} from "../../../contracts/access.ts";
import { importResultSchema } from "../../../contracts/access-import.ts";
import { accessEventViewSchema } from "../../../contracts/api.ts";
import { type ControllerView, controllerDetailSchema, controllerViewSchema, removalViewSchema } from "../../../contracts/controllers.ts";
import { fetchAll, fetchJson } from "./fetch-json.ts";

const API = "/api/v1/access";
const segment = encodeURIComponent;
const FINDINGS = 100;

export const zonesQuery = queryOptions({
	queryKey: ["zones"],
	queryFn: ({ signal }) => fetchAll(`${API}/zones?limit=500`, zoneViewSchema, { signal }),
	staleTime: Number.POSITIVE_INFINITY,
});
export const holdersQuery = queryOptions({
	queryKey: ["holders"],
	queryFn: ({ signal }) => fetchAll(`${API}/holders?limit=500`, holderViewSchema, { signal }),
});
/** Who may enter a zone, now or later. */
export const holdersInZoneQuery = (zone: string) =>
	queryOptions({
		queryKey: ["holders", "zone", zone],
		queryFn: ({ signal }) => fetchAll(`${API}/holders?limit=500&zone=${segment(zone)}`, holderViewSchema, { signal }),
	});
export const holderQuery = (id: string) =>
	queryOptions({
		queryKey: ["holders", id],
		queryFn: ({ signal }) => fetchJson(`${API}/holders/${segment(id)}`, holderViewSchema, { signal }),
		retry: false,
	});
export const permittedQuery = (of: "holders" | "doors", id: string) =>
	queryOptions({
		queryKey: ["permitted", of, id],
		queryFn: ({ signal }) => fetchAll(`${API}/${of}/${segment(id)}/permitted?limit=500`, permittedSchema, { signal }),
	});
export const credentialsQuery = (holder: string) =>
	queryOptions({
		queryKey: ["credentials", holder],
		queryFn: ({ signal }) => fetchAll(`${API}/credentials?holder=${segment(holder)}&limit=500`, credentialViewSchema, { signal }),
	});
/** How many of all cards and fingerprints are shown at once. */
export const CREDENTIALS_SHOWN = 200;
/** Across all people, the newest state first. */
export function credentialListQuery(filter: { state: CredentialState | undefined; type: CredentialType | undefined; number: string | undefined }) {
	const query = new URLSearchParams({ limit: String(CREDENTIALS_SHOWN) });
	for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, value);
	return queryOptions({
		queryKey: ["credentials", "all", query.toString()],
		queryFn: ({ signal }) => fetchAll(`${API}/credentials?${query}`, credentialViewSchema, { signal }, 1),
	});
}
/** `filter`: a query string as the API takes it. */
export const grantsQuery = (filter: string) =>
	queryOptions({ queryKey: ["grants", filter], queryFn: ({ signal }) => fetchAll(`${API}/grants?limit=500&${filter}`, grantViewSchema, { signal }) });
export const doorEventsQuery = (door: string) =>
	queryOptions({
		queryKey: ["door-access", door],
		queryFn: ({ signal }) => fetchAll(`${API}/events?limit=50&door=${segment(door)}`, accessEventViewSchema, { signal }, 1),
		refetchInterval: 10_000,
	});
/** The newest access event at a door; `null`: there was none yet. */
export const lastPassageQuery = (door: string) =>
	queryOptions({
		queryKey: ["last-passage", door],
		queryFn: async ({ signal }) => (await fetchAll(`${API}/events?limit=1&door=${segment(door)}`, accessEventViewSchema, { signal }, 1))[0] ?? null,
		staleTime: 60_000,
	});
export const holderEventsQuery = (holder: string) =>
	queryOptions({
		queryKey: ["holder-events", holder],
		queryFn: ({ signal }) => fetchAll(`${API}/events?limit=50&holder=${segment(holder)}`, accessEventViewSchema, { signal }, 1),
		refetchInterval: 10_000,
	});
export const findingsQuery = queryOptions({
	queryKey: ["findings"],
	queryFn: ({ signal }) => fetchAll(`${API}/findings?limit=${FINDINGS}`, findingViewSchema, { signal }, 1),
	staleTime: Number.POSITIVE_INFINITY,
});
/** What was found at one door, or about one person, the newest first. */
export const findingsOfQuery = (of: "door" | "holder", id: string) =>
	queryOptions({
		queryKey: ["findings", of, id],
		queryFn: ({ signal }) => fetchAll(`${API}/findings?limit=${FINDINGS}&${of}=${segment(id)}`, findingViewSchema, { signal }, 1),
		refetchInterval: 10_000,
	});
/** The findings after new ones have come: newest first, each once. */
export function withFindings(known: readonly FindingView[], come: readonly FindingView[]): FindingView[] {
	const byId = new Map([...known, ...come].map((finding) => [finding.id, finding]));
	return [...byId.values()].sort((one, other) => Date.parse(other.at) - Date.parse(one.at) || Number(other.id) - Number(one.id)).slice(0, FINDINGS);
}
export const occupancyQuery = queryOptions({
	queryKey: ["occupancy"],
	queryFn: ({ signal }) => fetchJson(`${API}/occupancy`, occupancySchema, { signal }),
	refetchInterval: 5_000,
});
export const controllersQuery = queryOptions({
	queryKey: ["controllers"],
	queryFn: ({ signal }) => fetchAll(`${API}/controllers?limit=500`, controllerViewSchema, { signal }),
	refetchInterval: 3_000,
});
/** The newest 100, of all controllers or one; asked for often only while one is waited for. */
export const removalsQuery = (controller?: string) =>
	queryOptions({
		queryKey: ["removals", controller ?? null],
		queryFn: ({ signal }) =>
			fetchAll(`${API}/removals?limit=100${controller === undefined ? "" : `&controller=${segment(controller)}`}`, removalViewSchema, { signal }, 1),
		refetchInterval: ({ state }) => (state.data?.some(({ confirmedAt, closed }) => confirmedAt === null && closed === null) ? 3_000 : 10_000),
	});
/** A controller's last drift entry by entry; read anew only when it is another one, since each reading is noted in the audit log. */
export const driftQuery = (id: string, drift: ControllerView["drift"]) =>
	queryOptions({
		queryKey: ["drift", id, drift],
		queryFn: ({ signal }) => fetchJson(`${API}/controllers/${segment(id)}`, controllerDetailSchema, { signal }),
		staleTime: Number.POSITIVE_INFINITY,
	});

export const importPeople = ({ file, hash }: { file: string; hash: string | null }) =>
	fetchJson(`${API}/import?${hash === null ? "dryRun=true" : `hash=${segment(hash)}`}`, importResultSchema, { method: "POST", csv: file });
export const addHolder = (body: { name: string; kind: HolderKind; company: string | null; post: string | null; sponsor: string | null }) =>
	fetchJson(`${API}/holders`, holderViewSchema, { method: "POST", body });
export const updateHolder = ({ id, ...body }: { id: string } & HolderUpdate) =>
	fetchJson(`${API}/holders/${segment(id)}`, holderViewSchema, { method: "PUT", body });
export const issueCredential = (body: z.input<typeof credentialInputSchema>) =>
	fetchJson(`${API}/credentials`, credentialViewSchema, { method: "POST", body });
export const endGrant = ({ id, reason }: { id: string; reason: string }) =>
	fetchJson(`${API}/grants/${segment(id)}/revoke`, grantViewSchema, { method: "POST", body: { reason } });
export const renewGrant = ({ id, reason }: { id: string; reason: string }) =>
	fetchJson(`${API}/grants/${segment(id)}/renew`, grantViewSchema, { method: "POST", body: { reason } });
export const giveGrant = (body: z.input<typeof grantInputSchema>) => fetchJson(`${API}/grants`, grantViewSchema, { method: "POST", body });
export const changeCredential = ({ id, ...body }: { id: string; state: CredentialState; reason: string; version: number }) =>
	fetchJson(`${API}/credentials/${segment(id)}/state`, credentialViewSchema, { method: "POST", body });
export const workAtController = ({ id, act }: { id: string; act: "check" | "repair" }) =>
	fetchJson(
		`${API}/controllers/${segment(id)}/${act}`,
		z.unknown().transform(() => null),
		{ method: "POST", body: {} },
	);
export const correctPlace = (body: { holder: string; room: string | null; reason: string }) =>
	fetchJson(`${API}/occupancy/corrections`, occupancySchema, { method: "POST", body });
