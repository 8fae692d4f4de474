import { retentionSchema } from "../../contracts/audit.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { RetentionService } from "./retention-service.ts";

/** How long data is kept; it is changed by proposals of the kind `retention`. */
export function retentionRoutes(retention: RetentionService): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/retention",
			summary: "How long each kind of data is kept",
			tag: "retention",
			permission: "signed-in",
			response: retentionSchema,
			handle: async () => ({ items: retention.settings() }),
		}),
	];
}
