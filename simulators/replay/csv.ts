/** Reads comma-separated values (RFC 4180) as far as recordings need them. */

/** One line's fields; quoted fields may hold commas and doubled quotes, but no line breaks. */
export function csvFields(line: string): string[] {
	const fields: string[] = [];
	for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
	return fields;
}

/** A recorded time as Unix ms: ISO 8601 or `2013-07-04 00:00:00` (without a zone: UTC), or Unix seconds or milliseconds. `null` when it is none. */
export function recordedTime(text: string): number | null {
	const trimmed = text.trim();
	if (/^\d{9,10}(\.\d+)?$/.test(trimmed)) return Math.round(Number(trimmed) * 1000);
	if (/^\d{12,13}$/.test(trimmed)) return Number(trimmed);
	const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\s*(Z|[+-]\d{2}:?\d{2})?$/.exec(trimmed);
	if (!match) return null;
	const time = Date.parse(`${match[1]}T${match[2] ?? "00:00"}${match[3] ?? "Z"}`);
	return Number.isNaN(time) ? null : time;
}

/** °F as °C, to the hundredth. */
export function toCelsius(fahrenheit: number): number {
	return Math.round(((fahrenheit - 32) * 500) / 9) / 100;
}
