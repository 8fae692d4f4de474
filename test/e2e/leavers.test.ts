/** A leaver as the HR system's file and the access pages show them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "../helpers/accessible.ts";
import { accessibilityProblems, browserAvailable } from "../helpers/browser.ts";
import { type Demo, screenshot, startDemo, stopDemo } from "../helpers/dashboard.ts";

let demo: Demo;
beforeAll(async () => {
	if (browserAvailable) demo = await startDemo();
}, 120_000);
afterEach(() => demo?.closeTabs());
afterAll(() => stopDemo(demo));

const csv = (...rows: string[]) => ({
	name: "people.csv",
	mimeType: "text/csv",
	buffer: Buffer.from(["userName,name,active", ...rows, ""].join("\n")),
});

describe.skipIf(!browserAvailable)("on the dashboard", () => {
	test("a file of the HR system is shown before it is done, and the leaver's cards are taken back", { timeout: 120_000 }, async () => {
		const hr = await demo.open("/users/import", { role: "system-administrator" });
		const file = hr.locator("input[type=file]");
		const row = (fate: string) => hr.locator(`[data-testid=personnel-row][data-fate=${fate}]`);
		const act = hr.locator("button", { hasText: "Do it as shown" });
		await file.setInputFiles(csv("lea.ver,Lea Ver,true", "bad.row,,true"));
		await row("join").waitFor();
		await row("join").getByRole("rowheader", { name: "lea.ver" }).waitFor();
		await row("refused").locator("text=name: expected a text that is not empty").waitFor();
		const viewport = hr.viewportSize();
		expect((await act.boundingBox())?.y, "what is to be done next is on the first screen").toBeLessThan(viewport?.height ?? 0);
		expect(await accessibilityProblems(hr)).toEqual([]);
		await screenshot(hr, "personnel-import");
		await act.click();
		await hr.locator("[data-testid=personnel-counts][data-done=true]").waitFor();

		const manager = await demo.open("/access/leavers");
		await manager.locator("text=Nobody has left yet").waitFor();
		await manager.goto(`${demo.url}/access/holders?search=Lea`);
		await manager.locator("[data-testid=holder-row] a").first().click();
		await manager.locator("button", { hasText: "Issue a card" }).click();
		const card = manager.locator("form", { hasText: "Facility" });
		await card.locator("input").nth(0).fill("88");
		await card.locator("input").nth(1).fill("40077");
		await card.locator("button[type=submit]").click();
		await manager.locator("[data-testid=credential-row]").waitFor();

		await file.setInputFiles(csv("lea.ver,Lea Ver,false"));
		await row("leave").getByRole("rowheader", { name: "lea.ver" }).waitFor();
		await act.click();
		await hr.locator("[data-testid=personnel-counts][data-done=true]", { hasText: "1 left" }).waitFor();
		await hr.close();

		const desk = await demo.open("/access/leavers", { phone: true });
		const leaver = desk.locator("[data-testid=leaver-row]");
		await leaver.locator("text=cards to hand back: 1").waitFor();
		await leaver.locator("a").click();
		await desk.locator("[data-testid=leaver-card][data-state=outstanding]").waitFor();
		await expectAccessible(desk, "leaver phone");
		await desk.locator("[data-testid=leaver-card] button").click();
		await desk.locator("[data-testid=leaver-card][data-state=returned]").waitFor();
		await leaver.locator("text=nothing").waitFor();
	});

	test("who may not report leavers is told so", { timeout: 60_000 }, async () => {
		const page = await demo.open("/users/import", { role: "security-administrator" });
		await page.locator("[data-testid=forbidden][data-permission='personnel.provision']").waitFor();
		expect(await page.locator("input[type=file]").count()).toBe(0);
	});
});
