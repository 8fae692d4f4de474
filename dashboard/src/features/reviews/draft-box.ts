import { z } from "zod";
import { createStore } from "zustand/vanilla";
import { type ReviewItem, reviewDecisionSchema } from "../../../../contracts/reviews.ts";
import { weeklyScheduleSchema } from "../../../../contracts/weekly-schedule.ts";
import { ProblemError } from "../../api/problem-error.ts";

const contentSchema = z.object({
	decision: reviewDecisionSchema.nullable(),
	reason: z.string().nullable(),
	change: z.object({ until: z.string().nullable(), schedule: weeklyScheduleSchema.nullable() }).nullable(),
});
/** What somebody decided; `decision` `null` takes it back. */
export type DraftContent = z.infer<typeof contentSchema>;

const draftSchema = contentSchema.extend({
	/** Tells this draft from a later one on the same item. */
	id: z.string(),
	item: z.string(),
	/** The item's when it was decided. */
	version: z.number().int(),
	/** Unix ms. */
	at: z.number(),
	/** What went out before without an answer: the server may have it all the same. */
	tried: z.array(contentSchema),
	/** Why the server did not take it; it then waits for a person. */
	refused: z.object({ code: z.string(), detail: z.string() }).nullable(),
});
export type Draft = z.infer<typeof draftSchema>;

export interface DraftState {
	/** By item: what the server doesn't have yet, or did not take. */
	drafts: ReadonlyMap<string, Draft>;
	/** The last attempt got no answer. */
	broken: boolean;
	/** The browser keeps them beyond the tab. */
	kept: boolean;
}

interface Answer {
	item: string;
	ok: boolean;
	version: number | null;
	code: string | null;
	detail: string | null;
}

export interface DraftBoxOptions {
	review: string;
	/** Whose drafts; others at the same browser have their own. */
	account: string;
	storage: Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;
	/** Each decision is taken or refused by itself. Throws when there is no answer. */
	send: (drafts: readonly Draft[]) => Promise<readonly Answer[]>;
	read: (item: string) => Promise<ReviewItem>;
	/** The server has it, as this version. Resolves when the page shows it so, without the draft. */
	onSaved: (draft: Draft, version: number) => void | Promise<void>;
	/** The item as it stands at the server. */
	onRead: (item: ReviewItem) => void;
	now: () => number;
	/** Calls `act` after `ms`; answers what calls it off. */
	later: (act: () => void, ms: number) => () => void;
}

/** So many go out together; more would hold the others up for too long. */
const BATCH = 100;
const RETRY_MS = [1000, 2000, 5000, 10_000];

/**
 * The way of decisions to the server. Each is kept in the browser's storage before it is sent, and until the server has it; one at a
 * time is under way, and what is decided meanwhile goes out together. What somebody else decided is never overwritten: such a draft
 * waits for its author.
 */
export class DraftBox {
	readonly store = createStore<DraftState>()(() => ({ drafts: new Map(), broken: false, kept: true }));
	readonly #options: DraftBoxOptions;
	readonly #prefix: string;
	/** Versions that came from here, by item. */
	readonly #saved = new Map<string, number>();
	#sending: Promise<void> | null = null;
	#stopped = true;
	#failures = 0;
	/** A whole batch was refused: they go out one by one, so that one can't hold the others up. */
	#oneByOne = false;
	#callOff: (() => void) | null = null;

	constructor(options: DraftBoxOptions) {
		this.#options = options;
		this.#prefix = `watchroom.review-draft.${options.account}.${options.review}.`;
	}

	/** Takes up what an earlier tab left, and sends. */
	start(): void {
		this.#stopped = false;
		const drafts = new Map(this.store.getState().drafts);
		for (const draft of this.#stored()) if (!drafts.has(draft.item)) drafts.set(draft.item, draft);
		this.store.setState({ drafts });
		this.flush();
	}

	/** Idempotent; what was not sent stays in the storage. */
	stop(): void {
		this.#stopped = true;
		this.#callOff?.();
		this.#callOff = null;
	}

	/** Decides on an item as it stands at `version`; a draft on it that is under way is followed by this one. */
	decide(item: string, content: DraftContent, version: number): void {
		const before = this.#draft(item);
		const follows = before?.refused === null ? before : undefined;
		const { now } = this.#options;
		this.#put({
			...content,
			id: crypto.randomUUID(),
			item,
			at: now(),
			// The page may still show the version before the last one that was saved from here.
			version: follows?.version ?? Math.max(version, this.#saved.get(item) ?? 0),
			tried: follows?.tried ?? [],
			refused: null,
		});
		this.flush();
	}

	/** Drops a draft that was refused. */
	discard(item: string): void {
		const draft = this.#draft(item);
		if (draft?.refused) this.#remove(draft);
	}

	/** Sends now, where nothing is under way. */
	flush(): void {
		this.#callOff?.();
		this.#callOff = null;
		if (this.#sending !== null || this.#stopped) return;
		this.#sending = this.#sendAll().finally(() => {
			this.#sending = null;
			if (!this.#stopped && this.#callOff === null && this.#waiting().length > 0) this.flush();
		});
	}

	#waiting(): Draft[] {
		return [...this.store.getState().drafts.values()].filter(({ refused }) => refused === null);
	}

	async #sendAll(): Promise<void> {
		for (;;) {
			const batch = this.#waiting().slice(0, this.#oneByOne ? 1 : BATCH);
			if (batch.length === 0) {
				this.#oneByOne = false;
				return;
			}
			try {
				for (const draft of batch) this.#put({ ...draft, tried: [...draft.tried.filter((one) => !same(one, draft)), contentOf(draft)] });
				const answers = new Map((await this.#options.send(batch)).map((answer) => [answer.item, answer]));
				for (const draft of batch) {
					const answer = answers.get(draft.item);
					if (answer) await this.#answered(draft, answer);
				}
				this.#failures = 0;
				this.store.setState({ broken: false });
			} catch (error) {
				if (isRefusal(error)) {
					const [only, another] = batch;
					if (only && another === undefined) this.#refuse(only, { code: error.code, detail: error.message });
					this.#oneByOne = true;
					continue;
				}
				const wait = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 10_000;
				this.#failures++;
				this.store.setState({ broken: true });
				if (!this.#stopped)
					this.#callOff = this.#options.later(() => {
						this.#callOff = null;
						this.flush();
					}, wait);
				return;
			}
		}
	}

	async #answered(sent: Draft, answer: Answer): Promise<void> {
		if (answer.ok && answer.version !== null) {
			this.#saved.set(sent.item, answer.version);
			await this.#options.onSaved(sent, answer.version);
			return this.#settled(sent, answer.version);
		}
		const refused = { code: answer.code ?? "error", detail: answer.detail ?? "" };
		const item = await this.#options.read(sent.item);
		this.#options.onRead(item);
		const now = this.#draft(sent.item);
		if (!now) return;
		const own = item.decidedBy === null || item.decidedBy.id === this.#options.account;
		// An earlier attempt had arrived, and its answer got lost.
		if (refused.code === "changed-meanwhile" && own && same(now, item)) return this.#remove(now);
		if (refused.code === "changed-meanwhile" && own && now.tried.some((tried) => same(tried, item)))
			return this.#put({ ...now, version: item.version, tried: [] });
		this.#refuse(now, refused);
	}

	/** The server has `sent`, as `version`; a later draft goes on from there. */
	#settled(sent: Draft, version: number): void {
		const now = this.#draft(sent.item);
		if (!now) return;
		if (now.id === sent.id) this.#remove(now);
		else this.#put({ ...now, version, tried: [] });
	}

	#refuse(draft: Draft, refused: { code: string; detail: string }): void {
		const now = this.#draft(draft.item);
		if (now) this.#put({ ...now, refused });
	}

	#draft(item: string): Draft | undefined {
		return this.store.getState().drafts.get(item);
	}

	#put(draft: Draft): void {
		let { kept } = this.store.getState();
		try {
			this.#options.storage.setItem(this.#prefix + draft.item, JSON.stringify(draft));
		} catch {
			kept = false;
		}
		this.store.setState(({ drafts }) => ({ drafts: new Map(drafts).set(draft.item, draft), kept }));
	}

	#remove(draft: Draft): void {
		const key = this.#prefix + draft.item;
		// Another tab may have put a later one there.
		if (this.#parsed(key)?.id === draft.id) this.#options.storage.removeItem(key);
		this.store.setState(({ drafts }) => {
			const left = new Map(drafts);
			left.delete(draft.item);
			return { drafts: left };
		});
	}

	#stored(): Draft[] {
		const { storage } = this.#options;
		try {
			const keys = Array.from({ length: storage.length }, (_, place) => storage.key(place)).filter((key) => key !== null);
			return keys.flatMap((key) => (key.startsWith(this.#prefix) ? (this.#parsed(key) ?? []) : [])).sort((one, other) => one.at - other.at);
		} catch {
			return [];
		}
	}

	#parsed(key: string): Draft | undefined {
		try {
			return draftSchema.safeParse(JSON.parse(this.#options.storage.getItem(key) ?? "null")).data;
		} catch {
			return undefined;
		}
	}
}

/** An answer about the request itself, which another attempt would get again. */
const isRefusal = (error: unknown): error is ProblemError =>
	error instanceof ProblemError && error.status >= 400 && error.status < 500 && ![401, 408, 429].includes(error.status);

const contentOf = ({ decision, reason, change }: DraftContent): DraftContent => ({ decision, reason, change });

function same(one: DraftContent, other: DraftContent): boolean {
	const until = (content: DraftContent) => (content.change?.until == null ? null : Date.parse(content.change.until));
	return (
		one.decision === other.decision &&
		(one.decision === null || one.reason === other.reason) &&
		until(one) === until(other) &&
		JSON.stringify(one.change?.schedule ?? null) === JSON.stringify(other.change?.schedule ?? null)
	);
}
