/** The closed loop as a facility manager sees it: taken away on the page, gone from the controller, denied at the door. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { accessibilityProblems, browserAvailable } from "../helpers/browser.ts";
import { type Demo, screenshot, startDemo, stopDemo } from "../helpers/dashboard.ts";
import { plainDevice } from "../helpers/plain-device.ts";
import { waitFor } from "../helpers/wait-for.ts";

let demo: Demo;
beforeAll(async () => {
	if (browserAvailable) demo = await startDemo();
}, 120_000);
afterEach(() => demo?.closeTabs());
afterAll(() => stopDemo(demo));

const swipe = async (said: RegExp) => {
	const child = demo.simulate("swipe", "--holder", "luo-yan", "--door", "hall-a-door");
	await child.says(said);
	await child.stop();
};

describe.skipIf(!browserAvailable)("on the dashboard", () => {
	test("a grant that is revoked on the page is confirmed by the controller, and the next swipe is denied", { timeout: 240_000 }, async () => {
		await waitFor(
			"every controller to hold its list",
			async () => (await demo.items<{ state: string }>("/api/v1/access/controllers")).every(({ state }) => state === "confirmed"),
			60_000,
		);
		await swipe(/granted/);
		const page = await demo.open("/access/holders/luo-yan");
		const grant = page.locator("[data-testid=grant-row][data-zone=halls][data-status=active]");
		await grant.locator("[data-testid=grant-revoke]").click();
		const dialog = page.locator("[data-testid=because]");
		await dialog.waitFor();
		expect(await accessibilityProblems(page)).toEqual([]);
		await dialog.locator("textarea").fill("has changed teams");
		await dialog.locator("button[type=submit]").click();
		await page.locator("[data-testid=grant-row][data-zone=halls][data-status=ended]").waitFor();
		await page.goto(`${demo.url}/access/controllers`);
		await page.locator("[data-testid=removal-row][data-confirmed=true]").first().waitFor({ timeout: 30_000 });
		await screenshot(page, "controllers-after-revocation");
		await swipe(/denied/);
		await page.goto(`${demo.url}/access`);
		await page.locator("[data-testid=finding-row][data-kind=revoked-badge-used]").first().waitFor({ timeout: 20_000 });
		await screenshot(page, "access-console");

		const finding = page.locator("[data-testid=finding-row][data-kind=revoked-badge-used]").first();
		expect(await finding.locator("[data-testid=finding-detail]").textContent()).toBe("A badge whose access was taken away was used: denied");
		await finding.locator("[data-testid=finding-alarm]").click();
		await page.locator("[data-testid=alarm-details]").waitFor();
		await page.locator("[data-testid=alarm-findings]").click();
		await page.locator("h1", { hasText: "hall A" }).waitFor();
		await page.locator("[data-testid=finding-row][data-kind=revoked-badge-used]").first().waitFor();
		await page.goto(`${demo.url}/access/holders/luo-yan`);
		await page.locator("[data-testid=finding-row][data-kind=revoked-badge-used]").first().waitFor();
		await page.getByLabel("Language").selectOption("zh");
		await page.locator("[data-testid=finding-detail]", { hasText: "使用了权限已被收回的卡：拒绝" }).first().waitFor();
	});

	test("somebody is registered and gets a card; a file is shown row by row before it is done", { timeout: 120_000 }, async () => {
		const page = await demo.open("/access/holders");
		await page.locator("button", { hasText: "Register somebody" }).click();
		const form = page.locator("[data-testid=add-holder]");
		await form.locator("input").first().fill("Nora New");
		expect(await accessibilityProblems(page)).toEqual([]);
		await form.locator("button[type=submit]").click();
		await page.locator("h1", { hasText: "Nora New" }).waitFor();
		await page.locator("button", { hasText: "Issue a card" }).click();
		const card = page.locator("[data-testid=issue-card]");
		await card.locator("input").nth(0).fill("87");
		await card.locator("input").nth(1).fill("31337");
		await card.locator("button[type=submit]").click();
		await page.locator("[data-testid=credential-row]", { hasText: "H10301 87-31337" }).waitFor();

		await page.locator("button", { hasText: "Change" }).first().click();
		const edit = page.locator("[data-testid=edit-holder]");
		await edit.locator("input").nth(2).fill("engineer");
		expect(await accessibilityProblems(page)).toEqual([]);
		await edit.locator("button[type=submit]").click();
		await page.locator("dd", { hasText: "engineer" }).waitFor();

		await page.goto(`${demo.url}/access/import`);
		const file = (text: string) => ({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
		await page.locator("input[type=file]").setInputFiles(file("id,name,kind\nbad id!,X,employee\n"));
		await page.locator("[data-testid=import-row][data-fate=refused]").waitFor();
		await page.locator("input[type=file]").setInputFiles(file("id,name,kind\nola,Ola Nord,employee\n"));
		await page.locator("[data-testid=import-row][data-fate=create]").waitFor();
		expect((await demo.ask("/api/v1/access/holders/ola")).status).toBe(404);
		await page.locator("button", { hasText: "Do it as shown" }).click();
		await waitFor("the person to be there", async () => (await demo.ask("/api/v1/access/holders/ola")).status === 200);
	});

	test("a controller that has lost its list shows, entry by entry, what was missing, and when it was repaired", { timeout: 120_000 }, async () => {
		const lost = demo.simulate("controller-lost-its-list", "--at", "0", "--duration", "30");
		await lost.says(/It begins/);
		const id = (await demo.items<{ controller: string }>("/api/v1/access/doors"))[0]?.controller;
		const page = await demo.open("/access/controllers");
		await page.locator(`[data-testid=controller-row][data-controller="${id}"] a`).first().click();
		await page.locator("[data-testid=controller-facts]").waitFor();
		await waitFor(
			"the drift to be found",
			async () => {
				await demo.post(`/api/v1/access/controllers/${id}/check`, {});
				return (await demo.get<{ drift: unknown }>(`/api/v1/access/controllers/${id}`)).drift !== null;
			},
			60_000,
		);
		await lost.stop();
		const rows = page.locator("[data-testid=drift-row][data-kind=missing]");
		await rows.first().waitFor({ timeout: 20_000 });
		expect(await rows.first().textContent()).toContain("no entry");
		await page.getByRole("button", { name: "Repair" }).click();
		await page.locator("[data-testid=controller-facts][data-state=confirmed]").waitFor({ timeout: 30_000 });
		await page.getByText("repaired", { exact: false }).first().waitFor();
		const count = (name: string) => page.locator(`[data-testid=entries-${name}]`).textContent();
		await waitFor("as many entries as there should be", async () => (await count("held")) === (await count("wanted")));
		expect(await accessibilityProblems(page)).toEqual([]);
		await screenshot(page, "controller-after-drift", true);
	});

	test("the plan of the doors says how each stands and who passed last; Enter leads to its page", { timeout: 120_000 }, async () => {
		const page = await demo.open("/access");
		const map = page.locator("[data-testid=door-map]");
		const door = map.locator("[data-testid=door-hall-a-door]");
		await waitFor("its state", async () => (await door.getAttribute("data-state")) !== "unknown");
		expect(await map.locator("[data-testid^=rack-], [data-testid^=device-]").count(), "nothing but doors").toBe(0);
		await door.focus();
		const details = map.locator("[data-testid=door-details]");
		await swipe(/granted|denied/);
		// On an ordinary day somebody else may pass right behind.
		await waitFor(
			"the name of who passed last",
			async () => {
				const [last] = await demo.items<{ holder: { name: string } | null }>("/api/v1/access/events?door=hall-a-door&limit=500");
				return last?.holder && (await details.textContent())?.includes(last.holder.name);
			},
			30_000,
			200,
		);
		await screenshot(page, "door-map");
		await page.keyboard.press("Enter");
		await page.locator("[data-testid=permitted-row]").first().waitFor();
		expect(new URL(page.url()).pathname).toBe("/access/doors/hall-a-door");
	});

	test("how many are in each zone stands on the console; the list for print says of which site, when and by whom", { timeout: 120_000 }, async () => {
		const page = await demo.open("/access");
		const counts = page.locator("[data-testid=occupancy-row]");
		const zones = (await demo.items("/api/v1/access/zones")).length;
		await waitFor("a row for each zone", async () => (await counts.count()) === zones);
		await page.getByRole("link", { name: "Names" }).click();
		await page.locator("[data-testid=muster-zone]").first().waitFor();
		const printed = page.locator("[data-testid=muster-printed]");
		expect(await printed.isVisible()).toBe(false);
		await page.emulateMedia({ media: "print" });
		expect(await printed.textContent()).toMatch(/Watchroom Demo Datacenter.*\d{4}, .*GMT\+8.*Demo facility manager/);
		expect(await page.locator(".nav").isVisible()).toBe(false);
		expect(await page.getByRole("button", { name: "Print" }).isVisible()).toBe(false);
		await screenshot(page, "muster-print");
	});

	test("who may have left by an exit button stays on the list for an emergency, marked", { timeout: 120_000 }, async () => {
		const swiped = demo.simulate("swipe", "--holder", "beatriz-souza", "--door", "power-door");
		await swiped.says(/granted/);
		await swiped.stop();
		const page = await demo.open("/access/muster", { phone: true });
		const person = page.locator("[data-testid=muster-zone][data-zone=power] [data-testid=muster-person]", { hasText: "Beatriz Souza" });
		await person.waitFor({ timeout: 20_000 });
		const controller = await plainDevice(demo.devicePort, "controller-3");
		const button = { door: "power-door", direction: "out", method: "exit-button", result: "granted", reason: "granted" };
		await controller.say("access", { ts: Date.now(), seq: 900_000, card: null, fingerprint: null, ...button });
		await person.locator("[data-testid=muster-exit]").waitFor({ timeout: 20_000 });
		expect(await person.textContent()).toMatch(/Not seen to leave.*button of Power room/);
		expect(await accessibilityProblems(page)).toEqual([]);
		await screenshot(page, "muster-exit-phone");
		await controller.stop();
		const wide = await demo.open("/access/muster");
		await wide.locator("[data-testid=muster-exit]").first().waitFor();
		await screenshot(wide, "muster-exit");
	});

	test("what a role may not do is not offered: an operator sees people and grants, and changes none", { timeout: 120_000 }, async () => {
		const page = await demo.open("/access/holders/li-na", { role: "operator" });
		await page.locator("[data-testid=grant-row]").first().waitFor();
		expect(await page.locator("[data-testid=grant-revoke]").count()).toBe(0);
		await page.goto(`${demo.url}/access/muster`);
		await page.locator("[data-testid=muster-zone]").first().waitFor();
	});
});
