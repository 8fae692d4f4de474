/** The duty roster as the API shows and takes it (ALM-8). A person is a username. */
import { z } from "zod";
import { alarmSchema, instantSchema, limitSchema } from "./api.ts";
import { dutyDaySchema, dutyPlaceSchema, dutyPlanSchema } from "./duty-plan.ts";
import { idSchema } from "./identifiers.ts";
import { EMAIL, PHONE, sensitiveFields } from "./sensitive.ts";

const person = z.string().min(1).max(64);
const note = z.string().trim().min(1).max(1000);

export const dutyViewSchema = z.object({
	rotation: z.string(),
	/** The day on which it begins, in the site's calendar. */
	day: z.string(),
	shift: z.string(),
	shiftName: z.string(),
	place: dutyPlaceSchema,
	person: z.string(),
	name: z.string(),
	/** Whose turn it is by the plan. */
	planned: z.string(),
	from: instantSchema,
	until: instantSchema,
});
export type DutyView = z.infer<typeof dutyViewSchema>;
export const gapViewSchema = z.object({ place: dutyPlaceSchema, from: instantSchema, until: instantSchema });

/** `GET /roster`. `gaps`: of the next 30 days. */
export const rosterViewSchema = z.object({
	/** 0: nobody has made a plan yet. */
	version: z.number().int(),
	timeZone: z.string(),
	plan: dutyPlanSchema,
	changedBy: z.string().nullable(),
	changedAt: instantSchema.nullable(),
	onDuty: z.array(dutyViewSchema),
	gaps: z.array(gapViewSchema),
	/** People of the plan without an account that is in use: they cover nothing. */
	gone: z.array(z.string()),
});
export type RosterView = z.infer<typeof rosterViewSchema>;
/** `PUT /roster`: the whole plan anew; `version` is the one that it was made from. */
export const planChangeSchema = z.strictObject({ version: z.number().int().min(0), plan: dutyPlanSchema });

export const dutyNameSchema = z.strictObject({ rotation: idSchema, day: dutyDaySchema });
export type DutyName = z.infer<typeof dutyNameSchema>;
/** `POST /roster/assignments`: who takes a duty; `null`: again whose turn it is. */
export const assignmentSchema = z.strictObject({ ...dutyNameSchema.shape, person: person.nullable() });

export const ABSENCE_KINDS = ["holiday", "sick", "training", "other"] as const;
/** `POST /roster/absences`. Without a person it is one's own; somebody else's takes the right to manage the roster. */
export const absenceInputSchema = z.strictObject({
	person: person.optional(),
	kind: z.enum(ABSENCE_KINDS),
	from: limitSchema,
	until: limitSchema,
	note: note.nullable().default(null),
});
export type AbsenceInput = z.infer<typeof absenceInputSchema>;
export const absenceViewSchema = z.object({
	id: z.string(),
	person: z.string(),
	name: z.string(),
	kind: z.enum(ABSENCE_KINDS),
	from: instantSchema,
	until: instantSchema,
	note: z.string().nullable(),
	by: z.string(),
	at: instantSchema,
});

/** `POST /roster/swaps`: asks somebody to take one's duty, for one of theirs or for nothing. It holds once they accept. */
export const swapInputSchema = z.strictObject({
	give: dutyNameSchema,
	to: person,
	take: dutyNameSchema.nullable().default(null),
	note: note.nullable().default(null),
});
export type SwapInput = z.infer<typeof swapInputSchema>;
export const SWAP_STATES = ["proposed", "accepted", "declined", "withdrawn"] as const;
export const swapViewSchema = z.object({
	id: z.string(),
	state: z.enum(SWAP_STATES),
	from: z.string(),
	fromName: z.string(),
	to: z.string(),
	toName: z.string(),
	give: dutyNameSchema,
	take: dutyNameSchema.nullable(),
	note: z.string().nullable(),
	at: instantSchema,
	decidedAt: instantSchema.nullable(),
});
export type SwapView = z.infer<typeof swapViewSchema>;

const handedAlarm = alarmSchema.pick({ id: true, ruleName: true, location: true, priority: true, state: true, raisedAt: true, message: true });
/** `POST /roster/hand-overs`: what whoever comes next must know. The alarms that are open at this moment are kept with it. */
export const handOverInputSchema = z.strictObject({ note: z.string().trim().min(1).max(10_000) });
export const handOverViewSchema = z.object({
	id: z.string(),
	from: z.string(),
	fromName: z.string(),
	at: instantSchema,
	note: z.string(),
	alarms: z.array(handedAlarm),
	/** More alarms were open than are kept with it. */
	more: z.boolean(),
	/** Who has taken over. */
	takenBy: z.string().nullable(),
	takenByName: z.string().nullable(),
	takenAt: instantSchema.nullable(),
});
export type HandOverView = z.infer<typeof handOverViewSchema>;

/** `PUT /roster/contacts/{person}`: where somebody is reached. Without an address of its own e-mail goes to the account's. */
export const contactInputSchema = z.strictObject({
	email: z.email().max(254).nullable(),
	/** E.164, such as +4930123456. */
	phone: z
		.string()
		.regex(/^\+[1-9]\d{6,14}$/, { error: "expected a number with its country's code, such as +4930123456" })
		.nullable(),
});
export type ContactInput = z.infer<typeof contactInputSchema>;
export const contactViewSchema = z.object({
	person: z.string(),
	name: z.string(),
	email: z.string().register(sensitiveFields, EMAIL).nullable(),
	phone: z.string().register(sensitiveFields, PHONE).nullable(),
	/** The e-mail address is the account's. */
	emailOfAccount: z.boolean(),
});
export type ContactView = z.infer<typeof contactViewSchema>;
