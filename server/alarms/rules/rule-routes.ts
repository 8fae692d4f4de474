import { z } from "zod";
import { instantSchema, pageOf } from "../../../contracts/api.ts";
import { changeSchema, ruleProposalSchema } from "../../../contracts/changes.ts";
import { idSchema } from "../../../contracts/identifiers.ts";
import { prioritySchema } from "../../../contracts/kinds.ts";
import { replayRequestSchema, replaySchema, ruleReplayRequestSchema } from "../../../contracts/rule-replay.ts";
import { ruleDifferences, ruleText } from "../../../contracts/rule-text.ts";
import { RULE_KINDS, type Rule } from "../../../contracts/rules.ts";
import type { ApprovalService, Person } from "../../approvals/approval-service.ts";
import { isoOf } from "../../platform/database/instants.ts";
import { invalid, notFound } from "../../platform/errors.ts";
import { inMemoryPage } from "../../platform/http/in-memory-page.ts";
import { pagingQuery } from "../../platform/http/paging.ts";
import { defineRoute, type Route } from "../../platform/http/route.ts";
import type { AlarmService } from "../alarm-service.ts";
import type { ReplayService } from "./replay-service.ts";
import type { BookedRule, RuleVersion } from "./rule-book.ts";
import type { RuleBook } from "./rule-book-service.ts";

/** A rule as the site file or a proposal writes it, durations as text. */
const writtenSchema = z.looseObject({ id: z.string() });
/** Where a rule comes from. */
const origin = {
	source: z.enum(["file", "agreed"]),
	/** The newest that was agreed on; 0: none, the site file counts. */
	version: z.number().int(),
	/** The site file says something else than when the rule was agreed on; the agreement counts. */
	fileChanged: z.boolean(),
};
/** One rule in force, durations in ms, with what its kind adds (limit, level, deadband; change, within, direction; count, within, states; per, measure; after). */
const ruleViewSchema = z.looseObject({
	id: z.string(),
	name: z.string(),
	kind: z.enum(RULE_KINDS),
	priority: prioritySchema,
	/** Which points, as in the site file. */
	on: z.looseObject({}),
	onDelay: z.number(),
	offDelay: z.number(),
	cause: z.string(),
	consequence: z.string(),
	action: z.string(),
	receivers: z.array(z.string()),
	/** Points that it watches; of a rule that combines points, the devices, racks or rooms. */
	points: z.number().int(),
	...origin,
	written: writtenSchema,
});
const personSchema = z.object({ id: z.string(), username: z.string(), name: z.string() });
const versionSchema = z.object({
	/** The version's number as text. */
	id: z.string(),
	version: z.number().int(),
	act: z.enum(["set", "delete", "follow-file"]),
	/** What it says; `null`: that there is no such rule, or that the site file counts. */
	rule: writtenSchema.nullable(),
	/** What the site file said then; of version 0 what it says now. */
	file: writtenSchema.nullable(),
	/** `null` for version 0, which is the site file. */
	at: instantSchema.nullable(),
	/** Id of the approved change. */
	change: z.string().nullable(),
	proposedBy: personSchema.nullable(),
	approvedBy: personSchema.nullable(),
});

export interface RuleRoutesOptions {
	alarms: Pick<AlarmService, "rules">;
	book: Pick<RuleBook, "rules" | "versions" | "inFile">;
	replays: Pick<ReplayService, "replay">;
	approvals: Pick<ApprovalService, "propose">;
	people: (ids: readonly string[]) => Promise<ReadonlyMap<string, Person>>;
}

const params = z.object({ id: idSchema });
const msOf = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text));
const written = (rule: Rule | null) => rule && ruleText(rule);

/** The rules that alarms are raised by, what was agreed about them, and proposals. */
export function ruleRoutes({ alarms, book, replays, approvals, people }: RuleRoutesOptions): Route[] {
	const inForce = () => {
		const points = new Map(alarms.rules().map((one) => [one.rule.id, one.points]));
		return book.rules().flatMap((booked) => view(booked, points) ?? []);
	};
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/rules",
			summary: "The alarm rules in force",
			tag: "rules",
			permission: "alarms.read",
			query: z.object(pagingQuery),
			response: pageOf(ruleViewSchema),
			handle: async ({ query }) => inMemoryPage(inForce(), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/rules/deleted",
			summary: "Rules of the site file that an agreement has taken out of force",
			tag: "rules",
			permission: "alarms.read",
			query: z.object(pagingQuery),
			response: pageOf(z.object({ id: z.string(), ...origin, file: writtenSchema.nullable() })),
			handle: async ({ query }) => {
				const deleted = book.rules().filter(({ rule }) => rule === null);
				return inMemoryPage(
					deleted.map(({ id, source, version, fileChanged }) => ({ id, source, version, fileChanged, file: written(book.inFile(id)) })),
					query,
				);
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/rules/{id}",
			summary: "One rule in force",
			tag: "rules",
			permission: "alarms.read",
			params,
			response: ruleViewSchema,
			handle: async ({ params: { id } }) => {
				const found = inForce().find((rule) => rule.id === id);
				if (!found) throw notFound("rule", id);
				return found;
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/rules/{id}/versions",
			summary: "What was agreed about a rule, the newest first; version 0 is the site file",
			tag: "rules",
			permission: "alarms.read",
			params,
			query: z.object(pagingQuery),
			response: pageOf(versionSchema),
			handle: async ({ params: { id }, query }) => {
				const versions = await book.versions(id);
				const known = await people([...new Set(versions.flatMap(({ proposedBy, approvedBy }) => [proposedBy, approvedBy]))]);
				return inMemoryPage([...versions.map((version) => versionView(version, known)), versionOfFile(book.inFile(id))], query);
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/rules/{id}/differences",
			summary: "In which fields two versions of a rule differ, as they are written; without `to` the newest, version 0 is the site file",
			tag: "rules",
			permission: "alarms.read",
			params,
			query: z.object({
				from: z.coerce.number().int().nonnegative(),
				to: z.coerce.number().int().nonnegative().optional(),
			}),
			response: z.object({
				from: z.number().int(),
				to: z.number().int(),
				differences: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })),
			}),
			handle: async ({ params: { id }, query }) => {
				const versions = await book.versions(id);
				const { from, to = versions[0]?.version ?? 0 } = query;
				const said = (version: number) => {
					if (version === 0) return written(book.inFile(id));
					const found = versions.find((one) => one.version === version);
					if (!found) throw notFound("version", `${version} of ${id}`);
					return found.agreed.act === "set" ? ruleText(found.agreed.rule) : found.agreed.act === "delete" ? null : written(found.file);
				};
				return { from, to, differences: ruleDifferences(said(from), said(to)) };
			},
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/rules/replay",
			summary: "What a rule would have done over stored history, beside the one in force; whole hours, 31 days at most, one at a time",
			tag: "rules",
			permission: "rules.propose",
			body: replayRequestSchema,
			response: replaySchema,
			status: 201,
			handle: async ({ body: { rule, from, to } }) => await replays.replay(rule, { from: msOf(from), to: msOf(to) }),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/rules/{id}/replay",
			summary: "What this rule would have done over stored history, as it is proposed; without `rule` what the one in force would have done",
			tag: "rules",
			permission: "rules.propose",
			params,
			body: ruleReplayRequestSchema,
			response: replaySchema,
			status: 201,
			handle: async ({ params: { id }, body: { rule, from, to } }) => {
				if (rule && rule.id !== id) throw invalid("The rule has another id.", [{ field: "rule.id", message: `expected ${id}` }]);
				const replayed = rule ?? book.rules().find((booked) => booked.id === id)?.rule;
				if (!replayed) throw notFound("rule", id);
				return await replays.replay(replayed, { from: msOf(from), to: msOf(to) });
			},
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/rules/changes",
			summary: "Proposes that a rule is added, changed, deleted or set back; another person decides",
			tag: "rules",
			permission: "rules.propose",
			body: ruleProposalSchema,
			response: changeSchema,
			status: 201,
			handle: async ({ body, actor }) => await approvals.propose({ kind: "rule", ...body }, actor),
		}),
	];
}

function view({ rule, source, version, fileChanged }: BookedRule, points: ReadonlyMap<string, number>) {
	return rule && { ...rule, points: points.get(rule.id) ?? 0, source, version, fileChanged, written: ruleText(rule) };
}

function versionView({ version, agreed, file, at, change, proposedBy, approvedBy }: RuleVersion, known: ReadonlyMap<string, Person>) {
	const person = (id: string): Person => known.get(id) ?? { id, username: id, name: id };
	const rule = agreed.act === "set" ? ruleText(agreed.rule) : null;
	const by = { proposedBy: person(proposedBy), approvedBy: person(approvedBy) };
	return { id: String(version), version, act: agreed.act, rule, file: written(file), at: isoOf(at), change, ...by };
}

const versionOfFile = (file: Rule | null) => ({
	id: "0",
	version: 0,
	act: "follow-file" as const,
	rule: null,
	file: written(file),
	at: null,
	change: null,
	proposedBy: null,
	approvedBy: null,
});
