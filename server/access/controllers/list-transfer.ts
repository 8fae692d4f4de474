/** Lists to and from a controller, part by part. */
import { z } from "zod";
import { type AccessListEntry, type AccessListPart, accessListPartSchema, inParts, NO_LIST } from "../../../contracts/access-list.ts";
import { UNKNOWN_OPERATION } from "../../../contracts/native-dialect.ts";
import type { Commands } from "../../ingest/device-commands.ts";
import type { ReadList } from "./drift.ts";
import type { WantedList } from "./wanted-list.ts";

/** `no-list`: the controller can't hold one. `wrong-answer`: it answered, but not as agreed. The others come from the way to it. */
export interface Failure {
	reason: string;
	detail: string;
}
export type Transfer<T> = { ok: true; value: T } | ({ ok: false } & Failure);

/** A list of more parts than this isn't read: no site's is. */
const MOST_PARTS = 2000;
/** How often reading begins anew when the list changes under it. */
const READS = 3;
const takenSchema = z.object({ list: z.string() });

/** Reads the list that a controller holds. */
export async function readList(commands: Commands, controller: string): Promise<Transfer<ReadList>> {
	for (let attempt = 1; ; attempt++) {
		const read = await readOnce(commands, controller);
		if (read !== "changed") return read;
		if (attempt === READS) return wrong("the list changed again and again while it was read");
	}
}

async function readOnce(commands: Commands, controller: string): Promise<Transfer<ReadList> | "changed"> {
	const first = await getPart(commands, controller, 0);
	if (!first.ok) return first;
	const { list, timeZone, parts } = first.value;
	if (list === NO_LIST) return { ok: true, value: { none: true, timeZone, entries: [] } };
	if (parts > MOST_PARTS) return wrong(`expected at most ${MOST_PARTS} parts, got ${parts}`);
	const entries: AccessListEntry[] = [...first.value.entries];
	for (let part = 1; part < parts; part++) {
		const next = await getPart(commands, controller, part);
		if (!next.ok) return next;
		if (next.value.list !== list || next.value.parts !== parts || next.value.timeZone !== timeZone) return "changed";
		entries.push(...next.value.entries);
	}
	return { ok: true, value: { none: false, timeZone, entries } };
}

async function getPart(commands: Commands, controller: string, part: number): Promise<Transfer<AccessListPart>> {
	const outcome = await commands.send(controller, "access-list.get", { part });
	if (!outcome.ok) return failed(outcome);
	const parsed = accessListPartSchema.safeParse(outcome.body);
	if (!parsed.success) return wrong(`part ${part}: ${z.prettifyError(parsed.error).slice(0, 300)}`);
	return parsed.data.part === part ? { ok: true, value: parsed.data } : wrong(`expected part ${part}, got part ${parsed.data.part}`);
}

/** Puts a list: the controller works with it once it has every part. */
export async function putList(commands: Commands, { controller, list, timeZone, entries }: WantedList): Promise<Transfer<null>> {
	const parts = inParts({ list, timeZone, entries: entries.map(({ entry }) => entry) });
	for (const part of parts) {
		const outcome = await commands.send(controller, "access-list.put", part);
		if (!outcome.ok) return failed(outcome);
		if (part.part < parts.length - 1) continue;
		const taken = takenSchema.safeParse(outcome.body);
		if (taken.data?.list !== list) return wrong(`expected it to take list ${list} over, it says ${taken.data?.list.slice(0, 64) ?? "nothing"}`);
	}
	return { ok: true, value: null };
}

function failed({ reason, detail }: Failure): { ok: false } & Failure {
	const cannot = reason === "no-commands" || (reason === "device-refused" && detail === UNKNOWN_OPERATION);
	return { ok: false, reason: cannot ? "no-list" : reason, detail };
}
const wrong = (detail: string): { ok: false } & Failure => ({ ok: false, reason: "wrong-answer", detail });
