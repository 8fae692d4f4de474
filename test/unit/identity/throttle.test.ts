import { describe, expect, it } from "vitest";
import { addressKey, failed, LIMITS, LogInThrottle, waitUntil } from "../../../server/identity/throttle.ts";

const NOW = 1_769_000_000_000;
const attempt = (username: string, address: string, known = false) => ({ username, address, known });

/** Fails at once, as often as it is let. */
function failures(throttle: LogInThrottle, tried: ReturnType<typeof attempt>, times: number, now = NOW): number[] {
	return Array.from({ length: times }, () => throttle.begin(tried, now));
}

describe("delays after failures", () => {
	it.each([
		[0, 0],
		[4, 0],
		[5, 1_000],
		[6, 2_000],
		[10, 32_000],
		[14, 512_000],
		[15, 900_000],
		[500, 900_000],
	])("after %i failures of one account from one address the next waits %i ms", (count, wait) => {
		expect(waitUntil({ count, last: NOW }, LIMITS.pair)).toBe(wait === 0 ? 0 : NOW + wait);
	});

	it("forgets failures an hour after the last one", () => {
		expect(failed({ count: 9, last: NOW }, LIMITS.pair, NOW + 3_600_001).count).toBe(1);
		expect(failed({ count: 9, last: NOW }, LIMITS.pair, NOW + 3_600_000).count).toBe(10);
	});
});

describe("log-in throttle", () => {
	it("lets five attempts through, however many come at once", () => {
		const waits = failures(new LogInThrottle(), attempt("ann", "192.0.2.1"), 8);
		expect(waits.map((wait) => wait > 0)).toEqual([false, false, false, false, false, true, true, true]);
	});

	it("does not hold up the account at an address that it is known at while strangers fail", () => {
		const throttle = new LogInThrottle();
		for (let host = 1; host < 200; host++) failures(throttle, attempt("ann", `198.51.100.${host}`), 5);
		expect(throttle.isLocked("ann", NOW)).toBe(true);
		expect(throttle.begin(attempt("ann", "203.0.113.9"), NOW)).toBeGreaterThan(0);
		expect(throttle.begin(attempt("ann", "192.0.2.1", true), NOW)).toBe(0);
	});

	it("does not hold up other accounts elsewhere when one address tries many", () => {
		const throttle = new LogInThrottle();
		for (let name = 0; name < 100; name++) throttle.begin(attempt(`name-${name}`, "198.51.100.7"), NOW);
		expect(throttle.begin(attempt("bob", "198.51.100.7"), NOW)).toBeGreaterThan(0);
		expect(throttle.begin(attempt("bob", "192.0.2.2"), NOW)).toBe(0);
		expect(throttle.begin(attempt("bob", "198.51.100.7", true), NOW)).toBe(0);
	});

	it("forgives the pair at a log-in but not what the address did to others", () => {
		const throttle = new LogInThrottle();
		failures(throttle, attempt("ann", "198.51.100.7"), 4);
		for (let name = 0; name < 25; name++) throttle.begin(attempt(`name-${name}`, "198.51.100.7"), NOW);
		const own = attempt("ann", "198.51.100.7");
		expect(throttle.begin(own, NOW)).toBe(0);
		throttle.forgive(own, true);
		expect(throttle.begin(attempt("zoe", "198.51.100.7"), NOW)).toBe(0);
		expect(throttle.begin(attempt("yan", "198.51.100.7"), NOW)).toBeGreaterThan(0);
	});

	it("counts no attempt that only lacked the second factor", () => {
		const throttle = new LogInThrottle();
		const own = attempt("ann", "192.0.2.1");
		for (let i = 0; i < 40; i++) {
			expect(throttle.begin(own, NOW)).toBe(0);
			throttle.forgive(own, false);
		}
	});
});

describe("what counts as one address", () => {
	it.each([
		["192.0.2.1", "192.0.2.1"],
		["::ffff:192.0.2.1", "192.0.2.1"],
		["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
		["2001:0db8:1:2::1", "2001:db8:1:2::/64"],
		["2001:db8::9", "2001:db8:0:0::/64"],
		["::1", "0:0:0:0::/64"],
		["fe80::1%eth0", "fe80:0:0:0::/64"],
		[null, "unknown"],
	])("%s is %s", (address, key) => expect(addressKey(address)).toBe(key));
});
