import { describe, expect, it } from "vitest";
import { hindranceOf, isConfirmed, isOver, permissionsOf } from "../../../server/identity/session.ts";
import { bearerToken, cookieName, sessionSecret } from "../../../server/identity/session-cookie.ts";
import { newRecoveryCodes, newTotpSecret, recoveryHash, totpCode, totpStep } from "../../../server/identity/totp.ts";

const NOW = 1_769_000_010_000;
const MINUTE = 60_000;

describe("the end of a session", () => {
	it.each([
		["just used", 0, 0, false],
		["idle for 29 minutes", 29 * MINUTE, 29 * MINUTE, false],
		["idle for 30 minutes", 30 * MINUTE, 30 * MINUTE, true],
		["used all the time, 11 h 59 min old", 719 * MINUTE, 0, false],
		["used all the time, 12 hours old", 720 * MINUTE, 0, true],
	])("%s", (_name, age, idle, over) => {
		expect(isOver({ lastUsedAt: NOW - idle, endsAt: NOW - age + 720 * MINUTE, confirmedAt: NOW }, NOW)).toBe(over);
	});

	it("a proof of who one is lasts five minutes", () => {
		expect([isConfirmed(NOW - 5 * MINUTE + 1, NOW), isConfirmed(NOW - 5 * MINUTE, NOW), isConfirmed(null, NOW)]).toEqual([true, false, false]);
	});
});

describe("what a session may do", () => {
	it.each([
		["operator", false, false, null],
		["auditor", false, false, "second-factor"],
		["auditor", true, false, null],
		["operator", true, true, "password"],
	] as const)("%s with second factor %s, password to be changed %s: %s first", (role, secondFactor, mustChangePassword, expected) => {
		expect(hindranceOf({ secondFactor, mustChangePassword }, [{ role, site: "*" }])).toBe(expected);
	});

	it("joins roles site by site, and cuts down to a token's scope", () => {
		const roles = [
			{ role: "operator", site: "a" },
			{ role: "security-guard", site: "b" },
		] as const;
		expect(permissionsOf(roles).get("site.read")).toEqual(new Set(["a", "b"]));
		expect(permissionsOf(roles).get("access.card-numbers")).toEqual(new Set(["b"]));
		expect([...permissionsOf(roles, ["access.card-numbers", "users.manage"]).keys()]).toEqual(["access.card-numbers"]);
	});
});

describe("codes", () => {
	const secret = newTotpSecret();
	const step = Math.floor(NOW / 30_000);

	it.each([
		["now", 0, null, step],
		["of the step before", -30_000, null, step - 1],
		["of the step after", 30_000, null, step + 1],
		["of two steps before", -60_000, null, null],
		["of two steps after", 60_000, null, null],
		["used already", 0, step, null],
		["older than a used one", -30_000, step, null],
		["newer than a used one", 30_000, step, step + 1],
		["when a step after was used", 30_000, step + 1, null],
	])("a code %s", (_name, shift, last, expected) => {
		expect(totpStep(secret, totpCode(secret, NOW + shift), NOW, last)).toBe(expected);
	});

	it("are six digits", () => expect(totpStep(secret, "12345", NOW, null)).toBeNull());

	it("agree with RFC 6238's vector", () => {
		// Appendix B, SHA-1, 59 s: 94287082, of which six digits.
		expect(totpCode("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59_000)).toBe("287082");
	});

	it("for recovery are ten different ones, read however they are typed", () => {
		const codes = newRecoveryCodes();
		expect(new Set(codes).size).toBe(10);
		const [code = ""] = codes;
		expect(recoveryHash(` ${code.toUpperCase().replaceAll("-", " ")}`)).toBe(recoveryHash(code));
	});
});

describe("what a request brings", () => {
	it("the cookie of TLS is another one than that of plain HTTP", () => {
		expect([cookieName(true), cookieName(false)]).toEqual(["__Host-watchroom-session", "watchroom-session"]);
		const headers = { cookie: "a=b; watchroom-session=plain; __Host-watchroom-session=tls" };
		expect([sessionSecret(headers, true), sessionSecret(headers, false), sessionSecret({}, false)]).toEqual(["tls", "plain", null]);
	});

	it.each([
		[undefined, null],
		["Bearer wr_abc", "wr_abc"],
		["bearer  wr_abc ", "wr_abc"],
		["Basic YTpi", ""],
		["Bearer", ""],
		["Bearer a b", ""],
	])("Authorization %s gives %s", (authorization, token) => {
		expect(bearerToken(authorization === undefined ? {} : { authorization })).toBe(token);
	});
});
