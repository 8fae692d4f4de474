/**
 * How failed log-ins slow the next ones down (OWASP ASVS 6.3.1, SP 800-63B 3.2.2). Pure rules over a state that {@link LogInThrottle} keeps.
 *
 * Three counters, each with free attempts and then a delay that doubles:
 * - (account, address): somebody guesses one password. Never touches the same account from elsewhere.
 * - address: somebody tries many accounts.
 * - account, from addresses that it never logged in from: somebody guesses with many addresses. Whoever comes from an address
 *   that the account has logged in from before is not held up by this one, nor by the address's, so nobody can be locked out by strangers.
 */
export interface Limit {
	/** Failures without a delay. */
	free: number;
	/** Longest delay, ms; a failure is forgotten this long after the last one too, four times over. */
	longest: number;
}
export const LIMITS = {
	pair: { free: 5, longest: 15 * 60_000 },
	address: { free: 30, longest: 5 * 60_000 },
	account: { free: 50, longest: 15 * 60_000 },
} as const satisfies Record<string, Limit>;

/** Failures in a row, and when the last one was, Unix ms. */
export interface Failures {
	count: number;
	last: number;
}

/** Until when the next attempt has to wait, Unix ms; 0 where it needn't. */
export function waitUntil(failures: Failures | undefined, limit: Limit): number {
	if (failures === undefined || failures.count < limit.free) return 0;
	return failures.last + Math.min(1000 * 2 ** Math.min(failures.count - limit.free, 30), limit.longest);
}

export function failed(failures: Failures | undefined, limit: Limit, now: number): Failures {
	const forgotten = failures === undefined || now - failures.last > 4 * limit.longest;
	return { count: (forgotten ? 0 : failures.count) + 1, last: now };
}

/** Most counters kept; the ones that were touched longest ago are forgotten first. */
const MOST = 20_000;

export interface Attempt {
	/** As typed: what doesn't exist is counted alike. */
	username: string;
	address: string;
	/** The account has logged in from the address before. */
	known: boolean;
}

/**
 * The counters, in memory: a restart forgets them, which nobody outside can bring about. An attempt counts as failed from its
 * beginning and is taken back when it was good, so that many at once get no more tries than one after the other.
 */
export class LogInThrottle {
	readonly #failures = new Map<string, Failures>();

	/** Ms to wait, 0 when the attempt may go on; then it is counted. */
	begin(attempt: Attempt, now: number): number {
		const counters = countersOf(attempt);
		const wait = Math.max(...counters.map(({ key, limit }) => waitUntil(this.#failures.get(key), limit))) - now;
		if (wait > 0) return wait;
		for (const { key, limit } of counters) this.#set(key, failed(this.#failures.get(key), limit, now));
		return 0;
	}

	/** The attempt was no failure. `complete`: it was a log-in, which also forgives what went before on this account and address. */
	forgive(attempt: Attempt, complete: boolean): void {
		for (const { key, pair } of countersOf(attempt)) {
			const failures = this.#failures.get(key);
			if (failures === undefined) continue;
			if ((complete && pair) || failures.count <= 1) this.#failures.delete(key);
			else this.#failures.set(key, { ...failures, count: failures.count - 1 });
		}
	}

	/** Whether strangers have to wait before they may try this account. */
	isLocked(username: string, now: number): boolean {
		return waitUntil(this.#failures.get(`account ${username}`), LIMITS.account) > now;
	}

	#set(key: string, failures: Failures): void {
		this.#failures.delete(key);
		this.#failures.set(key, failures);
		if (this.#failures.size > MOST) for (const oldest of this.#failures.keys().take(1)) this.#failures.delete(oldest);
	}
}

function countersOf({ username, address, known }: Attempt): { key: string; limit: Limit; pair: boolean }[] {
	const pair = { key: `pair ${address} ${username}`, limit: LIMITS.pair, pair: true };
	if (known) return [pair];
	return [
		pair,
		{ key: `address ${address}`, limit: LIMITS.address, pair: false },
		{ key: `account ${username}`, limit: LIMITS.account, pair: false },
	];
}

/** What is counted as one address: IPv6 by its /64, which is one subscriber's. */
export function addressKey(address: string | null): string {
	if (address === null) return "unknown";
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
	if (mapped !== undefined) return mapped;
	if (!address.includes(":")) return address;
	const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
	const first = head === "" ? [] : head.split(":");
	const last = tail === undefined || tail === "" ? [] : tail.split(":");
	const groups = tail === undefined ? first : [...first, ...Array<string>(Math.max(0, 8 - first.length - last.length)).fill("0"), ...last];
	return `${groups
		.slice(0, 4)
		.map((group) => Number.parseInt(group, 16).toString(16))
		.join(":")}::/64`;
}
