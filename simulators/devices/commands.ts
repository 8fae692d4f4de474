/** How a simulated door controller answers the agent's commands; pure. */
import { z } from "zod";
import { type AccessListEntry, accessListGetSchema, accessListPartSchema, inParts, NO_LIST } from "../../contracts/access-list.ts";
import { type NativeCommand, type NativeResult, UNKNOWN_OPERATION } from "../../contracts/native-dialect.ts";

/** What a controller keeps between commands. */
export interface ControllerMemory {
	/** The list in force; `null` when it was never given one. */
	held: { list: string; timeZone: string; entries: readonly AccessListEntry[] } | null;
	/** The parts of a list that is on its way, by their number. */
	coming: { list: string; parts: number; got: ReadonlyMap<number, readonly AccessListEntry[]> } | null;
}
export const EMPTY_MEMORY: ControllerMemory = { held: null, coming: null };
/** After a loss of its memory: it knows nobody. */
export const LOST_MEMORY: ControllerMemory = { held: { list: NO_LIST, timeZone: "UTC", entries: [] }, coming: null };

type Answer = { memory: ControllerMemory; result: NativeResult };

/** Carries out one command: `identify`, `access-list.put`, `access-list.get`; anything else is answered with an error. */
export function answerCommand(device: string, memory: ControllerMemory, { id, op, body }: NativeCommand): Answer {
	const good = (said: Record<string, unknown>, next = memory): Answer => ({ memory: next, result: { id, ok: true, error: null, body: said } });
	const bad = (error: string): Answer => ({ memory, result: { id, ok: false, error, body: {} } });
	switch (op) {
		case "identify":
			return good({ device, maker: "Watchroom simulators" });
		case "access-list.put": {
			const part = accessListPartSchema.safeParse(body);
			if (!part.success) return bad(z.prettifyError(part.error).slice(0, 200));
			const next = take(memory, part.data);
			return good(next.coming && next.coming.got.size === next.coming.parts ? { list: part.data.list } : {}, next);
		}
		case "access-list.get": {
			const asked = accessListGetSchema.safeParse(body);
			if (!asked.success) return bad(z.prettifyError(asked.error).slice(0, 200));
			const parts = inParts(memory.held ?? { list: NO_LIST, timeZone: "UTC", entries: [] });
			const part = parts[asked.data.part];
			return part ? good({ ...part }) : bad(`there is no part ${asked.data.part}, only ${parts.length}`);
		}
		default:
			return bad(UNKNOWN_OPERATION);
	}
}

/** Takes a part; the list counts as a whole once every part of it is there. The first part of a complete one begins it anew. */
function take(memory: ControllerMemory, part: z.infer<typeof accessListPartSchema>): ControllerMemory {
	const { list, timeZone, parts, entries } = part;
	const before = memory.coming;
	const goesOn = before?.list === list && before.parts === parts && !(part.part === 0 && before.got.size === parts);
	const got = new Map(goesOn ? before.got : []).set(part.part, entries);
	const coming = { list, parts, got };
	if (got.size < parts) return { ...memory, coming };
	const all = [...got].sort(([a], [b]) => a - b).flatMap(([, some]) => some);
	return { held: { list, timeZone, entries: all }, coming };
}
