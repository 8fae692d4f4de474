/** `GET /racks/power`: what each rack draws from its feeds, and what a feed would carry if the other failed now (ALM-12). */
import { z } from "zod";

export const feedSchema = z.enum(["A", "B"]);

export const rackPowerSchema = z.object({
	/** The rack's. */
	id: z.string(),
	name: z.string(),
	room: z.string(),
	/** What one feed of the rack can carry alone, W; `null` where the site file doesn't say. */
	feedPower: z.number().nullable(),
	/** Load of each feed, W; `null`: not known, since a meter is silent or its value is bad. */
	load: z.object({ A: z.number().nullable(), B: z.number().nullable() }),
	/** What happens if a feed fails now, for each feed that a meter of the rack hangs on. */
	ifFails: z.array(
		z.object({
			feed: feedSchema,
			/** The feed that is left; `null`: none, or it carries nothing now: the rack would be dark. */
			carriedBy: feedSchema.nullable(),
			/** What that would carry, in % of what it can; `null`: not known. */
			percent: z.number().nullable(),
		}),
	),
});
export type RackPower = z.infer<typeof rackPowerSchema>;
