import type { EvidencePack, LedgerState } from "../../contracts/ledger.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { isoOf } from "../platform/database/instants.ts";
import { AppError, invalid, notFound } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { entryOf, leafOf } from "./leaf.ts";
import type { LedgerAppender, LedgerEntry } from "./ledger-entry.ts";
import { ledgerSigner } from "./ledger-key.ts";
import { LedgerStore, type StoredCheckpoint } from "./ledger-store.ts";
import { consistencyRanges, inclusionRanges, type LeafRange, nodesOf, rangeHash } from "./merkle.ts";
import { checkpointText, checkSignature, parseNote, type Signer, signNote, withSignatures } from "./signed-note.ts";

/** A new checkpoint stands within this of the log's growth, ms. */
const SIGN_INTERVAL = 500;
/** So many entries are proved by one query. */
const BUNDLED = 200;

/** What the ledger shows of its witnesses. */
export interface Cosignatures {
	/** The cosignature lines on the checkpoint of a size, and the keys that made them. */
	of(size: number): Promise<{ lines: string[]; keys: string[] }>;
	/** The witnesses, given the newest checkpoint's size. */
	witnesses(size: number): Promise<LedgerState["witnesses"]>;
}

/** Entries that belong together, all proved in the tree of one checkpoint. */
export interface LedgerBundle {
	/** In the order asked for; `leaf` and the hashes of `proof` (RFC 6962 §2.1.1) in base64. */
	entries: { index: number; leaf: string; proof: string[] }[];
	/** Signed note (C2SP tlog-checkpoint) with the witnesses' cosignatures. */
	checkpoint: string;
	/** Verifier keys, `name+hash+base64`: the log's, and those of the witnesses that have signed. */
	key: string;
	witnessKeys: string[];
}

export interface LedgerOptions {
	database: Database;
	/** File of the log's private key. */
	keyFile: string;
	/** The site's id: part of a new log's name. */
	site: () => string;
	clock: Clock;
	logger: Logger;
}

/** The ledger: appends, signed checkpoints, proofs. Nothing of it is ever deleted. */
export class LedgerService implements LedgerAppender {
	readonly #options: LedgerOptions;
	readonly #store: LedgerStore;
	readonly #listeners: ((checkpoint: StoredCheckpoint) => void)[] = [];
	#cosignatures: Cosignatures = { of: async () => ({ lines: [], keys: [] }), witnesses: async () => [] };
	#signer: Signer | undefined;
	#timer: NodeJS.Timeout | undefined;
	#signing: Promise<StoredCheckpoint> | undefined;
	#told = -1;
	#complained = false;

	constructor(options: LedgerOptions) {
		this.#options = options;
		this.#store = new LedgerStore(options.database);
	}

	/** Must be called before `start`. */
	setWitnesses(cosignatures: Cosignatures): void {
		this.#cosignatures = cosignatures;
	}

	/** Calls back with each new checkpoint, and with the newest one at the start. */
	onCheckpoint(listener: (checkpoint: StoredCheckpoint) => void): void {
		this.#listeners.push(listener);
	}

	/** Begins to sign. Throws AppError `ledger-key` when the key isn't the one that signed what is stored. */
	async start(): Promise<void> {
		const { keyFile, site } = this.#options;
		const signer = await ledgerSigner(keyFile, site());
		const newest = await this.#store.checkpoint();
		if (newest && checkSignature(parseNote(newest.note), signer.verifier)?.good !== true)
			throw new AppError(
				"ledger-key",
				500,
				`The ledger in this database was signed with another key than that in ${keyFile}. Put the original key back (it belongs into the backup), or set WATCHROOM_LEDGER_KEY_FILE to it.`,
			);
		this.#signer = signer;
		await this.#sign();
		this.#timer = setInterval(() => void this.#signSoon(), SIGN_INTERVAL);
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.#signing?.catch(() => undefined);
	}

	append(transaction: AnyTransaction, entry: LedgerEntry): Promise<number> {
		return this.#store.append(transaction, leafOf(entry));
	}

	/** The log's verifier key, `name+hash+base64`. */
	key(): string {
		return this.#started().verifier.text;
	}

	/** The newest checkpoint with the witnesses' signatures. */
	async checkpoint(): Promise<string> {
		return (await this.#withCosignatures(await this.#sign())).note;
	}

	/** The page's view of the whole. */
	async state(): Promise<LedgerState> {
		const newest = await this.#sign();
		const { note } = await this.#withCosignatures(newest);
		const last = newest.size === 0 ? undefined : await this.#store.entry(newest.size - 1);
		return {
			size: newest.size,
			root: newest.root.toString("base64"),
			checkpoint: note,
			checkpointAt: last === undefined ? null : viewOf(last).at,
			key: this.key(),
			witnesses: await this.#cosignatures.witnesses(newest.size),
		};
	}

	/** Throws AppError 404 for an index that isn't there. */
	async entry(index: number): Promise<EvidencePack["entry"]> {
		const row = await this.#store.entry(index);
		if (!row) throw notFound("ledger entry", String(index));
		return viewOf(row);
	}

	/** Newest first. */
	async entries(before: number | null, limit: number): Promise<{ index: number; leaf: Buffer }[]> {
		return await this.#store.entries(before, limit);
	}

	/**
	 * The inclusion proof of an entry in the tree of a size, which must be one with a checkpoint; without: in the newest one's.
	 * Throws AppError 404 for an entry or a checkpoint that isn't there, 400 for a tree without the entry.
	 */
	async proof(index: number, size?: number): Promise<EvidencePack["proof"]> {
		return (await this.#proof(index, size)).proof;
	}

	/** Everything that `watchroom verify` needs. */
	async evidence(index: number): Promise<EvidencePack> {
		const { proof, keys } = await this.#proof(index);
		return { format: "watchroom-evidence/1", entry: await this.entry(index), proof, key: this.key(), witnessKeys: keys };
	}

	/**
	 * Several entries with their proofs in one tree: the newest that a witness has co-signed and that has all of them, else the newest.
	 * Throws AppError 404 for an index that isn't there.
	 */
	async bundle(indexes: readonly number[]): Promise<LedgerBundle> {
		const newest = await this.#sign();
		const checkpoint = (await this.#witnessed(Math.max(0, ...indexes), newest.size)) ?? newest;
		const { note, keys } = await this.#withCosignatures(checkpoint);
		const entries: LedgerBundle["entries"] = [];
		for (let from = 0; from < indexes.length; from += BUNDLED) {
			const some = indexes.slice(from, from + BUNDLED);
			const missing = some.find((index) => index >= checkpoint.size);
			if (missing !== undefined) throw notFound("ledger entry", String(missing));
			const ranges = some.map((index) => inclusionRanges(index, checkpoint.size));
			const hashes = (await this.#hashes(ranges.flat())).map((hash) => hash.toString("base64"));
			const leaves = new Map((await this.#store.entriesAt(some)).map(({ index, leaf }) => [index, leaf.toString("base64")]));
			for (const [place, index] of some.entries())
				entries.push({ index, leaf: leaves.get(index) ?? "", proof: hashes.splice(0, ranges[place]?.length ?? 0) });
		}
		return { entries, checkpoint: note, key: this.key(), witnessKeys: keys };
	}

	/** The consistency proof between two sizes (RFC 6962 §2.1.2). Throws AppError 400 unless 0 <= from <= to <= the log's size. */
	async consistency(from: number, to: number): Promise<{ from: number; to: number; hashes: string[] }> {
		const size = await this.#store.size();
		if (from > to)
			throw invalid("A consistency proof goes from a smaller tree to a larger one.", [{ field: "from", message: `expected at most ${to}` }]);
		if (to > size) throw invalid(`The ledger has ${size} entries.`, [{ field: "to", message: `expected at most ${size}` }]);
		return { from, to, hashes: (await this.#hashes(consistencyRanges(from, to))).map((hash) => hash.toString("base64")) };
	}

	/** The newest stored checkpoint with the log's own signature alone. */
	async newest(): Promise<StoredCheckpoint> {
		return await this.#sign();
	}

	async #proof(index: number, size?: number): Promise<{ proof: EvidencePack["proof"]; keys: string[] }> {
		const checkpoint = size === undefined ? await this.#sign() : await this.#store.checkpoint(size);
		if (!checkpoint) throw notFound("checkpoint of a tree of size", String(size));
		if (index >= checkpoint.size) {
			if (size === undefined) throw notFound("ledger entry", String(index));
			throw invalid(`A tree of ${size} has no entry ${index}.`, [{ field: "size", message: `expected more than ${index}` }]);
		}
		const hashes = await this.#hashes(inclusionRanges(index, checkpoint.size));
		const { note, keys } = await this.#withCosignatures(checkpoint);
		return { proof: { index, treeSize: checkpoint.size, hashes: hashes.map((hash) => hash.toString("base64")), checkpoint: note }, keys };
	}

	/** The newest checkpoint that a witness has co-signed of a tree with this entry. */
	async #witnessed(index: number, newest: number): Promise<StoredCheckpoint | undefined> {
		const sizes = (await this.#cosignatures.witnesses(newest)).flatMap(({ size, state }) => (size === null || state === "fork" ? [] : size));
		const largest = Math.max(-1, ...sizes);
		return largest > index ? await this.#store.checkpoint(largest) : undefined;
	}

	async #withCosignatures({ size, note }: StoredCheckpoint): Promise<{ note: string; keys: string[] }> {
		const { lines, keys } = await this.#cosignatures.of(size);
		return { note: withSignatures(note, lines), keys };
	}

	/** One query for all ranges. */
	async #hashes(ranges: readonly LeafRange[]): Promise<Buffer[]> {
		const parts = ranges.map(nodesOf);
		const hashes = await this.#store.hashes(parts.flat());
		let from = 0;
		return parts.map(({ length }) => {
			from += length;
			return rangeHash(hashes.slice(from - length, from));
		});
	}

	/** Signs and stores a checkpoint of all that is committed, if the newest one is smaller; resolves to the newest. */
	#sign(): Promise<StoredCheckpoint> {
		const signing = (this.#signing ?? Promise.resolve()).catch(() => undefined).then(() => this.#signNow());
		this.#signing = signing;
		return signing;
	}

	async #signNow(): Promise<StoredCheckpoint> {
		const signer = this.#started();
		const size = await this.#store.size();
		let newest = await this.#store.checkpoint();
		if (newest === undefined || newest.size < size) {
			const root = size === 0 ? rangeHash([]) : rangeHash(await this.#store.hashes(nodesOf({ start: 0, end: size })));
			const note = signNoteOf(signer, size, root);
			await this.#store.addCheckpoint({ size, root, note });
			newest = await this.#store.checkpoint();
			if (newest === undefined) throw new Error("ledger: the checkpoint that was stored is not there");
		}
		if (newest.size > this.#told) {
			this.#told = newest.size;
			for (const listener of this.#listeners) listener(newest);
		}
		return newest;
	}

	async #signSoon(): Promise<void> {
		try {
			await this.#sign();
			this.#complained = false;
		} catch (error) {
			if (!this.#complained) this.#options.logger.error({ err: error }, "the ledger's checkpoint can't be signed; trying again");
			this.#complained = true;
		}
	}

	#started(): Signer {
		if (!this.#signer) throw new AppError("not-ready", 503, "The ledger is not started.");
		return this.#signer;
	}
}

/** An entry as the API shows it. */
export function viewOf({ index, leaf }: { index: number; leaf: Buffer }): EvidencePack["entry"] {
	const { type, at } = entryOf(leaf);
	return { index, leaf: leaf.toString("base64"), type, at: isoOf(at) };
}

function signNoteOf(signer: Signer, size: number, root: Buffer): string {
	return signNote(checkpointText({ origin: signer.verifier.name, size, root }), signer);
}
