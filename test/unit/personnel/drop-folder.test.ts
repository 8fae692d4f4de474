import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DropFolder } from "../../../server/personnel/drop-folder.ts";
import { invalid } from "../../../server/platform/errors.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";

const result = { done: true, counts: { join: 0, rejoin: 0, update: 0, leave: 0, unchanged: 0, refused: 0 }, leaverLimit: 3, rows: [] };
let directory: TemporaryDirectory;
let runs: { text: string; key: string | undefined; full: boolean | undefined }[];
let done: Set<string>;
let failure: Error | null;
let dies: boolean;
let folder: DropFolder;

const put = (name: string, text: string | Buffer) => writeFile(join(directory.path, "inbox", name), text);
const files = (place: string) => readdir(join(directory.path, place));

beforeEach(async () => {
	directory = await temporaryDirectory("drop");
	[runs, done, failure, dies] = [[], new Set(), null, false];
	folder = new DropFolder({
		directory: directory.path,
		logger: silentLogger(),
		// The test looks itself.
		every: 1_000_000,
		imports: {
			resultOf: async (key) => (done.has(key) ? result : undefined),
			run: async (text, { key, full }) => {
				if (failure) throw failure;
				runs.push({ text, key, full });
				if (key !== undefined) done.add(key);
				if (dies) throw new Error("died after the commit");
				return result;
			},
		},
	});
	await folder.start();
});
afterEach(async () => {
	await folder.stop();
	await directory.remove();
});

test("a file that still grows is not read; one that is no CSV by name stays", async () => {
	await put("a.csv", "userName,");
	await put("notes.txt", "x");
	await folder.look();
	await put("a.csv", "userName,name\na,A");
	await folder.look();
	expect(runs).toEqual([]);
	await folder.look();
	expect(runs).toMatchObject([{ text: "userName,name\na,A", full: false }]);
	expect(await files("inbox")).toEqual(["notes.txt"]);
	expect(await files("done")).toHaveLength(2);
});

test("a file stays while the database is away; one that was done before the server died is only moved aside", async () => {
	await put("full-1.csv", "userName,name");
	await folder.look();
	failure = new Error("the database is away");
	await expect(folder.look()).rejects.toThrow("away");
	await folder.look().catch(() => {});
	expect(await files("inbox")).toEqual(["full-1.csv"]);
	failure = null;
	dies = true;
	await expect(folder.look()).rejects.toThrow("died");
	expect(await files("inbox")).toEqual(["full-1.csv"]);
	await folder.look();
	expect(runs).toMatchObject([{ full: true }]);
	expect(await files("inbox")).toEqual([]);
});

test("what can't be read is moved to refused with its reason", async () => {
	await put("binary.csv", Buffer.from([0xff, 0xfe, 0x00]));
	await folder.look();
	await folder.look();
	failure = invalid("The file is no CSV.", []);
	await put("wrong.csv", "x");
	await folder.look();
	await folder.look();
	expect((await files("refused")).map((name) => name.slice(17)).sort()).toEqual([
		"binary.csv",
		"binary.csv.result.json",
		"wrong.csv",
		"wrong.csv.result.json",
	]);
	expect(runs).toEqual([]);
});
