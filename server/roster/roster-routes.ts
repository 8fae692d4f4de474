import { z } from "zod";
import { pageOf } from "../../contracts/api.ts";
import {
	absenceInputSchema,
	absenceViewSchema,
	assignmentSchema,
	contactInputSchema,
	contactViewSchema,
	dutyViewSchema,
	handOverInputSchema,
	handOverViewSchema,
	planChangeSchema,
	rosterViewSchema,
	swapInputSchema,
	swapViewSchema,
} from "../../contracts/roster.ts";
import { type Actor, may } from "../platform/actor.ts";
import { notFound } from "../platform/errors.ts";
import { inMemoryPage } from "../platform/http/in-memory-page.ts";
import { instantQuery } from "../platform/http/instant-query.ts";
import { pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { ContactService } from "./contact-service.ts";
import type { HandOverService } from "./hand-over-service.ts";
import type { RosterService } from "./roster-service.ts";
import type { SwapService } from "./swap-service.ts";

const tag = "roster";
const DAY = 86_400_000;
const byId = z.object({ id: z.uuid() });
const nothing = z.strictObject({});

export interface RosterRoutesOptions {
	roster: RosterService;
	swaps: SwapService;
	handOvers: HandOverService;
	contacts: ContactService;
	/** Id of the site. */
	site: () => string;
	now: () => number;
}

/** The duty roster. */
export function rosterRoutes({ roster, swaps, handOvers, contacts, site, now }: RosterRoutesOptions): Route[] {
	const manages = (actor: Actor) => may(actor, "roster.manage", site());
	const decideSwap = (verb: "accept" | "decline" | "withdraw", summary: string) =>
		defineRoute({
			method: "post",
			path: `/api/v1/roster/swaps/{id}/${verb}`,
			summary,
			tag,
			permission: "roster.serve",
			params: byId,
			body: nothing,
			response: swapViewSchema,
			handle: ({ params, actor }) => swaps[verb](params.id, actor),
		});
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/roster",
			summary: "The plan, who is on duty now, and where nobody is in the next 30 days",
			tag,
			permission: "roster.read",
			response: rosterViewSchema,
			handle: async () => roster.view(),
		}),
		defineRoute({
			method: "put",
			path: "/api/v1/roster",
			summary: "Changes the plan as a whole; 409 roster-changed when it is not the version that was changed",
			tag,
			permission: "roster.manage",
			body: planChangeSchema,
			response: rosterViewSchema,
			handle: ({ body, actor }) => roster.changePlan(body.version, body.plan, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/roster/on-duty",
			summary: "Who is on duty at a moment, in the order in which they are called; without `at` now",
			tag,
			permission: "roster.read",
			query: z.object({ at: instantQuery.optional() }),
			response: z.object({ items: z.array(dutyViewSchema) }),
			handle: async ({ query }) => ({ items: await roster.onDutyAt(query.at ?? now()) }),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/roster/duties",
			summary: "Duties that last into the time from (inclusive) until (exclusive), at most 92 days; without times the next seven days",
			tag,
			permission: "roster.read",
			query: z.object({ from: instantQuery.optional(), until: instantQuery.optional() }),
			response: z.object({ items: z.array(dutyViewSchema) }),
			handle: async ({ query: { from = now(), until = from + 7 * DAY } }) => ({ items: await roster.duties(from, until) }),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/roster/assignments",
			summary: "Gives a duty to somebody else, or back to whose turn it is",
			tag,
			permission: "roster.manage",
			body: assignmentSchema,
			response: dutyViewSchema,
			handle: ({ body: { person, ...duty }, actor }) => roster.assign(duty, person, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/roster/absences",
			summary: "Absences that are not over, by their beginning",
			tag,
			permission: "roster.read",
			query: z.object(pagingQuery),
			response: pageOf(absenceViewSchema),
			handle: async ({ query }) => inMemoryPage(await roster.absences(), query),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/roster/absences",
			summary: "Reports an absence: one's own, or with roster.manage somebody else's. Their duties are gaps until somebody takes them",
			tag,
			permission: "roster.serve",
			body: absenceInputSchema,
			status: 201,
			response: absenceViewSchema,
			handle: async ({ body, actor }) => {
				const id = await roster.addAbsence(body, actor, manages(actor));
				const made = (await roster.absences()).find((one) => one.id === id);
				if (!made) throw notFound("absence", id);
				return made;
			},
		}),
		defineRoute({
			method: "delete",
			path: "/api/v1/roster/absences/{id}",
			summary: "Takes an absence back",
			tag,
			permission: "roster.serve",
			params: byId,
			status: 204,
			response: z.undefined(),
			handle: async ({ params, actor }) => {
				await roster.removeAbsence(params.id, actor, manages(actor));
				return undefined;
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/roster/swaps",
			summary: "Swaps of duties, the newest first",
			tag,
			permission: "roster.read",
			query: z.object(pagingQuery),
			response: pageOf(swapViewSchema),
			handle: ({ query }) => swaps.list(query),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/roster/swaps",
			summary: "Asks somebody to take one's duty, for one of theirs or for nothing; it holds once they accept",
			tag,
			permission: "roster.serve",
			body: swapInputSchema,
			status: 201,
			response: swapViewSchema,
			handle: ({ body, actor }) => swaps.propose(body, actor),
		}),
		decideSwap("accept", "Accepts a swap that one was asked for"),
		decideSwap("decline", "Declines a swap that one was asked for"),
		decideSwap("withdraw", "Takes a swap back that one has asked for"),
		defineRoute({
			method: "get",
			path: "/api/v1/roster/hand-overs",
			summary: "Hand-over notes with the alarms that were open, the newest first",
			tag,
			permission: "roster.read",
			query: z.object(pagingQuery),
			response: pageOf(handOverViewSchema),
			handle: ({ query }) => handOvers.list(query),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/roster/hand-overs",
			summary: "Writes a hand-over note; the alarms that are open now are kept with it",
			tag,
			permission: "roster.serve",
			body: handOverInputSchema,
			status: 201,
			response: handOverViewSchema,
			handle: ({ body, actor }) => handOvers.write(body.note, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/roster/hand-overs/{id}/take",
			summary: "Takes over: somebody else has read the note",
			tag,
			permission: "roster.serve",
			params: byId,
			body: nothing,
			response: handOverViewSchema,
			handle: ({ params, actor }) => handOvers.take(params.id, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/roster/contacts",
			summary: "Where the people of the roster are reached",
			tag,
			permission: "roster.read",
			readsPersonal: "roster.contacts",
			query: z.object(pagingQuery),
			response: pageOf(contactViewSchema),
			handle: async ({ query }) => inMemoryPage(await contacts.list(), query),
		}),
		defineRoute({
			method: "put",
			path: "/api/v1/roster/contacts/{person}",
			summary: "Says where somebody is reached: oneself, or with roster.manage somebody else",
			tag,
			permission: "roster.serve",
			params: z.object({ person: z.string().min(1).max(64) }),
			body: contactInputSchema,
			response: contactViewSchema,
			handle: ({ params, body, actor }) => contacts.put(params.person, body, actor, manages(actor)),
		}),
	];
}
