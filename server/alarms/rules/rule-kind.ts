import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Proposal } from "../../../contracts/changes.ts";
import { DUTY_PLACES } from "../../../contracts/duty-plan.ts";
import { ruleText } from "../../../contracts/rule-text.ts";
import { missingWords } from "../../../contracts/rule-words.ts";
import { type Rule, ruleSchema } from "../../../contracts/rules.ts";
import type { ChangeKind } from "../../approvals/change-kind.ts";
import type { Json } from "../../ledger/ledger-entry.ts";
import type { AnyTransaction } from "../../platform/database/database.ts";
import { conflict, type FieldError, invalid, notFound } from "../../platform/errors.ts";
import type { ReplayService } from "./replay-service.ts";
import { type Agreed, bookedRule, type RuleVersion, sameRule } from "./rule-book.ts";
import type { RuleBook } from "./rule-book-service.ts";
import { addVersion, lockRules, ruleVersions } from "./rule-store.ts";

type RuleProposal = Extract<Proposal, { kind: "rule" }>;

const WEEK = 7 * 86_400_000;

export interface RuleChangeOptions {
	book: RuleBook;
	replays: Pick<ReplayService, "evidence">;
	/** Those of the usernames that are accounts in use. */
	accounts: (usernames: readonly string[], transaction: AnyTransaction) => Promise<ReadonlyMap<string, unknown>>;
	site: () => string;
}

/**
 * Adding, changing and deleting a rule takes two people (ALM-9), who see it before and after as it is written. Each agreement is a
 * version; going back to one is a proposal like any other.
 */
export function ruleChange({ book, replays, accounts, site }: RuleChangeOptions): ChangeKind<RuleProposal> {
	/** What it would do to the rule, with the versions there are; nobody else agrees on a rule meanwhile. */
	const look = async (transaction: AnyTransaction, { rule: id, change }: RuleProposal) => {
		await lockRules(transaction);
		const versions = await ruleVersions(transaction, id);
		const file = book.inFile(id);
		const before = bookedRule(id, file, versions[0]);
		const agreed = agreedBy(change, versions, id);
		const version = (versions[0]?.version ?? 0) + 1;
		const after = bookedRule(id, file, { rule: id, version, agreed, file, at: 0, change: "", proposedBy: "", approvedBy: "" });
		return { file, before, agreed, after, version };
	};
	/** Rules whose alarms would never be explained, since there are none. */
	const unknownRules = ({ id, explains }: Rule): FieldError[] => {
		const known = new Set([id, ...book.rules().flatMap(({ rule }) => rule?.id ?? [])]);
		return explains.flatMap(({ rules = [] }, index) =>
			rules.flatMap((rule) =>
				known.has(rule) ? [] : { field: `change.definition.explains[${index}].rules`, message: `expected ids of rules, not ${rule}` },
			),
		);
	};
	/** Receivers that nobody could tell anything. */
	const strangers = async (transaction: AnyTransaction, { receivers }: Rule): Promise<FieldError[]> => {
		const people = receivers.filter((name) => !DUTY_PLACES.some((place) => place === name));
		const known = people.length > 0 ? await accounts(people, transaction) : new Map<string, unknown>();
		return people.flatMap((name) =>
			known.has(name) ? [] : { field: "change.definition.receivers", message: `expected a username or a place of the roster, not ${name}` },
		);
	};
	return {
		kind: "rule",
		propose: "rules.propose",
		approve: "rules.approve",
		expiresAfter: WEEK,
		async describe(transaction, proposal) {
			const { rule: id, change } = proposal;
			const { before, agreed, after } = await look(transaction, proposal);
			const errors =
				change.act === "set" && agreed.act === "set"
					? [...problems(agreed.rule, id), ...unknownRules(agreed.rule), ...(await strangers(transaction, agreed.rule))]
					: [];
			if (errors.length > 0) throw invalid("A rule says for whom it is and what is to be done.", errors);
			if (!before?.rule && agreed.act === "delete") throw notFound("rule", id);
			if (agreed.act === "follow-file" && book.inFile(id) === null)
				throw conflict("not-in-site-file", `The site file has no rule ${id}; propose that it is deleted.`);
			if (sameRule(before?.rule ?? null, after?.rule ?? null) && (before?.source ?? "file") === (after?.source ?? "file"))
				throw conflict("rule-unchanged", `The rule ${id} is so already.`);
			const { replay } = proposal;
			const evidence = replay !== undefined && after?.rule ? await replays.evidence(transaction, replay, after.rule) : null;
			if (evidence === null && (replay !== undefined || change.act === "set"))
				throw invalid("A rule is replayed over stored history before it is proposed.", [
					{ field: "replay", message: "expected the id of a replay of this very rule" },
				]);
			const written = (rule: Rule | null | undefined): Json => (rule ? (ruleText(rule) as unknown as Json) : null);
			const act = !before?.rule ? "Add" : !after?.rule ? "Delete" : "Change";
			return {
				subject: id,
				site: site(),
				title: `${act} the alarm rule ${(after?.rule ?? before?.rule)?.name ?? id}`,
				before: { version: before?.version ?? 0, source: before?.source ?? null, rule: written(before?.rule) },
				after: { version: after?.version ?? null, source: after?.source ?? null, rule: written(after?.rule), replay: evidence },
			};
		},
		async apply(transaction, { id, proposal, proposer, approver, now }) {
			const { agreed, version, file } = await look(transaction, proposal);
			const { rule } = proposal;
			const by = { proposedBy: proposer.id, approvedBy: approver.id };
			await addVersion(transaction, { rule, version, agreed, file, at: now, change: id, ...by });
			const definition = agreed.act === "set" ? digest(agreed.rule) : null;
			return [{ type: "rule.agreed", version: 1, at: now, data: { rule, version, act: agreed.act, definition, change: id, ...by } }];
		},
		applied: () => book.refresh(),
	};
}

/** Going back to a version is agreeing on what it says. Throws AppError 404. */
function agreedBy(change: RuleProposal["change"], versions: readonly RuleVersion[], id: string): Agreed {
	if (change.act === "set") return { act: "set", rule: ruleSchema.parse(change.definition) };
	if (change.act !== "roll-back") return { act: change.act };
	if (change.version === 0) return { act: "follow-file" };
	const found = versions.find(({ version }) => version === change.version);
	if (!found) throw notFound("version", `${change.version} of ${id}`);
	return found.agreed;
}

/** What a rule that is proposed must say beyond its kind: level and target are in the rule itself. */
function problems(rule: Rule, id: string): FieldError[] {
	const at = (field: keyof Rule, message: string) => ({ field: `change.definition.${field}`, message });
	return [
		...(rule.id === id ? [] : [at("id", `expected ${id}`)]),
		...missingWords(rule).map(({ field, message }) => at(field, message)),
		...(rule.receivers.length === 0 ? [at("receivers", "expected at least one receiver")] : []),
	];
}

/** SHA-256 of the written rule in canonical form (RFC 8785), in hex. */
const digest = (rule: Rule): string =>
	createHash("sha256")
		.update(canonicalize(ruleText(rule)) ?? "")
		.digest("hex");
