/** A visit as the desk sees it: asked for by one, approved by another, accepted by the escort, and the badge back in the end. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { localOf } from "../../dashboard/src/ui/site-time.ts";
import { accessibilityProblems, browserAvailable } from "../helpers/browser.ts";
import { type Demo, screenshot, startDemo, stopDemo } from "../helpers/dashboard.ts";

const HOUR = 3_600_000;
/** Of the demo site. */
const SITE_ZONE = "Asia/Shanghai";

let demo: Demo;
beforeAll(async () => {
	if (browserAvailable) demo = await startDemo();
}, 120_000);
afterEach(() => demo?.closeTabs());
afterAll(() => stopDemo(demo));

describe.skipIf(!browserAvailable)("on the dashboard", () => {
	test("a visit goes from the request to the badge handed back, each step by who may, and nobody approves their own", {
		timeout: 240_000,
	}, async () => {
		const manager = await demo.open("/visitors");
		await manager.locator("button", { hasText: "Badges" }).click();
		const pool = manager.locator("[data-testid=add-badge]");
		await pool.locator("input").nth(0).fill("V1");
		await pool.locator("input").nth(1).fill("88");
		await pool.locator("input").nth(2).fill("40001");
		expect(await accessibilityProblems(manager)).toEqual([]);
		await pool.locator("button[type=submit]").click();
		await manager.locator("[data-testid=pool-badge]").waitFor();
		await screenshot(manager, "visitors-badges");

		// Somebody who travels: the times of the form are the site's nevertheless.
		const lead = await demo.open("/visitors", { role: "shift-lead", timeZone: "America/Los_Angeles" });
		await lead.locator("button", { hasText: "Ask for a visit" }).click();
		const form = lead.locator("[data-testid=request-visit]");
		await form.locator("[name=visitor]").fill("Vera Visit");
		await form.locator("[name=purpose]").fill("battery check");
		await form.locator("[name=host]").selectOption("huang-lei");
		await form.locator("[name=escort]").selectOption("li-na");
		const begins = Math.floor(Date.now() / 60_000) * 60_000;
		await form.locator("input[type=datetime-local]").first().fill(localOf(begins, SITE_ZONE));
		expect(await accessibilityProblems(lead)).toEqual([]);
		await screenshot(lead, "visit-request");
		await form.locator("button[type=submit]").click();
		const visit = (state: string) => `[data-testid=visit][data-state=${state}]`;
		await lead.locator(visit("requested")).waitFor();
		const [asked] = await demo.items<{ from: string; until: string }>("/api/v1/visitors");
		expect(asked?.from).toBe(new Date(begins).toISOString());
		// What the form proposed by itself: the next full hour, and four hours.
		expect(Date.parse(asked?.until ?? "") % HOUR).toBe(0);
		expect(Date.parse(asked?.until ?? "") - begins).toBeLessThanOrEqual(5 * HOUR);
		await lead.locator("[data-testid=visit-approve]").click();
		await lead.locator("[role=alert]", { hasText: "Another person" }).waitFor();
		await lead.close();

		await manager.reload();
		await manager.locator("[data-testid=visit-approve]").click();
		await manager.locator(visit("approved")).waitFor();

		const desk = await demo.open("/visitors", { role: "security-guard", phone: true });
		await desk.locator("[data-testid=visit-check-in]").click();
		await desk.locator("[data-testid=check-in] input").fill("12AB");
		await screenshot(desk, "visitors-check-in-phone");
		await desk.locator("[data-testid=check-in] button[type=submit]").click();
		await desk.locator(visit("checked-in")).waitFor();

		const escort = await demo.open("/visitors", { role: "operator", phone: true });
		await escort.locator("[data-testid=visit-accept-escort]").click();
		await escort.locator(visit("escorted")).waitFor();
		await escort.close();

		await desk.locator("[data-testid=visit-badge]").click();
		await desk.locator("[data-testid=issue-badge] button[type=submit]").click();
		await desk.locator(visit("on-site")).waitFor();
		expect(await accessibilityProblems(desk)).toEqual([]);
		await desk.locator("[data-testid=visit-badge-returned]").click();
		await desk.locator("text=No visit").waitFor();

		await manager.reload();
		await manager.locator("button", { hasText: "Badges" }).click();
		await manager.getByRole("button", { name: "Remove badge V1" }).click();
		await manager.locator("[data-testid=remove-badge]").waitFor();
		expect(await accessibilityProblems(manager)).toEqual([]);
		await screenshot(manager, "visitors-remove-badge");
		await manager.locator("[data-testid=remove-badge]").getByRole("button", { name: "Remove" }).click();
		await manager.locator("text=There are no badges yet").waitFor();

		await manager.goto(`${demo.url}/visitors?show=closed`);
		await manager.locator(visit("closed")).getByRole("link").click();
		const acts = manager.locator("[data-testid=visit-act]");
		await acts.last().waitFor();
		expect(await acts.evaluateAll((all) => all.map((one) => one.getAttribute("data-act")))).toEqual([
			"request",
			"approve",
			"check-in",
			"accept-escort",
			"badge",
			"badge-returned",
		]);
		expect(await acts.first().textContent()).toContain("Demo shift lead");
		expect(await accessibilityProblems(manager)).toEqual([]);
		await screenshot(manager, "visit");
		await manager.goto(`${demo.url}/visitors?day=2020-01-01`);
		await manager.locator("text=No visit").waitFor();
		await manager.getByLabel("Day").fill("");
		await manager.getByLabel("Show").selectOption("closed");
		await manager.locator(visit("closed")).waitFor();
		expect(await accessibilityProblems(manager)).toEqual([]);
		await screenshot(manager, "visitors-filtered");
	});
});
