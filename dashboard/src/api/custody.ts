/** What the pages of storage media ask the server for. */
import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { incidentViewSchema, type MediumInput, mediumViewSchema, stepViewSchema } from "../../../contracts/media.ts";
import {
	type BatchInput,
	batchViewSchema,
	countViewSchema,
	type EquipmentInput,
	type EquipmentRecordInput,
	equipmentViewSchema,
	handlerSchema,
	mediaImportSchema,
	policyViewSchema,
	reconciliationViewSchema,
	type storeInputSchema,
	storeViewSchema,
} from "../../../contracts/media-orders.ts";
import { fetchAll, fetchJson } from "./fetch-json.ts";

const API = "/api/v1/media";
const segment = encodeURIComponent;
const OFTEN = { refetchInterval: 10_000 };

/** First parts of the keys of everything that a change of one medium or order can change. */
export const MEDIA_KEYS = ["media", "media-batches", "media-incidents", "media-stores", "media-counts"];

export const openBatchesQuery = queryOptions({
	queryKey: ["media-batches", "open"],
	queryFn: ({ signal }) => fetchAll(`${API}/batches?limit=100&state=open`, batchViewSchema, { signal }),
	...OFTEN,
});
/** The newest hundred. */
export const closedBatchesQuery = queryOptions({
	queryKey: ["media-batches", "closed"],
	queryFn: ({ signal }) => fetchAll(`${API}/batches?limit=100&state=closed`, batchViewSchema, { signal }, 1),
});
export const batchQuery = (id: string) =>
	queryOptions({
		queryKey: ["media-batches", id],
		queryFn: ({ signal }) => fetchJson(`${API}/batches/${segment(id)}`, batchViewSchema, { signal }),
		...OFTEN,
	});
export const reconciliationQuery = (batch: string) =>
	queryOptions({
		queryKey: ["media-batches", batch, "reconciliation"],
		queryFn: ({ signal }) => fetchJson(`${API}/batches/${segment(batch)}/reconciliation`, reconciliationViewSchema, { signal }),
		...OFTEN,
	});
/** Media of a work order, in a store, or of a serial number. */
export const mediaQuery = (filter: { batch: string } | { store: string } | { serial: string }) => {
	const search = new URLSearchParams({ limit: "500", ...filter });
	return queryOptions({
		queryKey: ["media", "list", search.toString()],
		queryFn: ({ signal }) => fetchAll(`${API}?${search}`, mediumViewSchema, { signal }),
		...OFTEN,
	});
};
export const mediumQuery = (id: string) =>
	queryOptions({
		queryKey: ["media", id],
		queryFn: ({ signal }) => fetchJson(`${API}/${segment(id)}`, mediumViewSchema, { signal }),
		...OFTEN,
	});

/** What a step tells beside its place and time, by the names of the API; anything else that it told stays where it is signed. */
const toldSchema = z.object({
	serial: z.string().optional(),
	serialFrom: z.string().optional(),
	seal: z.object({ number: z.string(), intact: z.boolean() }).nullish(),
	newSeal: z.string().nullish(),
	to: z.string().optional(),
	store: z.string().optional(),
	technique: z.string().nullish(),
	result: z.string().optional(),
	how: z.string().optional(),
	destination: z.object({ kind: z.string(), organisation: z.string() }).optional(),
	text: z.string().optional(),
	note: z.string().nullish(),
	machine: z
		.object({
			name: z.string(),
			maker: z.string(),
			model: z.string(),
			serial: z.string(),
			records: z.array(z.object({ kind: z.string(), at: z.number(), validUntil: z.number(), passed: z.boolean() })),
		})
		.nullish(),
	incident: z.object({ kind: z.string(), reason: z.string() }).nullish(),
});
const chainStepViewSchema = stepViewSchema.extend({ detail: toldSchema });
export type ChainStepView = z.infer<typeof chainStepViewSchema>;
export const stepsQuery = (medium: string) =>
	queryOptions({
		queryKey: ["media", medium, "steps"],
		queryFn: ({ signal }) => fetchAll(`${API}/${segment(medium)}/steps?limit=500`, chainStepViewSchema, { signal }),
		...OFTEN,
	});
export const photoUrl = (digest: string): string => `${API}/photos/${digest}`;
export const certificateUrl = (of: { medium: string } | { batch: string }, kind: "pdf" | "json"): string =>
	`${API}/${"batch" in of ? `batches/${segment(of.batch)}` : segment(of.medium)}/certificate.${kind}`;

/** The newest 500 where they aren't narrowed down. */
export const mediaIncidentsQuery = (filter: { open?: "true" | "false"; medium?: string; batch?: string } = {}) => {
	const search = new URLSearchParams({ limit: "500", ...filter });
	return queryOptions({
		queryKey: ["media-incidents", search.toString()],
		queryFn: ({ signal }) => fetchAll(`${API}/incidents?${search}`, incidentViewSchema, { signal }, 1),
		...OFTEN,
	});
};
export const handlersQuery = queryOptions({
	queryKey: ["media-people"],
	queryFn: ({ signal }) => fetchAll(`${API}/people?limit=500`, handlerSchema, { signal }),
});
export const equipmentQuery = queryOptions({
	queryKey: ["media-equipment"],
	queryFn: ({ signal }) => fetchAll(`${API}/equipment?limit=500`, equipmentViewSchema, { signal }),
});
export const mediaStoresQuery = queryOptions({
	queryKey: ["media-stores"],
	queryFn: ({ signal }) => fetchAll(`${API}/stores?limit=500`, storeViewSchema, { signal }),
});
export const countsQuery = (store: string) =>
	queryOptions({
		queryKey: ["media-counts", store],
		queryFn: ({ signal }) => fetchAll(`${API}/stores/${segment(store)}/counts?limit=100`, countViewSchema, { signal }),
	});
export const policiesQuery = queryOptions({
	queryKey: ["media-policies"],
	queryFn: ({ signal }) => fetchAll(`${API}/policies?limit=500`, policyViewSchema, { signal }),
});

export const openBatch = (body: BatchInput) => fetchJson(`${API}/batches`, batchViewSchema, { method: "POST", body });
export const registerMedium = (body: MediumInput) => fetchJson(API, mediumViewSchema, { method: "POST", body });
/** Without a hash a dry run. */
export const importMedia = ({ batch, file, hash }: { batch: string; file: string; hash: string | null }) =>
	fetchJson(`${API}/batches/${segment(batch)}/import${hash === null ? "" : `?hash=${hash}`}`, mediaImportSchema, { method: "POST", csv: file });
export const accountForBay = ({ batch, ...body }: { batch: string; asset: string; bay: string; note: string }) =>
	fetchJson(`${API}/batches/${segment(batch)}/bays`, batchViewSchema, { method: "POST", body });
/** `deviations`: why steps were not as planned; `null` where all were. */
export const closeBatch = ({ batch, deviations }: { batch: string; deviations: string | null }) =>
	fetchJson(`${API}/batches/${segment(batch)}/close`, batchViewSchema, { method: "POST", body: { deviations } });
export const addMachine = (body: EquipmentInput) => fetchJson(`${API}/equipment`, equipmentViewSchema, { method: "POST", body });
export const addMachineRecord = ({ id, ...body }: { id: string } & EquipmentRecordInput) =>
	fetchJson(`${API}/equipment/${segment(id)}/records`, equipmentViewSchema, { method: "POST", body });
export const retireMachine = ({ id, reason }: { id: string; reason: string }) =>
	fetchJson(`${API}/equipment/${segment(id)}/retire`, equipmentViewSchema, { method: "POST", body: { reason } });
export const addStore = (body: z.output<typeof storeInputSchema>) => fetchJson(`${API}/stores`, storeViewSchema, { method: "POST", body });
export const countStore = ({ store, serials }: { store: string; serials: string[] }) =>
	fetchJson(`${API}/stores/${segment(store)}/counts`, countViewSchema, { method: "POST", body: { serials } });
