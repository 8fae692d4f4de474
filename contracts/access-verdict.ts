import { z } from "zod";

/** What the register says of somebody at a door at a moment. The codes are BACnet's access events (kebab-case), as on the wire. */
export const ACCESS_VERDICTS = [
	"granted",
	"denied-unknown-credential",
	"denied-credential-inactive",
	"denied-expired",
	"denied-no-rights",
	"denied-out-of-time",
	"denied-incorrect-factor",
] as const;
export const accessVerdictSchema = z.enum(ACCESS_VERDICTS);
export type AccessVerdict = z.infer<typeof accessVerdictSchema>;
