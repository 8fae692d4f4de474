/** Door controllers and the access lists that they hold, as the API shows them (ACC-4). */
import { z } from "zod";
import { holderRefSchema } from "./access.ts";
import { instantSchema } from "./api.ts";
import { CARD, NAME, sensitiveFields } from "./sensitive.ts";

/**
 * - `unknown`: nothing has been read back yet.
 * - `pending`: a change is on its way.
 * - `confirmed`: the list was read back and is as it should be.
 * - `drift`: it holds something else than was put there; it is being repaired.
 * - `failing`: it is offline, refuses or answers wrongly; tried again, see `failure`.
 * - `no-list`: it has no access list that could be put and read; what is decided must be set at the controller by hand.
 */
export const CONTROLLER_STATES = ["unknown", "pending", "confirmed", "drift", "failing", "no-list"] as const;
export const controllerStateSchema = z.enum(CONTROLLER_STATES);
export type ControllerState = z.infer<typeof controllerStateSchema>;

/** `missing`: it should hold the entry; `extra`: it should not; `different`: its times or hours are other than they should be. */
export const DRIFT_KINDS = ["missing", "extra", "different"] as const;
export const driftKindSchema = z.enum(DRIFT_KINDS);

const whenSchema = z.object({ from: instantSchema.nullable(), until: instantSchema.nullable(), hours: z.array(z.array(z.number())).nullable() });
export const driftEntrySchema = z.object({
	kind: driftKindSchema,
	door: z.string(),
	/** Of the register's credential that this is, where it is one. */
	holder: holderRefSchema.nullable(),
	/** `{format} {facility}-{number}`. */
	card: z.string().register(sensitiveFields, CARD).nullable(),
	fingerprint: z.string().register(sensitiveFields, NAME).nullable(),
	/** What the controller should have, and what it has: `null` where there is none. */
	wanted: whenSchema.nullable(),
	held: whenSchema.nullable(),
});
export type DriftEntryView = z.infer<typeof driftEntrySchema>;

const driftCountsSchema = z.object({ missing: z.number().int(), extra: z.number().int(), different: z.number().int() });
export const controllerViewSchema = z.object({
	/** Id of the device. */
	id: z.string(),
	name: z.string(),
	doors: z.array(z.string()),
	/** Whether the device is heard now. */
	online: z.boolean(),
	state: controllerStateSchema,
	/** Entries that it should hold. */
	entries: z.number().int(),
	/** When its list was last read back and found as it should have been then. */
	confirmedAt: instantSchema.nullable(),
	/** When its list was last read at all. */
	checkedAt: instantSchema.nullable(),
	/** Entries that were read then. */
	held: z.number().int().nullable(),
	/** The last drift that was found; `repairedAt` `null` while it lasts. */
	drift: driftCountsSchema.extend({ foundAt: instantSchema, repairedAt: instantSchema.nullable(), detail: z.string() }).nullable(),
	failure: z.object({ reason: z.string(), detail: z.string(), since: instantSchema, attempts: z.number().int(), nextTry: instantSchema }).nullable(),
	/** Removals that it has not confirmed, and the decision time of the oldest. */
	unconfirmedRemovals: z.number().int(),
	oldestUnconfirmedAt: instantSchema.nullable(),
});
export type ControllerView = z.infer<typeof controllerViewSchema>;

/** `GET /access/controllers/{id}`; entries of the last drift, the first 1,000. */
export const controllerDetailSchema = controllerViewSchema.extend({ driftEntries: z.array(driftEntrySchema) });
export type ControllerDetail = z.infer<typeof controllerDetailSchema>;

/** Something that was taken away, at one controller. */
export const removalViewSchema = z.object({
	id: z.string(),
	controller: z.string(),
	door: z.string(),
	/** Id of the credential that opened the door. */
	credential: z.string(),
	holder: holderRefSchema.nullable(),
	/** When it was decided in the register. */
	decidedAt: instantSchema,
	/** When the controller's list was read without it. */
	confirmedAt: instantSchema.nullable(),
	/** From decision to confirmation, or until now, s. */
	seconds: z.number(),
	/** Nobody waits for it any more: it was granted again before, or the controller is no longer in the site file. */
	closed: z.enum(["granted-again", "controller-removed"]).nullable(),
});
export type RemovalView = z.infer<typeof removalViewSchema>;
