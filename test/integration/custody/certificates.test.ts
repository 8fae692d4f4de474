/** Certificates and evidence of a disk and a flash disk that went through their whole chains, on a real PostgreSQL. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROLES } from "../../../contracts/permissions.ts";
import { witnessKey } from "../../../edge-agent/witness/tlog.ts";
import { certificatesRoutes } from "../../../server/custody/certificates-routes.ts";
import { MEDIA_PACKS } from "../../../server/custody/verify-media-pack.ts";
import { ROLE_TABLE } from "../../../server/identity/role-table.ts";
import type { LedgerTables } from "../../../server/ledger/ledger-store.ts";
import { WitnessService } from "../../../server/ledger/witness-service.ts";
import type { Actor } from "../../../server/platform/actor.ts";
import { HttpServer } from "../../../server/platform/http/http-server.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { actorWith, knownPeople } from "../../helpers/actors.ts";
import { alterations } from "../../helpers/alterations.ts";
import { NODE, startChild } from "../../helpers/child-process.ts";
import { type CustodyWorld, custodyWorld, STAFF, T0 } from "../../helpers/custody.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";

const ada: Actor = { ...STAFF.ada, name: "Ada Lovelace" };
const bo: Actor = { ...STAFF.bo, name: "李博", method: "session", confirmedAt: T0 };
const cy: Actor = { ...STAFF.cy, name: "Cy Núñez-Ångström" };
const auditor = actorWith(ROLE_TABLE.auditor, { id: "auditor", username: "auditor" });
/** Sees names of card holders, and nothing of what they signed. */
const guest = actorWith(["media.read", "access.personal"], { id: "guest", username: "guest" });
/** Of the order's people, as an operator. */
const worker = actorWith(ROLE_TABLE.operator, { id: "bo", username: "bo" });
const tokenOf = (role: string) => role.replaceAll("-", "");
const byRole = Object.fromEntries(ROLES.map((role) => [tokenOf(role), actorWith(ROLE_TABLE[role], { id: role, username: role })]));
const photo = (seed: number) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(3000, `photo ${seed}`)]);

let world: CustodyWorld;
let directory: TemporaryDirectory;
let http: HttpServer;
let base: string;
let order: string;
let disk: string;
let flash: string;
let open: string;
const note: string[] = [];

beforeAll(async () => {
	world = await custodyWorld();
	directory = await temporaryDirectory("certificates");
	await world.stores.add({ id: "cage", name: "Cage", room: "dock", door: null }, STAFF.custodian);
	order = await world.order({ title: "Hall refresh 机房更新", assets: [{ asset: "srv-1", bays: ["0", "1", "2"] }] });
	const degausser = await world.machine("degausser", { name: "Degausser 1", maker: "Garner", model: "HD-3XTL", serial: "DG-2231", fieldOe: 20_000 });
	const crusher = await world.machine("crusher", { name: "Crusher 1", maker: "Garner", model: "PD-5", serial: "PD-0117" });
	const shredder = await world.machine("shredder", { name: "Shredder 2 mm", maker: "HSM", model: "StoreEx", serial: "SX-90431" });
	const digests = [];
	for (const seed of [1, 2, 3]) digests.push((await world.photos.keep(photo(seed), "ada")).digest);
	const at = (bay: string) => ({ source: { asset: "srv-1", bay } });

	disk = (await world.medium(order, { serial: "WD/1 X", property: "INV-0042", capacityBytes: 4e12, ...at("0") })).id;
	await world.step(disk, { act: "remove", newSeal: "S-100", photos: digests.slice(0, 2) }, ada);
	await world.step(disk, { act: "store", store: "cage" }, ada);
	await world.step(disk, { act: "take", store: "cage" }, ada);
	await world.step(disk, { act: "offer", to: "bo" }, ada);
	await world.step(disk, { act: "accept", photos: digests.slice(1) }, bo);
	// The seal is found broken; two persons look into it and let it go on.
	await expect(world.step(disk, { act: "degauss", equipment: degausser, seal: { number: "S-100", intact: false } }, bo)).rejects.toMatchObject({
		code: "chain-stopped-now",
	});
	const { incident } = await world.custody.get(disk, bo);
	await world.endIncident(incident ?? "", { kind: "resume", custodian: { account: "bo" }, seal: "S-200", redo: false });
	await world.step(disk, { act: "degauss", equipment: degausser, technique: "two passes, 90° apart" }, bo);
	await world.step(disk, { act: "verify" }, cy);
	await world.step(disk, { act: "crush", equipment: crusher }, bo);
	await world.step(disk, { act: "verify", how: "visual" }, cy);
	await world.step(disk, { act: "offer", to: "cy" }, bo);
	await world.step(disk, { act: "accept" }, cy);
	await world.step(disk, { act: "release" }, cy);

	flash = (await world.medium(order, { serial: "SSD-1", maker: "Samsung", model: "PM9A3", type: "nvme", classification: "high", ...at("1") })).id;
	await world.step(flash, { act: "remove", newSeal: "S-101" }, ada);
	await world.step(flash, { act: "shred", equipment: shredder }, ada);
	await world.step(flash, { act: "verify", how: "visual", result: "unknown" }, bo);
	await world.step(flash, { act: "shred", equipment: shredder }, ada);
	await world.step(flash, { act: "verify", how: "visual" }, bo);

	const lost = (await world.medium(order, { serial: "LOST-1", ...at("2") })).id;
	await world.step(lost, { act: "remove", newSeal: "S-102" }, ada);
	await world.step(lost, { act: "report", incident: "lost", text: "not on the trolley" }, ada);
	await world.endIncident((await world.custody.get(lost, ada)).incident ?? "", { kind: "lost" });
	await world.orders.close(order, "bo and cy stood in for the shift", STAFF.custodian);

	open = (await world.medium(await world.order(), {})).id;
	await cosigned();
	http = new HttpServer({
		port: 0,
		logger: silentLogger(),
		authenticator: knownPeople({ auditor, guest, worker, ...byRole }),
		note: async ({ operation }) => void note.push(operation),
		clock: world.clock,
		site: () => "s",
		routes: certificatesRoutes(world.certificates),
	});
	base = `http://127.0.0.1:${await http.start()}/api/v1/media`;
}, 120_000);
afterAll(async () => {
	await http.stop();
	await world.end();
	await directory.remove();
});

/** A witness has seen the newest tree. */
async function cosigned(): Promise<void> {
	const { database, clock, log } = world;
	new WitnessService({ ledger: log, database, agents: () => [], publish: () => undefined, clock, logger: silentLogger() });
	const { size, note: checkpoint } = await log.newest();
	const witness = witnessKey("watchroom-agent/a", Buffer.alloc(32, 7));
	const line = witness.cosign(checkpoint.slice(0, checkpoint.indexOf("\n\n") + 1), Math.floor(clock.time / 1000));
	await database.tables<LedgerTables>().insertInto("ledger_cosignatures").values({ size, agent: "a", key: witness.text, line }).execute();
}
const ask = (path: string, who = "auditor") => fetch(`${base}${path}`, { headers: { authorization: `Bearer ${who}` } });
async function textOf(path: string): Promise<string> {
	const answer = await ask(path);
	expect(answer.status).toBe(200);
	return await answer.text();
}
function holds(text: string): boolean {
	try {
		const pack = JSON.parse(text);
		return MEDIA_PACKS[pack.format]?.(pack, world.log.key()).ok ?? false;
	} catch {
		return false;
	}
}
/** What `npm run watchroom -- verify` says, or the verifier by itself. */
async function verified(text: string, args: string[], command = ["server/custody/verify-media-pack.ts"]) {
	const file = join(directory.path, "pack.json");
	await writeFile(file, text);
	const child = startChild(NODE, [...command, file, ...args]);
	await new Promise((resolve) => child.process.once("close", resolve));
	return { code: child.process.exitCode, output: child.output() };
}
/** The same numbers at each run, 0 <= n < 1. */
function* random(seed: number): Generator<number, never> {
	let state = seed;
	for (;;) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		yield state / 2 ** 32;
	}
}

test("the evidence of both media and of their order verifies offline, in a process that has nothing else (MED-7, LDG-2)", async () => {
	const key = ["--key", world.log.key()];
	const witness = witnessKey("watchroom-agent/a", Buffer.alloc(32, 7)).text;
	const ofDisk = await verified(await textOf(`/${disk}/certificate.json`), [...key, "--witness", witness], ["server/cli.ts", "verify"]);
	expect(ofDisk.output).toMatch(/it opened an incident, broken-seal: The seal S-100 was found broken/);
	expect(ofDisk.output).toMatch(/ended by two persons \(resume\)/);
	expect(ofDisk.output).toMatch(/degauss: done by 李博, verified by Cy Núñez-Ångström \(instrument\)/);
	expect(ofDisk.output).toMatch(/Released by Cy .*Green Metals/);
	expect(ofDisk.output).toMatch(/3 photos, each as it was taken/);
	expect(ofDisk.output).toMatch(/Witness watchroom-agent\/a .* has seen this tree/);
	expect(ofDisk.code).toBe(0);
	const ofFlash = await verified(await textOf(`/${flash}/certificate.json`), key);
	expect(ofFlash.output).toMatch(/allows this for nvme, high: shred to 2 mm[\s\S]*VALID: signed by the key that was given/);
	expect(ofFlash.code).toBe(0);
	const ofOrder = await verified(await textOf(`/batches/${order}/certificate.json`), key);
	expect(ofOrder.output).toMatch(
		/Removed = destroyed = certified: 2 media \(SSD-1, WD\/1 X\)[\s\S]*Written off, with their incidents: LOST-1[\s\S]*steps were not as the order plans: bo and cy stood in/,
	);
	expect(ofOrder.code).toBe(0);
}, 60_000);

test("a changed byte anywhere in the evidence, and it doesn't verify", async () => {
	for (const path of [`/${disk}/certificate.json`, `/batches/${order}/certificate.json`]) {
		const bytes = Buffer.from(await textOf(path));
		expect(holds(bytes.toString("utf8"))).toBe(true);
		const numbers = random(20_261_126);
		const unseen: number[] = [];
		for (let time = 0; time < 600; time++) {
			const at = Math.floor(numbers.next().value * bytes.length);
			const changed = Buffer.from(bytes);
			changed[at] = (changed[at] ?? 0) ^ (1 << Math.floor(numbers.next().value * 7));
			if (holds(changed.toString("utf8"))) unseen.push(at);
		}
		expect(unseen.map((at) => bytes.subarray(at - 20, at + 20).toString("utf8"))).toEqual([]);
		const half = bytes.toString("utf8").replace(/"content":"(.)/, (_, first) => `"content":"${first === "A" ? "B" : "A"}`);
		expect((await verified(path.startsWith("/batches") ? half.replace("SSD-1", "SSD-2") : half, [])).code).not.toBe(0);
	}
}, 120_000);

test("any value of the order's evidence altered, taken away, added or moved, and it doesn't verify", async () => {
	const pack = JSON.parse(await textOf(`/batches/${order}/certificate.json`));
	const unseen = [...alterations(pack)].filter(({ altered }) => holds(JSON.stringify(altered))).map(({ what }) => what);
	expect(unseen).toEqual([]);
});

test("the ledger has no serial number and no name of what was certified", () => {
	const entries = world.entries.filter(({ type }) => type.endsWith("certified"));
	expect(entries.map(({ type, data }) => [type, Object.keys(data).sort()])).toEqual([
		["media.certified", ["batch", "digest", "medium"]],
		["media.certified", ["batch", "digest", "medium"]],
		["media.batch-certified", ["batch", "digest"]],
	]);
	expect(JSON.stringify(world.entries)).not.toMatch(/SSD-1|WD\/1|Lovelace|李博/);
});

test("the certificate has the fields of NIST SP 800-88, and names operator and verifier with what proves them (MED-7)", async () => {
	const { certificate } = JSON.parse(await textOf(`/${disk}/certificate.json`));
	expect(JSON.parse(certificate)).toMatchObject({
		places: [
			{ id: "cage", name: "Cage" },
			{ id: "dock", name: "Loading dock" },
		],
		medium: { maker: "Western Digital", model: "Gold", serial: "WD/1 X", property: "INV-0042", type: "hdd", source: { asset: "srv-1", bay: "0" } },
		classification: { before: "low", after: "none" },
		order: { id: order, title: "Hall refresh 机房更新" },
		sanitization: [
			{
				type: "purge",
				method: "degauss",
				technique: "two passes, 90° apart",
				tool: {
					maker: "Garner",
					version: null,
					records: [
						{ kind: "test", by: "Lab", reference: "R-1" },
						{ kind: "calibration", by: "Lab" },
					],
				},
				verification: "instrument",
				operator: { name: "李博", title: "media-custodian", contact: "bo", place: "dock", step: 7 },
				verifier: { name: "Cy Núñez-Ångström", contact: "cy", step: 8 },
			},
			{ type: "damage", method: "crush", verification: "visual" },
		],
		destination: { kind: "recycling", organisation: "Green Metals" },
		incidents: [{ kind: "broken-seal", outcome: "resume" }],
	});
	const view = await world.custody.get(disk, ada);
	expect((await world.log.entry(view.certificate ?? -1)).type).toBe("media.certified");
	expect((await world.log.entry((await world.orders.get(order)).certificate ?? -1)).type).toBe("media.batch-certified");
});

test("evidence goes to auditors, who decide on media, and the people of the order; each read is audited (IAM-2, IAM-3)", async () => {
	const given: string[] = [];
	note.length = 0;
	for (const who of [...ROLES, "worker"]) {
		const answers = await Promise.all([`/${disk}`, `/batches/${order}`].map((of) => ask(`${of}/certificate.json`, tokenOf(who))));
		for (const answer of answers) if (answer.status === 200) expect(holds(await answer.text())).toBe(true);
		if (answers.every(({ status }) => status === 200)) given.push(who);
		else expect(answers.map(({ status }) => status)).toEqual([403, 403]);
	}
	expect(given).toEqual(["facility-manager", "media-custodian", "risk-manager", "auditor", "worker"]);
	for (const read of ["media.certificate", "media.batch-certificate"]) expect(note.filter((one) => one === read).length).toBeGreaterThanOrEqual(5);
});

test("who may not see names gets the paged certificate with hidden names, and is told why not the evidence", async () => {
	for (const path of [`/${disk}/certificate`, `/batches/${order}/certificate`]) {
		const refused = await ask(`${path}.json`, "guest");
		expect(refused.status).toBe(403);
		expect(await refused.json()).toMatchObject({ code: "personal-data", detail: expect.stringContaining("it would prove nothing") });
		const [masked, whole] = [await ask(`${path}.pdf`, "guest"), await ask(`${path}.pdf`)];
		expect([masked.status, masked.headers.get("x-content-hash")]).toEqual([200, null]);
		expect(whole.headers.get("x-content-hash")).toMatch(/^sha256:[0-9a-f]{64}$/);
	}
	expect(note).toContain("media.certificate");
});

test("of what is not destroyed, or not closed, or not there, nothing is certified", async () => {
	const { batch } = await world.custody.get(open, ada);
	for (const [path, status, code] of [
		[`/${open}/certificate`, 409, "not-certified"],
		[`/batches/${batch}/certificate`, 409, "not-certified"],
		[`/${order}/certificate`, 404, "not-found"],
		[`/batches/${disk}/certificate`, 404, "not-found"],
	] as const)
		for (const format of ["json", "pdf"]) {
			const answer = await ask(`${path}.${format}`);
			expect([answer.status, (await answer.json()).code]).toEqual([status, code]);
		}
});

test("a photo that was changed on the disk is told of, and no half evidence goes out", async () => {
	const { digest } = await world.photos.keep(photo(3), "ada");
	const file = join(world.photoFolder, digest.slice(0, 2), digest);
	await writeFile(file, "something else");
	const answer = await ask(`/${disk}/certificate.json`);
	expect([answer.status, (await answer.json()).code]).toEqual([500, "photo-damaged"]);
	await writeFile(file, photo(3));
});

test("the paged certificates are PDFs by a name that every file system takes", async () => {
	const answer = await ask(`/${disk}/certificate.pdf`);
	expect([answer.headers.get("content-type"), answer.headers.get("content-disposition")]).toEqual([
		"application/pdf",
		"attachment; filename=certificate-WD-1-X.pdf",
	]);
	const files = { disk: Buffer.from(await answer.arrayBuffer()) } as Record<string, Buffer>;
	files.flash = Buffer.from(await (await ask(`/${flash}/certificate.pdf`)).arrayBuffer());
	files.masked = Buffer.from(await (await ask(`/${disk}/certificate.pdf`, "guest")).arrayBuffer());
	files.order = Buffer.from(await (await ask(`/batches/${order}/certificate.pdf`)).arrayBuffer());
	const shots = process.env.WATCHROOM_SCREENSHOTS;
	for (const [name, bytes] of Object.entries(files)) {
		expect(bytes.subarray(0, 5).toString()).toBe("%PDF-");
		if (shots) await writeFile(join(shots, `certificate-${name}.pdf`), bytes);
	}
}, 60_000);
