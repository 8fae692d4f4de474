import { readFile } from "node:fs/promises";
import canonicalize from "canonicalize";
import { expect, test } from "vitest";
import type { StepRecord } from "../../../server/custody/step-record.ts";
import { verifyMediaPack } from "../../../server/custody/verify-media-pack.ts";
import { alterations } from "../../helpers/alterations.ts";
import { BATCH, KEY, MEDIUM, mediaPack, type PackOptions, PHOTO, STEPS, type Told } from "../../helpers/media-pack.ts";

const holds = (pack: unknown, key?: string) => {
	try {
		return verifyMediaPack(pack, key).ok;
	} catch {
		return false;
	}
};

test("a medium's pack holds, and says in plain words what was done, by whom, and who saw it (MED-7)", () => {
	const { ok, lines } = verifyMediaPack(mediaPack(), KEY);
	expect(lines.join("\n")).toContain("VALID: signed by the key that was given.");
	expect(ok).toBe(true);
	for (const said of [
		/serial WD-1 \(hdd\), of the work order "Hall refresh"/,
		/ 3 {2}accept .* 李博 \(bo\), seal S-1 found/,
		/degauss: done by 李博, verified by Cy Núñez \(instrument\)/,
		/Policy version 1 allows this for hdd, low: degauss, then crush/,
		/Released by 李博 .* for recycling: Green Metals/,
		/1 photos, each as it was taken/,
		/NOT COUNTED: a cosignature named watchroom-agent\/a/,
	])
		expect(lines.join("\n")).toMatch(said);
	expect(verifyMediaPack(mediaPack({ steps: STEPS.slice(0, 7) })).lines.join("\n")).toContain("does not show that it has left");
});

test("any value of the pack altered, taken away, added, or moved: it doesn't hold", () => {
	const pack = mediaPack();
	expect(holds(pack)).toBe(true);
	let tried = 0;
	const unseen: string[] = [];
	for (const { what, altered } of alterations(pack)) {
		tried++;
		if (holds(altered)) unseen.push(what);
	}
	expect(unseen).toEqual([]);
	expect(tried).toBeGreaterThan(500);
});

test("any value inside the signed texts altered: it doesn't hold", () => {
	const pack = mediaPack();
	expect(holds(pack)).toBe(true);
	const unseen: string[] = [];
	for (const [place, text] of [pack.certificate, pack.policy, ...pack.records].entries())
		for (const { what, altered } of alterations(JSON.parse(text))) {
			// One change of each value is enough: the digest is of all of them.
			if (/shorter|changed at|less|swapped/.test(what)) continue;
			const changed = canonicalize(altered) ?? "";
			const texts = { certificate: place === 0 ? changed : pack.certificate, policy: place === 1 ? changed : pack.policy };
			const records = pack.records.map((record, number) => (place === number + 2 ? changed : record));
			if (changed !== text && holds({ ...pack, ...texts, records })) unseen.push(`${place}: ${what}`);
		}
	expect(unseen).toEqual([]);
});

const told = (number: number, change: Partial<Told>): readonly Told[] =>
	STEPS.map((step, place) => (place + 1 === number ? { ...step, ...change } : step) as Told);
const record =
	(number: number, change: (record: StepRecord) => Partial<StepRecord>) =>
	(one: StepRecord): StepRecord =>
		one.number === number ? { ...one, ...change(one) } : one;
const machineOf = (number: number) => STEPS[number - 1]?.machine as NonNullable<StepRecord["machine"]>;
const incident = { id: "i", kind: "broken-seal", reason: "found broken" } as const;
/** The seal is found broken at the offer; then it goes on. */
const stopped: readonly Told[] = [STEPS[0] as Told, { act: "offer", to: "bo", incident }, ...STEPS.slice(1)];
const certified = {
	id: "i",
	kind: "broken-seal",
	openedAt: "2026-11-26T08:02:00.000Z",
	closedAt: "2026-11-26T08:02:30.000Z",
	outcome: "resume",
	change: "c",
} as const;
const release = (proposedBy: string, approvedBy: string) => ({
	type: "media.incident-released",
	version: 1,
	at: 1,
	data: { incident: "i", medium: MEDIUM, batch: BATCH, outcome: "resume", change: "c", proposedBy, approvedBy },
});

test("a chain that was stopped holds when two persons have released it, and the certificate tells of it", () => {
	const { ok, lines } = verifyMediaPack(mediaPack({ steps: stopped, certifiedAfter: 8, between: { 2: release("x", "y") }, incidents: [certified] }));
	expect(lines.join("\n")).toMatch(/opened an incident, broken-seal: found broken[\s\S]*ended by two persons \(resume\)/);
	expect(ok).toBe(true);
});

test.each<[string, PackOptions, RegExp]>([
	[
		"who did it has verified it with another account",
		{ record: (record) => ({ ...record, by: { ...record.by, person: ["bo", "cy"].includes(record.by.account) ? "person-1" : null } }) },
		/operator and verifier are two people/,
	],
	[
		"a hand-over to another account of one's own",
		{ record: (record) => ({ ...record, by: { ...record.by, person: ["ada", "bo"].includes(record.by.account) ? "person-1" : null } }) },
		/giver and taker are accounts of one person/,
	],
	["who did it has verified it", { steps: told(5, { by: "bo" }) }, /operator and verifier are two people/],
	["a verification that did not pass", { steps: told(7, { result: "unknown" }), done: ["degauss"] }, /not issued at the last verification/],
	[
		"a machine whose test ran out",
		{ steps: told(4, { machine: { ...machineOf(4), records: machineOf(4).records.map((one) => ({ ...one, validUntil: one.at + 1 })) } }) },
		/test of .* was not in date/,
	],
	[
		"a degausser without calibration",
		{ steps: told(4, { machine: { ...machineOf(4), records: machineOf(4).records.slice(0, 1) } }) },
		/calibration of .* was not in date/,
	],
	[
		"a degausser that is too weak, for a disk that somebody calls weaker",
		{ medium: { coercivityOe: 300 }, steps: told(4, { machine: { ...machineOf(4), fieldOe: 5000 } }) },
		/too weak/,
	],
	["a degausser that is too weak", { steps: told(4, { machine: { ...machineOf(4), fieldOe: 5000 } }) }, /too weak/],
	["a crusher that degausses", { steps: told(4, { machine: machineOf(6) }) }, /no machine for this/],
	["a flash disk that was degaussed", { medium: { type: "ssd" } }, /doesn't allow this for ssd, low/],
	[
		"a disk that was only crushed",
		{ steps: STEPS.filter((_, place) => place !== 3 && place !== 4), done: ["crush"], certifiedAfter: 5 },
		/doesn't allow this/,
	],
	[
		"a damaged disk of the class low is held to high",
		{ medium: { damaged: true }, steps: told(6, { act: "bend", machine: { ...machineOf(6), kind: "bender" } }), done: ["degauss", "bend"] },
		/doesn't allow this for hdd, high/,
	],
	["a number that is left out", { record: (one) => (one.number > 2 ? { ...one, number: one.number + 1 } : one) }, /step 3 is missing/],
	["a step that was not signed on top of the one before", { record: record(4, () => ({ previous: "0".repeat(64) })) }, /not signed on top/],
	["a step of another medium", { record: record(3, ({ medium }) => ({ medium: { ...medium, id: BATCH } })) }, /another medium/],
	["a step that is dated before the last one", { steps: told(6, { at: "2026-11-26T08:00:30.000Z" }) }, /dated before/],
	["a hand-over that was offered to somebody else", { steps: told(2, { to: "cy" }) }, /not offered to who took it/],
	["a hand-over that nobody offered", { steps: told(2, { act: "seal" }) }, /not offered/],
	[
		"an entry that says something else than the record",
		{ leaf: (entry) => (entry.data.number === 4 ? { ...entry, data: { ...entry.data, by: "cy" } } : entry) },
		/not the one whose digest stands/,
	],
	[
		"a certificate of what was written off afterwards",
		{
			steps: [...STEPS.slice(0, 7), { act: "report", incident }],
			between: { 8: { ...release("x", "y"), data: { ...release("x", "y").data, outcome: "lost" } } },
		},
		/written off by two persons/,
	],
	["a stopped chain that just goes on", { steps: stopped, certifiedAfter: 8, incidents: [certified] }, /nothing shows that two persons let it go on/],
	[
		"a stopped chain that one person has released",
		{ steps: stopped, certifiedAfter: 8, between: { 2: release("x", "x") }, incidents: [certified] },
		/one person alone/,
	],
	["a release that came too late", { steps: stopped, certifiedAfter: 8, between: { 3: release("x", "y") }, incidents: [certified] }, /nothing shows/],
	[
		"a certificate that is silent about an incident",
		{ steps: stopped, certifiedAfter: 8, between: { 2: release("x", "y") } },
		/silent about the incident/,
	],
	[
		"a certificate of another serial number",
		{ certificate: (one) => ({ ...one, medium: { ...one.medium, serial: "WD-2" } }) },
		/serial is "WD-2", the signed steps say "WD-1"/,
	],
	[
		"a certificate of a lower class",
		{ record: ({ medium, ...rest }) => ({ ...rest, medium: { ...medium, classification: "high" } }) },
		/classification is "low"/,
	],
	[
		"a certificate that names another operator",
		{
			certificate: (one) => ({
				...one,
				sanitization: one.sanitization.map((method) => ({ ...method, operator: { ...method.operator, name: "Eve" } })),
			}),
		},
		/what the certificate says of degauss/,
	],
	[
		"a certificate that names a stronger type",
		{ certificate: (one) => ({ ...one, sanitization: one.sanitization.map((method) => ({ ...method, type: "destroy" })) }) },
		/what the certificate says of degauss/,
	],
	[
		"a certificate that leaves a step out",
		{ certificate: (one) => ({ ...one, chain: one.chain.slice(0, -1) }) },
		/issued right after|last verification/,
	],
	[
		"a certificate that names another seal",
		{ certificate: (one) => ({ ...one, chain: one.chain.map((link) => ({ ...link, sealIn: null })) }) },
		/something else of step 2/,
	],
	[
		"a certificate of another policy",
		{ certificate: (one) => ({ ...one, policy: { ...one.policy, digest: "0".repeat(64) } }) },
		/policy is not the one/,
	],
	[
		"a certificate without the tests",
		{ certificate: (one) => ({ ...one, sanitization: one.sanitization.map((method) => ({ ...method, tool: { ...method.tool, records: [] } })) }) },
		/other tests/,
	],
	[
		"a certificate for a vendor",
		{ certificate: (one) => ({ ...one, destination: { kind: "hardware-vendor", organisation: "WD" } }) },
		/leaves as scrap or for recycling/,
	],
	[
		"a release to somebody else",
		{ steps: told(8, { destination: { kind: "scrap", organisation: "Other" } }) },
		/somebody else than the certificate says/,
	],
	["a photo that is missing", { photos: [] }, /photos are not those/],
	["a photo that nobody took", { photos: [PHOTO, Buffer.concat([PHOTO, PHOTO])] }, /photos are not those/],
])("a server that lies and signs it all is found out by the evidence itself: %s", (_, options, said) => {
	const { ok, lines } = verifyMediaPack(mediaPack(options), KEY);
	expect(lines.at(-1)).toMatch(said);
	expect(ok).toBe(false);
});

test("another key than the one that was given, or a witness that has not signed, is told of", () => {
	const stranger = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	expect(verifyMediaPack(mediaPack(), stranger)).toMatchObject({ ok: false });
	expect(verifyMediaPack(mediaPack(), KEY, [stranger]).lines.at(-1)).toContain("has not signed");
});

test("the verifier imports nothing but its own files and node: modules", async () => {
	for (const name of ["verify-media-pack", "verify-entries", "verify-chain", "verify-certificate"]) {
		const source = await readFile(new URL(`../../../server/custody/${name}.ts`, import.meta.url), "utf8");
		for (const [, imported] of source.matchAll(/from "([^"]+)"/g))
			expect(imported).toMatch(/^node:|^\.\/verify-[a-z]+\.ts$|^\.\.\/ledger\/(merkle|pack-checks|signed-note)\.ts$/);
	}
});
