import { describe, expect, it } from "vitest";
import { HashQueue } from "../../../server/identity/hash-queue.ts";
import { COST, hashPassword, isOutdated, isPassword, passwordProblem } from "../../../server/identity/password.ts";

const SMALL = { memory: 64, passes: 1, parallelism: 1 };

describe("password hashes", () => {
	it("are argon2id in the PHC form with OWASP's parameters", async () => {
		expect(COST).toEqual({ memory: 19_456, passes: 2, parallelism: 1 });
		expect(await hashPassword("any password at all")).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
	});

	it("tell the password from others, whatever their cost was", async () => {
		const hash = await hashPassword("grün wie die Wiese", SMALL);
		expect(await isPassword("grün wie die Wiese", hash)).toBe(true);
		expect(await isPassword("gru\u0308n wie die Wiese".normalize("NFD"), hash)).toBe(true);
		expect(await isPassword("grün wie die wiese", hash)).toBe(false);
	});

	it("agree with the argon2 of others", async () => {
		// Reference implementation: echo -n password | argon2 somesalt -id -t 2 -k 256 -p 1
		const hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
		expect(await isPassword("password", hash)).toBe(true);
	});

	it("are outdated when the parameters grew", async () => {
		const hash = await hashPassword("x", SMALL);
		expect([isOutdated(hash), isOutdated(hash, SMALL)]).toEqual([true, false]);
	});

	it("throw when damaged, instead of calling every password wrong", async () => {
		await expect(isPassword("x", "$argon2i$broken")).rejects.toThrow("expected a hash");
	});
});

describe("rules of passwords (NIST SP 800-63B)", () => {
	it.each([
		["elevenchars", "ann"],
		["passwordpassword", "ann"],
		["Password1234", "ann"],
		["!!letmeinnow!!", "ann"],
		["correcthorsebatterystaple", "ann"],
		["aaaaaaaaaaaaaaa", "ann"],
		["abcabcabcabcabc", "ann"],
		["123456789012", "ann"],
		["abcdefghijklm", "ann"],
		["qwertyqwertyqwerty", "ann"],
		["watchroom2026!", "ann"],
		["xx-facility-manager-xx", "facility-manager"],
	])("%s is refused", (password, username) => expect(passwordProblem(password, username)).toMatch(/^expected/));

	it.each(["vier kleine Enten", "twelve chars", "日本語のパスワードは長いです", "password of the lighthouse keeper"])(
		"%s is good: length counts, composition doesn't",
		(password) => {
			expect(passwordProblem(password, "ann")).toBeNull();
		},
	);
});

describe("the queue of hashes", () => {
	it("runs two at once, lets 64 wait and refuses the rest at once", async () => {
		const queue = new HashQueue();
		let running = 0;
		let most = 0;
		const release: (() => void)[] = [];
		const work = () =>
			queue.run(async () => {
				most = Math.max(most, ++running);
				await new Promise<void>((done) => release.push(done));
				running--;
			});
		const all = Array.from({ length: 70 }, () =>
			work().then(
				() => "done",
				(error) => error.code as string,
			),
		);
		const refused = await Promise.all(all.slice(66));
		expect(refused).toEqual(["busy", "busy", "busy", "busy"]);
		const rest = Promise.all(all.slice(0, 66));
		let over = false;
		void rest.then(() => {
			over = true;
		});
		while (!over) {
			release.shift()?.();
			await Promise.resolve();
		}
		expect([await rest, most]).toEqual([Array(66).fill("done"), 2]);
	});
});
