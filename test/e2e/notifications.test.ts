/** Who is called on the dashboard, and the proof that a test alarm has reached its receivers (ALM-7, ALM-10). */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { accessibilityProblems, browserAvailable } from "../helpers/browser.ts";
import { type Demo, screenshot, startDemo, stopDemo } from "../helpers/dashboard.ts";

let demo: Demo;
beforeAll(async () => {
	if (browserAvailable) demo = await startDemo();
}, 120_000);
afterEach(() => demo?.closeTabs());
afterAll(() => stopDemo(demo));

describe.skipIf(!browserAvailable)("on the dashboard", () => {
	test("a test alarm calls the people on duty on every page, and each confirms by a link that opens first", { timeout: 180_000 }, async () => {
		const lead = await demo.open("/notifications", { role: "shift-lead" });
		await lead.locator("[data-testid=channel][data-channel=dashboard]").waitFor();
		expect(await lead.locator("[data-testid=silence]").count()).toBe(0);
		const manager = await demo.open("/points", { role: "facility-manager" });
		await lead.getByRole("button", { name: "Send a test alarm now" }).click();
		const call = lead.locator("[data-testid=call]").first();
		await call.waitFor({ timeout: 30_000 });
		expect(await accessibilityProblems(lead)).toEqual([]);
		await screenshot(lead, "notifications-called");
		await manager.locator("[data-testid=call]").first().waitFor();
		const [proof] = await Promise.all([
			lead.context().waitForEvent("page"),
			call.getByRole("link", { name: "Confirm that it has reached you" }).click(),
		]);
		await proof.getByRole("button").click();
		await proof.locator("text=it is recorded that the test alarm reached you").waitFor();
		await screenshot(proof, "notifications-proof");
		await proof.close();
		await lead.locator("[data-testid=test-alarm] time").nth(1).waitFor({ timeout: 20_000 });
		await call.getByRole("button", { name: /^Close/ }).click();
		await call.waitFor({ state: "detached" });
		await lead.locator("[data-testid=delivery][data-channel=dashboard][data-state=delivered]").first().waitFor({ timeout: 20_000 });
	});
});
