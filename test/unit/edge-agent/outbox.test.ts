import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Reading } from "../../../contracts/reading.ts";
import { batchSchema, type UplinkEvent } from "../../../contracts/uplink.ts";
import { Outbox, OutboxFullError } from "../../../edge-agent/outbox/outbox.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";

let folder: TemporaryDirectory;
let outbox: Outbox;
let now = 1000;
const open = (maxBytes = 1_000_000) => new Outbox({ path: join(folder.path, "outbox.db"), maxBytes, now: () => now });
beforeEach(async () => {
	folder = await temporaryDirectory("outbox");
	outbox = open();
});
afterEach(async () => {
	outbox.close();
	await folder.remove();
});

const readings = (count: number, value = 1): Reading[] =>
	Array.from({ length: count }, (_, index) => ({
		point: "s0:p",
		ts: 1_790_000_000_000 + index,
		receivedAt: 1_790_000_000_000,
		value,
		quality: "good",
	}));
const event = (seq: number): UplinkEvent => ({ type: "door", device: "c0", ts: 1, receivedAt: 1, seq, door: "d0", state: "open" });
const none: never[] = [];
const contents = () => outbox.read(1, outbox.head, Number.POSITIVE_INFINITY).map(({ payload }) => batchSchema.parse(JSON.parse(payload)));

describe("the outbox", () => {
	test("a second agent on the same file is told which file another one uses", { timeout: 20_000 }, () => {
		expect(() => open()).toThrow(/outbox\.db is used by another edge agent/);
	});

	test("numbers batches from 1, and never uses a number again, whatever was freed", () => {
		expect(outbox.append([{ readings: readings(1), events: [] }], none)).toBe(1);
		outbox.free([1]);
		outbox.close();
		const { id } = outbox;
		outbox = open();
		expect(outbox.append([{ readings: readings(1), events: [] }], none)).toBe(2);
		expect(outbox.id).toBe(id);
	});
	test("gives another file another name", async () => {
		const other = await temporaryDirectory("outbox");
		const second = new Outbox({ path: join(other.path, "outbox.db"), maxBytes: 1_000_000, now: () => 1 });
		expect(second.id).not.toBe(outbox.id);
		second.close();
		await other.remove();
	});
	test("keeps by what repetitions are known with what was told, also where nothing is left to send", () => {
		const mark = (last: number | null, ...keys: string[]) => [{ device: "c0", last, keys }];
		expect(outbox.append([{ readings: [], events: [event(7)] }], mark(7))).toBe(1);
		expect(outbox.append([], mark(9, "9@12:00"))).toBe(1);
		outbox.append([], [{ device: "r0", last: null, keys: ["a", "b"] }]);
		outbox.close();
		outbox = open();
		expect(outbox.marks()).toEqual([...mark(9, "9@12:00"), { device: "r0", last: null, keys: ["a", "b"] }]);
	});
	test("takes over the event numbers of a file of before", () => {
		outbox.close();
		const path = join(folder.path, "before.db");
		const db = new Database(path);
		db.exec("CREATE TABLE event_number (device TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT; INSERT INTO event_number VALUES ('c0', 9)");
		db.close();
		for (let start = 0; start < 2; start++) {
			outbox = new Outbox({ path, maxBytes: 1_000_000, now: () => 1 });
			expect(outbox.marks()).toEqual([{ device: "c0", last: 9, keys: [] }]);
			outbox.close();
		}
		outbox = open();
	});
	test("drops the oldest readings when it is full, keeps every event, and counts", () => {
		outbox.close();
		outbox = open(20_000);
		outbox.append([{ readings: readings(100), events: [event(1)] }], none);
		for (let index = 2; index <= 30; index++)
			outbox.append([{ readings: readings(100, index), events: index % 3 === 0 ? [event(index)] : [] }], none);
		expect(outbox.stats().bytes).toBeLessThanOrEqual(20_000);
		const left = contents();
		expect(left.flatMap(({ events }) => events.map((one) => (one.type === "door" ? one.seq : null)))).toEqual([
			1, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30,
		]);
		const kept = left.flatMap((batch) => (batch.readings ? [batch.seq] : []));
		expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 31 - kept.length + index));
		expect(outbox.dropped).toBe((30 - kept.length) * 100);
		outbox.close();
		outbox = open(20_000);
		expect(outbox.dropped).toBe((30 - kept.length) * 100);
	});
	test("takes nothing more when events alone fill it, until some are freed", () => {
		outbox.close();
		outbox = open(1_000);
		const add = () => outbox.append([{ readings: [], events: [event(1)] }], none);
		expect(() => {
			for (;;) add();
		}).toThrow(OutboxFullError);
		const before = outbox.stats();
		expect(before.batches).toBe(outbox.head);
		expect(add).toThrow(OutboxFullError);
		expect(outbox.stats()).toEqual(before);
		outbox.free([1]);
		expect(add()).toBe(before.batches + 1);
	});
	test("keeps aside what the server can never store", () => {
		outbox.append([{ readings: readings(1), events: [] }], none);
		outbox.refuse([{ seq: 1, reason: "unreadable" }]);
		expect(outbox.stats()).toEqual({ batches: 0, bytes: 0, oldest: null });
	});
	test("reads at most so many bytes, but one batch in any case", () => {
		outbox.append(
			Array.from({ length: 3 }, () => ({ readings: readings(100), events: [] })),
			none,
		);
		expect(outbox.read(1, 3, 1).map(({ seq }) => seq)).toEqual([1]);
		expect(outbox.read(2, 3, 1_000_000).map(({ seq }) => seq)).toEqual([2, 3]);
		outbox.free([2]);
		expect(outbox.read(2, 3, 1_000_000).map(({ seq }) => seq)).toEqual([3]);
	});
	test("knows what is older than a time", () => {
		for (now of [1000, 2000, 3000]) outbox.append([{ readings: readings(1), events: [] }], none);
		expect([outbox.lastBefore(1000), outbox.lastBefore(2500), outbox.lastBefore(9000)]).toEqual([0, 2, 3]);
		expect(outbox.oldest).toBe(1);
	});
});

test("whatever is appended, freed and reopened, what is left is what was not freed", () => {
	fc.assert(
		fc.property(
			fc.array(
				fc.oneof(
					fc.record({ do: fc.constant("append" as const), sizes: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }) }),
					fc.record({ do: fc.constant("free" as const), sizes: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 10 }) }),
					fc.record({ do: fc.constant("reopen" as const), sizes: fc.constant([] as number[]) }),
				),
				{ maxLength: 25 },
			),
			(steps) => {
				// Begin empty: numbering goes on.
				const first = outbox.head + 1;
				const model = new Map<number, number>();
				let head = outbox.head;
				for (const { do: what, sizes } of steps)
					if (what === "append") {
						for (const size of sizes) model.set(++head, size);
						expect(
							outbox.append(
								sizes.map((size) => ({ readings: readings(size), events: [] })),
								none,
							),
						).toBe(head);
					} else if (what === "free") {
						for (const size of sizes) model.delete(first + size);
						outbox.free(sizes.map((size) => first + size).filter((seq) => seq <= head));
					} else {
						outbox.close();
						outbox = open();
					}
				expect(contents().map(({ seq, readings: columns }) => [seq, columns?.p.length ?? 0])).toEqual([...model]);
				expect(outbox.stats().batches).toBe(model.size);
				outbox.free([...model.keys()]);
				expect(outbox.stats()).toEqual({ batches: 0, bytes: 0, oldest: null });
			},
		),
		{ numRuns: 60 },
	);
});
