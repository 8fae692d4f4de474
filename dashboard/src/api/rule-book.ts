import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { instantSchema } from "../../../contracts/api.ts";
import { changeSchema, type ruleProposalSchema } from "../../../contracts/changes.ts";
import { replaySchema } from "../../../contracts/rule-replay.ts";
import { type RuleText, ruleText } from "../../../contracts/rule-text.ts";
import { ruleSchema } from "../../../contracts/rules.ts";
import { fetchAll, fetchJson } from "./fetch-json.ts";

const API = "/api/v1/rules";
const segment = encodeURIComponent;
/** The server gives a replay two minutes. */
const REPLAY_PATIENCE = 150_000;

const origin = { source: z.enum(["file", "agreed"]), version: z.number().int(), fileChanged: z.boolean() };
/** A rule as people write it, checked. */
export const writtenRuleSchema = ruleSchema.transform(ruleText);
const written = writtenRuleSchema.nullable();

/** One rule in force: as it is written, and parsed. */
const bookedRuleSchema = z
	.object({ id: z.string(), points: z.number().int(), ...origin, written: ruleSchema })
	.transform(({ written: rule, ...rest }) => ({ ...rest, rule, written: ruleText(rule) }));
export type BookedRule = z.output<typeof bookedRuleSchema>;

export const ruleBookQuery = queryOptions({
	queryKey: ["rules", "book"],
	queryFn: ({ signal }) => fetchAll(`${API}?limit=500`, bookedRuleSchema, { signal }),
});
export const deletedRulesQuery = queryOptions({
	queryKey: ["rules", "deleted"],
	queryFn: ({ signal }) => fetchAll(`${API}/deleted?limit=500`, z.object({ id: z.string(), ...origin, file: written }), { signal }),
});

const person = z.object({ name: z.string() }).nullable();
const versionSchema = z.object({
	version: z.number().int(),
	act: z.enum(["set", "delete", "follow-file"]),
	/** What it says; `null`: that there is no such rule, or that the site file counts. */
	rule: written,
	/** What the site file said then. */
	file: written,
	at: instantSchema.nullable(),
	change: z.string().nullable(),
	proposedBy: person,
	approvedBy: person,
});
export type RuleVersion = z.output<typeof versionSchema>;
/** The newest first; the last is version 0, the site file. */
export function ruleVersionsQuery(rule: string) {
	return queryOptions({
		queryKey: ["rules", "versions", rule],
		queryFn: ({ signal }) => fetchAll(`${API}/${segment(rule)}/versions?limit=500`, versionSchema, { signal }),
	});
}

const differencesSchema = z.object({ differences: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })) });
export function ruleDifferencesQuery(rule: string, from: number, to: number) {
	return queryOptions({
		queryKey: ["rules", "differences", rule, from, to],
		queryFn: ({ signal }) => fetchJson(`${API}/${segment(rule)}/differences?from=${from}&to=${to}`, differencesSchema, { signal }),
	});
}

/** `from`, `to`: Unix ms; without them the last 30 days. */
export const replayRule = ({ rule, from, to }: { rule: RuleText; from?: number; to?: number }) =>
	fetchJson(`${API}/replay`, replaySchema, {
		method: "POST",
		body: {
			rule,
			...(from !== undefined && { from: new Date(from).toISOString() }),
			...(to !== undefined && { to: new Date(to).toISOString() }),
		},
		patience: REPLAY_PATIENCE,
	});
export const proposeRule = (body: z.input<typeof ruleProposalSchema>) => fetchJson(`${API}/changes`, changeSchema, { method: "POST", body });

/** Rules known by id: one that there is none of is not in force. */
export const ruleById = (book: readonly BookedRule[], id: string): BookedRule | null => book.find((one) => one.id === id) ?? null;
