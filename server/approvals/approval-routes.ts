import { z } from "zod";
import { pageOf } from "../../contracts/api.ts";
import { CHANGE_STATES, changeKindSchema, changeSchema, decideSchema, proposeSchema } from "../../contracts/changes.ts";
import { booleanQuery } from "../platform/http/instant-query.ts";
import { decodeCursor, pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { ApprovalService } from "./approval-service.ts";

const position = z.object({ at: z.number().int(), id: z.uuid() });
const params = z.object({ id: z.uuid({ error: "expected the id of a change" }) });

/** Proposals and their decisions. Who may propose or decide which kind is asked in the service, by the kind's own permissions. */
export function approvalRoutes(approvals: ApprovalService): Route[] {
	const decision = (act: "approve" | "reject" | "withdraw", summary: string) =>
		defineRoute({
			method: "post",
			path: `/api/v1/changes/{id}/${act}`,
			summary,
			tag: "approvals",
			permission: "signed-in",
			...(act === "approve" ? { confirmed: true } : {}),
			params,
			body: decideSchema,
			response: changeSchema,
			handle: async ({ params: { id }, body, actor }) => await approvals[act](id, actor, body.comment ?? null),
		});
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/changes",
			summary: "Changes that whoever asks proposed, may decide or decided, newest first",
			tag: "approvals",
			permission: "signed-in",
			query: z.object({
				...pagingQuery,
				state: z.enum(CHANGE_STATES).optional(),
				kind: changeKindSchema.optional(),
				mine: booleanQuery.optional().describe("true: only one's own proposals"),
			}),
			response: pageOf(changeSchema),
			handle: async ({ query: { limit, cursor, mine, ...filter }, actor }) =>
				await approvals.list({ ...filter, mine: mine ?? false }, actor, { limit, after: decodeCursor(cursor, position) ?? null }),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/changes/{id}",
			summary: "A change with what it does",
			tag: "approvals",
			permission: "signed-in",
			params,
			response: changeSchema,
			handle: async ({ params: { id }, actor }) => await approvals.get(id, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/changes",
			summary: "Proposes a change; another person decides",
			tag: "approvals",
			permission: "signed-in",
			body: proposeSchema,
			response: changeSchema,
			status: 201,
			handle: async ({ body, actor }) => await approvals.propose(body, actor),
		}),
		decision("approve", "Approves a change and applies it at once; takes a proof of who one is from the last minutes"),
		decision("reject", "Rejects a change"),
		decision("withdraw", "Takes one's own proposal back"),
	];
}
