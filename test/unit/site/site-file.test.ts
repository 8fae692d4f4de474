import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stringify } from "yaml";
import { silentLogger } from "../../../server/platform/logger.ts";
import { readSite, SiteFileError } from "../../../server/site/site-file.ts";
import { SiteService } from "../../../server/site/site-service.ts";
import { recordingRealtime, settableClock, smallSite } from "../../helpers/small-world.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let directory: TemporaryDirectory;
const services: SiteService[] = [];
beforeEach(async () => {
	directory = await temporaryDirectory("site");
});
afterEach(async () => {
	for (const service of services.splice(0)) await service.stop();
	await directory.remove();
});

const file = () => join(directory.path, "site.yaml");
const good = (name = "Small") => stringify({ ...smallSite(), name });
const broken = () => stringify({ ...smallSite(), timeZone: "Mars/Base", doors: [{ id: "x" }] });

function service() {
	const realtime = recordingRealtime();
	const site = new SiteService({
		file: file(),
		dataDirectory: join(directory.path, "data"),
		clock: settableClock(),
		realtime,
		logger: silentLogger(),
		pollEvery: 10,
	});
	services.push(site);
	return { site, realtime };
}

test.each([
	["id: [1, 2\nname: x", /line 2, column \d+/],
	["id: a\n  name: b: c", /line 1, column \d+/],
])("mistakes of YAML are named with their place: %j", (text, path) => {
	const result = readSite(text);
	expect("problems" in result && result.problems[0]).toMatchObject({ path: expect.stringMatching(path), message: expect.stringMatching(/\w/) });
});

test("a start with a broken file and no copy fails with all its problems", async () => {
	await writeFile(file(), broken());
	const { site } = service();
	const error = await site.start().catch((reason: unknown) => reason);
	expect(error).toBeInstanceOf(SiteFileError);
	expect(String(error)).toMatch(/timeZone: /);
	expect(String(error)).toMatch(/doors\[0\]\.controller: /);
});

test("a start without a file fails and says so", async () => {
	await expect(service().site.start()).rejects.toThrow(/can't be read.*ENOENT/);
});

test("a changed good file replaces the world, and everybody hears of it in order", async () => {
	await writeFile(file(), good());
	const { site, realtime } = service();
	const heard: string[] = [];
	site.onChange((world) => heard.push(`1 ${world.site.name}`));
	site.onChange((world) => heard.push(`2 ${world.site.name}`));
	await site.start();
	await writeFile(`${file()}.new`, good("Renamed"));
	await rename(`${file()}.new`, file());
	await waitFor("the new site", () => site.current().site.name === "Renamed");
	expect(heard.slice(-2)).toEqual(["1 Renamed", "2 Renamed"]);
	await waitFor("the notice", () => realtime.events.some(({ payload }) => JSON.stringify(payload).includes("Renamed")));
});

test("a broken file never replaces a working one: its problems are shown until it is good again", async () => {
	await writeFile(file(), good());
	const { site, realtime } = service();
	await site.start();
	const before = site.current();
	await writeFile(file(), broken());
	await waitFor("the problems", () => site.problems().length > 0);
	expect(site.current()).toBe(before);
	expect(site.view().fileProblems.map(({ path }) => path)).toContain("timeZone");
	expect(realtime.events.at(-1)).toMatchObject({ site: "s", event: "notice", payload: { kind: "site-file-broken" } });
	await writeFile(file(), good());
	await waitFor("no problems", () => site.problems().length === 0);
	expect(site.current()).toBe(before);
});

test("a file that is removed leaves the site in use", async () => {
	await writeFile(file(), good());
	const { site } = service();
	await site.start();
	await rm(file());
	await waitFor("the problem", () => site.problems()[0]?.message.includes("ENOENT"));
	expect(site.current().site.id).toBe("s");
});

test("a start with a broken file runs on the last good copy and shows the problems", async () => {
	await writeFile(file(), good("Copied"));
	const first = service().site;
	await first.start();
	await first.stop();
	await writeFile(file(), broken());
	const second = service().site;
	await second.start();
	expect(second.current().site.name).toBe("Copied");
	expect(second.view().fileProblems.length).toBeGreaterThan(1);
	await writeFile(file(), good("Mended"));
	await waitFor("the mended site", () => second.current().site.name === "Mended");
	expect(second.problems()).toEqual([]);
});

test("a last good copy that is itself broken doesn't help", async () => {
	await mkdir(join(directory.path, "data"));
	await writeFile(join(directory.path, "data", "site-last-good.yaml"), "no: site");
	await writeFile(file(), broken());
	await expect(service().site.start()).rejects.toThrow(/timeZone/);
});
