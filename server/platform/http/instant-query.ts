import { z } from "zod";

/** An instant in a query, ISO 8601 or Unix milliseconds; parsed to Unix ms. */
export const instantQuery = z
	.string()
	.regex(/^\d{1,15}$|^\d{4}-\d\d-\d\dT/, { error: "expected ISO 8601 such as 2026-11-22T08:00:00Z, or Unix milliseconds" })
	.transform((text, context) => {
		const ms = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
		if (Number.isFinite(ms) && Math.abs(ms) <= 8.64e15) return ms;
		context.addIssue({ code: "custom", message: "expected an instant that exists" });
		return z.NEVER;
	})
	.describe("ISO 8601, or Unix milliseconds");

/** A yes or no in a query, parsed to a boolean. */
export const booleanQuery = z
	.enum(["true", "false"])
	.transform((text) => text === "true")
	.describe("true or false");
