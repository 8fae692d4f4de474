/** An operator and a flood of alarms, by keyboard alone: nothing jumps, nothing unseen is acknowledged, what is put aside stays counted (ALM-2, UI-2). */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { Alarm, AlarmSummary } from "../../contracts/api.ts";
import { expectAccessible } from "../helpers/accessible.ts";
import { accessibilityProblems, browserAvailable } from "../helpers/browser.ts";
import { alarmRows, type Demo, screenshot, startDemo, stopDemo } from "../helpers/dashboard.ts";
import { type PlainDevice, plainDevice } from "../helpers/plain-device.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../helpers/temporary-directory.ts";
import { waitFor } from "../helpers/wait-for.ts";

const SENSORS = 500;
const names = Array.from({ length: SENSORS }, (_, at) => `s${String(at).padStart(3, "0")}`);
/** Rows of twenty racks: A01 to Y20. */
const rackOf = (at: number) => `${String.fromCharCode(65 + Math.floor(at / 20))}${String((at % 20) + 1).padStart(2, "0")}`;
/** A hall with a cooling unit and 500 sensors at racks, one of which matters more than the others. */
const site = {
	id: "flood",
	name: "Flood tests",
	timeZone: "UTC",
	agents: [{ id: "agent-1", name: "Agent" }],
	rooms: [
		{
			id: "hall",
			name: "Data hall 1",
			kind: "data-hall",
			plan: { x: 0, y: 0, width: 10, depth: 10 },
			devices: [
				{
					id: "box",
					name: "Rack sensors",
					kind: "temperature-sensor",
					points: names.map((id, at) => ({ id, name: `Inlet of rack ${rackOf(at)}`, kind: "temperature", interval: "10min" })),
				},
				{
					id: "crac",
					name: "CRAC 1",
					kind: "hvac-unit",
					points: [{ id: "state", name: "CRAC 1", kind: "unit-state", type: "state", states: ["running", "off"], interval: "10min" }],
				},
			],
		},
	],
	rules: [
		{
			id: "burning",
			name: "Inlet above 60 °C",
			kind: "limit",
			level: "high-high",
			limit: 60,
			on: { point: "s000" },
			priority: "critical",
			action: "Leave the hall.",
		},
		{
			id: "hot",
			name: "Inlet above 40 °C",
			kind: "limit",
			level: "high",
			limit: 40,
			on: { pointKind: "temperature" },
			priority: "medium",
			action: "Look at the cooling.",
		},
		{
			id: "cooling-stopped",
			name: "Cooling unit stopped",
			kind: "state",
			on: { device: "crac" },
			states: ["off"],
			priority: "high",
			cause: "A fault of the unit, its power or its chilled water.",
			consequence: "The hall heats up: racks pass 40 °C within minutes.",
			action: "Start the standby unit, then read the fault code; shed load where an inlet passes 60 °C.",
			responseTime: "5min",
			explains: [{ rules: "hot", where: "room", before: "1h", within: "1h" }],
		},
		{
			id: "uneven",
			name: "Uneven cooling",
			kind: "combination",
			per: "device",
			measure: "spread",
			on: { point: ["s001", "s002"] },
			level: "high",
			limit: 10,
			priority: "low",
		},
	],
	// Somebody who isn't looked at here is on duty.
	roster: {
		shifts: [{ id: "round", name: "Round the clock", from: "00:00", to: "00:00" }],
		rotations: [{ id: "first", shift: "round", place: "first", people: ["facility-manager"], startsOn: "2026-01-05" }],
		cover: ["first"],
	},
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
	test("an alarm is shelved and brought back, taken out of service and put back, with reasons, by its keys", { timeout: 180_000 }, async () => {
		const page = await demo.open("/alarms", { role: "shift-lead" });
		await say({ s000: 50 });
		await alarmRows(page, { rule: "hot" }).waitFor();
		await intoList(page);
		await press(page, "s");
		const form = page.locator("[data-testid=alarm-act-form]");
		await form.waitFor();
		await form.locator("[data-testid=alarm-device]:has-text('Rack sensors')").waitFor();
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
		timeout: 240_000,
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
		await expectAccessible(page, "alarm flood");
		await page.locator("[data-testid=alarm-row]").first().focus();
		await press(page, "A");
		const form = page.locator("[data-testid=acknowledge-form]");
		await form.waitFor();
		const named = await form.locator("li").count();
		expect(await form.locator("li [data-testid=alarm-device]:has-text('Rack sensors')").count(), "each with its device").toBe(named);
		expect(named).toBeGreaterThan(5);
		expect(named).toBeLessThan(60);
		await screenshot(page, "alarm-flood-acknowledge");
		await page.keyboard.type("on my way to the hall");
		await press(page, "Enter");
		await form.waitFor({ state: "detached" });
		await waitFor("just those to be acknowledged", async () => (await unacknowledged()) === SENSORS + 1 - named, 30_000, 100);
		await alarmRows(page, { priority: "critical", state: "acknowledged" }).waitFor();
	});

	test("of 500 alarms only those near the screen are drawn, and keys lead through all of them", { timeout: 120_000 }, async () => {
		const page = await demo.open("/alarms", { role: "operator" });
		await page.locator(`[data-testid=alarm-table][data-count="${SENSORS + 1}"]`).waitFor();
		// As the page is opened, with the focus nowhere in the list.
		await press(page, "A");
		await page.locator("[data-testid=acknowledge-form]").waitFor();
		await press(page, "Escape");
		await page.locator("[data-testid=acknowledge-form]").waitFor({ state: "detached" });
		await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
		await press(page, "j");
		await page.locator("[data-testid=alarm-row]:focus").waitFor();
		// A key finds the next row once that is drawn.
		const at = () => page.evaluate(() => Number(document.activeElement?.getAttribute("aria-rowindex")));
		for (let step = 0; step < 100; step++) {
			await press(page, "j");
			await expect.poll(at, { timeout: 10_000 }).toBe(3 + step);
		}
		await press(page, "Enter");
		await page.locator("[data-testid=alarm-details] [data-testid=alarm-trend] canvas").waitFor();
		expect(await accessibilityProblems(page)).toEqual([]);
		await screenshot(page, "alarm-flood-details");
	});

	test("once the cause is known the flood is folded under it; keys unfold it, open it and acknowledge it", { timeout: 180_000 }, async () => {
		const page = await demo.open("/alarms", { role: "operator" });
		await page.locator(`[data-testid=alarm-table][data-count="${SENSORS + 1}"]`).waitFor();
		await box.client.publishAsync("watchroom/crac/state", JSON.stringify({ value: "off" }), { qos: 1 });
		await page.locator('[data-testid=alarm-table][data-count="2"]').waitFor({ timeout: 30_000 });
		const cause = alarmRows(page, { rule: "cooling-stopped" });
		await cause.locator(`[data-testid=alarm-fold][data-count="${SENSORS}"]`).waitFor();
		await intoList(page);
		while ((await focusedAlarm(page)) !== (await cause.getAttribute("data-alarm"))) await press(page, "j");
		await press(page, "ArrowRight");
		await page.locator(`[data-testid=alarm-table][data-count="${SENSORS + 2}"]`).waitFor();
		await press(page, "ArrowLeft");
		await page.locator('[data-testid=alarm-table][data-count="2"]').waitFor();
		await press(page, "Enter");
		const details = page.locator("[data-testid=alarm-details]");
		await details.locator("text=Start the standby unit").waitFor();
		await details.locator("[data-testid=alarm-trend] canvas").waitFor();
		await details.locator("dt:has-text('Data hall 1 · CRAC 1')").waitFor();
		await details.locator(".alarm-named div:has-text('· Rack sensors')").first().waitFor();
		await expectAccessible(page, "alarm flood folded");
		const phone = await demo.open("/alarms", { role: "operator", phone: true });
		await alarmRows(phone, { rule: "cooling-stopped", state: "unacknowledged" }).locator("[data-testid=alarm-fold]").waitFor();
		await screenshot(phone, "alarm-flood-folded-phone");
		await cause.focus();
		await press(page, "a");
		await page.locator("[data-testid=acknowledge-form] [data-testid=alarm-device]:has-text('CRAC 1')").waitFor();
		await page.keyboard.type("standby unit started");
		await press(page, "Enter");
		await alarmRows(page, { rule: "cooling-stopped", state: "acknowledged" }).waitFor();
	});

	test("an alarm of several points together offers no point page and no trend, for there is none", { timeout: 120_000 }, async () => {
		const page = await demo.open("/alarms", { role: "operator" });
		const missing: string[] = [];
		page.on("response", (response) => {
			if (response.status() === 404) missing.push(response.url());
		});
		await say({ s001: 45, s002: 58 });
		const row = alarmRows(page, { rule: "uneven", point: "device.box:spread" });
		await row.locator("text=Rack sensors ·").waitFor();
		await row.click();
		await page.locator("[data-testid=alarm-details] h3").first().waitFor();
		await page.waitForLoadState("networkidle");
		expect(await page.locator("[data-testid=alarm-point], [data-testid=alarm-trend]").count()).toBe(0);
		expect(missing).toEqual([]);
	});

	test("a phone shows the flood without scrolling sideways", { timeout: 120_000 }, async () => {
		const page = await demo.open("/alarms", { role: "operator", phone: true });
		await alarmRows(page, { rule: "cooling-stopped" }).locator("[data-testid=alarm-fold]").waitFor();
		const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
		expect(overflow).toBeLessThanOrEqual(0);
		expect(await accessibilityProblems(page)).toEqual([]);
		await screenshot(page, "alarm-flood-dark-phone");
	});

	test("the quality page counts it as a flood", { timeout: 120_000 }, async () => {
		const page = await demo.open("/alarms/quality", { role: "shift-lead" });
		await page.locator("[data-testid=flood-row]").waitFor();
		const flood = page.locator("[data-testid=flood-row]");
		expect(Number(await flood.getAttribute("data-alarms"))).toBeGreaterThanOrEqual(SENSORS);
		const counts = page.locator("[data-testid=quality-alarms]");
		expect(Number(await counts.getAttribute("data-raised"))).toBeGreaterThanOrEqual(SENSORS + 2);
		await page.locator("[data-testid=quality-figure][data-metric='peak-per-10-minutes'][data-met=false]").waitFor();
		await page.locator("[data-testid=offender-row]").first().waitFor();
		await screenshot(page, "alarm-quality-flood");
	});

	test("on a phone its tables scroll within their panels", { timeout: 120_000 }, async () => {
		const page = await demo.open("/alarms", { role: "shift-lead", phone: true });
		// Every figure of a period misses its target.
		await page.route("**/api/v1/alarms/quality/periods*", async (route) => {
			const answer = await (await route.fetch()).json();
			for (const { figures } of answer.items) for (const figure of figures) Object.assign(figure, { value: 1, met: false });
			await route.fulfill({ json: answer });
		});
		await page.goto(`${demo.url}/alarms/quality`);
		await page.locator("[data-testid=offender-row]").first().waitFor();
		await page.locator("[data-testid=quality-period] td:last-child.is-abnormal").first().waitFor();
		await page.locator("[data-testid=flood-row]").waitFor();
		await expectAccessible(page, "alarm quality flood phone");
	});

	test("a rule that chatters is changed from the quality page: replayed, approved by somebody else, in force at once, its versions compared", {
		timeout: 240_000,
	}, async () => {
		// Symptoms of an open cause are annunciated to nobody: it is over first.
		await box.client.publishAsync("watchroom/crac/state", JSON.stringify({ value: "running" }), { qos: 1 });
		await waitFor("the cause to be over", async () => (await demo.items("/api/v1/alarms?active=true&rule=cooling-stopped")).length === 0);
		for (const value of [30, 45, 30, 45, 30, 45]) await say({ s001: value, s002: 45 });
		// Its suggestions come with the page, which asks for the figures once a minute.
		await waitFor("the chatter to be counted", async () => {
			const told = await demo.items<{ rule: string; kind: string }>("/api/v1/points/box:s001/alarm-transitions?limit=500");
			return told.filter(({ rule, kind }) => rule === "hot" && kind === "raised").length >= 4;
		});
		const lead = await demo.open("/alarms/quality", { role: "shift-lead" });
		await lead.locator("[data-testid=offender-row][data-point='box:s001'] [data-testid=propose-change]").click();
		await lead.locator("[data-testid=rule-suggestions]", { hasText: "It chatters" }).waitFor();
		const field = (name: string) => lead.locator(`[data-testid=rule-form] [name=${name}]`);
		expect([await field("deadband").inputValue(), await field("offDelay").inputValue()]).toEqual(["0.4", "1min"]);
		const said = { limit: "50", offDelay: "0s", cause: "The cooling is too weak.", consequence: "Servers stop.", responseTime: "10min" };
		for (const [name, text] of Object.entries({ ...said, receivers: "risk-manager" })) await field(name).fill(text);
		await field("priority").selectOption("critical");
		await lead.locator("[data-testid=rule-explain]").click();
		await lead.locator("[name='explains.0.rules']").fill("cooling-stopped");
		await lead.locator("[name='explains.0.where']").selectOption("device");
		await field("suppressed").check();
		for (const [name, text] of Object.entries({ "on.device": "crac", states: "standby" }))
			await lead.locator(`[name='suppressedWhile.${name}']`).fill(text);
		await lead.locator("[name='suppressedWhile.where']").selectOption("room");
		await lead.getByLabel("Period").selectOption("1");
		await lead.getByRole("button", { name: "Replay" }).click();
		await lead.locator("[data-testid=replay][data-state=found]").waitFor();
		expect(await lead.locator("[data-testid=replay-found]").getAttribute("data-fired"), "only s000 and s002 were above 50").toBe("2");
		expect(await lead.locator("[data-testid=replay-point]").count()).toBeGreaterThan(10);
		await field("limit").fill("51");
		await lead.locator("text=The rule has been changed since").waitFor();
		await field("limit").fill("50");
		await lead.getByLabel("Reason").fill("At 45 nobody can do anything.");
		await expectAccessible(lead, "rule-form-replayed");
		await lead.getByRole("button", { name: "Propose", exact: true }).click();
		await lead.locator("[data-testid=change-details][data-state=pending] [data-testid=rule-change]").waitFor();
		expect(await lead.getByRole("button", { name: "Approve" }).count()).toBe(0);

		const other = await demo.open("/changes", { role: "facility-manager" });
		await other.locator("[data-testid=change-row][data-state=pending] [data-row]").click();
		const limit = other.locator("[data-testid=rule-change] tr[data-field=limit]");
		expect(await limit.textContent()).toBe("Limit40 °C50 °C");
		for (const relation of ["explains", "suppressedWhile"]) await other.locator(`[data-testid=rule-change] tr[data-field=${relation}]`).waitFor();
		expect(await other.locator("[data-testid=rule-change] [data-testid=replay-found]").getAttribute("data-fired")).toBe("2");
		expect(await accessibilityProblems(other)).toEqual([]);
		await screenshot(other, "rule-change", true);
		await other.getByRole("button", { name: "Approve" }).click();
		await other.locator("[data-testid=change-details][data-state=applied]").waitFor();

		const active = async () => (await demo.items<Alarm>("/api/v1/alarms?active=true&rule=hot")).map(({ point }) => point);
		await waitFor("the rule in force", async () => (await active()).join() === "box:s000", 20_000, 200);
		await say({ s002: 60 });
		const [alarm] = await waitFor("an alarm of the changed rule", async () => {
			const found = await demo.items<Alarm>("/api/v1/alarms?active=true&rule=hot&point=box:s002");
			return found.length > 0 && found;
		});
		await waitFor("its receiver to be told", async () => {
			const told = await demo.items<{ person: string | null }>(`/api/v1/notifications?alarm=${alarm?.id}`);
			return told.some(({ person }) => person === "risk-manager");
		});
		await lead.goto(`${demo.url}/rules/hot`);
		await lead.locator("[data-testid=rule-facts][data-version='1']").waitFor();
		await lead.locator("[data-testid=rule-comparison] tr[data-field=limit]").waitFor();
		expect(await accessibilityProblems(lead)).toEqual([]);
		await screenshot(lead, "rule-versions", true);
	});
});
