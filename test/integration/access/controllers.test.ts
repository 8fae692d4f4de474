/** The closed loop on a real PostgreSQL, with the controllers of the simulators at the end of it (ACC-4). */
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AccessListEntry, inParts } from "../../../contracts/access-list.ts";
import { ControllerService } from "../../../server/access/controllers/controller-service.ts";
import { stateOf } from "../../../server/access/controllers/controller-state.ts";
import { controllersMigrations } from "../../../server/access/controllers/controllers-migrations.ts";
import { AccessRegister } from "../../../server/access/register/access-register.ts";
import type { RegisterEdit } from "../../../server/access/register/register-edit.ts";
import { registerMigrations } from "../../../server/access/register/register-migrations.ts";
import type { OwnReport } from "../../../server/alarms/own-alarm.ts";
import type { CommandOutcome } from "../../../server/ingest/device-commands.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { SimulatedController } from "../../../simulators/devices/simulated-controller.ts";
import { recordedActs } from "../../helpers/actors.ts";
import { person } from "../../helpers/audit.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { smallSite, worldSource } from "../../helpers/small-world.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const world = worldSource();
const actor = person("fm");
const card = (number: number) => ({ format: "H10301", facility: 1, number });
const everything = { limit: 500, after: null };

let folder: TemporaryDirectory;
let db: TestDatabase;
let register: AccessRegister;
let controller: SimulatedController;
let service: ControllerService;
let acts: ReturnType<typeof recordedActs>;
let reports: OwnReport[];
/** What stands in the way of commands; `null`: nothing. */
let fault: ((op: string) => CommandOutcome | null) | null;
/** The controller says that it has taken a list over, and keeps the one it had. */
let sayYes: boolean;
let heard: boolean;
/** Every command, with the number of the service that sent it. */
let sent: { by: number; op: string }[];
const services: ControllerService[] = [];
/** Runs before each command reaches the controller. */
let before: (op: string) => void;

const commandsOf = (by: number) => ({
	async send(device: string, op: string, body: Record<string, unknown>): Promise<CommandOutcome> {
		sent.push({ by, op });
		await turn();
		expect(device).toBe("c1");
		before(op);
		const failed = fault?.(op);
		if (failed) return failed;
		if (sayYes && op === "access-list.put") return { ok: true, body: { list: body.list } };
		// As over the wire: what arrives is a copy.
		const result = controller.obey(JSON.parse(JSON.stringify({ id: "1", op, body })));
		return result.ok
			? { ok: true, body: JSON.parse(JSON.stringify(result.body)) }
			: { ok: false, reason: "device-refused", detail: result.error ?? "" };
	},
});
function serviceOf(of: AccessRegister, database = db.database): ControllerService {
	const made = new ControllerService({
		world,
		register: of,
		database,
		commands: commandsOf(services.length),
		audit: acts.audit,
		ledger: acts.ledger,
		report: (said) => void reports.push(said),
		heard: () => heard,
		clock: { now: () => Date.now() },
		logger: silentLogger(),
		rhythm: { checkEvery: 3_600_000, firstPause: 20, longestPause: 100 },
		removalBound: 300,
		tickEvery: 20,
	});
	services.push(made);
	return made;
}
function registerOf(database = db.database): AccessRegister {
	const { audit, ledger } = acts;
	return new AccessRegister({
		world,
		database,
		audit,
		ledger,
		accounts: async () => new Map(),
		clock: { now: () => Date.now() },
		logger: silentLogger(),
		pollEvery: 20,
	});
}
const change = <T>(work: (edit: RegisterEdit) => Promise<T>) => register.change(actor, work);
/** Ann with a card and a grant for the hall; what their ids are. */
async function letIn(name: string, number: number) {
	const holder = await change((edit) =>
		edit.addHolder({ name, kind: "employee", company: null, post: null, externalId: null, account: null, sponsor: null }),
	);
	const credential = await change((edit) => edit.addCredential({ holder, card: card(number), fingerprint: null, until: null }));
	const grant = await change((edit) =>
		edit.addGrant({ holder, post: null, zone: "hall", until: null, schedule: null, sponsor: null, reason: "work" }),
	);
	return { holder, credential, grant };
}
const entryOf = (number: number): AccessListEntry => ({ door: "main", card: card(number), fingerprint: null, from: null, until: null, hours: null });
const swipe = (number: number) =>
	controller.judge({ card: card(number), fingerprint: null }, { door: "main", direction: "in", ts: Date.now() })?.result;
const state = async () => stateOf((await service.one("c1")).record);
const confirmed = () => waitFor("the list to be confirmed", async () => (await state()) === "confirmed");
const operations = () => acts.lines.map(({ operation }) => operation);

beforeEach(async () => {
	folder = await temporaryDirectory("controllers");
	db = await testDatabase({ ...registerMigrations, ...controllersMigrations });
	acts = recordedActs();
	[reports, sent, sayYes, fault, heard, before] = [[], [], false, null, true, () => {}];
	controller = new SimulatedController("c1", join(folder.path, "c1.json"), 0);
	register = registerOf();
	await register.start();
	service = serviceOf(register);
	await service.start();
});
afterEach(async () => {
	for (const one of services.splice(0)) await one.stop();
	await register.stop();
	await db.drop();
	await folder.remove();
});

describe("the closed loop", () => {
	test("a grant opens the door, and its end closes it, with the time from decision to confirmation", async () => {
		const ann = await letIn("Ann", 1);
		await letIn("Bob", 2);
		await confirmed();
		expect([swipe(1), swipe(2), swipe(3)]).toEqual(["granted", "granted", "denied"]);
		const since = Date.now();
		// Until it was asked how far the removal is: the service works at it meanwhile.
		fault = () => ({ ok: false, reason: "offline", detail: "the device is offline" });
		await change((edit) => edit.endGrants([ann.grant], "revoked", "no longer"));
		expect(await service.progress({ credentials: [ann.credential], since })).toMatchObject({
			confirmedAt: null,
			records: [{ door: "main", confirmedAt: null }],
		});
		fault = null;
		const done = await waitFor("the confirmation", async () => {
			const progress = await service.progress({ credentials: [ann.credential], since });
			return progress.confirmedAt !== null && progress;
		});
		expect([swipe(1), swipe(2)]).toEqual(["denied", "granted"]);
		const [record] = done.records;
		expect(record).toMatchObject({ controller: "c1", door: "main", credential: ann.credential, confirmedAt: done.confirmedAt });
		expect(record?.decidedAt).toBe(register.current().grants.get(ann.grant)?.endedAt);
		expect(acts.entries.filter(({ type }) => type === "removal.confirmed")).toMatchObject([
			{ data: { controller: "c1", door: "main", credential: ann.credential, decidedAt: record?.decidedAt, confirmedAt: record?.confirmedAt } },
		]);
		expect(reports.filter(({ active }) => active)).toEqual([]);
	});

	test.each([
		["the card is lost", (ann: Ann) => change((edit) => edit.setCredentialState(ann.credential, "lost", "left in the train"))],
		["the person leaves", (ann: Ann) => change((edit) => edit.updateHolder(ann.holder, { leftAt: Date.now() }))],
	])("what is taken away because %s is a removal as well", async (_, act) => {
		const ann = await letIn("Ann", 1);
		await confirmed();
		const since = Date.now();
		await act(ann);
		await waitFor("the confirmation", async () => (await service.progress({ credentials: [ann.credential], since })).confirmedAt !== null);
		expect(swipe(1)).toBe("denied");
	});

	test("a decision that takes nothing from a controller is confirmed at once; of other doors or credentials nothing is said", async () => {
		const ann = await letIn("Ann", 1);
		await confirmed();
		fault = () => ({ ok: false, reason: "offline", detail: "the device is offline" });
		await change((edit) => edit.endGrants([ann.grant], "revoked", "no longer"));
		expect(await service.progress({ credentials: ["other"], since: 5 })).toEqual({ confirmedAt: 5, records: [] });
		expect(await service.progress({ credentials: [ann.credential], doors: ["elsewhere"], since: 5 })).toEqual({ confirmedAt: 5, records: [] });
		expect(await service.progress({ credentials: [], since: 5 })).toEqual({ confirmedAt: 5, records: [] });
		expect((await service.progress({ credentials: [ann.credential], doors: ["main"], since: 5 })).confirmedAt).toBeNull();
	});

	test("a removal is confirmed only by reading the list back: a controller that says yes and keeps the old list confirms nothing", async () => {
		const ann = await letIn("Ann", 1);
		await confirmed();
		const since = Date.now();
		sayYes = true;
		await change((edit) => edit.endGrants([ann.grant], "revoked", "no longer"));
		await waitFor("a failure that names it", async () => {
			const { record } = await service.one("c1");
			return record.failure !== null;
		});
		expect((await service.progress({ credentials: [ann.credential], since })).confirmedAt).toBeNull();
		expect(swipe(1)).toBe("granted");
	});

	test("what is granted again before it was removed is not waited for", async () => {
		const ann = await letIn("Ann", 1);
		await confirmed();
		fault = () => ({ ok: false, reason: "offline", detail: "the device is offline" });
		await change((edit) => edit.setCredentialState(ann.credential, "suspended", "mislaid"));
		const since = Date.now();
		expect((await service.progress({ credentials: [ann.credential], since })).confirmedAt).toBeNull();
		await change((edit) => edit.setCredentialState(ann.credential, "active", "found again"));
		expect((await service.progress({ credentials: [ann.credential], since })).confirmedAt).toBe(since);
		expect(await service.removals({}, everything)).toMatchObject([{ closed: "granted-again", confirmedAt: null }]);
	});
});
type Ann = Awaited<ReturnType<typeof letIn>>;

describe("a controller that", () => {
	test("was in use before is left alone until something is granted", async () => {
		controller.obey({ id: "1", op: "access-list.put", body: { ...inParts({ list: "old", timeZone: "UTC", entries: [entryOf(7)] })[0] } });
		await expect(service.look("c1", "repair", actor)).rejects.toMatchObject({ code: "nothing-granted" });
		expect([swipe(7), await state()]).toEqual(["granted", "unknown"]);
		await letIn("Ann", 1);
		await confirmed();
		expect([swipe(7), swipe(1)]).toEqual(["denied", "granted"]);
		expect((await service.one("c1")).record.drift).toBeNull();
	});

	test("is offline is tried again until it answers; the removal is unconfirmed until then, and alarms beyond the bound", async () => {
		const ann = await letIn("Ann", 1);
		await confirmed();
		fault = () => ({ ok: false, reason: "offline", detail: "the device is offline" });
		const since = Date.now();
		await change((edit) => edit.endGrants([ann.grant], "revoked", "no longer"));
		await waitFor("the condition", () => service.conditions(Date.now()).some(({ holds, subject }) => holds && subject === "c1"));
		await waitFor("the first try to have failed", async () => (await state()) === "failing");
		expect(swipe(1)).toBe("granted");
		fault = null;
		await waitFor("the confirmation", async () => (await service.progress({ credentials: [ann.credential], since })).confirmedAt !== null);
		await waitFor("the condition's end", () => service.conditions(Date.now()).every(({ holds }) => holds === false));
		expect([swipe(1), await state()]).toEqual(["denied", "confirmed"]);
	});

	test("refuses now and then ends up with the list all the same", async () => {
		let count = 0;
		await letIn("Ann", 1);
		fault = () => (count++ % 5 === 0 ? { ok: false, reason: "device-refused", detail: "busy, try again" } : null);
		await confirmed();
		expect(swipe(1)).toBe("granted");
	});

	test("lost its list is found at the next look, entry by entry, alarms, and has it again", async () => {
		await letIn("Ann", 1);
		await letIn("Bob", 2);
		await confirmed();
		// The next look of the service itself would have it repaired before the drift was seen.
		fault = (op) => (op === "access-list.put" ? { ok: false, reason: "offline", detail: "the device is offline" } : null);
		controller.lose();
		expect(swipe(1)).toBe("denied");
		const { record } = await service.look("c1", "check", actor);
		expect(record.drift).toMatchObject({ missing: 2, extra: 0, different: 0, repairedAt: null, detail: expect.stringContaining("has no list") });
		expect(record.held).toBe(0);
		fault = null;
		await waitFor("the repair", async () => (await service.one("c1")).record.drift?.repairedAt !== null);
		expect([swipe(1), await state()]).toEqual(["granted", "confirmed"]);
		expect(reports.map(({ rule, active }) => [rule, active])).toContainEqual(["controller-drift", true]);
		await waitFor("the end of the alarm", () => reports.at(-1)?.active === false);
		expect(reports.at(-1)).toMatchObject({ rule: "controller-drift", subject: "c1", active: false });
		expect(operations()).toEqual(expect.arrayContaining(["controller.check", "controller.drift", "controller.confirmed"]));
	});

	test("was changed by somebody else is put right: what is missing, what is too much, and what has other times", async () => {
		await letIn("Ann", 1);
		await letIn("Bob", 2);
		await confirmed();
		const part = controller.obey({ id: "1", op: "access-list.get", body: { part: 0 } }).body as { entries: AccessListEntry[] };
		const [ann, bob] = part.entries;
		const entries = [
			{ ...ann, until: 99 },
			{ ...bob, card: card(666) },
		];
		controller.obey({ id: "2", op: "access-list.put", body: { ...part, list: "mine", entries } });
		expect(swipe(666)).toBe("granted");
		const { record } = await service.look("c1", "repair", actor);
		expect(record.drift).toMatchObject({ missing: 1, extra: 1, different: 1 });
		expect(record.drift?.repairedAt).not.toBeNull();
		expect(record.held, "as many as were read back last").toBe((await service.one("c1")).entries);
		expect([swipe(1), swipe(2), swipe(666)]).toEqual(["granted", "granted", "denied"]);
	});

	test("keeps no access list is said to, and what is taken away there stays unconfirmed", async () => {
		fault = () => ({ ok: false, reason: "device-refused", detail: "unknown-operation" });
		const ann = await letIn("Ann", 1);
		await waitFor("its state", async () => (await state()) === "no-list");
		const since = Date.now();
		await change((edit) => edit.endGrants([ann.grant], "revoked", "no longer"));
		expect((await service.progress({ credentials: [ann.credential], since })).confirmedAt).toBeNull();
	});

	test("answers what is no list fails, and nothing is confirmed", async () => {
		fault = (op) => (op === "access-list.get" ? { ok: true, body: { list: "x", parts: 1, part: 0, entries: "all" } } : null);
		await letIn("Ann", 1);
		const { record } = await waitFor("the failure", async () => {
			const known = await service.one("c1");
			return known.record.failure && known;
		});
		expect(record).toMatchObject({ confirmed: null, failure: { reason: "wrong-answer" } });
	});
});

describe("across servers and restarts", () => {
	test("a revocation decided while no server worked at controllers is recorded with its own time, and removed", async () => {
		const ann = await letIn("Ann", 1);
		await confirmed();
		await service.stop();
		await change((edit) => edit.endGrants([ann.grant], "revoked", "no longer"));
		const decidedAt = register.current().grants.get(ann.grant)?.endedAt;
		service = serviceOf(register);
		await service.start();
		await waitFor("the confirmation", async () => (await service.removals({ confirmed: true }, everything)).length === 1);
		expect(await service.removals({}, everything)).toMatchObject([{ credential: ann.credential, decidedAt }]);
		expect(swipe(1)).toBe("denied");
	});

	test("a server that ended after it had put a list and before it read it back makes no drift of it", async () => {
		await letIn("Ann", 1);
		await confirmed();
		let puts = 0;
		before = (op) => {
			if (op === "access-list.put") puts++;
			// Dead from the put on: what it reads then never comes.
			if (op === "access-list.get" && puts > 0) throw new Error("killed");
		};
		await letIn("Bob", 2);
		await waitFor("the put", () => puts > 0 && swipe(2) === "granted");
		await service.stop();
		before = () => {};
		service = serviceOf(register);
		await service.start();
		await confirmed();
		expect((await service.one("c1")).record.drift).toBeNull();
		expect(reports.filter(({ active }) => active)).toEqual([]);
	});

	test("two servers never work at a controller at the same time, and both know what is confirmed", async () => {
		const other = registerOf();
		await other.start();
		const second = serviceOf(other);
		await second.start();
		for (let number = 1; number <= 8; number++) await letIn(`P${number}`, number);
		await confirmed();
		await waitFor("the other server to know", async () => stateOf((await second.one("c1")).record) === "confirmed");
		let [heardFirst, heardSecond] = [0, 0];
		service.onConfirmed(() => heardFirst++);
		second.onConfirmed(() => heardSecond++);
		const [grant] = register.current().grants.keys();
		await change((edit) => edit.endGrants([grant ?? ""], "revoked", "no longer"));
		await waitFor("both to hear of the confirmation, whoever worked", () => heardFirst > 0 && heardSecond > 0);
		const puts = sent.flatMap(({ op }, index) => (op === "access-list.put" ? [index] : []));
		expect(puts.length).toBeGreaterThan(0);
		// One reads, puts what is missing, and reads again: nobody else's command comes between.
		for (const index of puts) {
			expect(sent[index - 1]).toEqual({ by: sent[index]?.by, op: "access-list.get" });
			expect(sent[index + 1]).toEqual({ by: sent[index]?.by, op: "access-list.get" });
		}
		await other.stop();
	});

	test("a controller restarted from its non-volatile copy works on without the server", async () => {
		await letIn("Ann", 1);
		await confirmed();
		controller = new SimulatedController("c1", join(folder.path, "c1.json"), 0);
		expect([swipe(1), swipe(2)]).toEqual(["granted", "denied"]);
		const { record } = await service.look("c1", "check", actor);
		expect(record.drift).toBeNull();
	});

	test("a controller that leaves the site file is not waited for", async () => {
		const ann = await letIn("Ann", 1);
		await confirmed();
		fault = () => ({ ok: false, reason: "offline", detail: "the device is offline" });
		const since = Date.now();
		await change((edit) => edit.endGrants([ann.grant], "revoked", "no longer"));
		expect((await service.progress({ credentials: [ann.credential], since })).confirmedAt).toBeNull();
		try {
			world.change({ ...smallSite(), doors: [] });
			expect((await service.progress({ credentials: [ann.credential], since })).confirmedAt).toBe(since);
			expect(await service.list()).toEqual([]);
			expect(await service.removals({}, everything)).toMatchObject([{ closed: "controller-removed" }]);
			expect(reports.at(-1)).toMatchObject({ rule: "controller-drift", subject: "c1", active: false });
		} finally {
			world.change(smallSite());
		}
	});
});
