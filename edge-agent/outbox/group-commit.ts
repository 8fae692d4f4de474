import type { Reading } from "../../contracts/reading.ts";
import type { UplinkEvent } from "../../contracts/uplink.ts";
import type { DeviceMark } from "../devices/event-numbers.ts";
import type { Content } from "./outbox.ts";

export interface GroupCommitOptions {
	/** Stores durably, all or nothing, or throws; see Outbox.append. */
	append(contents: readonly Content[], marks: readonly DeviceMark[]): number;
	/** Hears of each commit: the new head of the outbox. */
	committed(head: number): void;
	/** Hears of a commit that failed; it is tried again after a pause. */
	failed(error: unknown): void;
}

/** Most readings in one batch. */
const BATCH_READINGS = 5_000;
/** Most readings and most events in one commit, give or take a message, so that a commit never keeps the process for long. */
const COMMIT_READINGS = 20_000;
const COMMIT_EVENTS = 2_000;
/** Least pause after a commit, ms, and after one that held much already; a slow disk gets as long as its last commit took. */
const LEAST_PAUSE = 2;
const BUSY_PAUSE = 5;
/** Messages in a commit from which the pipe counts as busy. */
const BUSY = 25;
/** Pause after a commit that failed, ms. */
const RETRY_PAUSE = 1_000;

/**
 * Gathers what comes in into commits: an idle pipe commits at once, a busy one fills its batches while the disk rests. What is
 * added is settled, in order, after the commit that holds it. A failed commit settles nothing and is tried again.
 */
export class GroupCommit {
	readonly #options: GroupCommitOptions;
	#readings: Reading[] = [];
	#events: UplinkEvent[] = [];
	/** With where in `#readings` and `#events` each one's content ends. */
	#waiting: { readings: number; events: number; marks: readonly DeviceMark[]; settle: () => void }[] = [];
	#scheduled: NodeJS.Immediate | NodeJS.Timeout | null = null;
	#notBefore = 0;
	#stalled = false;
	#stopped = false;

	constructor(options: GroupCommitOptions) {
		this.#options = options;
	}

	/** True while commits fail: nothing is settled, and sources should let no more in. */
	get stalled(): boolean {
		return this.#stalled;
	}

	/** Readings and events that wait for their commit. */
	get waiting(): number {
		return this.#readings.length + this.#events.length;
	}

	/** See Store in devices/intake.ts. */
	add(readings: readonly Reading[], events: readonly UplinkEvent[], marks: readonly DeviceMark[], settle: () => void): void {
		for (const reading of readings) this.#readings.push(reading);
		for (const event of events) this.#events.push(event);
		this.#waiting.push({ readings: this.#readings.length, events: this.#events.length, marks, settle });
		this.#schedule();
	}

	/** Commits what waits, or leaves it unsettled when that fails. Nothing is settled afterwards. */
	stop(): void {
		if (this.#stopped) return;
		while (this.#waiting.length > 0 && this.#commit());
		this.#stopped = true;
		if (this.#scheduled) {
			clearTimeout(this.#scheduled as NodeJS.Timeout);
			clearImmediate(this.#scheduled as NodeJS.Immediate);
		}
	}

	#schedule(): void {
		if (this.#scheduled || this.#stopped || this.#waiting.length === 0) return;
		const pause = this.#notBefore - performance.now();
		const full = this.#readings.length >= BATCH_READINGS && !this.#stalled;
		const run = () => {
			this.#scheduled = null;
			this.#commit();
			this.#schedule();
		};
		this.#scheduled = pause <= 0 || full ? setImmediate(run) : setTimeout(run, pause);
	}

	/** False when the commit failed. */
	#commit(): boolean {
		const count = this.#countForOneCommit();
		const last = this.#waiting[count - 1];
		if (!last) return true;
		const contents: Content[] = [];
		for (let from = 0; from < last.readings || (from === 0 && last.events > 0); from += BATCH_READINGS)
			contents.push({
				readings: this.#readings.slice(from, Math.min(from + BATCH_READINGS, last.readings)),
				events: from === 0 ? this.#events.slice(0, last.events) : [],
			});
		const settled = this.#waiting.slice(0, count);
		// Those of what is in this commit: one that came before its event would make a repetition of it.
		const marks = settled.flatMap((one) => one.marks);
		const begun = performance.now();
		let head: number;
		try {
			head = this.#options.append(contents, marks);
		} catch (error) {
			this.#stalled = true;
			this.#notBefore = performance.now() + RETRY_PAUSE;
			this.#options.failed(error);
			return false;
		}
		const ended = performance.now();
		this.#stalled = false;
		this.#notBefore = ended + Math.max(count < BUSY ? LEAST_PAUSE : BUSY_PAUSE, ended - begun);
		if (count === this.#waiting.length) {
			this.#readings = [];
			this.#events = [];
			this.#waiting = [];
		} else {
			this.#readings = this.#readings.slice(last.readings);
			this.#events = this.#events.slice(last.events);
			this.#waiting = this.#waiting.slice(count).map(({ readings, events, ...rest }) => ({
				readings: readings - last.readings,
				events: events - last.events,
				...rest,
			}));
		}
		for (const { settle } of settled) settle();
		this.#options.committed(head);
		return true;
	}

	#countForOneCommit(): number {
		const all = this.#waiting.length;
		if (this.#readings.length <= COMMIT_READINGS && this.#events.length <= COMMIT_EVENTS) return all;
		const index = this.#waiting.findIndex(({ readings, events }) => readings >= COMMIT_READINGS || events >= COMMIT_EVENTS);
		return index < 0 ? all : index + 1;
	}
}
