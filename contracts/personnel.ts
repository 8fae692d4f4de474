/** Leavers, and what a file of the HR system does, as the API shows them (ACC-5, IAM-5). */
import { z } from "zod";
import { holderKindSchema, holderRefSchema } from "./access.ts";
import { instantSchema } from "./api.ts";
import { CARD, NAME, sensitiveFields } from "./sensitive.ts";

/** How it was learned that somebody leaves. */
export const LEAVER_SOURCES = ["scim", "file"] as const;
export const leaverSourceSchema = z.enum(LEAVER_SOURCES);
export type LeaverSource = z.infer<typeof leaverSourceSchema>;

/** - `running`: a controller has not confirmed yet. `confirmed`: every controller was read without the leaver. */
export const leaverViewSchema = z.object({
	id: z.string(),
	holder: holderRefSchema,
	source: leaverSourceSchema,
	/** When everything was taken away, in one act. */
	leftAt: instantSchema,
	/** When the last controller was read without it; `null` while one is outstanding. */
	confirmedAt: instantSchema.nullable(),
	clock: z.enum(["running", "confirmed"]),
	/** From the act to the confirmation, or until now, s. */
	seconds: z.number(),
	credentials: z.number().int(),
	grants: z.number().int(),
	/** Whether the person had an account, which was closed with its sessions and tokens. */
	accountClosed: z.boolean(),
	/** Cards that have not been handed back. */
	cardsOutstanding: z.number().int(),
	/** Whom and what the leaver answered for and nobody else does yet. */
	sponsorless: z.number().int(),
	/** When the person came back. */
	rejoinedAt: instantSchema.nullable(),
});
export type LeaverView = z.infer<typeof leaverViewSchema>;

/** `GET /personnel/leavers/{id}`. */
export const leaverDetailSchema = leaverViewSchema.extend({
	controllers: z.array(
		z.object({
			controller: z.string(),
			door: z.string(),
			credential: z.string(),
			decidedAt: instantSchema,
			confirmedAt: instantSchema.nullable(),
		}),
	),
	cards: z.array(
		z.object({
			credential: z.string(),
			/** `{format} {facility}-{number}`. */
			card: z.string().register(sensitiveFields, CARD),
			/** `written-off`: reported lost or stolen. */
			state: z.enum(["outstanding", "returned", "written-off"]),
		}),
	),
	/** Each needs a new sponsor. */
	sponsored: z.array(
		z.object({
			type: z.enum(["holder", "grant"]),
			id: z.string().register(sensitiveFields, NAME),
			kind: holderKindSchema.nullable(),
			/** The holder's name, or the grant's zone. */
			name: z.string().register(sensitiveFields, NAME),
		}),
	),
});
export type LeaverDetail = z.infer<typeof leaverDetailSchema>;

/** Columns of `POST /personnel/import` and of files in the drop folder. `userName` and `name` a file must have. */
export const PERSONNEL_COLUMNS = ["userName", "name", "active", "post", "kind", "company", "externalId"] as const;
export type PersonnelColumn = (typeof PERSONNEL_COLUMNS)[number];

export const personnelRowSchema = z.object({
	/** Line of the file, the header being 1; `null`: the person is missing from the file. */
	line: z.number().int().nullable(),
	/** As the row says it, hidden from nobody: whoever sends the file has it. `null`: it says none, or there is no row. */
	userName: z.string().nullable(),
	/** User name of somebody who is missing from the file: that is known from the register, and seen by who may see names. */
	missing: z.string().register(sensitiveFields, NAME).nullable(),
	/**
	 * Which person is missing, for who may not see the name: the externalId as it was imported (an employee number), or else the SCIM id.
	 * Hidden from nobody who may import, since SCIM shows both to the same right.
	 */
	missingId: z.string().nullable(),
	fate: z.enum(["join", "rejoin", "update", "leave", "unchanged", "refused"]),
	errors: z.array(z.object({ field: z.string(), message: z.string() })),
});
export type PersonnelRow = z.infer<typeof personnelRowSchema>;

export const personnelImportSchema = z.object({
	done: z.boolean(),
	counts: z.object({
		join: z.number().int(),
		rejoin: z.number().int(),
		update: z.number().int(),
		leave: z.number().int(),
		unchanged: z.number().int(),
		refused: z.number().int(),
	}),
	/** Most people who may leave by one file without `expectLeavers`. */
	leaverLimit: z.number().int(),
	rows: z.array(personnelRowSchema),
});
export type PersonnelImport = z.infer<typeof personnelImportSchema>;
