/** Which rules are in force: those of the site file, overlaid by what two people have agreed on (ALM-9); pure. */
import type { Rule } from "../../../contracts/rules.ts";

/** What has been agreed about a rule: a rule of its own, none at all, or whatever the site file says. */
export type Agreed = { act: "set"; rule: Rule } | { act: "delete" } | { act: "follow-file" };
export interface RuleVersion {
	/** Id of the rule. */
	rule: string;
	/** From 1; 0 stands for the site file before anything was agreed. */
	version: number;
	agreed: Agreed;
	/** What the site file said then; `null`: it had no such rule. */
	file: Rule | null;
	/** Unix ms. */
	at: number;
	/** Id of the approved change. */
	change: string;
	proposedBy: string;
	approvedBy: string;
}

/** A rule that is in force, or that an agreement has taken out of force. */
export interface BookedRule {
	id: string;
	/** `null`: deleted by agreement, while the site file has it. */
	rule: Rule | null;
	source: "file" | "agreed";
	/** The newest version, 0 where nothing was ever agreed. */
	version: number;
	/** The site file has been changed since the agreement that counts instead of it: what it says now is not in force. */
	fileChanged: boolean;
}

/**
 * The rules in the order of the site file, then those that only agreements have added. What two people have agreed on counts until
 * two people agree otherwise, whatever becomes of the site file; where nothing was agreed the site file counts.
 */
export function bookOf(file: readonly Rule[], newest: ReadonlyMap<string, RuleVersion>): BookedRule[] {
	const inFile = new Map(file.map((rule) => [rule.id, rule]));
	return [...new Set([...inFile.keys(), ...newest.keys()])].flatMap((id) => {
		const booked = bookedRule(id, inFile.get(id) ?? null, newest.get(id));
		return booked ? [booked] : [];
	});
}

/** `null` where neither the site file nor an agreement has such a rule. */
export function bookedRule(id: string, file: Rule | null, newest: RuleVersion | undefined): BookedRule | null {
	const version = newest?.version ?? 0;
	if (!newest || newest.agreed.act === "follow-file") return file && { id, rule: file, source: "file", version, fileChanged: false };
	const fileChanged = !sameRule(newest.file, file);
	if (newest.agreed.act === "set") return { id, rule: newest.agreed.rule, source: "agreed", version, fileChanged };
	return file && { id, rule: null, source: "agreed", version, fileChanged };
}

export const sameRule = (one: Rule | null, other: Rule | null): boolean => JSON.stringify(one) === JSON.stringify(other);
