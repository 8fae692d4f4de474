/** Part of verify-media-pack.ts: the signed steps of a medium, as the ledger knows them, from the first without a gap. */
import { isDeepStrictEqual } from "node:util";
import { countOf, type Fields, fieldsOf, listOf, NotValid, parseJson, textOf } from "../ledger/pack-checks.ts";
import { digestOf, type Entry } from "./verify-entries.ts";

/** A step as it was signed. */
export interface Step {
	number: number;
	act: string;
	/** As it was told, ISO 8601. */
	at: string;
	place: string;
	account: string;
	name: string;
	username: string;
	medium: Fields;
	told: Fields;
	machine: Fields | null;
	signature: unknown;
	/** Holder of the access register whose account it is; `null`: nobody has said. */
	person: string | null;
	unseen: unknown[];
	/** In which ways it was not as planned; records from before don't say it. */
	deviations: unknown[] | undefined;
	photos: string[];
	/** What it has opened; `null`: it was done. */
	incident: { id: string; kind: string; reason: string } | null;
	policy: number;
	digest: string;
	index: number;
}
/** Two persons have ended an incident. */
interface Release {
	incident: string;
	index: number;
	outcome: string;
}

const textIn = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Throws {@link NotValid} where a record is not the one of the ledger, or doesn't follow from the one before. */
export function checkedChain(texts: readonly unknown[], entries: readonly Entry[], lines: string[]): { steps: Step[]; releases: Release[] } {
	const leaves = entries.filter(({ type }) => type === "media.step");
	if (texts.length === 0 || texts.length !== leaves.length)
		throw new NotValid(`there are ${texts.length} records of steps, and ${leaves.length} entries of steps in the ledger.`);
	const steps = texts.map((text, place) => stepOf(text, leaves[place] as Entry, place));
	let latest = Number.NEGATIVE_INFINITY;
	for (const [place, step] of steps.entries()) {
		const { number, medium, at, index } = step;
		const before = steps[place - 1];
		const { previous } = leaves[place]?.data ?? {};
		if (number !== place + 1) throw new NotValid(`step ${place + 1} is missing: after it comes number ${number}.`);
		if (previous !== (before?.digest ?? null)) throw new NotValid(`step ${number} was not signed on top of the step before it.`);
		if (before && (before.medium.id !== medium.id || before.medium.batch !== medium.batch))
			throw new NotValid(`step ${number} is one of another medium.`);
		// What has stopped the chain may be older: a step that waited on a device while others went on.
		if (!step.incident && Date.parse(at) < latest) throw new NotValid(`step ${number} is dated before the step ahead of it.`);
		latest = Math.max(latest, Date.parse(at));
		lines.push(`  ${lineOf(step)}`);
		if (step.deviations?.length) lines.push(`     not as its order plans: ${step.deviations.join(", ")}`);
		if (step.incident) lines.push(`     it opened an incident, ${step.incident.kind}: ${step.incident.reason}`);
		if (before && index <= before.index) throw new NotValid(`step ${number} is not where it belongs in the ledger.`);
	}
	checkHandOvers(steps);
	return { steps, releases: releasesOf(entries, steps, lines) };
}

function stepOf(text: unknown, entry: Entry, place: number): Step {
	const where = `records[${place}]`;
	if (typeof text !== "string") throw new Error(`${where}: expected text`);
	const digest = digestOf(text);
	const record = fieldsOf(parseJson(text), where);
	if (record.format !== "watchroom-media-step/1") throw new Error(`${where}.format: expected "watchroom-media-step/1"`);
	const [told, by, medium] = [fieldsOf(record.told, where), fieldsOf(record.by, where), fieldsOf(record.medium, where)];
	const incident = record.incident === null ? null : fieldsOf(record.incident, where);
	const number = countOf(record, "number");
	const stands = {
		medium: medium.id,
		batch: medium.batch,
		number,
		act: told.act,
		by: by.account,
		digest,
		previous: record.previous,
		incident: incident?.kind ?? null,
	};
	if (!isDeepStrictEqual(entry.data, stands) || entry.at !== record.recordedAt)
		throw new NotValid(`the record of step ${number} is not the one whose digest stands in the ledger at ${entry.index}.`);
	return {
		number,
		act: textOf(told, "act"),
		at: textOf(told, "at"),
		place: textOf(told, "place"),
		account: textOf(by, "account"),
		name: textOf(by, "name"),
		username: textOf(by, "username"),
		medium,
		told,
		machine: record.machine === null ? null : fieldsOf(record.machine, where),
		signature: record.signature,
		person: textIn(by.person),
		unseen: listOf(record, "unseen"),
		deviations: record.deviations === undefined ? undefined : listOf(record, "deviations"),
		photos: listOf(told, "photos").map(String),
		incident: incident && { id: textOf(incident, "id"), kind: textOf(incident, "kind"), reason: textOf(incident, "reason") },
		policy: countOf(record, "policy"),
		digest,
		index: entry.index,
	};
}

function lineOf({ number, act, at, place, name, username, told, index }: Step): string {
	const seal = textIn(fieldsOf(told.seal ?? {}, "seal").number);
	const newSeal = textIn(told.newSeal);
	const seals = [seal === null ? "" : `, seal ${seal} found`, newSeal === null ? "" : `, seal ${newSeal} put on`];
	return `${String(number).padStart(2)}  ${act}  ${at}  ${place}  ${name} (${username})${seals.join("")}, entry ${index}`;
}

/** Both have signed: who takes is whom it was offered to last. */
function checkHandOvers(steps: readonly Step[]): void {
	let offered: string | null = null;
	let giver: string | null = null;
	for (const { number, act, account, person, told, incident } of steps) {
		if (incident) continue;
		if (act === "offer") [offered, giver] = [textIn(told.to), person];
		if (act === "accept" && person !== null && person === giver) throw new NotValid(`step ${number}: giver and taker are accounts of one person.`);
		if (act === "accept" && offered !== account) throw new NotValid(`step ${number} takes over what was not offered to who took it.`);
		if (act === "accept" || act === "decline" || act === "withdraw") offered = null;
	}
}

/** A chain that stood still goes on by the word of two persons. */
function releasesOf(entries: readonly Entry[], steps: readonly Step[], lines: string[]): Release[] {
	const releases = entries
		.filter(({ type }) => type === "media.incident-released")
		.map(({ index, data }): Release => {
			const [proposed, approved] = [textOf(data, "proposedBy"), textOf(data, "approvedBy")];
			if (data.medium !== steps[0]?.medium.id) throw new NotValid(`entry ${index} releases another medium.`);
			if (proposed === approved) throw new NotValid(`entry ${index}: one person alone has released the chain.`);
			lines.push(`Incident ${textOf(data, "incident")} was ended by two persons (${textOf(data, "outcome")}), entry ${index}.`);
			return { index, incident: textOf(data, "incident"), outcome: textOf(data, "outcome") };
		});
	for (const [place, { incident, number, index }] of steps.entries()) {
		// Nothing but a report is taken of a chain that stands still, and that only says what is known.
		const next = steps[place + 1];
		if (!incident || !next) continue;
		const release = releases.find((one) => one.incident === incident.id);
		if (!release || release.index <= index || release.index >= next.index)
			throw new NotValid(`step ${number} has stopped the chain, and nothing shows that two persons let it go on.`);
	}
	return releases;
}
