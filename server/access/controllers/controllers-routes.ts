import { z } from "zod";
import { pageOf } from "../../../contracts/api.ts";
import { controllerDetailSchema, controllerStateSchema, controllerViewSchema, removalViewSchema } from "../../../contracts/controllers.ts";
import { idSchema } from "../../../contracts/identifiers.ts";
import type { Clock } from "../../platform/clock.ts";
import { inMemoryPage } from "../../platform/http/in-memory-page.ts";
import { booleanQuery } from "../../platform/http/instant-query.ts";
import { decodeCursor, pageOfRows, pagingQuery } from "../../platform/http/paging.ts";
import { defineRoute, type Route } from "../../platform/http/route.ts";
import type { WorldSource } from "../../site/world-source.ts";
import type { AccessRegister } from "../register/access-register.ts";
import type { ControllerService } from "./controller-service.ts";
import { controllerDetail, controllerView, removalView } from "./controller-views.ts";

export interface ControllersRoutesOptions {
	controllers: ControllerService;
	register: AccessRegister;
	world: WorldSource;
	heard: (device: string) => boolean;
	clock: Clock;
}

const byId = z.object({ id: idSchema });
const position = z.object({ decidedAt: z.number(), id: z.number() });

/** What the door controllers hold, and what was taken away from them (ACC-4). */
export function controllersRoutes({ controllers, register, world, heard, clock }: ControllersRoutesOptions): Route[] {
	const detail = (known: Awaited<ReturnType<ControllerService["one"]>>) => controllerDetail(known, world.current(), heard, register.current());
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/access/controllers",
			summary: "Door controllers, and how their access lists agree with what was granted",
			tag: "access",
			permission: "access.read",
			query: z.object({ ...pagingQuery, state: controllerStateSchema.optional() }),
			response: pageOf(controllerViewSchema),
			handle: async ({ query }) => {
				const all = (await controllers.list()).map((known) => controllerView(known, world.current(), heard));
				return inMemoryPage(
					all.filter(({ state }) => query.state === undefined || state === query.state),
					query,
				);
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/controllers/{id}",
			summary: "One door controller, with its last drift entry by entry",
			tag: "access",
			permission: "access.read",
			readsPersonal: "access.read-controller",
			params: byId,
			response: controllerDetailSchema,
			handle: async ({ params }) => detail(await controllers.one(params.id)),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/access/controllers/{id}/check",
			summary: "Read a controller's list back now and compare it; what differs is repaired a moment later",
			tag: "access",
			permission: "controllers.manage",
			params: byId,
			response: controllerDetailSchema,
			handle: async ({ params, actor }) => detail(await controllers.look(params.id, "check", actor)),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/access/controllers/{id}/repair",
			summary: "Read a controller's list back now, and put it again where it differs",
			tag: "access",
			permission: "controllers.manage",
			params: byId,
			response: controllerDetailSchema,
			handle: async ({ params, actor }) => detail(await controllers.look(params.id, "repair", actor)),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/removals",
			summary: "What was taken away and when each controller confirmed that, newest decision first",
			tag: "access",
			permission: "access.read",
			readsPersonal: "access.read-removals",
			query: z.object({
				...pagingQuery,
				confirmed: booleanQuery.optional().describe("false: only those that are waited for"),
				controller: idSchema.optional(),
				credential: z.string().min(1).max(64).optional().describe("Id of the credential"),
			}),
			response: pageOf(removalViewSchema),
			handle: async ({ query: { limit, cursor, ...filter } }) => {
				const rows = await controllers.removals(filter, { limit: limit + 1, after: decodeCursor(cursor, position) ?? null });
				const now = clock.now();
				return pageOfRows(
					rows,
					limit,
					(row) => removalView(row, register.current(), now),
					({ decidedAt, id }) => ({ decidedAt, id }),
				);
			},
		}),
	];
}
