import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const FOLDERS = ["bench", "contracts", "dashboard/src", "edge-agent", "scripts", "server", "simulators", "test"];
const lines = new Map(
	FOLDERS.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)))
		.filter((file) => /\.(ts|tsx|mjs|css)$/.test(file))
		.map((file) => [file, readFileSync(file, "utf8").split("\n").length - 1]),
);
const longerThan = (most: number) => [...lines].flatMap(([file, length]) => (length > most ? [file] : []));

test("half of the source files have at most 150 lines", () => {
	expect(longerThan(150).length / lines.size).toBeLessThanOrEqual(0.5);
});

test("no source file has more than 600 lines", () => {
	expect(lines.has("server/main.ts")).toBe(true);
	expect(longerThan(600)).toEqual([]);
});
