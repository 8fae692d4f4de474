import type { WitnessAnswer } from "../../contracts/uplink.ts";
import { type AddCheckpoint, EMPTY_ROOT, isExtension, isSignedBy, parseAddCheckpoint, parseCheckpoint, type WitnessKey, witnessKey } from "./tlog.ts";
import type { Fork, Pin, WitnessFiles } from "./witness-files.ts";

/** What a witness makes of a checkpoint (C2SP tlog-witness, add-checkpoint). */
export type Judgement = { verdict: "cosign" } | { verdict: "conflict"; size: number } | { verdict: "fork"; reason: string };

/**
 * Pure. `pin`: what was trusted before, `null` for the first checkpoint; `seen`: roots by size that were co-signed before, so that an
 * old checkpoint that comes again is no fork.
 */
export function judge(pin: Pin | null, seen: ReadonlyMap<number, string>, key: string, { old, proof, checkpoint }: AddCheckpoint): Judgement {
	const known = pin && parseCheckpoint(pin.checkpoint);
	if (pin && key !== pin.key) return { verdict: "fork", reason: `the log has another key: ${key} instead of ${pin.key}` };
	if (!isSignedBy(key, checkpoint)) return { verdict: "fork", reason: `the checkpoint is not signed by the log's key ${key}` };
	const last = known ?? { size: 0, root: EMPTY_ROOT };
	if (checkpoint.size < last.size) {
		if (seen.get(checkpoint.size) === checkpoint.root.toString("base64")) return { verdict: "conflict", size: last.size };
		return { verdict: "fork", reason: `the ledger shrank from ${last.size} to ${checkpoint.size} entries` };
	}
	if (checkpoint.size === last.size) {
		if (checkpoint.root.equals(last.root)) return { verdict: "cosign" };
		return { verdict: "fork", reason: `two different ledgers of ${last.size} entries are signed` };
	}
	if (old !== last.size) return { verdict: "conflict", size: last.size };
	if (isExtension(last, checkpoint, proof)) return { verdict: "cosign" };
	return { verdict: "fork", reason: `the ledger of ${checkpoint.size} entries does not begin with the ${last.size} entries that were seen before` };
}

const REMEMBERED = 1_000;

export interface WitnessOptions {
	agent: string;
	files: WitnessFiles;
	/** Unix ms. */
	now: () => number;
	/** Something that can't be read; no sign of a fork. */
	unreadable: (reason: string) => void;
}

/**
 * Sees to it that the server's ledger only grows. It co-signs a checkpoint after it has it on disk; a fork is kept as evidence, and
 * nothing is co-signed until a person clears it on this machine.
 */
export class Witness {
	readonly #options: WitnessOptions;
	readonly #key: WitnessKey;
	readonly #seen = new Map<number, string>();
	#pin: Pin | null;

	/** Throws when its files are damaged. */
	constructor(options: WitnessOptions) {
		this.#options = options;
		this.#key = witnessKey(`watchroom-agent/${options.agent}`, options.files.seed());
		this.#pin = options.files.pin();
	}

	/** The evidence while the witness refuses. */
	fork(): Fork | null {
		return this.#options.files.fork();
	}

	/** For the heartbeat. */
	state(): { size: number; fork: string | null } {
		this.#pin = this.#options.files.pin();
		return { size: this.#pin ? parseCheckpoint(this.#pin.checkpoint).size : 0, fork: this.fork()?.reason ?? null };
	}

	/** Answers a checkpoint; `null` for what can't be read. Throws when the disk fails: then nothing has been co-signed. */
	take({ key, request }: { key: string; request: string }): WitnessAnswer | null {
		const { files, now, unreadable } = this.#options;
		const { size, fork } = this.state();
		const own = this.#key.text;
		if (fork !== null) return { result: "fork", key: own, size, detail: fork };
		let parsed: AddCheckpoint;
		try {
			parsed = parseAddCheckpoint(request);
		} catch (error) {
			unreadable(error instanceof Error ? error.message : String(error));
			return null;
		}
		const judgement = judge(this.#pin, this.#seen, key, parsed);
		if (judgement.verdict === "conflict") return { result: "conflict", key: own, size: judgement.size };
		if (judgement.verdict === "fork") {
			if (!this.#pin) {
				unreadable(judgement.reason);
				return null;
			}
			files.saveFork({ at: now(), reason: judgement.reason, known: this.#pin, shown: { key, request } });
			return { result: "fork", key: own, size, detail: judgement.reason };
		}
		const { checkpoint } = parsed;
		if (!this.#pin || checkpoint.size > size) {
			const pin = { key, checkpoint: checkpoint.note };
			files.savePin(pin);
			this.#pin = pin;
		}
		this.#seen.set(checkpoint.size, checkpoint.root.toString("base64"));
		if (this.#seen.size > REMEMBERED) for (const first of [...this.#seen.keys()].slice(0, 1)) this.#seen.delete(first);
		return { result: "cosigned", key: own, size: checkpoint.size, line: this.#key.cosign(checkpoint.text, Math.floor(now() / 1000)) };
	}
}
