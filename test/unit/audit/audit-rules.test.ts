import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { KeyRing, parseAuditKeys } from "../../../server/audit/audit-keys.ts";
import { expiredPartitions, monthStart, partitionRange } from "../../../server/audit/audit-months.ts";
import { rangeProblem } from "../../../server/audit/export-service.ts";
import { HIGH_RISK_OPERATIONS, isHighRisk } from "../../../server/audit/high-risk.ts";
import { LineIds } from "../../../server/audit/line-id.ts";
import { foldKey, RefusalFold } from "../../../server/audit/refusal-fold.ts";
import { reviewPeriods } from "../../../server/audit/review-period.ts";
import { blindIndex, type LineHead, type LineSecret, openLine, sealLine } from "../../../server/audit/sealed-line.ts";
import { zonedMonthStart } from "../../../server/platform/calendar.ts";
import { auditLine, person } from "../../helpers/audit.ts";

const keyOf = (id: string, fill: number) => `${id}:${Buffer.alloc(32, fill).toString("base64")}`;
const ring = new KeyRing(parseAuditKeys(`${keyOf("new", 1)},${keyOf("old", 2)}`));
const head: LineHead = { id: "l1", at: 5, tag: "change", operation: "user.update", result: "ok", highRisk: false };
const secret: LineSecret = {
	userId: "u1",
	username: "ann",
	name: "Ann",
	groups: ["auditor"],
	address: "192.0.2.1",
	method: "session",
	object: { type: "user", id: "u2" },
	detail: { n: 1 },
};

describe("sealing", () => {
	it("opens beside its own head only", () => {
		const sealed = sealLine(ring.current, head, secret);
		expect(openLine(ring.current, head, sealed)).toEqual(secret);
		const others: LineHead[] = [
			{ ...head, id: "l2" },
			{ ...head, at: 6 },
			{ ...head, tag: "read" },
			{ ...head, operation: "user.read" },
			{ ...head, result: "refused" },
			{ ...head, highRisk: true },
		];
		for (const other of others) expect(openLine(ring.current, other, sealed), JSON.stringify(other)).toBeNull();
	});

	it("notices each changed, cut or added byte, and another key", () => {
		const sealed = sealLine(ring.current, head, secret);
		for (let at = 0; at < sealed.length; at++) {
			const changed = Buffer.from(sealed);
			changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
			expect(openLine(ring.current, head, changed), `byte ${at}`).toBeNull();
		}
		expect(openLine(ring.current, head, sealed.subarray(0, -1))).toBeNull();
		expect(openLine(ring.current, head, Buffer.concat([sealed, Buffer.alloc(1)]))).toBeNull();
		const [, old] = ring.all;
		expect(old && openLine(old, head, sealed)).toBeNull();
	});

	it("takes a new IV for each line, so that equal lines look different", () => {
		const seen = new Set(Array.from({ length: 100 }, () => sealLine(ring.current, head, secret).toString("hex")));
		expect(seen.size).toBe(100);
	});

	it("blind indexes are equal for equal values of one field and key, and for nothing else", () => {
		const [current, old] = ring.all;
		if (!current || !old) throw new Error("two keys");
		const index = blindIndex(current, "user", "ann");
		expect(blindIndex(current, "user", "ann")).toEqual(index);
		for (const other of [blindIndex(current, "user", "bob"), blindIndex(current, "name", "ann"), blindIndex(old, "user", "ann")])
			expect(other).not.toEqual(index);
	});
});

describe("keys", () => {
	it.each([
		["too short", Buffer.alloc(16).toString("base64")],
		["no base64", "?".repeat(44)],
		["the same id twice", `${keyOf("a", 1)},${keyOf("a", 2)}`],
		["an id with a space", keyOf("a b", 1)],
		["nothing after a comma", `${keyOf("a", 1)},`],
	])("refuses %s without repeating it", (_what, text) => {
		expect(() => parseAuditKeys(text)).toThrow(expect.objectContaining({ code: "invalid-config" }));
		expect(() => parseAuditKeys(text)).not.toThrow(text);
	});

	it("a key without an id gets the same one each time", () => {
		const text = randomBytes(32).toString("base64");
		expect(parseAuditKeys(text)[0]?.id).toMatch(/^k[0-9a-f]{8}$/);
		expect(parseAuditKeys(text)[0]?.id).toBe(parseAuditKeys(text)[0]?.id);
	});

	it("says which key is missing or another", () => {
		const fingerprint = Buffer.alloc(32);
		expect(() => ring.assertKnows([{ id: "lost", fingerprint }])).toThrow(expect.objectContaining({ code: "audit-key-missing" }));
		expect(() => ring.assertKnows([{ id: "old", fingerprint }])).toThrow(expect.objectContaining({ code: "audit-key-wrong" }));
	});
});

describe("partitions are months in UTC", () => {
	it.each([
		["2026-11-30T23:59:59.999Z", "2026-11-01", "2026-12-01"],
		["2026-12-31T23:59:59.999Z", "2026-12-01", "2027-01-01"],
		["2027-01-01T00:00:00.000Z", "2027-01-01", "2027-02-01"],
		["2028-02-29T12:00:00.000Z", "2028-02-01", "2028-03-01"],
	])("%s", (at, start, next) => {
		expect(new Date(monthStart(Date.parse(at))).toISOString().slice(0, 10)).toBe(start);
		expect(new Date(monthStart(Date.parse(at), 1)).toISOString().slice(0, 10)).toBe(next);
	});

	it("names no other table a partition", () => {
		for (const name of ["lines_2026_13", "lines_2026_00", "lines", "keys", "lines_2026_1"]) expect(partitionRange(name), name).toBeNull();
	});

	it("a partition is over when its last line is older than the setting, never before 180 days", () => {
		const end = Date.UTC(2026, 1, 1);
		const day = 86_400_000;
		for (const days of [1, 179, 180]) {
			expect(expiredPartitions(["lines_2026_01"], days, end + 180 * day - 1), `${days} days`).toEqual([]);
			expect(expiredPartitions(["lines_2026_01"], days, end + 180 * day), `${days} days`).toEqual(["lines_2026_01"]);
		}
		expect(expiredPartitions(["lines_2026_01"], 365, end + 364 * day)).toEqual([]);
	});
});

describe("folding", () => {
	const stranger = { address: "198.51.100.1", typedName: null };
	const refusal = auditLine({ tag: "authorisation", operation: "session.required", actor: stranger, result: "refused" });

	it.each([
		["a change", auditLine({ result: "refused" })],
		["a read", auditLine({ tag: "read", result: "refused" })],
		["what went well", auditLine({ tag: "authorisation" })],
		["a refused log-in of an account", auditLine({ tag: "log-in", result: "refused", detail: { knownAccount: false } })],
		["a refused log-in that may be an account's", auditLine({ tag: "log-in", result: "refused", actor: { address: "192.0.2.1", typedName: "ann" } })],
		["what is of high risk", { ...refusal, highRisk: true }],
	])("never folds %s", (_what, line) => {
		expect(foldKey(line)).toBeNull();
	});

	it("keeps apart addresses, operations, people, and what people asked for", () => {
		const asked = (id: string, who = person("ann")) =>
			auditLine({ tag: "authorisation", operation: "route.refused", actor: who, object: { type: "route", id }, result: "refused" });
		const lines = [
			refusal,
			{ ...refusal, actor: { ...stranger, address: "198.51.100.2" } },
			{ ...refusal, operation: "token.unknown" },
			asked("a"),
			asked("b"),
			asked("a", person("bob")),
		];
		expect(new Set(lines.map(foldKey)).size).toBe(lines.length);
	});

	it("counts exactly, minute by minute, and stays bounded whatever the number of addresses", () => {
		const fold = new RefusalFold();
		let written = 0;
		for (let n = 0; n < 5000; n++) if (!fold.takes({ ...refusal, actor: { address: `10.0.${n >> 8}.${n & 255}`, typedName: null } }, n)) written += 1;
		for (let n = 0; n < 5000; n++) if (!fold.takes({ ...refusal, actor: { address: "10.0.0.0", typedName: null } }, 6000)) written += 1;
		expect(written).toBeLessThanOrEqual(1001);
		expect(fold.due(59_999)).toEqual([]);
		const lines = fold.due(60_000);
		expect(lines.reduce((sum, line) => sum + Number(line.detail?.count), written)).toBe(10_000);
		expect(fold.due(120_000)).toEqual([]);
	});
});

describe("reviews", () => {
	it.each([
		["Asia/Shanghai", 2026, 10, "2026-10-31T16:00:00.000Z"],
		["Europe/Berlin", 2026, 10, "2026-10-31T23:00:00.000Z"],
		["Europe/Berlin", 2026, 9, "2026-09-30T22:00:00.000Z"],
		["America/New_York", 2026, 12, "2027-01-01T05:00:00.000Z"],
		["UTC", 2026, 0, "2026-01-01T00:00:00.000Z"],
	])("a month in %s begins at its own midnight: %i, %i", (zone, year, month, start) => {
		expect(new Date(zonedMonthStart(year, month, zone)).toISOString()).toBe(start);
	});

	it("one for each month that is over and has lines, overdue after 14 days", () => {
		const oldest = Date.parse("2026-11-20T00:00:00Z");
		expect(reviewPeriods(null, Date.parse("2027-02-01T00:00:00Z"), "UTC")).toEqual([]);
		expect(reviewPeriods(oldest, Date.parse("2026-11-30T23:59:59Z"), "UTC")).toEqual([]);
		expect(reviewPeriods(oldest, Date.parse("2026-11-30T16:00:00Z"), "Asia/Shanghai").map(({ id }) => id)).toEqual(["2026-11"]);
		const [november, december] = reviewPeriods(oldest, Date.parse("2027-01-02T00:00:00Z"), "UTC");
		expect([november?.id, december?.id]).toEqual(["2026-11", "2026-12"]);
		expect(new Date(november?.dueAt ?? 0).toISOString()).toBe("2026-12-15T00:00:00.000Z");
	});
});

it("ids of one millisecond, and of a clock that steps back, stay in order", () => {
	const ids = new LineIds();
	const made = Array.from({ length: 10_000 }, (_, n) => ids.next(1_790_000_000_000 - (n > 9_000 ? 5 : 0)));
	expect([...made].sort()).toEqual(made);
	expect(new Set(made).size).toBe(10_000);
	expect(made[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it("the table says what is of high risk; a feature may say otherwise, and what is refused is not", () => {
	expect(isHighRisk("role.grant", "ok", undefined)).toBe(true);
	expect(isHighRisk("role.grant", "refused", undefined)).toBe(false);
	expect(isHighRisk("alarm.acknowledge", "ok", undefined)).toBe(false);
	expect(isHighRisk("alarm.acknowledge", "refused", true)).toBe(true);
});

it("every operation of high risk is one that is recorded somewhere", () => {
	const sources = readdirSync("server", { recursive: true, encoding: "utf8" })
		.filter((file) => file.endsWith(".ts") && !file.endsWith("high-risk.ts"))
		.map((file) => readFileSync(`server/${file}`, "utf8"));
	const nowhere = HIGH_RISK_OPERATIONS.filter((operation) => !sources.some((source) => source.includes(`"${operation}"`)));
	expect(nowhere).toEqual([]);
});

it("an attempt that came too soon is folded alike for names that exist and for others, a wrong password only for others", () => {
	const actor = { address: "192.0.2.1", typedName: "ada" };
	const line = (detail: Record<string, unknown>) =>
		foldKey({ tag: "log-in", operation: "session.create", actor, object: null, result: "refused", detail });
	expect(line({ reason: "too-many-attempts" })).toBe(line({ reason: "too-many-attempts", knownAccount: false }));
	expect(line({ reason: "too-many-attempts" })).not.toBeNull();
	expect(line({ reason: "password", knownAccount: false })).not.toBeNull();
	expect(line({ reason: "password" })).toBeNull();
});

it("an export covers a time that has passed", () => {
	expect(rangeProblem(1, 2, 3)).toBeNull();
	expect(rangeProblem(2, 2, 3)).toMatchObject({ field: "to" });
	expect(rangeProblem(1, 4, 3)).toMatchObject({ field: "to" });
});
