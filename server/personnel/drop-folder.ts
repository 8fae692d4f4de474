import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Actor, SYSTEM } from "../platform/actor.ts";
import { AppError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import type { PersonnelImports } from "./personnel-imports.ts";

export interface DropFolderOptions {
	/** With `inbox`, `done` and `refused` below it. */
	directory: string;
	imports: Pick<PersonnelImports, "run" | "resultOf">;
	logger: Logger;
	/** Time between two looks, ms. */
	every?: number;
}

const FILE_LIMIT = 1024 * 1024;
const ACTOR: Actor = { ...SYSTEM, username: "personnel-file" };

/**
 * The folder into which the HR system puts its CSV files. A file is read once two looks have found it the same, so that none is read
 * half-written, and done once: what was done stands in the database with the file's name, time and content, in the same transaction, and a
 * server that dies before it has moved the file aside only moves it when it is back.
 */
export class DropFolder {
	readonly #options: DropFolderOptions;
	#seen = new Map<string, string>();
	#timer: NodeJS.Timeout | undefined;
	#looking: Promise<void> | null = null;

	constructor(options: DropFolderOptions) {
		this.#options = options;
	}

	/** Makes the folders and begins to look. */
	async start(): Promise<void> {
		const { directory, logger, every = 5000 } = this.#options;
		// What comes and goes here names people.
		for (const folder of ["inbox", "done", "refused"]) await mkdir(join(directory, folder), { recursive: true, mode: 0o700 });
		this.#timer = setInterval(() => {
			this.#looking ??= this.look()
				.catch((error: unknown) => logger.warn({ err: error }, "the folder of the HR system's files could not be looked at; trying again"))
				.finally(() => {
					this.#looking = null;
				});
		}, every);
		this.#timer.unref();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.#looking;
	}

	/** Does the files that are as they were at the last look, by name. */
	async look(): Promise<void> {
		const inbox = join(this.#options.directory, "inbox");
		const names = (await readdir(inbox)).filter((name) => name.endsWith(".csv") && !name.startsWith(".")).sort();
		const now = new Map<string, string>();
		for (const name of names) {
			const found = await stat(join(inbox, name)).catch(() => null);
			if (!found?.isFile()) continue;
			const mark = `${found.size} ${found.mtimeMs}`;
			now.set(name, mark);
			if (this.#seen.get(name) === mark) await this.#take(name, found.mtimeMs, found.size);
		}
		this.#seen = now;
	}

	async #take(name: string, time: number, size: number): Promise<void> {
		const { directory, imports, logger } = this.#options;
		const file = join(directory, "inbox", name);
		let result: unknown;
		let folder = "done";
		let key = createHash("sha256").update(`${name} ${time} ${size}`).digest("hex");
		try {
			if (size > FILE_LIMIT) throw new AppError("body-too-large", 413, `The file is larger than ${FILE_LIMIT / 1024} KiB.`);
			const bytes = await readFile(file);
			key = createHash("sha256").update(`${name} ${time} `).update(bytes).digest("hex");
			result = (await imports.resultOf(key)) ?? (await imports.run(textOf(bytes), { full: /^full[-_.]/.test(name), key }, ACTOR));
		} catch (error) {
			// Anything else is not the file's fault: it stays where it is and is tried again.
			if (!(error instanceof AppError) || error.status >= 500) throw error;
			folder = "refused";
			const { code, message: detail, errors } = error;
			result = { code, detail, errors };
			logger.warn({ file: name, code }, "a file of the HR system was refused; its result says why");
		}
		const target = join(directory, folder, `${key.slice(0, 16)}-${name}`);
		await writeFile(`${target}.result.json`, `${JSON.stringify(result, null, "\t")}\n`, { mode: 0o600 });
		// Another server may have moved it.
		await rename(file, target).catch((error: NodeJS.ErrnoException) => {
			if (error.code !== "ENOENT") throw error;
		});
	}
}

function textOf(bytes: Buffer): string {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		throw new AppError("invalid-request", 400, "The file is no text in UTF-8.");
	}
}
