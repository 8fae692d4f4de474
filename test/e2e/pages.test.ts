/** The demo site on the dashboard, in its normal state: every page, in both themes, on a desk and on a phone. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "../helpers/accessible.ts";
import { accessibilityProblems, browserAvailable } from "../helpers/browser.ts";
import { type Demo, goWithin, screenshot, startDemo, stopDemo } from "../helpers/dashboard.ts";
import { waitFor } from "../helpers/wait-for.ts";

const PAGES: [name: string, path: string, shows: string][] = [
	["overview", "/", "[data-testid^=rack-]"],
	["place", "/?at=rack:A03", "[data-testid=rack-feeds]"],
	["alarms", "/alarms", "text=No open alarms"],
	["alarm quality", "/alarms/quality", "[data-testid=quality-figure]"],
	["rules", "/rules", "[data-testid=rule-row]"],
	["rule", "/rules/ashrae-recommended-high", "[data-testid=rule-version]"],
	["rule form", "/rules/ashrae-recommended-high/change?because=chattering,fleeting", "[data-testid=rule-suggestions]"],
	["new rule", "/rules?add=yes", "[data-testid=rule-form]"],
	["unknown rule", "/rules/none", "text=Not found"],
	["roster", "/roster", "[data-testid=duty-day]"],
	["notifications", "/notifications", "[data-testid=channel]"],
	["points", "/points", "[data-testid=point-value]"],
	["point", "/points/A03-climate:inlet", ".uplot canvas"],
	["access", "/access", "[data-testid=access-row]"],
	["holders", "/access/holders", "[data-testid=holder-row]"],
	["credentials", "/access/credentials", "[data-testid=credential-row]"],
	["nobody found", "/access/holders?post=engineer&status=left", "[data-testid=hiding]"],
	["holder", "/access/holders/li-na", "[data-testid=credential-row]"],
	["grants", "/access/grants?show=active", "[data-testid=grant-row]"],
	["controllers", "/access/controllers", "[data-testid=controller-row]"],
	["controller", "/access/controllers/controller-2", "[data-testid=controller-facts]"],
	["unknown controller", "/access/controllers/none", "text=Not found"],
	["door", "/access/doors/hall-a-door", "[data-testid=permitted-row]"],
	["import", "/access/import", "text=CSV file"],
	["muster", "/access/muster", "[data-testid=muster-zone]"],
	["leavers", "/access/leavers", "text=Nobody has left yet"],
	["visitors", "/visitors", "text=No visit"],
	["media", "/media", "text=There is no work order yet"],
	["media incidents", "/media/incidents", "text=No incident is open"],
	["media machines", "/media/equipment", "text=No machine is registered"],
	["media stores", "/media/stores", "text=There is no store yet"],
	["media policy", "/media/policy", "[data-testid=policy]"],
	["devices", "/devices", "[data-testid=device-row]"],
	["device", "/devices/crac-a1", "[data-testid=quarantine]"],
	["agent", "/devices/agents/agent-1", "[data-testid=quarantine]"],
	["unknown page", "/no/such/page", "text=This page does not exist"],
];

let demo: Demo;
beforeAll(async () => {
	if (browserAvailable) demo = await startDemo();
}, 120_000);
afterEach(() => demo?.closeTabs());
afterAll(() => stopDemo(demo));

describe.skipIf(!browserAvailable)("the demo site", () => {
	test("the overview shows all rooms, racks and doors, a live link, and that nothing wants attention", { timeout: 120_000 }, async () => {
		const page = await demo.open();
		await page.locator("text=No open alarms").waitFor();
		await page.locator("[data-testid^=rack-]").first().waitFor();
		expect(await page.locator("[data-testid^=rack-]").count()).toBe(24);
		expect(await page.locator("[data-testid^=door-]").count()).toBe(10);
		expect(await page.locator("[data-testid^=room-]").count()).toBeGreaterThanOrEqual(6);
		await waitFor("every rack's value", async () => (await page.locator('[data-testid^=rack-][data-state="value"]').count()) === 24);
		await waitFor("every door's state", async () => (await page.locator('[data-testid^=door-][data-state="unknown"]').count()) === 0);
		await page.locator('[data-testid="agent-agent-1"][data-status="online"]').waitFor();
		expect(await page.locator("[data-testid=connection-lost]").count()).toBe(0);
	});

	test("a rack's panel says what its feeds carry, and what if one fails; its details tell two powers apart", { timeout: 120_000 }, async () => {
		const page = await demo.open("/?at=rack:A03");
		const feed = page.locator("[data-testid=feed-A]");
		await feed.waitFor();
		await expect.poll(() => feed.textContent(), { timeout: 20_000 }).toMatch(/feed A [\d,]+\sW \d+\s% of 7,000\sW.*if A fails: B carries \d+\s%/);
		expect(await page.locator(".plan-details").textContent()).toMatch(/Power feed A.*Power feed B/);
		await page.goto(`${demo.url}/?at=room:hall-a`);
		await page.locator("[data-testid=place-panel]").waitFor();
		expect(await page.locator("[data-testid=rack-feeds]").count()).toBe(0);
	});

	test("a change is on the page by itself", { timeout: 120_000 }, async () => {
		const page = await demo.open("/points/feed-a:power");
		const value = page.locator("[data-testid=point-value]").first();
		await value.waitFor();
		const before = await value.textContent();
		await waitFor("another value", async () => (await value.textContent()) !== before, 30_000);
		await page.locator("[data-testid=point-value][data-quality=good]").first().waitFor();
	});

	test("keys lead from page to page", { timeout: 120_000 }, async () => {
		const page = await demo.open();
		for (const [key, title] of [
			["a", "Alarms"],
			["p", "Points"],
			["c", "Access"],
			["d", "Devices"],
		] as const) {
			await page.keyboard.press("g");
			await page.keyboard.press(key);
			await page.locator(`h1:has-text("${title}")`).waitFor();
		}
	});

	test("on a phone a button opens the pages by group; a choice or Esc closes them", { timeout: 120_000 }, async () => {
		const page = await demo.open("/", { phone: true });
		const menu = page.locator("[data-testid=menu]");
		const navigation = page.getByRole("navigation", { name: "Main" });
		expect(await navigation.isVisible()).toBe(false);
		await menu.click();
		await navigation.getByRole("list", { name: "Access" }).waitFor();
		expect(await accessibilityProblems(page)).toEqual([]);
		await screenshot(page, "menu-phone");
		await page.keyboard.press("Escape");
		await navigation.waitFor({ state: "hidden" });
		await expect
			.poll(() => menu.evaluate((element) => element === document.activeElement), { message: "the focus is back", timeout: 10_000 })
			.toBe(true);
		await menu.click();
		await navigation.getByRole("link", { name: "Who is inside" }).click();
		await page.locator("[data-testid=muster-zone]").first().waitFor();
		await navigation.waitFor({ state: "hidden" });
	});

	for (const device of ["desktop", "phone"] as const)
		test(`axe finds nothing on any page in either theme, and no page scrolls sideways (${device})`, { timeout: 600_000 }, async () => {
			const page = await demo.open("/", { phone: device === "phone" });
			const errors: string[] = [];
			page.on("pageerror", (error) => errors.push(error.message));
			for (const [name, path, shows] of PAGES) {
				await goWithin(page, path, shows);
				await expectAccessible(page, `${name} ${device}`);
			}
			expect(errors).toEqual([]);
		});
});
