/** What load mode sent and what was acknowledged, so that loss and doubles can be told afterwards. */
import { z } from "zod";

export const manifestSchema = z.object({
	summary: z.object({
		points: z.number().int(),
		/** Asked for, readings/s; 0: as fast as acknowledgements come. */
		rate: z.number(),
		seconds: z.number(),
		connections: z.number().int(),
		batch: z.number().int(),
		/** Readings; a message sent again after a lost connection counts once. */
		sent: z.number().int(),
		acknowledged: z.number().int(),
		unacknowledged: z.number().int(),
		/** From the first reading to the last PUBACK. */
		elapsedMs: z.number(),
		readingsPerSecond: z.number(),
		lostConnections: z.number().int(),
		/** Processor time of the generator, s. */
		cpuSeconds: z.number(),
		from: z.number().int(),
		to: z.number().int(),
	}),
	points: z.array(
		z.object({
			id: z.string(),
			/** Acknowledged readings. */
			count: z.number().int(),
			/** Time stamps of the first and last of them, Unix ms; `null` for none. */
			first: z.number().int().nullable(),
			last: z.number().int().nullable(),
			/** See readingHash. */
			checksum: z.number().int(),
		}),
	),
	/** Messages without a PUBACK at the end: their readings (at `ts`, `ts + 1`, ...) may be stored or not. */
	unacknowledged: z.array(z.object({ id: z.string(), ts: z.number().int(), count: z.number().int() })),
});
export type Manifest = z.infer<typeof manifestSchema>;
