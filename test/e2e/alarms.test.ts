/** An operator and a flood of alarms, by keyboard alone: nothing jumps, nothing unseen is acknowledged, what is put aside stays counted (ALM-2, UI-2). */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { Alarm, AlarmSummary } from "../../contracts/api.ts";
import { accessibilityProblems, browserAvailable } from "../helpers/browser.ts";
import { alarmRows, type Demo, screenshot, startDemo, stopDemo } from "../helpers/dashboard.ts";
import { type PlainDevice, plainDevice } from "../helpers/plain-device.ts";
import { setTheme } from "../helpers/sign-in.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../helpers/temporary-directory.ts";
import { waitFor } from "../helpers/wait-for.ts";

const SENSORS = 500;
const names = Array.from({ length: SENSORS }, (_, at) => `s${String(at).padStart(3, "0")}`);
/** A hall with one box of 500 sensors, four of which matter more than the others. */
const site = {
	id: "flood",
	name: "Flood tests",
	timeZone: "UTC",
	agents: [{ id: "agent-1", name: "Agent" }],
	rooms: [
		{
			id: "hall",
			name: "Hall",
			kind: "data-hall",
			plan: { x: 0, y: 0, width: 10, depth: 10 },
			devices: [
				{ id: "box", kind: "temperature-sensor", points: names.map((id) => ({ id, name: `Sensor ${id}`, kind: "temperature", interval: "10min" })) },
			],
		},
	],
	rules: [
		{
			id: "burning",
			name: "Burning",
			kind: "limit",
			level: "high-high",
			limit: 60,
			on: { point: "s000" },
			priority: "critical",
			action: "Leave the hall.",
		},
		{
			id: "hot",
			name: "Hot",
			kind: "limit",
			level: "high",
			limit: 40,
			on: { pointKind: "temperature" },
			priority: "medium",
			action: "Look at the cooling.",
		},
	],
};

let folder: TemporaryDirectory;
let demo: Demo;
let box: PlainDevice;
beforeAll(async () => {
	if (!browserAvailable) return;
	folder = await temporaryDirectory("flood");
	const file = join(folder.path, "site.yaml");
	await writeFile(file, stringify(site));
	demo = await startDemo({ site: file, simulators: false });
	box = await plainDevice(demo.devicePort, "box");
}, 120_000);
afterEach(() => demo?.closeTabs());
afterAll(async () => {
	await box?.stop();
	await stopDemo(demo);
	await folder?.remove();
});

const say = async (values: Record<string, number>) =>
	await Promise.all(Object.entries(values).map(([point, value]) => box.say(point, { ts: Date.now(), value })));
const summary = async (): Promise<AlarmSummary> => await demo.get("/api/v1/alarms/summary");
const unacknowledged = async () => (await summary()).unacknowledged;
const focusedAlarm = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute("data-alarm") ?? null);
const press = async (page: Page, ...keys: string[]) => {
	for (const key of keys) await page.keyboard.press(key);
};
/** Puts the focus into the list, as Tab does. */
const intoList = async (page: Page) => {
	await page.locator("[data-testid=alarm-row][tabindex='0']").focus();
};

describe.skipIf(!browserAvailable)("a flood of alarms on the dashboard", () => {
	test("an alarm is shelved and brought back, taken out of service and put back, with reasons, by its keys", { timeout: 90_000 }, async () => {
		const page = await demo.open("/alarms", { role: "shift-lead" });
		await say({ s000: 50 });
		await alarmRows(page, { rule: "hot" }).waitFor();
		await intoList(page);
		await press(page, "s");
		const form = page.locator("[data-testid=alarm-act-form]");
		await form.waitFor();
		expect(await accessibilityProblems(page)).toEqual([]);
		await page.keyboard.type("the sensor is being moved");
		await press(page, "Enter");
		await form.waitFor({ state: "detached" });
		// It stays where the focus is, in its new state, until the list is let go.
		await alarmRows(page, { rule: "hot", state: "shelved" }).waitFor();
		await page.locator("[data-testid=aside-count][data-count='1']").waitFor();
		await page.goto(`${demo.url}/alarms?tab=aside`);
		await alarmRows(page, { rule: "hot", state: "shelved" }).waitFor();
		await screenshot(page, "alarms-aside");
		await intoList(page);
		await press(page, "s");
		await form.waitFor();
		await press(page, "Enter");
		await page.locator("[data-testid=aside-count][data-count='0']").waitFor();
		await page.goto(`${demo.url}/alarms`);
		await alarmRows(page, { rule: "hot", state: "unacknowledged" }).waitFor();
		await intoList(page);
		await press(page, "o");
		await form.waitFor();
		await page.keyboard.type("maintenance of the box");
		await press(page, "Enter");
		await page.locator("[data-testid=aside-count][data-count='1']").waitFor();
		expect(await summary()).toMatchObject({ outOfService: 1, shelved: 0 });
		const [alarm] = await demo.items<Alarm>("/api/v1/alarms?outOfService=true");
		expect(alarm?.removal).toMatchObject({ reason: "maintenance of the box", by: "shift-lead" });
		await page.goto(`${demo.url}/alarms?tab=aside`);
		await alarmRows(page, { rule: "hot", state: "out-of-service" }).waitFor();
		await intoList(page);
		await press(page, "o");
		await form.waitFor();
		await page.keyboard.type("done");
		await press(page, "Enter");
		await page.locator("[data-testid=aside-count][data-count='0']").waitFor();
	});

	test("the list holds still under the focus; what is acknowledged at once is what is on the screen, and not one more", {
		timeout: 120_000,
	}, async () => {
		const page = await demo.open("/alarms", { role: "operator" });
		await alarmRows(page, { rule: "hot" }).first().waitFor();
		await intoList(page);
		const first = await focusedAlarm(page);
		await say({ ...Object.fromEntries(names.map((name) => [name, 45])), s000: 70 });
		await waitFor("the flood", async () => (await unacknowledged()) >= SENSORS + 1, 30_000, 200);
		// The critical alarm belongs above the row that has the focus, and waits.
		await page.locator(`.pill:has-text("${SENSORS} new alarms")`).waitFor();
		expect(await focusedAlarm(page)).toBe(first);
		expect(await page.locator("[data-testid=alarm-row]").count()).toBe(1);
		await page.locator(".pill").press("Enter");
		await page.locator(`[data-testid=alarm-table][data-count="${SENSORS + 1}"]`).waitFor();
		expect(await page.locator("[data-testid=alarm-row]").count(), "drawn").toBeLessThan(150);
		expect(await page.locator("[data-testid=alarm-row]").first().getAttribute("data-priority")).toBe("critical");
		for (const theme of ["light", "dark"] as const) {
			await setTheme(page, theme);
			expect(await accessibilityProblems(page), theme).toEqual([]);
		}
		await screenshot(page, "alarm-flood-dark-desktop");
		await page.locator("[data-testid=alarm-row]").first().focus();
		await press(page, "A");
		const form = page.locator("[data-testid=acknowledge-form]");
		await form.waitFor();
		const named = await form.locator("li").count();
		expect(named).toBeGreaterThan(5);
		expect(named).toBeLessThan(60);
		await screenshot(page, "alarm-flood-acknowledge");
		await page.keyboard.type("on my way to the hall");
		await press(page, "Enter");
		await form.waitFor({ state: "detached" });
		await waitFor("just those to be acknowledged", async () => (await unacknowledged()) === SENSORS + 1 - named, 10_000, 100);
		await alarmRows(page, { priority: "critical", state: "acknowledged" }).waitFor();
	});

	test("of 500 alarms only those near the screen are drawn, and keys lead through all of them", { timeout: 60_000 }, async () => {
		const page = await demo.open("/alarms", { role: "operator" });
		await page.locator(`[data-testid=alarm-table][data-count="${SENSORS + 1}"]`).waitFor();
		await intoList(page);
		for (let step = 0; step < 100; step++) await press(page, "j");
		expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"))).toBe("102");
		await press(page, "Enter");
		await page.locator("[data-testid=alarm-details] [data-testid=alarm-trend] canvas").waitFor();
		expect(await accessibilityProblems(page)).toEqual([]);
		await screenshot(page, "alarm-flood-details");
	});

	test("a phone shows the flood without scrolling sideways", { timeout: 60_000 }, async () => {
		const page = await demo.open("/alarms", { role: "operator", phone: true });
		await page.locator("[data-testid=alarm-row]").first().waitFor();
		const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
		expect(overflow).toBeLessThanOrEqual(0);
		expect(await accessibilityProblems(page)).toEqual([]);
		await screenshot(page, "alarm-flood-dark-phone");
	});

	test("the quality page counts it as a flood", { timeout: 60_000 }, async () => {
		const page = await demo.open("/alarms/quality", { role: "shift-lead" });
		await page.locator("[data-testid=flood-row]").waitFor();
		expect(Number(await page.locator("[data-testid=flood-row]").getAttribute("data-alarms"))).toBeGreaterThanOrEqual(SENSORS);
		await page.locator("[data-testid=quality-figure][data-metric='peak-per-10-minutes'][data-met=false]").waitFor();
		await page.locator("[data-testid=offender-row]").first().waitFor();
		await screenshot(page, "alarm-quality-flood");
	});
});
