import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { accessListEntrySchema } from "../../contracts/access-list.ts";
import type { ControllerMemory } from "./commands.ts";

const fileSchema = z.object({ list: z.string(), timeZone: z.string(), entries: z.array(accessListEntrySchema) });

/** A controller's non-volatile copy of its access list: one file, replaced whole, so that a power cut leaves the old or the new one. */
export class ListFile {
	readonly #path: string;

	constructor(path: string) {
		this.#path = path;
	}

	/** `null` when there never was a list. Throws when the file is damaged. */
	read(): ControllerMemory["held"] {
		let text: string;
		try {
			text = readFileSync(this.#path, "utf8");
		} catch (error) {
			if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
			throw error;
		}
		const parsed = fileSchema.safeParse(JSON.parse(text));
		if (!parsed.success) throw new Error(`${this.#path} holds no access list`);
		return parsed.data;
	}

	/** It is on disk when this returns. */
	write(held: ControllerMemory["held"]): void {
		mkdirSync(dirname(this.#path), { recursive: true });
		writeFileSync(`${this.#path}.new`, JSON.stringify(held));
		renameSync(`${this.#path}.new`, this.#path);
	}
}
