/** A cell of a CSV file (RFC 4180), quoted where it must be; nothing for `null`, and no text that a spreadsheet would compute. */
export function csvCell(value: string | number | boolean | null): string {
	if (value === null) return "";
	if (typeof value !== "string") return String(value);
	// A leading = + - @ would be a formula to a spreadsheet.
	const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
