import { z } from "zod";

/** The only characters that may stand in the name of a device, point, room, rack, door, rule or agent. */
export const idSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, {
	error: "expected 1 to 64 of the characters A-Z a-z 0-9 . _ -",
});

/** Stands in place of a device for the conditions of the server itself, so that no device may have this name. */
export const OWN_DEVICE = "watchroom";

/** A point's name across the whole site: `{device}:{point}`. */
export const pointIdSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}:[A-Za-z0-9._-]{1,64}$/, {
	error: "expected {device}:{point}",
});

/** Builds the site-wide name of a point. The parts must already satisfy {@link idSchema}. */
export function pointIdOf(device: string, point: string): string {
	return `${device}:${point}`;
}

/** Splits `{device}:{point}`; `null` when the text is not such a name. */
export function parsePointId(id: string): { device: string; point: string } | null {
	if (!pointIdSchema.safeParse(id).success) return null;
	const colon = id.indexOf(":");
	return { device: id.slice(0, colon), point: id.slice(colon + 1) };
}
