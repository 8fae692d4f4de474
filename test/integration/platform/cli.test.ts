import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NODE, startChild } from "../../helpers/child-process.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";

let folder: TemporaryDirectory;
beforeAll(async () => {
	folder = await temporaryDirectory("cli");
	await writeFile(join(folder.path, "broken.yaml"), "id: demo\nrooms: [{ id: 'a b' }]\n");
	await writeFile(join(folder.path, "no-yaml.yaml"), "rooms: [\n");
});
afterAll(() => folder.remove());

async function watchroom(args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number | null; output: string }> {
	const child = startChild(NODE, ["server/cli.ts", ...args], { env });
	const code = await new Promise<number | null>((resolve) => child.process.once("close", resolve));
	return { code, output: child.output() };
}

describe("npm run watchroom", () => {
	it("lists its commands", async () => {
		expect(await watchroom([])).toEqual({ code: 0, output: expect.stringContaining("site check <file>") });
		expect((await watchroom(["no", "such"])).code).toBe(2);
	});

	it("reports everything wrong in a site file with its path", async () => {
		const { code, output } = await watchroom(["site", "check", join(folder.path, "broken.yaml")]);
		expect(code).toBe(1);
		expect(output).toContain("timeZone: ");
		expect(output).toContain("rooms[0].id: ");
	});

	it.each(["missing.yaml", "no-yaml.yaml"])("says what is wrong with %s without a stack", async (name) => {
		const { code, output } = await watchroom(["site", "check", join(folder.path, name)]);
		expect(code).toBe(1);
		expect(output).not.toMatch(/\n\s+at /);
	});

	it("reports every wrong variable", async () => {
		const { code, output } = await watchroom(["config", "check"], { WATCHROOM_HTTP_PORT: "x", INFLUX_URL: "ftp://h" });
		expect(code).toBe(1);
		expect(output).toMatch(/WATCHROOM_HTTP_PORT: .*\n.*INFLUX_URL: /);
	});
});
