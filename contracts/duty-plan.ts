/** The duty plan: shifts, and who takes them in turn (ALM-8). Part of the site file, and of the roster's API. */
import { z } from "zod";
import { idSchema } from "./identifiers.ts";
import { WEEKDAYS } from "./weekly-schedule.ts";

/** Places in the escalation chain, in the order in which they are called. */
export const DUTY_PLACES = ["first", "second", "shift-lead"] as const;
export const dutyPlaceSchema = z.enum(DUTY_PLACES);
export type DutyPlace = z.infer<typeof dutyPlaceSchema>;

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: "expected a time of day such as 07:30" });
const username = z.string().min(1).max(64);
/** A day of the site's calendar. */
export const dutyDaySchema = z.iso
	.date()
	.refine((day) => day >= "2000-01-01" && day < "2200-01-01", { error: "expected a day of the years 2000 to 2199" });

/** Hours of duty in the site's time zone, beginning on these days; one that ends no later than it begins ends on the next day. */
export const shiftSchema = z.strictObject({
	id: idSchema,
	name: z.string().min(1).max(120),
	days: z
		.array(z.enum(WEEKDAYS))
		.min(1)
		.max(7)
		.default([...WEEKDAYS]),
	from: timeOfDay,
	to: timeOfDay,
});
export type Shift = z.output<typeof shiftSchema>;

/** Who takes a shift, at one place of the chain: one after the other, for so many weeks each, the first of them from `startsOn`. */
export const rotationSchema = z.strictObject({
	id: idSchema,
	shift: idSchema,
	place: dutyPlaceSchema,
	/** Usernames. */
	people: z.array(username).min(1).max(100),
	weeks: z.number().int().min(1).max(52).default(1),
	startsOn: dutyDaySchema,
	/** The last day on which a shift begins; without it there is none. */
	endsOn: dutyDaySchema.optional(),
});
export type Rotation = z.output<typeof rotationSchema>;

export const dutyPlanSchema = z
	.strictObject({
		shifts: z.array(shiftSchema).max(50).default([]),
		rotations: z.array(rotationSchema).max(200).default([]),
		/** Places that somebody must hold at every moment; a time without is a gap. */
		cover: z
			.array(dutyPlaceSchema)
			.max(DUTY_PLACES.length)
			.default([...DUTY_PLACES]),
	})
	.superRefine(({ shifts, rotations }, context) => {
		const problem = (path: PropertyKey[], message: string) => context.addIssue({ code: "custom", path, message });
		for (const [name, list] of [
			["shifts", shifts],
			["rotations", rotations],
		] as const)
			for (const [index, { id }] of list.entries())
				if (list.findIndex((one) => one.id === id) < index) problem([name, index, "id"], `${id} stands twice; expected each id once`);
		for (const [index, { shift, startsOn, endsOn }] of rotations.entries()) {
			if (!shifts.some(({ id }) => id === shift)) problem(["rotations", index, "shift"], `there is no shift ${shift}`);
			if (endsOn !== undefined && endsOn < startsOn) problem(["rotations", index, "endsOn"], "expected no day before startsOn");
		}
	});
export type DutyPlan = z.output<typeof dutyPlanSchema>;
