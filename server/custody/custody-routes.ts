import { z } from "zod";
import { becauseSchema } from "../../contracts/access.ts";
import { pageOf } from "../../contracts/api.ts";
import { idSchema } from "../../contracts/identifiers.ts";
import {
	incidentViewSchema,
	mediumInputSchema,
	mediumViewSchema,
	photoDigestSchema,
	serialSchema,
	stepInputSchema,
	stepViewSchema,
} from "../../contracts/media.ts";
import {
	countInputSchema,
	countViewSchema,
	equipmentInputSchema,
	equipmentRecordInputSchema,
	equipmentViewSchema,
	type Handler,
	handlerSchema,
	policyViewSchema,
	storeInputSchema,
	storeViewSchema,
} from "../../contracts/media-orders.ts";
import { inMemoryPage } from "../platform/http/in-memory-page.ts";
import { pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { CustodyService } from "./custody-service.ts";
import type { EquipmentService } from "./equipment-service.ts";
import type { OrdersService } from "./orders-service.ts";
import { PHOTO_LIMIT, type PhotoFiles } from "./photo-files.ts";
import type { StoresService } from "./stores-service.ts";

const tag = "media";
const byId = z.object({ id: z.uuid() });
const yesNo = z.enum(["true", "false"]).transform((said) => said === "true");
const photoSchema = z.object({ digest: z.string(), type: z.string(), bytes: z.number().int() });

const byName = (one: Handler, other: Handler) => one.name.localeCompare(other.name) || one.id.localeCompare(other.id);

export interface CustodyRoutesOptions {
	custody: CustodyService;
	orders: OrdersService;
	stores: StoresService;
	equipment: EquipmentService;
	photos: PhotoFiles;
	policies: () => Promise<z.input<typeof policyViewSchema>[]>;
	/** Who may handle media. */
	handlers: () => Promise<Handler[]>;
}

/** Media, their steps and photos; stores, machines, incidents, policies. Work orders: {@link ordersRoutes}. */
export function custodyRoutes({ custody, orders, stores, equipment, photos, policies, handlers }: CustodyRoutesOptions): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/media",
			summary: "Media, by serial number",
			tag,
			permission: "media.read",
			query: z.object({
				...pagingQuery,
				batch: z.uuid().optional(),
				store: idSchema.optional(),
				holder: z.string().max(64).optional().describe("Account id of who has it"),
				serial: serialSchema.optional(),
				incident: yesNo.optional(),
			}),
			response: pageOf(mediumViewSchema),
			handle: ({ query, actor }) => custody.list(query, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/media",
			summary: "Register a medium of a work order",
			tag,
			permission: "media.manage",
			body: mediumInputSchema,
			status: 201,
			response: mediumViewSchema,
			handle: ({ body, actor }) => orders.register(body, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/media/{id}",
			summary: "One medium, and what whoever asks may do next",
			tag,
			permission: "media.read",
			params: byId,
			response: mediumViewSchema,
			handle: ({ params, actor }) => custody.get(params.id, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/media/{id}/steps",
			summary: "The chain of custody of a medium, the first step first",
			tag,
			permission: "media.read",
			params: byId,
			query: z.object(pagingQuery),
			response: pageOf(stepViewSchema),
			handle: async ({ params, query }) => inMemoryPage(await custody.steps(params.id), query),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/media/{id}/steps",
			summary: "Make a step of the chain of custody; whoever asks signs it. The same step (by its id) is made once",
			tag,
			permission: "media.handle",
			confirmed: true,
			params: byId,
			body: stepInputSchema,
			status: 201,
			response: mediumViewSchema,
			handle: ({ params, body, actor }) => custody.step(params.id, body, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/media/incidents",
			summary: "Incidents of media and work orders, the newest first; how one ends is proposed as a change of the kind media-incident",
			tag,
			permission: "media.read",
			query: z.object({ ...pagingQuery, open: yesNo.optional(), medium: z.uuid().optional(), batch: z.uuid().optional() }),
			response: pageOf(incidentViewSchema),
			handle: ({ query }) => custody.incidents(query),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/media/photos",
			summary: "Upload a photo for a step",
			tag,
			permission: "media.handle",
			bodyBytes: { types: ["image/jpeg", "image/png", "image/webp"], limit: PHOTO_LIMIT },
			body: z.instanceof(Buffer, { error: "expected the bytes of a photo" }),
			status: 201,
			response: photoSchema,
			handle: ({ body, actor }) => photos.keep(body, actor.id),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/media/photos/{digest}",
			summary: "A photo, by the SHA-256 of its bytes, which is checked",
			tag,
			permission: "media.read",
			readsPersonal: "media.photo",
			params: z.object({ digest: photoDigestSchema }),
			response: "image/*",
			handle: async ({ params, response }) => {
				const { type, bytes } = await photos.read(params.digest);
				response.set({ "Content-Type": type, "Content-Security-Policy": "sandbox" }).send(bytes);
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/media/people",
			summary: "Who may handle media, by name",
			tag,
			permission: "media.handle",
			query: z.object(pagingQuery),
			response: pageOf(handlerSchema),
			handle: async ({ query }) => inMemoryPage((await handlers()).sort(byName), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/media/policies",
			summary: "Every version of the policy of destruction, the newest first; a new one is proposed as a change of the kind media-policy",
			tag,
			permission: "media.read",
			query: z.object(pagingQuery),
			response: pageOf(policyViewSchema),
			handle: async ({ query }) => inMemoryPage(await policies(), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/media/stores",
			summary: "Locked stores of media",
			tag,
			permission: "media.read",
			query: z.object(pagingQuery),
			response: pageOf(storeViewSchema),
			handle: async ({ query }) => inMemoryPage(await stores.list(), query),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/media/stores",
			summary: "Set up a locked store",
			tag,
			permission: "media.manage",
			body: storeInputSchema,
			status: 201,
			response: storeViewSchema,
			handle: ({ body, actor }) => stores.add(body, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/media/stores/{id}/counts",
			summary: "What was counted in a store, the newest first",
			tag,
			permission: "media.read",
			params: z.object({ id: idSchema }),
			query: z.object(pagingQuery),
			response: pageOf(countViewSchema),
			handle: async ({ params, query }) => inMemoryPage(await stores.counts(params.id), query),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/media/stores/{id}/counts",
			summary: "Count a store: what is missing there, and what should be elsewhere, stops those media's chains",
			tag,
			permission: "media.handle",
			confirmed: true,
			params: z.object({ id: idSchema }),
			body: countInputSchema,
			status: 201,
			response: countViewSchema,
			handle: ({ params, body, actor }) => stores.count(params.id, body.serials, actor),
		}),
		...equipmentRoutes(equipment),
	];
}

function equipmentRoutes(equipment: EquipmentService): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/media/equipment",
			summary: "Machines that destroy media, with their tests and calibrations",
			tag,
			permission: "media.read",
			query: z.object(pagingQuery),
			response: pageOf(equipmentViewSchema),
			handle: async ({ query }) => inMemoryPage(await equipment.list(), query),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/media/equipment",
			summary: "Register a machine",
			tag,
			permission: "media.manage",
			body: equipmentInputSchema,
			status: 201,
			response: equipmentViewSchema,
			handle: ({ body, actor }) => equipment.add(body, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/media/equipment/{id}",
			summary: "One machine",
			tag,
			permission: "media.read",
			params: byId,
			response: equipmentViewSchema,
			handle: ({ params }) => equipment.get(params.id),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/media/equipment/{id}/records",
			summary: "Enter a test or calibration of a machine; what is entered stays",
			tag,
			permission: "media.manage",
			params: byId,
			body: equipmentRecordInputSchema,
			status: 201,
			response: equipmentViewSchema,
			handle: ({ params, body, actor }) => equipment.addRecord(params.id, body, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/media/equipment/{id}/retire",
			summary: "Take a machine out of service for good",
			tag,
			permission: "media.manage",
			params: byId,
			body: becauseSchema,
			response: equipmentViewSchema,
			handle: ({ params, body, actor }) => equipment.retire(params.id, body.reason, actor),
		}),
	];
}
