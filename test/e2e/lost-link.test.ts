/** What the dashboard shows when the server, or an agent, is gone. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { browserAvailable } from "../helpers/browser.ts";
import { alarmRows, type Demo, phaseOf, screenshot, startDemo, stopDemo, unfoldTo } from "../helpers/dashboard.ts";
import { waitFor } from "../helpers/wait-for.ts";

let demo: Demo;
beforeAll(async () => {
	if (browserAvailable) demo = await startDemo();
}, 120_000);
afterEach(() => demo?.closeTabs());
afterAll(() => stopDemo(demo));

describe.skipIf(!browserAvailable)("on the dashboard", () => {
	test("a killed server is plain to see, nothing looks live, and all comes back by itself", { timeout: 300_000 }, async () => {
		const [page, point] = [await demo.open(), await demo.open("/points/A03-climate:inlet")];
		await point.locator("[data-testid=point-value]").first().waitFor();
		await demo.server?.stop("SIGKILL");
		for (const tab of [page, point]) {
			await tab.locator("[data-testid=connection-lost]").waitFor();
			await phaseOf(tab, "lost");
			await tab.locator(".shell.is-lost").waitFor();
		}
		await point.locator("text=/last known/").first().waitFor();
		const filters = await page.locator(".content > *").evaluateAll((all) => all.map((one) => getComputedStyle(one).filter));
		expect(
			filters.every((filter) => filter.includes("grayscale(1)")),
			"nothing has a colour that looks live",
		).toBe(true);
		expect(await page.locator("text=No open alarms").count(), "nothing is said of the present").toBe(0);
		await screenshot(page, "server-lost-dark-desktop");
		await demo.startServer();
		for (const tab of [page, point]) {
			await phaseOf(tab, "live", 60_000);
			await tab.locator("[data-testid=connection-lost]").waitFor({ state: "detached" });
		}
		await waitFor("every rack live again", async () => (await page.locator('[data-testid^=rack-][data-state="value"]').count()) === 24, 60_000);
		await waitFor("a value of now", async () => /^[0-9] secs? ago/.test((await point.locator(".value-large .age").textContent()) ?? ""), 45_000, 100);
		await page.locator('[data-testid="agent-agent-1"][data-status="online"]').waitFor({ timeout: 45_000 });
	});

	test("a killed agent is offline, its points stale, and their silence an alarm", { timeout: 300_000 }, async () => {
		await demo.startServer();
		const [page, alarms] = [await demo.open(), await demo.open("/alarms")];
		await demo.agent?.stop("SIGKILL");
		await page.locator('[data-testid="agent-agent-1"][data-status="offline"]').waitFor({ timeout: 45_000 });
		await waitFor("every rack stale", async () => (await page.locator('[data-testid^=rack-][data-state="stale"]').count()) === 24, 60_000);
		await waitFor("every door stale", async () => (await page.locator('[data-testid^=door-][data-state="stale"]').count()) === 10, 45_000);
		const door = page.locator('[data-testid^=door-][data-state="stale"]').first();
		expect(await door.getAttribute("aria-label"), "said in words").toMatch(/stale, last \w+/);
		expect(await door.locator('[fill="url(#hatch)"]').count(), "shown by a sign, not by colour alone").toBe(1);
		await alarmRows(alarms, { rule: "agent-offline", point: "watchroom:agent-1", state: "unacknowledged" }).waitFor({ timeout: 60_000 });
		// What follows from it stands under it.
		await unfoldTo(alarms, ["smoke-no-data", "environment-no-data", "power-no-data"], "unacknowledged");
		await phaseOf(page, "live");
		expect(await page.locator("[data-testid=connection-lost]").count(), "the server is there").toBe(0);
		await screenshot(page, "agent-offline-dark-desktop");
		await demo.startAgent();
		await page.locator('[data-testid="agent-agent-1"][data-status="online"]').waitFor({ timeout: 45_000 });
		await waitFor("every rack live again", async () => (await page.locator('[data-testid^=rack-][data-state="value"]').count()) === 24, 60_000);
		await waitFor(
			"the alarms to return by themselves",
			async () => (await alarms.locator('[data-testid=alarm-row][data-rule$="no-data"][data-state="unacknowledged"]').count()) === 0,
			60_000,
		);
		await waitFor("every door as it is again", async () => (await page.locator('[data-testid^=door-][data-state="stale"]').count()) === 0, 45_000);
	});
});
