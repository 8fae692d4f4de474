/** InfluxDB line protocol as Telegraf writes it: `measurement,tag=value field=1.5,other=2i 1790000000000000000`. */

export interface LineMetric {
	name: string;
	tags: Readonly<Record<string, string>>;
	/** Numbers whatever their type is written as (`1`, `1i`, `1u`). */
	fields: Readonly<Record<string, number | boolean | string>>;
	/** Unix time in the unit that it was written in, usually ns; `null`: none. */
	time: bigint | null;
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
	t: true,
	T: true,
	true: true,
	True: true,
	TRUE: true,
	f: false,
	F: false,
	false: false,
	False: false,
	FALSE: false,
};
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+[iu]$/;

/** One line; `null`: it is none; `"unfinished"`: a text in quotes goes on in the next line. */
export function parseLine(line: string): LineMetric | "unfinished" | null {
	const cursor = { at: 0 };
	const name = word(line, cursor, ", ");
	if (name === "") return null;
	const tags: Record<string, string> = Object.create(null) as Record<string, string>;
	while (line[cursor.at] === ",") {
		cursor.at++;
		const key = word(line, cursor, ",= ");
		if (key === "" || line[cursor.at] !== "=") return null;
		cursor.at++;
		tags[key] = word(line, cursor, ",= ");
	}
	if (!spaces(line, cursor)) return null;
	const fields: Record<string, number | boolean | string> = Object.create(null) as Record<string, number | boolean | string>;
	do {
		if (line[cursor.at] === ",") cursor.at++;
		const key = word(line, cursor, ",= ");
		if (key === "" || line[cursor.at] !== "=") return null;
		cursor.at++;
		const value = line[cursor.at] === '"' ? quoted(line, cursor) : plain(word(line, cursor, ", "));
		if (value === undefined) return cursor.at < line.length && line[cursor.at] === '"' ? "unfinished" : null;
		if (value !== null) fields[key] = value;
	} while (line[cursor.at] === ",");
	const time = spaces(line, cursor) ? line.slice(cursor.at).trim() : line.slice(cursor.at);
	if (time === "") return { name, tags, fields, time: null };
	return /^-?\d{1,20}$/.test(time) ? { name, tags, fields, time: BigInt(time) } : null;
}

/** Up to one of `ends`, without the backslashes in front of what they escape; others are backslashes. */
function word(line: string, cursor: { at: number }, ends: string): string {
	let text = "";
	let from = cursor.at;
	while (cursor.at < line.length) {
		const character = line[cursor.at] as string;
		if (character === "\\" && ",= ".includes(line[cursor.at + 1] ?? "x")) {
			text += line.slice(from, cursor.at);
			from = cursor.at + 1;
			cursor.at += 2;
		} else if (ends.includes(character)) break;
		else cursor.at++;
	}
	return text + line.slice(from, cursor.at);
}

/** A text in quotes, in which quotes and backslashes are escaped; `undefined`: it doesn't end. */
function quoted(line: string, cursor: { at: number }): string | undefined {
	let text = "";
	for (let at = cursor.at + 1; at < line.length; at++) {
		if (line[at] === '"') {
			cursor.at = at + 1;
			return text;
		}
		if (line[at] === "\\" && (line[at + 1] === '"' || line[at + 1] === "\\")) at++;
		text += line[at];
	}
	return undefined;
}

/** `null`: a number that is none (NaN, infinite); `undefined`: not a value of the protocol. */
function plain(text: string): number | boolean | null | undefined {
	if (INTEGER.test(text)) return Number(text.slice(0, -1));
	if (NUMBER.test(text)) return Number.isFinite(Number(text)) ? Number(text) : null;
	if (Object.hasOwn(BOOLEANS, text)) return BOOLEANS[text];
	return /^[+-]?(?:nan|inf(?:inity)?)$/i.test(text) ? null : undefined;
}

function spaces(line: string, cursor: { at: number }): boolean {
	const from = cursor.at;
	while (line[cursor.at] === " ") cursor.at++;
	return cursor.at > from;
}
