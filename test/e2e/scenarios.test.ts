/** Done when 3: each scenario shows on the dashboard what its name says. One system plays them one after the other. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { SCENARIOS } from "../../simulators/scenarios/registry.ts";
import { expectAccessible } from "../helpers/accessible.ts";
import { browserAvailable } from "../helpers/browser.ts";
import type { Child } from "../helpers/child-process.ts";
import { alarmRows, type Demo, inTallWindow, screenshot, startDemo, stopDemo, unfoldTo } from "../helpers/dashboard.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../helpers/temporary-directory.ts";
import { waitFor } from "../helpers/wait-for.ts";

/** Long enough on a busy machine; a scenario is ended as soon as it has shown what it should. */
const PATIENCE = 45_000;

let folder: TemporaryDirectory;
let demo: Demo;
let played: Child | null = null;
beforeAll(async () => {
	if (!browserAvailable) return;
	folder = await temporaryDirectory("scenarios");
	// The demo site with every point every two seconds, so that silence shows soon.
	const site = join(folder.path, "demo.yaml");
	const text = await readFile("sites/demo.yaml", "utf8");
	await writeFile(site, text.replace(/interval: (?:5|10|30)s/g, "interval: 2s"));
	demo = await startDemo({ site });
}, 120_000);
afterEach(async () => {
	await played?.stop();
	played = null;
	await demo?.closeTabs();
});
afterAll(async () => {
	await stopDemo(demo);
	await folder?.remove();
});

/** What the scenario says that should be seen. */
function expected(name: string) {
	const scenario = SCENARIOS.find((one) => one.name === name);
	if (!scenario) throw new Error(`there is no scenario ${name}`);
	return scenario.expects;
}
async function play(name: string, speed?: number): Promise<void> {
	played = demo.simulate(name, "--at", "0", "--duration", "120", ...(speed === undefined ? [] : ["--speed", String(speed)]));
	await played.says(/It begins/);
}
/** Waits until every rule of the scenario has an alarm on the page that is on now. */
async function expectAlarms(page: Page, name: string): Promise<void> {
	await unfoldTo(page, expected(name).rules, "unacknowledged");
}
const racks = (page: Page, hall: string, state: string) => page.locator(`[data-testid^="rack-${hall}"][data-state="${state}"]`);
const hotRacks = async (page: Page, hall: string, above: number) =>
	(await racks(page, hall, "value").evaluateAll((all) => all.map((one) => Number(one.getAttribute("data-value"))))).filter((value) => value > above);

describe.skipIf(!browserAvailable)("on the dashboard", () => {
	test("badge-guessing: a row of denials at one door, then the reader's alarm", { timeout: 180_000 }, async () => {
		const [page, access] = [await demo.open("/alarms"), await demo.open("/access?result=denied")];
		await play("badge-guessing");
		const reasons = (expected("badge-guessing").reasons ?? []).map(
			(reason) => `[data-testid=access-row][data-result=denied][data-reason="${reason}"]`,
		);
		for (const reason of reasons) await access.locator(reason).first().waitFor({ timeout: PATIENCE });
		// On an ordinary day others may be denied elsewhere, for reasons of their own.
		const denials = access.locator(reasons.join(", "));
		await waitFor("a row of denials", async () => (await denials.count()) >= 6, PATIENCE);
		const doors = await denials.evaluateAll((rows) => rows.map((row) => row.getAttribute("data-door")));
		expect(new Set(doors).size, "all at one door").toBe(1);
		await expectAlarms(page, "badge-guessing");
	});

	test("forced-door: the door is drawn forced, with a critical alarm", { timeout: 180_000 }, async () => {
		const page = await demo.open();
		await play("forced-door");
		await page.locator('[data-testid^=door-][data-state="forced"]').waitFor({ timeout: PATIENCE });
		const row = alarmRows(page, { rule: "door-forced", state: "unacknowledged", priority: "critical" });
		await row.waitFor({ timeout: PATIENCE });
		const door = page.locator('[data-testid^=door-][data-state="forced"]');
		await waitFor("the door's words", async () => /forced, 1 open alarm/i.test((await door.getAttribute("aria-label")) ?? ""));
		await page.locator("[data-testid=critical-announcer]:has-text('Critical alarm')").waitFor({ state: "attached" });
		await screenshot(page, "forced-door-dark-desktop");
	});

	test("flapping: one alarm whose count grows, not many alarms", { timeout: 180_000 }, async () => {
		const page = await demo.open("/alarms");
		await play("flapping");
		const row = alarmRows(page, { rule: "crac-fault" });
		await row.first().waitFor({ timeout: PATIENCE });
		await waitFor("three occurrences", async () => Number(await row.locator(".cell-count").textContent()) >= 3, PATIENCE);
		expect(await row.count()).toBe(1);
	});

	test("sensor-drift: a single rack turns hot", { timeout: 180_000 }, async () => {
		const [page, alarms] = [await demo.open(), await demo.open("/alarms")];
		await play("sensor-drift");
		await expectAlarms(alarms, "sensor-drift");
		await waitFor("a hot rack", async () => (await hotRacks(page, "", 32)).length === 1, PATIENCE);
		expect(await hotRacks(page, "", 27)).toHaveLength(1);
		await waitFor("one alarm", async () => (await alarmRows(alarms, { rule: "ashrae-recommended-high" }).count()) === 1);
	});

	test("smoke: pre-alarm, alarm, then the fire panel", { timeout: 180_000 }, async () => {
		const [page, alarms] = [await demo.open(), await demo.open("/alarms")];
		await play("smoke");
		await alarmRows(alarms, { rule: "smoke-pre-alarm" }).first().waitFor({ timeout: PATIENCE });
		await page.locator('[data-testid="device-smoke-a1"][data-state="abnormal"]').waitFor({ timeout: PATIENCE });
		await alarmRows(alarms, { rule: "smoke", point: "smoke-a1:smoke", state: "unacknowledged" }).waitFor({ timeout: PATIENCE });
		await alarmRows(alarms, { rule: "fire-alarm", state: "unacknowledged" }).first().waitFor({ timeout: PATIENCE });
		await waitFor("two detectors", async () => (await alarmRows(alarms, { rule: "smoke", state: "unacknowledged" }).count()) === 2, PATIENCE);
	});

	test("network-cut: the hall's devices are offline, its racks stale, and silence is an alarm", { timeout: 240_000 }, async () => {
		const [page, alarms, devices] = [await demo.open(), await demo.open("/alarms"), await demo.open("/devices")];
		await play("network-cut");
		await devices.locator('[data-testid=device-row][data-device="B03-climate"][data-status="offline"]').waitFor({ timeout: PATIENCE });
		await waitFor(
			"every rack of the hall stale, while the other hall is live",
			async () => (await racks(page, "B", "stale").count()) === 12 && (await racks(page, "A", "value").count()) === 12,
			PATIENCE,
		);
		await expectAlarms(alarms, "network-cut");
		await screenshot(page, "network-cut-dark-desktop");
		await played?.stop();
		await waitFor("the hall to come back by itself", async () => (await racks(page, "B", "value").count()) === 12, PATIENCE);
		await devices.locator('[data-testid=device-row][data-device="B03-climate"][data-status="online"]').waitFor({ timeout: PATIENCE });
	});

	test("feed-loss: feed A gone, its UPS on battery until it is empty, feed B carries all", { timeout: 240_000 }, async () => {
		const [page, alarms] = [await demo.open("/?at=rack:A03"), await demo.open("/alarms")];
		await play("feed-loss", 90);
		await unfoldTo(alarms, ["ups-on-battery", ...expected("feed-loss").rules]);
		const power = async (pdu: string) =>
			Number.parseFloat((await page.locator(`[data-point="A03-pdu-${pdu}:power"]`).first().textContent())?.replace(/[,\s]/g, "") ?? "");
		await waitFor("PDU A of the rack dead", async () => (await power("a")) < 50, PATIENCE);
		// Each PDU says its power in its own time.
		await waitFor("PDU B carries all", async () => (await power("b")) > 2000, PATIENCE);
		await screenshot(alarms, "feed-loss-dark-desktop");
		const rack = await demo.open("/?at=rack:A03");
		await rack.locator("[data-testid=feed-B]", { hasText: "if B fails: nothing carries it" }).waitFor({ timeout: PATIENCE });
		expect(await rack.locator("[data-testid=feed-B] .priority-high").count(), "in the priority's colour, with shape and word").toBeGreaterThan(0);
		await expectAccessible(rack, "feed loss rack");
	});

	test("cooling-failure: racks turn hot; an alarm is acknowledged by keyboard and stays so", { timeout: 300_000 }, async () => {
		const [page, alarms] = [await demo.open(), await demo.open("/alarms")];
		await play("cooling-failure", 90);
		await expectAlarms(alarms, "cooling-failure");
		await waitFor("every rack of the hall hot", async () => (await hotRacks(page, "A", 27)).length === 12, PATIENCE);
		expect(await hotRacks(page, "B", 30), "the other hall is not").toEqual([]);
		await screenshot(page, "cooling-failure-dark-desktop");

		// Racks go on turning hot: which row is the first is known only once the focus holds the list still.
		await alarmRows(alarms, { rule: "ashrae-a1-high", state: "unacknowledged" }).first().focus();
		const id = await alarms.locator("[data-alarm]:focus").getAttribute("data-alarm");
		await alarms.keyboard.press("a");
		await alarms.locator("dialog textarea").waitFor();
		await alarms.keyboard.type("Standby unit started");
		await alarms.keyboard.press("Enter");
		const acknowledged = alarms.locator(`[data-alarm="${id}"][data-state=acknowledged]`);
		await acknowledged.waitFor({ timeout: 15_000 });
		await alarms.reload();
		await inTallWindow(alarms, () => acknowledged.focus({ timeout: 15_000 }));
		await alarms.keyboard.press("Enter");
		const details = alarms.locator("[data-testid=alarm-details]");
		await details.locator("text=“Standby unit started”").waitFor();
		expect(await details.textContent()).toContain("by facility-manager");
		await screenshot(alarms, "alarms-cooling-failure-dark-desktop");
		const phone = await demo.open("/", { phone: true });
		await alarmRows(phone, { rule: "crac-fault" }).first().waitFor({ timeout: PATIENCE });
		await screenshot(phone, "cooling-failure-dark-phone");
	});

	test("clock-skew: readings uncertain, the skew on the device's page", { timeout: 180_000 }, async () => {
		const [page, points] = [await demo.open("/devices/A03-climate"), await demo.open("/points/A03-climate:inlet")];
		await play("clock-skew");
		await points.locator('[data-testid=point-value][data-quality="uncertain"]').first().waitFor({ timeout: PATIENCE });
		// Two and a half minutes, less the way to the agent.
		const skew = page.locator('[data-testid=device-row][data-device="A03-climate"] .is-abnormal').filter({ hasText: /^1(4[5-9]|50)(\.\d+)? s$/ });
		await skew.waitFor({ timeout: PATIENCE });
	});
});
