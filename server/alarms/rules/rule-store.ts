import { type Kysely, type Selectable, sql } from "kysely";
import { ruleText } from "../../../contracts/rule-text.ts";
import { type Rule, ruleSchema } from "../../../contracts/rules.ts";
import type { AnyTransaction } from "../../platform/database/database.ts";
import { dateOf, msOf } from "../../platform/database/instants.ts";
import type { RuleVersion } from "./rule-book.ts";

export interface RuleTables {
	rule_versions: {
		rule: string;
		version: number;
		act: RuleVersion["agreed"]["act"];
		definition: unknown;
		file: unknown;
		at: Date;
		change: string;
		proposed_by: string;
		approved_by: string;
	};
}
type Tables = Kysely<RuleTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<RuleTables> => tables as unknown as Kysely<RuleTables>;

/** Nobody else agrees on any rule before the transaction is over. */
export async function lockRules(transaction: AnyTransaction): Promise<void> {
	await sql`LOCK TABLE rule_versions IN SHARE ROW EXCLUSIVE MODE`.execute(transaction);
}

/** Versions of one rule or of all, the newest first. */
export async function ruleVersions(tables: Tables, rule?: string): Promise<RuleVersion[]> {
	let query = typed(tables).selectFrom("rule_versions").selectAll();
	if (rule !== undefined) query = query.where("rule", "=", rule);
	return (await query.orderBy("version", "desc").execute()).map(versionOf);
}

/** The newest version of every rule that anything was agreed about. */
export async function newestVersions(tables: Tables): Promise<Map<string, RuleVersion>> {
	const rows = await typed(tables).selectFrom("rule_versions").selectAll().distinctOn("rule").orderBy("rule").orderBy("version", "desc").execute();
	return new Map(rows.map((row) => [row.rule, versionOf(row)]));
}

export async function addVersion(transaction: AnyTransaction, { rule, version, agreed, file, at, ...by }: RuleVersion): Promise<void> {
	const json = (one: Rule | null) => (one === null ? null : (sql`${JSON.stringify(ruleText(one))}::jsonb` as unknown));
	await typed(transaction)
		.insertInto("rule_versions")
		.values({
			rule,
			version,
			act: agreed.act,
			definition: json(agreed.act === "set" ? agreed.rule : null),
			file: json(file),
			at: dateOf(at),
			change: by.change,
			proposed_by: by.proposedBy,
			approved_by: by.approvedBy,
		})
		.execute();
}

function versionOf(row: Selectable<RuleTables["rule_versions"]>): RuleVersion {
	const { rule, version, act, definition, file, at, change } = row;
	return {
		rule,
		version,
		agreed: act === "set" ? { act, rule: ruleSchema.parse(definition) } : { act },
		file: file === null ? null : ruleSchema.parse(file),
		at: msOf(at),
		change,
		proposedBy: row.proposed_by,
		approvedBy: row.approved_by,
	};
}
