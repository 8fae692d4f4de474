/** A changed site file changes the running system; a broken one never replaces a good one. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Alarm, Point, SiteView } from "../../../contracts/api.ts";
import { type LiveClient, liveClient } from "../../helpers/live-client.ts";
import { plainDevice } from "../../helpers/plain-device.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let folder: TemporaryDirectory;
let file: string;
let running: System;
let live: LiveClient;
beforeAll(async () => {
	folder = await temporaryDirectory("site");
	file = join(folder.path, "site.yaml");
	await copyFile(fixture("system.yaml"), file);
	running = await system({ site: file });
	await running.startServer();
	await running.startAgent();
	live = await liveClient(running, "system");
});
afterAll(async () => {
	live.stop();
	await running.stop();
	await folder.remove();
});

const theSite = async () => (await running.items<SiteView>("/api/v1/sites"))[0];
const rewrite = async (change: (text: string) => string) => await writeFile(file, change(await readFile(file, "utf8")));

test("a new point and a new limit are in force without a restart", { timeout: 120_000 }, async () => {
	const thermo = await plainDevice(running.devicePort, "thermo");
	try {
		await thermo.say("humidity", { value: 40 }); // refused: not in the device list yet
		expect((await running.ask("/api/v1/points/thermo:humidity")).status).toBe(404);
		await thermo.say("temperature", { value: 45 });
		await waitFor("the temperature", async () => (await running.get<Point>("/api/v1/points/thermo:temperature")).value === 45);
		await rewrite((text) =>
			text
				.replace("models:\n", "models:\n  - id: hygrometer\n    kind: humidity-sensor\n    points: [{ id: humidity, kind: humidity }]\n")
				.replace("{ id: thermo, model: thermometer }", "{ id: thermo, model: thermometer, points: [{ id: humidity, kind: humidity }] }")
				.replace("limit: 50", "limit: 40"),
		);
		await waitFor("dashboards to be told", () => live.notices.some(({ kind }) => kind === "site-changed"));
		await waitFor(
			"the agent to accept the new point",
			async () => {
				await thermo.say("humidity", { value: 41 });
				return (await running.get<Point>("/api/v1/points/thermo:humidity")).value === 41;
			},
			20_000,
			100,
		);
		const alarm = await waitFor("the lowered limit to raise its alarm", async () => (await running.items<Alarm>("/api/v1/alarms?rule=too-hot"))[0]);
		expect(alarm).toMatchObject({ active: true, value: 45 });
	} finally {
		await thermo.stop();
	}
});

test("a broken file is reported with every path and changes nothing", { timeout: 120_000 }, async () => {
	const before = await theSite();
	await rewrite((text) => text.replace("kind: data-hall", "kind: ballroom").replace("model: thermometer }", "model: barometer }"));
	const problems = await waitFor("the file's problems", async () => {
		const site = await theSite();
		return site?.fileProblems.some(({ path }) => path === "rooms[0].kind") && site.fileProblems;
	});
	expect(problems.map(({ path }) => path)).toEqual(expect.arrayContaining(["rooms[0].kind", "rooms[0].devices[1].model"]));
	await waitFor("dashboards to be told", () => live.notices.some(({ kind, text }) => kind === "site-file-broken" && text.includes("rooms[0].kind")));
	const after = await theSite();
	expect({ ...after, fileProblems: [] }).toEqual(before);
	expect(await running.get<Point>("/api/v1/points/thermo:humidity")).toMatchObject({ value: 41 });
});

test("a start with a broken file runs on the last good copy, and a mended file is taken over", { timeout: 120_000 }, async () => {
	live.stop();
	await running.server?.stop();
	await writeFile(file, "rooms: [\n  { id: hall\n");
	await running.startServer();
	const site = await theSite();
	expect(site?.fileProblems[0]?.path).toMatch(/^line \d+, column \d+$/);
	expect(site?.rooms.map(({ id }) => id)).toEqual(["hall"]);
	expect(await running.get<Point>("/api/v1/points/thermo:humidity")).toMatchObject({ value: 41 });
	await copyFile(fixture("system.yaml"), file);
	await waitFor("the mended file in use", async () => (await theSite())?.fileProblems.length === 0);
	expect((await running.ask("/api/v1/points/thermo:humidity")).status).toBe(404);
});
