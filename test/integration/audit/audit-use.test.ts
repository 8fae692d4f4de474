import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { auditLineSchema } from "../../../contracts/audit.ts";
import type { AuditLog } from "../../../server/audit/audit-log.ts";
import { auditMigrations } from "../../../server/audit/audit-migrations.ts";
import { AuditService } from "../../../server/audit/audit-service.ts";
import { ExportService } from "../../../server/audit/export-service.ts";
import { ReviewService } from "../../../server/audit/review-service.ts";
import type { LedgerEntry } from "../../../server/ledger/ledger-entry.ts";
import { decodeCursor } from "../../../server/platform/http/paging.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { auditLine, auditLogIn, person } from "../../helpers/audit.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";

let db: TestDatabase;
let directory: TemporaryDirectory;
let log: AuditLog;
let now = Date.UTC(2031, 4, 10);
const clock = { now: () => now };
const auditor = person("ada", { roles: [{ role: "auditor", site: "*" }] });
const position = z.object({ at: z.number(), id: z.string() });

beforeEach(async () => {
	now = Date.UTC(2031, 4, 10);
	[db, directory] = [await testDatabase(auditMigrations), await temporaryDirectory("audit")];
	log = auditLogIn(directory.path, db.database, { clock });
	await log.start();
});
afterEach(async () => {
	await log.stop();
	await db.drop();
	await directory.remove();
});

describe("search", () => {
	it("finds by person, object, address and text, newest first, and writes each search down", async () => {
		const service = new AuditService(log);
		await log.note(auditLine({ actor: person("bob"), object: { type: "point", id: "rack-1:temperature" } }));
		now += 1;
		await log.note(auditLine({ actor: person("eve", { address: "203.0.113.9" }), detail: { reason: "Because of the Flood" } }));
		await log.note(auditLine({ tag: "log-in", actor: { address: "203.0.113.9", typedName: "eve" }, result: "refused", object: null }));
		const found = async (query: Parameters<AuditService["search"]>[1]) =>
			(await service.search(auditor, query, null, 10)).items.map(({ username, tag }) => `${username} ${tag}`);
		expect(await found({ user: "eve" })).toEqual(["eve log-in", "eve change"]);
		expect(await found({ user: "id-bob" })).toEqual(["bob change"]);
		for (const object of ["point:rack-1:temperature", "rack-1:temperature"]) expect(await found({ object }), object).toEqual(["bob change"]);
		expect(await found({ address: "203.0.113.9", result: "ok" })).toEqual(["eve change"]);
		expect(await found({ text: "FLOOD", tag: "change" })).toEqual(["eve change"]);
		expect(await found({ user: "nobody" })).toEqual([]);
		const searches = await service.search(auditor, { operation: "audit.search" }, null, 10);
		expect(searches.items).toHaveLength(8);
		expect(searches.items[1]).toMatchObject({ tag: "read", username: "ada", detail: { query: { user: "nobody" } } });
	});

	it("pages through every line once", async () => {
		const service = new AuditService(log);
		for (let n = 0; n < 25; n++) await log.note(auditLine({ detail: { n } }));
		const seen: unknown[] = [];
		for (let cursor: string | null | undefined; cursor !== null; ) {
			const page = await service.search(auditor, { user: "mallory" }, decodeCursor(cursor ?? undefined, position) ?? null, 7);
			seen.push(...page.items.map((item) => item.detail.n));
			cursor = page.nextCursor;
		}
		expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => 24 - n));
	});

	it("a search by text says how far back it came, and its cursor goes on from there", async () => {
		const service = new AuditService(log);
		await log.note(auditLine({ detail: { reason: "needle" } }));
		now += 1;
		await Promise.all(Array.from({ length: 5_100 }, () => log.note(auditLine({ tag: "read" }))));
		const first = await service.search(auditor, { text: "needle", user: "mallory" }, null, 10);
		expect(first).toMatchObject({ items: [], searchedTo: new Date(now).toISOString() });
		const second = await service.search(
			auditor,
			{ text: "needle", user: "mallory" },
			decodeCursor(first.nextCursor ?? undefined, position) ?? null,
			10,
		);
		expect(second).toMatchObject({ nextCursor: null, searchedTo: null });
		expect(second.items.map((item) => item.detail.reason)).toEqual(["needle"]);
	});
});

describe("export", () => {
	const exportsIn = () =>
		new ExportService({ log, database: db.database, clock, logger: silentLogger(), directory: join(directory.path, "exports") });
	const proposer = person("pia");
	const proposal = { kind: "audit-export" as const, from: "2031-05-01T00:00:00.000Z", to: "2031-05-10T00:00:00.001Z", reason: "for the auditors" };
	const apply = (service: ExportService, id: string) =>
		db.database.transaction((transaction) => service.changeKind.apply(transaction, { id, proposal, proposer, approver: auditor, now }));
	const read = async (service: ExportService, id: string) => {
		const pieces: Buffer[] = [];
		for await (const piece of await service.open(proposer, id)) pieces.push(piece);
		return Buffer.concat(pieces).toString("utf8");
	};

	it("gives every line of the range to who proposed it and to nobody else, sealed on the disk, for seven days", async () => {
		for (let n = 0; n < 700; n++) await log.note(auditLine({ tag: "read", detail: { n, padding: "x".repeat(200) } }));
		now += 10;
		const service = exportsIn();
		const entries: LedgerEntry[] = await apply(service, "c1");
		expect(entries.map((entry) => entry.type)).toEqual(["audit.exported"]);
		await service.run();
		const [view] = await service.list();
		if (!view) throw new Error("no export");
		expect(view).toMatchObject({
			change: "c1",
			lines: 700,
			proposedBy: proposer.id,
			approvedBy: auditor.id,
			sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
		});
		const text = await read(service, view.id);
		const lines = text
			.trimEnd()
			.split("\n")
			.map((line) => auditLineSchema.parse(JSON.parse(line)));
		expect(lines.map((line) => line.detail.n)).toEqual(Array.from({ length: 700 }, (_, n) => n));
		const [file = ""] = await readdir(join(directory.path, "exports"));
		const path = join(directory.path, "exports", file);
		const bytes = await readFile(path);
		expect(bytes.includes("mallory")).toBe(false);
		await expect(service.open(auditor, view.id)).rejects.toMatchObject({ status: 403 });
		await writeFile(path, bytes.subarray(0, -10));
		await expect(read(service, view.id)).rejects.toMatchObject({ code: "export-damaged" });
		now += 7 * 86_400_000;
		await service.run();
		expect(await readdir(join(directory.path, "exports"))).toEqual([]);
		await expect(service.open(proposer, view.id)).rejects.toMatchObject({ status: 410 });
	});

	it("writes after a restart what was approved before it", async () => {
		await apply(exportsIn(), "c1");
		const later = exportsIn();
		later.start();
		await later.run();
		expect(await later.list()).toHaveLength(1);
		await later.stop();
	});
});

describe("review", () => {
	it("is made for the month before, turns overdue, and is signed once, into the ledger, by nobody who administers the log", async () => {
		const entries: LedgerEntry[] = [];
		const ledger = { append: async (_: unknown, entry: LedgerEntry) => entries.push(entry) };
		const service = new ReviewService({ log, ledger, database: db.database, clock, logger: silentLogger(), timeZone: () => "Asia/Shanghai" });
		await log.note(auditLine({ operation: "role.grant" }));
		await log.note(auditLine({ tag: "read", result: "refused" }));
		now = Date.parse("2031-05-31T16:00:00Z");
		await service.start();
		expect(await service.list()).toMatchObject([{ id: "2031-05", lines: 2, highRisk: 1, refused: 1, state: "due", signedBy: null }]);
		now += 14 * 86_400_000 + 1;
		expect(await service.list()).toMatchObject([{ state: "overdue" }]);
		const administrator = person("max", { roles: [{ role: "audit-administrator", site: "*" }] });
		await expect(service.sign(administrator, "2031-05", "")).rejects.toMatchObject({ status: 403 });
		await expect(service.sign(auditor, "2031-04", "")).rejects.toMatchObject({ status: 404 });
		const outcomes = await Promise.allSettled([service.sign(auditor, "2031-05", "seen"), service.sign(person("otto"), "2031-05", "me too")]);
		expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
		expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "already-signed" } });
		expect(entries).toHaveLength(1);
		expect(entries[0]).toMatchObject({ type: "audit.reviewed", data: { review: "2031-05", lines: 2, highRisk: 1, refused: 1 } });
		expect(JSON.stringify(entries)).not.toMatch(/"ada"|"otto"/);
		await service.makeDue();
		expect(await service.list()).toMatchObject([{ state: "signed", lines: 2, ledgerIndex: 1 }]);
		await service.stop();
	});
});
