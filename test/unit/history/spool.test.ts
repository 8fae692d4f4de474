import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Frame, Spool, SpoolFullError } from "../../../server/history/spool.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";

const logger = pino({ level: "silent" });
const frame = (text: string, more: Partial<Frame> = {}): Frame => ({ policy: "raw", rows: 1, barrier: false, lines: Buffer.from(text), ...more });

let directory: TemporaryDirectory;
let spools: Spool[] = [];
const open = async (options: { maxBytes?: number; segmentBytes?: number } = {}) => {
	const spool = new Spool({ directory: directory.path, maxBytes: 1_000_000, logger, ...options });
	spools.push(spool);
	await spool.open();
	return spool;
};
const readAll = async (spool: Spool): Promise<string[]> => {
	const texts: string[] = [];
	while (!spool.empty) {
		for (let next = await spool.next(); next; next = await spool.next()) texts.push(next.lines.toString());
		await spool.commit();
	}
	return texts;
};
beforeEach(async () => {
	directory = await temporaryDirectory("spool");
});
afterEach(async () => {
	for (const spool of spools) await spool.close();
	spools = [];
	await directory.remove();
});

test("frames come back in order, through segments and a reopening, and leave nothing behind", async () => {
	const texts = Array.from({ length: 50 }, (_, index) => `frame ${index}`);
	const first = await open({ segmentBytes: 200 });
	for (const text of texts.slice(0, 30)) await first.write([frame(text)]);
	await first.close();
	const second = await open({ segmentBytes: 200 });
	expect(second.rows).toBe(30);
	await second.write(texts.slice(30).map((text) => frame(text, { policy: "1m", barrier: true, rows: 2 })));
	expect(second.rows).toBe(70);
	expect(await readAll(second)).toEqual(texts);
	expect(second).toMatchObject({ empty: true, rows: 0, bytes: 0 });
	expect(await readdir(directory.path)).toEqual([]);
	await second.write([frame("more")]);
	expect(await readAll(second)).toEqual(["more"]);
});

test("what has been read but not committed is read again", async () => {
	const spool = await open();
	await spool.write([frame("a"), frame("b")]);
	expect((await spool.next())?.lines.toString()).toBe("a");
	await spool.commit();
	expect((await spool.next())?.lines.toString()).toBe("b");
	await spool.rewind();
	expect((await spool.next())?.lines.toString()).toBe("b");
	await spool.close();
	expect(await readAll(await open())).toEqual(["a", "b"]);
});

test("wherever a kill tears the file, the whole frames before the tear are there", async () => {
	const spool = await open();
	for (const text of ["first", "second", "third"]) await spool.write([frame(text)]);
	await spool.close();
	const [name = ""] = await readdir(directory.path);
	const whole = await readFile(join(directory.path, name));
	const size = whole.length / 3;
	// "second" is a byte longer than "first" and "third".
	for (let length = 0; length <= whole.length; length++) {
		await writeFile(join(directory.path, name), whole.subarray(0, length));
		const torn = await open();
		const texts = await readAll(torn);
		expect(["first", "second", "third"].slice(0, texts.length)).toEqual(texts);
		expect(texts.length).toBeGreaterThanOrEqual(Math.floor((length - 1) / size) - (length < whole.length ? 1 : 0));
		await torn.close();
	}
});

test("a flipped bit is noticed", async () => {
	const spool = await open();
	for (const text of ["first", "second"]) await spool.write([frame(text)]);
	await spool.close();
	const [name = ""] = await readdir(directory.path);
	const bytes = await readFile(join(directory.path, name));
	bytes[bytes.length - 2] = (bytes.at(-2) ?? 0) ^ 4;
	await writeFile(join(directory.path, name), bytes);
	expect(await readAll(await open())).toEqual(["first"]);
});

test("beyond its bound it refuses and keeps what it has; room comes back as segments are done", async () => {
	const spool = await open({ maxBytes: 1000, segmentBytes: 300 });
	let written = 0;
	await expect(
		(async () => {
			for (;;) {
				await spool.write([frame("x".repeat(80))]);
				written++;
			}
		})(),
	).rejects.toThrow(SpoolFullError);
	expect(written).toBeGreaterThan(5);
	expect(spool.full).toBe(true);
	expect(spool.bytes).toBeLessThanOrEqual(1000);
	let done = 0;
	while (await spool.next()) done++;
	await spool.commit();
	expect(spool.full).toBe(false);
	await spool.write([frame("y")]);
	expect(await readAll(spool)).toHaveLength(written + 1 - done);
});
