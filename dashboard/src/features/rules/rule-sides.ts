/** What a change of a rule shows of it, before and after. */
import { z } from "zod";
import { instantSchema } from "../../../../contracts/api.ts";
import { replaySideSchema } from "../../../../contracts/rule-replay.ts";
import { writtenRuleSchema } from "../../api/rule-book.ts";

const evidenceSide = replaySideSchema.extend({
	worst: z.array(z.object({ point: z.string(), name: z.string(), fired: z.number(), activeMs: z.number() })),
});
/** What the replay found that the proposal names, in short. */
export const replayEvidenceSchema = z.object({ from: instantSchema, to: instantSchema, proposed: evidenceSide, inForce: evidenceSide.nullable() });

const rule = writtenRuleSchema.nullable();
export const ruleChangeSchema = z.object({
	before: z.object({ version: z.number(), source: z.string().nullable(), rule }),
	after: z.object({ version: z.number().nullable(), source: z.string().nullable(), rule, replay: replayEvidenceSchema.nullable() }),
});
