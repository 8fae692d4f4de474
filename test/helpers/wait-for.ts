import { setTimeout as sleep } from "node:timers/promises";

type Truthy<T> = Exclude<T, false | 0 | "" | null | undefined>;

/**
 * Waits until `condition` returns something truthy, and returns that. Throws after `timeout` ms, saying what was waited for
 * and the last error that the condition threw.
 */
export async function waitFor<T>(what: string, condition: () => T | Promise<T>, timeout = 30_000, every = 20): Promise<Truthy<T>> {
	const end = Date.now() + timeout;
	let last: unknown;
	for (;;) {
		try {
			const result = await condition();
			if (result) return result as Truthy<T>;
			last = undefined;
		} catch (error) {
			last = error;
		}
		if (Date.now() > end) throw new Error(`waited ${timeout} ms in vain for: ${what}`, { cause: last });
		await sleep(every);
	}
}
