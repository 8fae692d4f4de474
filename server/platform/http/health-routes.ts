import { z } from "zod";
import { healthSchema } from "../../../contracts/api.ts";
import { type HealthCheck, healthOf } from "../health.ts";
import type { Metrics } from "../metrics.ts";
import { defineRoute, type Route } from "./route.ts";

/** `GET /healthz`, `/readyz` and `/metrics`. `checks` are the parts that the server needs. */
export function healthRoutes(checks: readonly HealthCheck[], metrics: Metrics): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/healthz",
			summary: "The process is up",
			tag: "operation",
			permission: "public",
			response: z.object({ status: z.literal("ok") }),
			handle: async () => ({ status: "ok" as const }),
		}),
		defineRoute({
			method: "get",
			path: "/readyz",
			summary: "Every part that the server needs, with its state; 503 when one is down",
			tag: "operation",
			permission: "public",
			response: healthSchema,
			handle: async ({ response }) => {
				const health = await healthOf(checks);
				if (health.status === "down") response.status(503);
				return health;
			},
		}),
		defineRoute({
			method: "get",
			path: "/metrics",
			summary: "Prometheus metrics",
			tag: "operation",
			permission: "public",
			response: "text/plain",
			handle: async ({ response }) => {
				response.set("Content-Type", metrics.contentType).send(await metrics.text());
			},
		}),
	];
}
