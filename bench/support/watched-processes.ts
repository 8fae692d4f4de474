import { readdirSync, readFileSync } from "node:fs";
import { processUsage } from "./process-usage.ts";

/** What a process has used so far and held at most. */
export interface Watched {
	cpuSeconds: number;
	peakRssMb: number;
	/** At the last look. */
	rssMb: number;
}

/** Looks at processes again and again, so that their largest memory is known; Linux only. */
export class WatchedProcesses {
	readonly #pids: () => Record<string, number[]>;
	readonly #before = new Map<string, number>();
	readonly #peak = new Map<string, number>();
	readonly #timer: NodeJS.Timeout;
	/** One entry a look: seconds since the first, and memory by name, MB. */
	readonly samples: { at: number; rssMb: Record<string, number> }[] = [];

	/** `pids` tells which processes bear a name; those with several count together. */
	constructor(pids: () => Record<string, number[]>, every = 250) {
		this.#pids = pids;
		for (const [name, list] of Object.entries(pids())) this.#before.set(name, sum(list).cpuSeconds);
		const begun = performance.now();
		const look = () => {
			const rssMb: Record<string, number> = {};
			for (const [name, list] of Object.entries(this.#pids())) {
				const { rss } = sum(list);
				rssMb[name] = Math.round(rss / 1e6);
				this.#peak.set(name, Math.max(this.#peak.get(name) ?? 0, rss));
			}
			this.samples.push({ at: Math.round((performance.now() - begun) / 1000), rssMb });
		};
		this.#timer = setInterval(look, every);
		look();
	}

	/** Since the beginning of the watch. */
	usage(): Record<string, Watched> {
		return Object.fromEntries(
			Object.entries(this.#pids()).map(([name, list]) => {
				const { cpuSeconds, rss } = sum(list);
				const used = cpuSeconds - (this.#before.get(name) ?? 0);
				return [name, { cpuSeconds: used, peakRssMb: Math.round((this.#peak.get(name) ?? 0) / 1e6), rssMb: Math.round(rss / 1e6) }];
			}),
		);
	}

	stop(): void {
		clearInterval(this.#timer);
	}
}

/** The children of a process and theirs. */
export function descendants(pid: number): number[] {
	const parents = new Map<number, number>();
	for (const entry of readdirSync("/proc")) {
		if (!/^\d+$/.test(entry)) continue;
		try {
			const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
			parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
		} catch {
			// It has ended meanwhile.
		}
	}
	const found: number[] = [];
	for (let parentsOfNext = [pid]; parentsOfNext.length > 0; ) {
		const next = [...parents].filter(([, parent]) => parentsOfNext.includes(parent)).map(([child]) => child);
		found.push(...next);
		parentsOfNext = next;
	}
	return found;
}

/** Memory that PostgreSQL's processes share counts once for each of them. */
function sum(pids: readonly number[]): { cpuSeconds: number; rss: number } {
	let [cpuSeconds, rss] = [0, 0];
	for (const pid of pids) {
		try {
			const usage = processUsage(pid);
			cpuSeconds += usage.cpuSeconds;
			rss += usage.rss;
		} catch {
			// It has ended meanwhile.
		}
	}
	return { cpuSeconds, rss };
}
