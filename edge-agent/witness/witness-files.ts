import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

const pinSchema = z.object({
	/** The log's verifier key, trusted since its first checkpoint. */
	key: z.string(),
	/** The last checkpoint that was co-signed. */
	checkpoint: z.string(),
});
export type Pin = z.infer<typeof pinSchema>;
const forkSchema = z.object({
	/** Unix ms. */
	at: z.number(),
	reason: z.string(),
	/** Key and checkpoint that were trusted before. */
	known: pinSchema,
	/** What was shown then: the key that came with it, and the message as it came. */
	shown: z.object({ key: z.string(), request: z.string() }),
});
/** The evidence of a fork: both signed checkpoints, which nobody but the holder of the log's key can have made. */
export type Fork = z.infer<typeof forkSchema>;

/** What a witness keeps, in `{data}/witness/`: `key` (mode 0600), `log.json`, and `fork.json` while it refuses. All of it survives a power cut. */
export class WitnessFiles {
	readonly folder: string;

	constructor(data: string) {
		this.folder = join(data, "witness");
	}

	/** 32 secret bytes, made at the first start. Throws when the file holds something else. */
	seed(): Buffer {
		const path = join(this.folder, "key");
		if (!existsSync(path)) this.#write(path, randomBytes(32).toString("base64"));
		const seed = Buffer.from(readFileSync(path, "utf8").trim(), "base64");
		if (seed.length !== 32) throw new Error(`the witness's key ${path} is damaged: expected 32 bytes in base64`);
		return seed;
	}

	/** `null` before the first checkpoint. Throws when the file is damaged: starting anew in silence is what a forger would want. */
	pin(): Pin | null {
		const path = join(this.folder, "log.json");
		return existsSync(path) ? pinSchema.parse(JSON.parse(readFileSync(path, "utf8"))) : null;
	}
	savePin(pin: Pin): void {
		this.#write(join(this.folder, "log.json"), JSON.stringify(pin));
	}

	fork(): Fork | null {
		return existsSync(this.forkPath) ? forkSchema.parse(JSON.parse(readFileSync(this.forkPath, "utf8"))) : null;
	}
	saveFork(fork: Fork): void {
		this.#write(this.forkPath, JSON.stringify(fork, null, "\t"));
	}
	get forkPath(): string {
		return join(this.folder, "fork.json");
	}

	/**
	 * A person's word, on the agent's machine: the evidence is set aside and the witness works again. `trustAnew`: what it knew is set
	 * aside too, and the next checkpoint is trusted as the first one was. False when there was no fork.
	 */
	clear(at: number, trustAnew: boolean): boolean {
		if (!existsSync(this.forkPath)) return false;
		if (trustAnew && this.pin()) renameSync(join(this.folder, "log.json"), join(this.folder, `log-${at}.json`));
		renameSync(this.forkPath, join(this.folder, `fork-${at}.json`));
		syncFolder(this.folder);
		return true;
	}

	#write(path: string, text: string): void {
		mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
		const file = openSync(`${path}.new`, "w", 0o600);
		try {
			writeSync(file, text);
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
		renameSync(`${path}.new`, path);
		syncFolder(dirname(path));
	}
}

function syncFolder(path: string): void {
	const folder = openSync(path, "r");
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}
