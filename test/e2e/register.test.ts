/** The access register as who keeps it works with it: grants with their hours, fingerprints by reference, lists that can be searched. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { accessibilityProblems, browserAvailable } from "../helpers/browser.ts";
import { type Demo, screenshot, startDemo, stopDemo } from "../helpers/dashboard.ts";

let demo: Demo;
beforeAll(async () => {
	if (browserAvailable) demo = await startDemo();
}, 120_000);
afterEach(() => demo?.closeTabs());
afterAll(() => stopDemo(demo));

interface Grant {
	holder: { id: string } | null;
	post: string | null;
	zone: string;
	until: string | null;
	schedule: unknown;
}

describe.skipIf(!browserAvailable)("on the dashboard", () => {
	test("access is given to a post with an end and hours past midnight, by keyboard alone", { timeout: 180_000 }, async () => {
		const page = await demo.open("/access/grants?show=active");
		await page.locator("[data-testid=grant-row]").first().waitFor();
		await page.locator("button", { hasText: "Give access" }).focus();
		await page.keyboard.press("Enter");
		const form = page.locator("[data-testid=give-grant]");
		const type = async (name: string, text: string) => {
			await form.locator(`[name=${name}]`).focus();
			await page.keyboard.type(text);
		};
		await form.locator("[name=to]").first().focus();
		await page.keyboard.press("ArrowRight");
		await type("post", "night watch");
		await type("zone", "Data");
		await form.locator("[name=until]").fill("2097-01-31T18:00");
		const hours = form.locator("[data-testid=weekly-hours]");
		await hours.locator("input[type=checkbox]").first().focus();
		await page.keyboard.press("Space");
		for (const day of ["Mon", "Tue", "Wed", "Thu"]) {
			await hours.getByLabel(day, { exact: true }).focus();
			await page.keyboard.press("Space");
		}
		await hours.locator("input[type=time]").nth(0).fill("22:00");
		await hours.locator("input[type=time]").nth(1).fill("06:00");
		await hours.locator("text=Ends on the day after").waitFor();
		await type("sponsor", "Anna");
		await type("reason", "nightly rounds");
		expect(await accessibilityProblems(page)).toEqual([]);
		await screenshot(page, "give-grant-desktop");
		await form.locator("button[type=submit]").focus();
		await page.keyboard.press("Enter");
		await form.waitFor({ state: "detached" });
		const row = page.locator("[data-testid=grant-row]", { hasText: "everybody who is night watch" });
		await row.waitFor();
		expect(await row.locator("[data-testid=grant-period]").textContent()).toMatch(/31 Jan 2097, 18:00.*Fri 22:00–24:00.*Sat 00:00–06:00/);
		const given = (await demo.items<Grant>("/api/v1/access/grants?post=night%20watch"))[0];
		expect(given).toMatchObject({
			holder: null,
			until: "2097-01-31T10:00:00.000Z",
			schedule: [
				{ days: ["fri"], from: "22:00", to: "24:00" },
				{ days: ["sat"], from: "00:00", to: "06:00" },
			],
		});
	});

	test("what the server refuses of a grant stands at its field", { timeout: 120_000 }, async () => {
		const page = await demo.open("/access/holders/li-na", { phone: true });
		await page.locator("button", { hasText: "Give access" }).click();
		const form = page.locator("[data-testid=give-grant]");
		await form.locator("[name=zone]").selectOption({ index: 1 });
		await form.locator("[name=from]").fill("2097-02-01T08:00");
		await form.locator("[name=until]").evaluate((input) => input.removeAttribute("min"));
		await form.locator("[name=until]").fill("2097-01-01T08:00");
		await form.locator("[name=sponsor]").selectOption({ index: 1 });
		await form.locator("[name=reason]").fill("works there");
		await form.locator("button[type=submit]").click();
		await form.locator("text=expected a time to come, after its beginning").waitFor();
		expect(await form.locator("[name=until]").getAttribute("aria-invalid")).toBe("true");
		expect(await accessibilityProblems(page)).toEqual([]);
		await screenshot(page, "give-grant-phone", true);
		expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
	});

	test("a fingerprint is enrolled by its reference, reported lost and found among all cards and fingerprints", { timeout: 180_000 }, async () => {
		const page = await demo.open("/access/holders/omar-haddad", { phone: true });
		await page.locator("button", { hasText: "Enrol a fingerprint" }).click();
		const form = page.locator("[data-testid=issue-fingerprint]");
		const reference = form.locator("[name=fingerprint]");
		await reference.fill("a template?");
		await form.locator("button[type=submit]").click();
		await form.locator("text=expected 1 to 64 of A-Z a-z 0-9 . _ : -").waitFor();
		expect(await accessibilityProblems(page)).toEqual([]);
		await screenshot(page, "enrol-phone");
		await reference.fill("fp-omar-haddad");
		await form.locator("[name=until]").fill("2097-06-30T18:00");
		await form.locator("button[type=submit]").click();
		const row = page.locator("[data-testid=credential-row][data-type=fingerprint]");
		await row.locator("text=fp-omar-haddad").waitFor();
		await row.locator("button", { hasText: "Change state" }).click();
		const because = page.locator("[data-testid=because]");
		await because.locator("select").selectOption("suspended");
		await because.locator("textarea").fill("the reader misreads it");
		await because.locator("button[type=submit]").click();
		await page.locator("[data-testid=credential-row][data-type=fingerprint][data-state=suspended]").waitFor();
		await screenshot(page, "holder-phone", true);

		await page.goto(`${demo.url}/access/credentials?state=suspended`);
		await page.locator("[data-testid=credential-row]", { hasText: "Omar Haddad" }).waitFor();
		expect(await page.locator("[data-testid=credential-row]").count()).toBe(1);
		await screenshot(page, "credentials-phone");
	});

	test("a card is found by its number by who may see it, and nobody else is offered the search", { timeout: 120_000 }, async () => {
		const page = await demo.open("/access/credentials");
		await page.getByRole("searchbox", { name: "Search a card's number" }).fill("20085");
		await page.locator("[data-testid=credential-row]", { hasText: "H10301 87-20085" }).waitFor();
		await page.waitForURL(/number=20085/);
		await page.locator("[data-testid=credential-row]").nth(1).waitFor({ state: "detached" });
		await screenshot(page, "credentials-desktop");
		const operator = await demo.open("/access/credentials", { role: "operator" });
		await operator.locator("[data-testid=credential-row]", { hasText: "***" }).first().waitFor();
		expect(await operator.getByRole("searchbox").count()).toBe(0);
	});

	test("people are filtered by post, status and the zone that they may enter; an empty list says which filter hides them", {
		timeout: 120_000,
	}, async () => {
		const page = await demo.open("/access/holders");
		await page.getByLabel("Who may enter").selectOption({ label: "May enter: Media store" });
		await page.locator("[data-testid=holder-row][data-holder=liu-yang]").waitFor();
		await page.locator("[data-testid=holder-row][data-holder=li-na]").waitFor({ state: "detached" });
		await page.getByLabel("Post", { exact: true }).selectOption("office");
		const hiding = page.locator("[data-testid=hiding]");
		await hiding.locator("button", { hasText: "without “office”" }).waitFor();
		await screenshot(page, "holders-hidden-desktop");
		await page.reload();
		await hiding.locator("button", { hasText: "without “May enter: Media store”: 16" }).click();
		await page.locator("[data-testid=holder-row][data-holder=sofia-rossi]").waitFor();
		expect(new URL(page.url()).search).toBe("?post=office");
	});
});
