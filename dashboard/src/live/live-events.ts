import { z } from "zod";
import { liveQualitySchema } from "../../../contracts/kinds.ts";
import { type LiveReading, realtimeEvents } from "../../../contracts/realtime.ts";

const envelopeSchema = z.object({ site: z.string(), readings: z.array(z.unknown()) });
const qualities: ReadonlySet<unknown> = new Set(liveQualitySchema.options);

/**
 * The readings of a `reading` event, those of another shape left out. Checked by hand: ten thousand points four times a
 * second through a schema interpreter would take the frames that drawing needs.
 */
export function readingsOf(payload: unknown): LiveReading[] {
	const envelope = envelopeSchema.safeParse(payload);
	return envelope.success ? envelope.data.readings.filter(isLiveReading) : [];
}

function isLiveReading(row: unknown): row is LiveReading {
	if (!Array.isArray(row)) return false;
	const fields: readonly unknown[] = row;
	const [id, value, quality, ts, receivedAt] = fields;
	const type = typeof value;
	return (
		typeof id === "string" &&
		(value === null || type === "number" || type === "boolean" || type === "string") &&
		qualities.has(quality) &&
		typeof ts === "number" &&
		typeof receivedAt === "number"
	);
}

/** The event's content, or `null` when it has not the shape of its contract. */
export function parseEvent<name extends Exclude<keyof typeof realtimeEvents, "reading">>(
	name: name,
	payload: unknown,
): z.output<(typeof realtimeEvents)[name]> | null {
	const parsed = realtimeEvents[name].safeParse(payload);
	return parsed.success ? (parsed.data as z.output<(typeof realtimeEvents)[name]>) : null;
}
