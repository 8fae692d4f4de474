/** The duty roster on the dashboard: who is called, a duty given away by two, a note taken over, an absence that leaves a gap (ALM-8). */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { RosterView } from "../../contracts/roster.ts";
import { accessibilityProblems, browserAvailable } from "../helpers/browser.ts";
import { type Demo, screenshot, startDemo, stopDemo } from "../helpers/dashboard.ts";
import { waitFor } from "../helpers/wait-for.ts";

let demo: Demo;
beforeAll(async () => {
	if (browserAvailable) demo = await startDemo();
}, 120_000);
afterEach(() => demo?.closeTabs());
afterAll(() => stopDemo(demo));

const roster = async (): Promise<RosterView> => await (await demo.ask("/api/v1/roster")).json();

describe.skipIf(!browserAvailable)("the duty roster on the dashboard", () => {
	test("every place of the chain has somebody, and a duty goes to somebody else once they accept", { timeout: 120_000 }, async () => {
		const lead = await demo.open("/roster", { role: "operator" });
		await lead.locator("[data-testid=on-duty]").nth(2).waitFor();
		expect(await lead.locator("[data-testid=on-duty] .is-abnormal").count()).toBe(0);
		const own = lead.locator("[data-testid=duty][data-person=operator]").nth(3);
		await own.click();
		const form = lead.locator("[data-testid=duty-form]");
		await form.locator("select").selectOption("security-guard");
		expect(await accessibilityProblems(lead)).toEqual([]);
		await form.getByRole("button", { name: "Ask" }).click();
		await form.waitFor({ state: "detached" });
		await lead.locator("[data-testid=swap][data-state=proposed]").waitFor();
		const guard = await demo.open("/roster", { role: "security-guard" });
		await guard.locator("[data-testid=swap]").getByRole("button", { name: "Accept" }).click();
		await guard.locator("[data-testid=swap][data-state=accepted]").waitFor();
		await guard.locator("[data-testid=duty-day] .tag").first().waitFor();
	});

	test("a hand-over note keeps the open alarms, and somebody else takes over", { timeout: 120_000 }, async () => {
		const page = await demo.open("/roster", { role: "operator" });
		await page.locator("[data-testid=hand-over-form] textarea").fill("CRAC A1 is being repaired until noon.");
		await page.getByRole("button", { name: "Hand over" }).click();
		await page.locator("[data-testid=hand-over][data-taken=false]").waitFor();
		const other = await demo.open("/roster", { role: "shift-lead" });
		await other.getByRole("button", { name: "I have taken over" }).click();
		await other.locator("[data-testid=hand-over][data-taken=true]").waitFor();
		await screenshot(other, "roster-handed-over");
	});

	test("an absence leaves a gap that is said; taken back, it closes", { timeout: 120_000 }, async () => {
		const page = await demo.open("/roster", { role: "shift-lead" });
		await page.getByRole("button", { name: "Add an absence" }).click();
		const form = page.locator("[data-testid=absence-form]");
		await form.getByRole("button", { name: "Add an absence" }).click();
		await form.waitFor({ state: "detached" });
		await page.locator("[data-testid=roster-gap]").first().waitFor();
		await screenshot(page, "roster-gap");
		await page.locator("[data-testid=absence]").getByRole("button", { name: "Take back" }).click();
		await page.locator("[data-testid=roster-gap]").first().waitFor({ state: "detached" });
		expect((await roster()).gaps).toEqual([]);
	});

	test("whoever plans adds a shift to the plan", { timeout: 120_000 }, async () => {
		const page = await demo.open("/roster", { role: "shift-lead" });
		await page.getByRole("button", { name: "Change the plan" }).click();
		const form = page.locator("[data-testid=plan-form]");
		await form.getByRole("button", { name: "Add a shift" }).click();
		expect(await accessibilityProblems(page)).toEqual([]);
		await screenshot(page, "roster-plan");
		await form.getByLabel("Name").last().fill("Holidays");
		await form.getByRole("button", { name: "Save" }).click();
		await form.waitFor({ state: "detached" });
		await waitFor("the shift in the plan", async () => (await roster()).plan.shifts.some(({ name }) => name === "Holidays"));
	});
});
