import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

const fileSchema = z.record(z.string(), z.number().int().nonnegative());

/** Event numbers of the simulated controllers: they only grow, without gaps, across restarts. */
export interface EventNumbers {
	/** The device's next number; it is on disk when this returns. */
	next(device: string): number;
}

/** Keeps the numbers in one JSON file, replaced whole, so that a kill leaves the old or the new one. Throws when the file is damaged. */
export function openEventNumbers(path: string): EventNumbers {
	const numbers = readNumbers(path);
	mkdirSync(dirname(path), { recursive: true });
	return {
		next(device) {
			const number = (numbers.get(device) ?? 0) + 1;
			numbers.set(device, number);
			writeFileSync(`${path}.new`, JSON.stringify(Object.fromEntries(numbers)));
			renameSync(`${path}.new`, path);
			return number;
		},
	};
}

function readNumbers(path: string): Map<string, number> {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return new Map();
		throw error;
	}
	const parsed = fileSchema.safeParse(JSON.parse(text));
	if (!parsed.success) throw new Error(`${path} holds no event numbers; expected {"device": number, ...}`);
	return new Map(Object.entries(parsed.data));
}
