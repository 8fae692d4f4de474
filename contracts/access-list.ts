/** The access list that a door controller holds: what `access-list.put` and `access-list.get` of the native dialect carry (ACC-4). */
import { z } from "zod";
import { idSchema } from "./identifiers.ts";
import { cardSchema, fingerprintSchema } from "./native-dialect.ts";

/** Entries in one part, and their bytes as JSON: a part stays below the payload limit of 64 KiB. */
export const ENTRIES_PER_PART = 200;
export const BYTES_PER_PART = 48 * 1024;

/** Hours of the week: [days as a bit mask with Monday = 1, first minute of the day, minute of the day after the last]. */
const hoursSchema = z.tuple([z.number().int().min(1).max(127), z.number().int().min(0).max(1439), z.number().int().min(1).max(1440)]);

/**
 * What opens one door. A door with two factors has entries with both; any other has one for a card and one for a fingerprint.
 * The controller compares card as (format, facility, number). `from`, `until`: Unix ms, `null` without an end; `hours` in the list's
 * time zone, `null`: at all hours.
 */
export const accessListEntrySchema = z.strictObject({
	door: idSchema,
	card: cardSchema.nullable(),
	fingerprint: fingerprintSchema.nullable(),
	from: z.number().int().nullable(),
	until: z.number().int().nullable(),
	hours: z.array(hoursSchema).max(140).nullable(),
});
export type AccessListEntry = z.infer<typeof accessListEntrySchema>;

/**
 * Body of `access-list.put`, once a part. `list` names the content (a hash). The controller takes a list over as a whole when it has
 * every part of it, and keeps the one before until then; the answer to the last part has `{list}` as its body.
 */
export const accessListPartSchema = z.strictObject({
	list: z.string().min(1).max(64),
	timeZone: z.string().max(64),
	part: z.number().int().min(0),
	parts: z.number().int().min(1).max(10_000),
	entries: z.array(accessListEntrySchema).max(ENTRIES_PER_PART),
});
export type AccessListPart = z.infer<typeof accessListPartSchema>;

/** Body of `access-list.get`. The answer's body is the part as an {@link accessListPartSchema}; `list` is `none` where it has none. */
export const accessListGetSchema = z.strictObject({ part: z.number().int().min(0) });
export const NO_LIST = "none";

/** One line for an entry, the same for the same content; what two lists are compared by. */
export function entryKey({ door, card, fingerprint, from, until, hours }: AccessListEntry): string {
	const shown = card && `${card.format}/${card.facility}/${card.number}`;
	return JSON.stringify([door, shown, fingerprint, from, until, hours]);
}

/** A list in as few parts as hold it, at least one. */
export function inParts({ list, timeZone, entries }: { list: string; timeZone: string; entries: readonly AccessListEntry[] }): AccessListPart[] {
	const groups: AccessListEntry[][] = [[]];
	let bytes = 0;
	for (const entry of entries) {
		const size = JSON.stringify(entry).length + 1;
		const group = groups.at(-1);
		if (group && group.length < ENTRIES_PER_PART && bytes + size <= BYTES_PER_PART) {
			group.push(entry);
			bytes += size;
		} else {
			groups.push([entry]);
			bytes = size;
		}
	}
	return groups.map((group, part) => ({ list, timeZone, part, parts: groups.length, entries: group }));
}
