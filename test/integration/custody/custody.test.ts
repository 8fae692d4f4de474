/** The chain of custody on a real PostgreSQL; long since every rule needs an order that has come so far, and all of them share one database. */
import { createHash, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Actor } from "../../../server/platform/actor.ts";
import { type CustodyWorld, custodyWorld, DESTINATION, iso, STAFF, T0, type Told } from "../../helpers/custody.ts";

const { ada, bo, cy, custodian, manager } = STAFF;
const MINUTE = 60_000;
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

let world: CustodyWorld;
let batch: string;
beforeEach(async () => {
	world = await custodyWorld();
	batch = await world.order();
});
afterEach(async () => {
	await world.end();
});

const removed = async () => {
	const { id } = await world.medium(batch);
	await world.step(id, { act: "remove", newSeal: "S-100" });
	return id;
};
async function destroyed() {
	const [degausser, bender] = [await world.machine("degausser"), await world.machine("bender")];
	const id = await removed();
	await world.step(id, { act: "degauss", equipment: degausser });
	await world.step(id, { act: "verify" }, bo);
	await world.step(id, { act: "bend", equipment: bender });
	await world.step(id, { act: "verify" }, bo);
	return id;
}

test("each step is signed, hashed with the one before, and in audit log and ledger (MED-2)", async () => {
	const id = await destroyed();
	await world.step(id, { act: "offer", to: "cy" });
	await world.step(id, { act: "accept" }, cy);
	expect(await world.step(id, { act: "release" }, cy)).toMatchObject({ state: "released", custody: { kind: "gone", to: "Green Metals" } });
	const steps = await world.custody.steps(id);
	expect(steps.map(({ number, act, by }) => [number, act, by.id])).toEqual([
		[1, "remove", "ada"],
		[2, "degauss", "ada"],
		[3, "verify", "bo"],
		[4, "bend", "ada"],
		[5, "verify", "bo"],
		[6, "offer", "ada"],
		[7, "accept", "cy"],
		[8, "release", "cy"],
	]);
	const entries = world.entries.filter(({ type }) => type === "media.step");
	expect(entries.map(({ data }) => data.digest)).toEqual(steps.map(({ digest }) => digest));
	expect(entries.map(({ data }) => data.previous)).toEqual([null, ...steps.slice(0, -1).map(({ digest }) => digest)]);
	const { rows } = await sql<{ record: string; digest: string }>`SELECT record, digest FROM media_steps`.execute(world.database.tables());
	for (const { record, digest } of rows) expect(createHash("sha256").update(record).digest("hex")).toBe(digest);
	expect(JSON.stringify(world.entries), "the ledger has no serial number and no name").not.toMatch(/SN-|Name of/);
	expect(world.lines.filter(({ operation }) => operation === "media.degauss")).toMatchObject([{ actor: { id: "ada" }, result: "ok" }]);
});

test("more people step at once than the database has connections: one is first, all others are told so", async () => {
	const { id } = await world.medium(batch);
	const told = await Promise.all(Array.from({ length: 20 }, () => world.told(id, { act: "remove", newSeal: "S-100" })));
	const ends = await Promise.all(
		told.map((step) =>
			world.custody.step(id, step, ada).then(
				({ state }) => state,
				({ code }) => code,
			),
		),
	);
	expect(ends.filter((end) => end === "sealed")).toHaveLength(1);
	expect(ends.filter((end) => end === "changed-meanwhile")).toHaveLength(19);
});

test("the same step told of two media at once is made of one", async () => {
	const media = await Promise.all([world.medium(batch), world.medium(batch)]);
	const id = randomUUID();
	const told = await Promise.all(media.map((medium) => world.told(medium.id, { act: "remove", newSeal: "S-100", id })));
	const ends = await Promise.all(
		told.map((step, place) =>
			world.custody.step(media[place]?.id ?? "", step, ada).then(
				({ state }) => state,
				({ code }) => code,
			),
		),
	);
	expect(new Set(ends)).toEqual(new Set(["sealed", "step-taken"]));
});

test("one medium is under way once, in whatever order and however its maker and number are written (MED-1)", async () => {
	const { serial } = await world.medium(batch, { maker: "Seagate" });
	const other = await world.order();
	for (const twice of [
		{ maker: "SEAGATE" },
		{ serial: serial.toLowerCase() },
		{ maker: "Sеagate" },
		{ serial: ` ${serial.slice(0, 4)} ${serial.slice(4)}` },
	])
		await expect(world.medium(other, { maker: "Seagate", serial, ...twice }), JSON.stringify(twice)).rejects.toMatchObject({ code: "medium-known" });
	const file = `serial,maker,model,type,classification,why\n${serial.toLowerCase()},seagate,X,hdd,low,end of life\n`;
	expect((await world.orders.dryRun(other, file)).rows).toMatchObject([{ fate: "refused", errors: [{ field: "serial" }] }]);
	const { id } = await world.medium(other, { maker: "Seagate" });
	const { incident } = await world.step(id, { act: "report", incident: "wrong-serial", text: "read wrongly" });
	const outcome = { kind: "resume", custodian: { account: "ada" }, seal: "S-1", redo: false, serial } as const;
	await expect(world.endIncident(incident ?? "", outcome), "nor by a correction").rejects.toMatchObject({ code: "medium-known" });
	await world.endIncident(incident ?? "", { ...outcome, serial: "SN-RIGHT" });
	await expect(world.medium(other, { maker: "Seagate", serial: "SN-RIGHT" })).rejects.toMatchObject({ code: "medium-known" });
});

test("no order's media go to a maker of hardware, whatever the order calls it (MED-5)", async () => {
	for (const organisation of ["Seagate Take-Back", "Green Metals RMA", "希捷科技"])
		await expect(world.order({ destination: { kind: "recycling", organisation } })).rejects.toMatchObject({ code: "vendor-return" });
	const acme = await world.order({ destination: { kind: "recycling", organisation: "Acme Recycling" } });
	await expect(world.medium(acme, { maker: "Acme Storage" })).rejects.toMatchObject({ code: "vendor-return" });
	const file = "serial,maker,model,type,classification,why\nA-1,Acme Storage,X,hdd,low,end of life\n";
	expect((await world.orders.dryRun(acme, file)).rows).toMatchObject([{ fate: "refused", errors: [{ field: "maker" }] }]);
});

test("an incident is not ended by who had the medium, nor by who would get it (MED-2)", async () => {
	const id = await removed();
	const { incident } = await world.step(id, { act: "report", incident: "lost", text: "not in the box" }, bo);
	await expect(world.endIncident(incident ?? "", { kind: "lost" }, ada)).rejects.toMatchObject({ code: "own-incident" });
	const given = { kind: "resume", custodian: { account: "cy" }, seal: "S-1", redo: false } as const;
	await expect(world.endIncident(incident ?? "", given, cy)).rejects.toMatchObject({ code: "own-incident" });
	await expect(world.endIncident(incident ?? "", { kind: "lost" }, STAFF["ada+2"]), "nor with another account").rejects.toMatchObject({
		code: "own-incident",
	});
	await world.endIncident(incident ?? "", given);
});

test("nothing of a chain can be changed or deleted in the database", async () => {
	await removed();
	const tables = world.database.tables();
	await expect(sql`UPDATE media_steps SET act = 'seal'`.execute(tables)).rejects.toThrow(/never changed/);
	await expect(sql`DELETE FROM media_steps`.execute(tables)).rejects.toThrow(/never changed/);
});

test("the same step told twice, also at once, is made once; another one with its id is refused", async () => {
	const { id } = await world.medium(batch);
	const told = await world.told(id, { act: "remove", newSeal: "S-100" });
	const views = await Promise.all([1, 2, 3, 4].map(() => world.custody.step(id, told, ada)));
	expect(views.map(({ steps }) => steps)).toEqual([1, 1, 1, 1]);
	expect(await world.custody.steps(id)).toHaveLength(1);
	await expect(world.custody.step(id, { ...told, note: "another" }, ada)).rejects.toMatchObject({ status: 409, code: "step-taken" });
	await expect(world.custody.step(id, told, bo)).rejects.toMatchObject({ status: 409, code: "step-taken" });
});

test("of two who step at once, one is first and the other is told so", async () => {
	const { id } = await world.medium(batch);
	const told = [await world.told(id, { act: "remove" }), await world.told(id, { act: "remove" })];
	const answers = await Promise.allSettled(told.map((step, place) => world.custody.step(id, step, place === 0 ? ada : bo)));
	expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
	expect(answers.find(({ status }) => status === "rejected")).toMatchObject({ reason: { status: 409, code: "changed-meanwhile" } });
	expect((await world.custody.get(id, ada)).incident).toBeNull();
});

test.each<[string, () => Promise<{ id: string; told: Told; by: Actor }>, string, RegExp]>([
	[
		"vendor return",
		async () => ({ id: await destroyed(), told: { act: "release", destination: { kind: "hardware-vendor", organisation: "Acme" } }, by: cy }),
		"vendor-return",
		/No medium goes to a hardware vendor/,
	],
	[
		"exit with an open step",
		async () => ({ id: await removed(), told: { act: "release" }, by: cy }),
		"open-steps",
		/It may not leave: degauss is open/,
	],
	[
		"self-verification",
		async () => {
			const id = await removed();
			await world.step(id, { act: "degauss", equipment: await world.machine("degausser") });
			return { id, told: { act: "verify" }, by: ada };
		},
		"self-verification",
		/two people/,
	],
	["one-sided hand-over", async () => ({ id: await removed(), told: { act: "accept" }, by: bo }), "no-offer", /takes both/],
	[
		"backdated step",
		async () => ({ id: await removed(), told: { act: "offer", to: "bo", at: iso(T0 - 24 * 60 * MINUTE) }, by: ada }),
		"backdated",
		/dated before the last one/,
	],
])("%s is refused in words (MED-4, MED-5)", async (_, make, code, words) => {
	const { id, told, by } = await make();
	const before = await world.custody.get(id, ada);
	await expect(world.step(id, told, by)).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
	const after = await world.custody.get(id, ada);
	expect([after.steps, after.incident, after.state]).toEqual([before.steps, null, before.state]);
	expect(world.lines.at(-1)).toMatchObject({ result: "refused", detail: { code } });
});

test("a broken seal stops the chain; nothing more is done until two persons have released it (MED-2)", async () => {
	const id = await removed();
	const broken = { act: "offer", to: "bo", seal: { number: "S-100", intact: false } } as const;
	await expect(world.step(id, broken)).rejects.toMatchObject({
		status: 409,
		code: "chain-stopped-now",
		message: expect.stringMatching(/found broken/),
	});
	const stopped = await world.custody.get(id, ada);
	expect(stopped).toMatchObject({ state: "incident", steps: 2 });
	await expect(world.step(id, { act: "offer", to: "bo" })).rejects.toMatchObject({ code: "chain-stopped" });
	const outcome = { kind: "resume", custodian: { account: "ada" }, seal: "S-200", redo: false } as const;
	await expect(world.endIncident(stopped.incident ?? "", outcome, ada), "not by whose step it was").rejects.toMatchObject({ code: "own-incident" });
	await world.endIncident(stopped.incident ?? "", outcome);
	expect(await world.custody.get(id, ada)).toMatchObject({ state: "sealed", seal: "S-200", incident: null });
	await expect(world.endIncident(stopped.incident ?? "", outcome)).rejects.toMatchObject({ code: "incident-closed" });
	expect((await world.custody.incidents({ limit: 10, medium: id })).items).toMatchObject([
		{ kind: "broken-seal", outcome: "resume", serials: [stopped.serial] },
	]);
	await world.step(id, { act: "offer", to: "bo" });
});

test("the answer to a step that stopped the chain is the same when it is told again", async () => {
	const id = await removed();
	const told = await world.told(id, { act: "store", store: "cage", place: "hall", seal: { number: "S-9", intact: true } });
	await world.stores.add({ id: "cage", name: "Cage", room: "hall", door: "hall-door" }, custodian);
	for (let time = 0; time < 2; time++) await expect(world.custody.step(id, told, ada)).rejects.toMatchObject({ code: "chain-stopped-now" });
	expect(await world.custody.steps(id)).toHaveLength(2);
});

test("a flash disk that was labelled a hard disk begins anew by the rules of what it is (MED-3)", async () => {
	const degausser = await world.machine("degausser");
	const id = await removed();
	await world.step(id, { act: "degauss", equipment: degausser });
	await world.step(id, { act: "verify" }, bo);
	await world.step(id, { act: "report", incident: "wrong-type", text: "flash inside" });
	const { incident } = await world.custody.get(id, ada);
	await world.endIncident(incident ?? "", { kind: "resume", custodian: { account: "ada" }, seal: null, redo: false, type: "ssd" });
	const anew = await world.custody.get(id, ada);
	expect(anew).toMatchObject({ type: "ssd", done: [], acts: expect.arrayContaining(["shred", "disintegrate", "purge"]) });
	await expect(world.step(id, { act: "degauss", equipment: degausser })).rejects.toMatchObject({ code: "degauss-refused" });
	await world.step(id, { act: "shred", equipment: await world.machine("shredder") });
	expect(await world.step(id, { act: "verify" }, bo)).toMatchObject({ state: "destroyed" });
});

test("a hand-over in a room whose doors don't know one of the two is flagged", async () => {
	world.unseen.add("ada");
	const id = await removed();
	await world.step(id, { act: "offer", to: "bo" });
	await world.step(id, { act: "accept" }, bo);
	expect((await world.custody.steps(id)).at(-1)).toMatchObject({ act: "accept", unseen: ["giver"] });
});

test.each([
	["place", { act: "offer", to: "bo", place: "nowhere" }],
	["to", { act: "offer", to: "nobody" }],
	["store", { act: "store", store: "nowhere" }],
	["photos.0", { act: "offer", to: "bo", photos: ["0".repeat(64)] }],
	["equipment", { act: "degauss", equipment: randomUUID() }],
] as const)("a step that names a %s that isn't there is told so", async (field, told) => {
	const id = await removed();
	await expect(world.step(id, told)).rejects.toMatchObject({ status: 400, errors: [{ field }] });
});

test("what is put into a store is put there in the store's room, and a hand-over is made in one room", async () => {
	await world.stores.add({ id: "cage", name: "Cage", room: "dock", door: null }, custodian);
	const id = await removed();
	const elsewhere = { status: 400, errors: [{ field: "place", message: "expected the room of the store, dock" }] };
	await expect(world.step(id, { act: "store", store: "cage", place: "hall" })).rejects.toMatchObject(elsewhere);
	await world.step(id, { act: "offer", to: "bo" });
	await expect(world.step(id, { act: "accept", place: "hall" }, bo)).rejects.toMatchObject({ status: 409, code: "elsewhere" });
	await world.step(id, { act: "accept" }, bo);
});

test("photos are kept by the hash of their bytes, once, and checked when they are read", async () => {
	const [kept, again] = [await world.photos.keep(JPEG, "ada"), await world.photos.keep(JPEG, "bo")];
	expect(again).toEqual(kept);
	expect(kept).toEqual({ digest: createHash("sha256").update(JPEG).digest("hex"), type: "image/jpeg", bytes: JPEG.length });
	expect((await world.photos.read(kept.digest)).bytes).toEqual(JPEG);
	await expect(world.photos.keep(Buffer.from("<svg/>"), "ada")).rejects.toMatchObject({ status: 400 });
	await expect(world.photos.read("0".repeat(64))).rejects.toMatchObject({ status: 404 });
	const id = await removed();
	await world.step(id, { act: "offer", to: "bo", photos: [kept.digest] });
	expect((await world.custody.steps(id)).at(-1)?.photos).toEqual([kept.digest]);
	await writeFile(join(world.photoFolder, kept.digest.slice(0, 2), kept.digest), "something else");
	await expect(world.photos.read(kept.digest)).rejects.toMatchObject({ status: 500, code: "photo-damaged" });
});

test("a count names what is missing and what should be elsewhere, and stops their chains (MED-6)", async () => {
	for (const id of ["cage", "vault"]) await world.stores.add({ id, name: id, room: "dock", door: null }, custodian);
	const media = [await world.medium(batch), await world.medium(batch), await world.medium(batch)];
	for (const [place, { id }] of media.entries()) {
		await world.step(id, { act: "remove", newSeal: `S-10${place}` });
		await world.step(id, { act: "store", store: place === 2 ? "vault" : "cage" });
	}
	const [here, lost, elsewhere] = media.map(({ serial }) => serial);
	const count = await world.stores.count("cage", [here ?? "", elsewhere ?? "", "NEVER-SEEN"], bo);
	expect(count).toMatchObject({ expected: expect.arrayContaining([here, lost]), missing: [lost], misplaced: [elsewhere], unknown: ["NEVER-SEEN"] });
	const incidents = (await world.custody.incidents({ limit: 10, open: true })).items;
	expect(new Set(incidents.map(({ kind, serials }) => `${kind} ${serials.join()}`))).toEqual(
		new Set([`missing-in-count ${lost}`, `seen-elsewhere ${elsewhere}`]),
	);
	expect(await world.stores.list()).toMatchObject([
		{ id: "cage", media: 2, counted: false },
		{ id: "vault", counted: null },
	]);
	expect((await world.stores.counts("cage"))[0]).toEqual({ ...count, by: { id: "bo", name: "Name of bo" } });
});

test("an order closes only when removed = destroyed = certified and every bay is accounted for; what is missing is named (MED-6)", async () => {
	const order = await world.order({ assets: [{ asset: "srv-1", bays: ["0", "1"] }] });
	const { id, serial } = await world.medium(order, { source: { asset: "srv-1", bay: "0" } });
	await expect(world.medium(order, { source: { asset: "srv-1", bay: "0" } })).rejects.toMatchObject({ code: "bay-taken" });
	const close = (because: string | null = null) => world.orders.close(order, because, custodian);
	await expect(close()).rejects.toMatchObject({
		code: "not-reconciled",
		errors: [{ field: "notRemoved", message: expect.stringContaining(serial) }, { field: "unaccountedBays" }],
	});
	expect((await world.custody.incidents({ limit: 10, batch: order, open: true })).items).toMatchObject([
		{ kind: "not-reconciled", serials: [serial] },
	]);
	await world.step(id, { act: "remove" });
	await world.step(id, { act: "report", incident: "lost", text: "gone from the trolley" });
	await expect(close()).rejects.toMatchObject({ errors: [{ field: "notDestroyed" }, { field: "incidents" }, { field: "unaccountedBays" }] });
	expect((await world.custody.incidents({ limit: 10, batch: order, open: true })).items, "the incident says what differs by now").toMatchObject([
		{ kind: "lost" },
		{ kind: "not-reconciled", serials: [serial], detail: expect.stringContaining(`Removed and not destroyed: ${serial}`) },
	]);
	const { incident } = await world.custody.get(id, ada);
	await world.endIncident(incident ?? "", { kind: "lost" });
	await world.orders.emptyBay(order, { asset: "srv-1", bay: "1", note: "was never filled" }, ada);
	expect(await world.orders.reconciliation(order)).toMatchObject({ writtenOff: [serial], removed: [], balanced: true });
	expect(await close()).toMatchObject({ state: "closed" });
	expect((await world.custody.incidents({ limit: 10, open: true })).items).toEqual([]);
	await expect(world.medium(order)).rejects.toMatchObject({ code: "order-closed" });
});

test("a step that is not as planned stands on the order, in its closing and on its certificate; the order closes with the reason (MED-6)", async () => {
	const order = await world.order({ people: ["ada", "bo"], place: "dock", plannedFor: iso(T0).slice(0, 10) });
	const [degausser, bender] = [await world.machine("degausser"), await world.machine("bender")];
	const { id, serial } = await world.medium(order);
	await world.step(id, { act: "remove", newSeal: "S-1", place: "hall" });
	await world.step(id, { act: "offer", to: "cy", place: "hall" });
	await world.step(id, { act: "accept", place: "hall", note: "bo is ill" }, cy);
	await world.step(id, { act: "degauss", equipment: degausser, place: "hall" }, cy);
	world.unlinked.add("bo");
	await world.step(id, { act: "verify" }, bo);
	await world.step(id, { act: "bend", equipment: bender }, cy);
	await world.step(id, { act: "verify" }, ada);
	const expected = [
		{ serial, step: 3, act: "accept", by: { id: "cy" }, kinds: ["person"], note: "bo is ill" },
		{ step: 4, act: "degauss", place: "hall", kinds: ["person", "place"], note: null },
		{ step: 5, act: "verify", by: { id: "bo" }, kinds: ["account"] },
		{ step: 6, act: "bend", kinds: ["person"] },
	];
	expect((await world.orders.reconciliation(order)).deviations).toMatchObject(expected);
	expect(await world.orders.get(order)).toMatchObject({ deviations: 4, deviationsBecause: null });
	expect((await world.custody.steps(id)).map(({ deviations }) => deviations.join())).toEqual(
		",,person,person place,account,person,".split(",").map((kinds) => kinds.replace(" ", ",")),
	);
	await expect(world.orders.close(order, null, custodian)).rejects.toMatchObject({
		code: "deviations-unexplained",
		message: expect.stringMatching(new RegExp(`3 steps .*${serial}`)),
		errors: [{ field: "deviations" }],
	});
	const because = "cy stood in for bo";
	expect(await world.orders.close(order, because, custodian)).toMatchObject({ state: "closed", deviationsBecause: because });
	const { rows } = await sql<{ body: string }>`SELECT body FROM media_certificates WHERE batch = ${order}`.execute(world.database.tables());
	expect(JSON.parse(rows[0]?.body ?? "")).toMatchObject({
		deviationsBecause: because,
		deviations: [{ medium: id, serial, step: 3, by: { account: "cy", name: "Name of cy" }, kinds: ["person"], note: "bo is ill" }, {}, {}, {}],
	});
});

test("where the policy refuses what is not planned, nothing comes of it, and who tells it is told why (MED-2)", async () => {
	await sql`INSERT INTO media_policies (version, policy, in_force_since)
		SELECT 2, jsonb_set(policy, '{deviations}', '{"person":"refuse","place":"refuse","day":"refuse","account":"refuse"}'), now() FROM media_policies`.execute(
		world.database.tables(),
	);
	const order = await world.order();
	const degausser = await world.machine("degausser");
	const { id } = await world.medium(order);
	await expect(world.step(id, { act: "remove", newSeal: "S-1" }, cy)).rejects.toMatchObject({
		status: 409,
		code: "not-as-planned",
		message: expect.stringContaining("not among the people"),
	});
	await world.step(id, { act: "remove", newSeal: "S-1", place: "hall" });
	await expect(world.step(id, { act: "degauss", equipment: degausser, place: "hall" })).rejects.toMatchObject({ code: "not-as-planned" });
	await world.step(id, { act: "degauss", equipment: degausser });
	world.unlinked.add("ada");
	await expect(world.step(id, { act: "verify" }, bo)).rejects.toMatchObject({ message: expect.stringContaining("whose account") });
	world.unlinked.clear();
	world.clock.time += 24 * 60 * MINUTE;
	await expect(world.step(id, { act: "verify" }, bo)).rejects.toMatchObject({ message: expect.stringContaining("another day") });
	expect(await world.custody.get(id, ada)).toMatchObject({ steps: 2, incident: null, state: "degaussed" });
});

test("where the policy asks for a photo a step without one is refused, and its view says so beforehand (MED-2)", async () => {
	await sql`INSERT INTO media_policies (version, policy, in_force_since)
		SELECT 2, jsonb_set(policy, '{photos,accept}', '"seal"'), now() FROM media_policies`.execute(world.database.tables());
	const { id } = await world.medium(await world.order());
	await world.step(id, { act: "remove", newSeal: "S-1" });
	expect((await world.step(id, { act: "offer", to: "bo" })).photos).toMatchObject({ accept: "seal", remove: "optional" });
	await expect(world.step(id, { act: "accept" }, bo)).rejects.toMatchObject({ status: 409, code: "photo-missing" });
	const { digest } = await world.photos.keep(JPEG, "bo");
	expect(await world.step(id, { act: "accept", photos: [digest] }, bo)).toMatchObject({ state: "sealed", custody: { person: { id: "bo" } } });
	expect(world.lines.filter(({ operation, result }) => operation === "media.accept" && result === "refused")).toHaveLength(1);
});

test("a medium is held to the policy that was in force when its order was opened", async () => {
	const { id } = await world.medium(batch);
	const { policy } = await world.custody.get(id, ada);
	await sql`INSERT INTO media_policies (version, policy, in_force_since) SELECT 2, jsonb_set(policy, '{limits,personHours}', '1'), now() FROM media_policies`.execute(
		world.database.tables(),
	);
	expect((await world.custody.get(id, ada)).policy).toBe(policy);
	const later = await world.medium(await world.order());
	expect(later.policy).toBe(2);
});

test("a file is shown row by row and then done as it was shown, or not at all (MED-1)", async () => {
	const known = await world.medium(batch, { serial: "KNOWN", maker: "Acme" });
	const file = [
		"serial,maker,model,type,classification,why,asset,bay",
		"A1,Acme,X,hdd,low,end of life,srv-9,0",
		"A2,Acme,X,floppy,low,end of life,,",
		"KNOWN,Acme,X,hdd,low,end of life,,",
		"A1,Acme,X,hdd,low,end of life,,",
		"A3,Acme,X,ssd,high,end of life,srv-9,0",
		"=1,Acme,X,ssd,high,end of life,,",
	].join("\n");
	const shown = await world.orders.dryRun(batch, file);
	expect(shown.rows.map(({ line, fate, errors }) => [line, fate, ...errors.map(({ field }) => field)])).toEqual([
		[2, "create"],
		[3, "refused", "type"],
		[4, "refused", "serial"],
		[5, "refused", "serial"],
		[6, "refused", "bay"],
		[7, "refused", "serial"],
	]);
	await expect(world.orders.import(batch, `${file}\nA9,Acme,X,hdd,low,end of life,,`, shown.hash, custodian)).rejects.toMatchObject({
		code: "changed-meanwhile",
	});
	expect(await world.orders.import(batch, file, shown.hash, custodian)).toMatchObject({ done: true, counts: { create: 1, refused: 5 } });
	expect((await world.custody.list({ limit: 10, batch }, ada)).items.map(({ serial }) => serial)).toEqual(["A1", known.serial]);
	await expect(world.orders.import(batch, file, shown.hash, custodian), "a second time").rejects.toMatchObject({ code: "changed-meanwhile" });
});

test("an order says how many of its media are in which state, and how many somebody has had for too long", async () => {
	await removed();
	await world.medium(batch);
	expect(await world.orders.get(batch)).toMatchObject({ states: { installed: 1, sealed: 1 }, overdue: 0 });
	await destroyed();
	await world.step(await removed(), { act: "degauss", equipment: await world.machine("degausser") });
	await world.step(await removed(), { act: "offer", to: "bo" });
	await world.step(await removed(), { act: "report", incident: "other", text: "a scratch" });
	await world.stores.add({ id: "cage", name: "Cage", room: "dock", door: null }, custodian);
	await world.step(await removed(), { act: "store", store: "cage" });
	/** The same by the rules, medium for medium. */
	const expected = async () => {
		const states: Record<string, number> = {};
		const { items } = await world.custody.list({ batch, limit: 100 }, ada);
		for (const { state } of items) states[state] = (states[state] ?? 0) + 1;
		return { states, overdue: items.filter(({ overdue }) => overdue).length };
	};
	expect(Object.keys((await expected()).states)).toHaveLength(7);
	expect(await world.orders.get(batch)).toMatchObject(await expected());
	world.clock.time += 25 * 60 * MINUTE;
	expect((await expected()).overdue).toBe(3);
	expect(await world.orders.get(batch)).toMatchObject(await expected());
	expect((await world.orders.list({ limit: 1 })).items).toMatchObject([await expected()]);
});

test("who may not let media leave, doesn't", async () => {
	const id = await removed();
	await expect(world.step(id, { act: "release" })).rejects.toMatchObject({ status: 403, code: "forbidden" });
});

test("an order that sends media to a vendor, or that one person works on, is not opened", async () => {
	await expect(world.order({ destination: { ...DESTINATION, kind: "warranty-return" } })).rejects.toMatchObject({ code: "vendor-return" });
	await expect(world.order({ people: ["ada", "ada"] })).rejects.toMatchObject({ status: 400, errors: [{ field: "people" }] });
	await expect(world.order({ people: ["ada", "stranger"] })).rejects.toMatchObject({ errors: [{ field: "people.1" }] });
	expect(manager.id).toBe("manager");
});
