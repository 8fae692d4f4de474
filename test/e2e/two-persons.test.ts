/** What takes a second person or a new proof of identity, done by people at browsers of their own; and every dialog on the way, by axe. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Role } from "../../contracts/permissions.ts";
import { browserAvailable, startBrowser, type TestBrowser } from "../helpers/browser.ts";
import { lookAt as look, type PeopleAtBrowsers, peopleAtBrowsers } from "../helpers/people-at-browsers.ts";
import { type TestDatabase, testDatabase } from "../helpers/postgres.ts";
import { type System, system } from "../helpers/system.ts";
import { waitFor } from "../helpers/wait-for.ts";

const DAY_MS = 86_400_000;

let store: TestDatabase;
let running: System;
let browser: TestBrowser;
let startedAt: number;
let people: PeopleAtBrowsers;

const at: PeopleAtBrowsers["at"] = (role, address) => people.at(role, address);
const confirm: PeopleAtBrowsers["confirm"] = (page, role) => people.confirm(page, role);
const approve = (role: Role) => people.approve(role);
const letProofsLapse = () => people.letProofsLapse();

/** Opens a dialog, looks at it, and closes it with Escape, which gives the focus back. */
async function lookAtDialog(page: Page, name: string, opener: string, dialogName: string | RegExp = /./): Promise<void> {
	const button = page.getByRole("button", { name: opener }).first();
	await button.click();
	const dialog = page.getByRole("dialog", { name: dialogName });
	await dialog.waitFor();
	await look(page, name);
	await page.keyboard.press("Escape");
	await dialog.waitFor({ state: "detached" });
	await expect
		.poll(() => button.evaluate((element) => element === document.activeElement), { message: `${name}: the focus is back`, timeout: 10_000 })
		.toBe(true);
}

beforeAll(async () => {
	if (!browserAvailable) return;
	if (!existsSync("dashboard/dist/index.html"))
		throw new Error("The dashboard is not built: node_modules/.bin/vite build dashboard (npm test does it)");
	store = await testDatabase();
	running = await system({ env: { DATABASE_URL: store.url } });
	browser = await startBrowser();
	await running.startServer();
	people = peopleAtBrowsers(running, browser, store);
	startedAt = Date.now();
}, 120_000);
afterAll(async () => {
	await browser?.stop();
	await running?.stop();
});

describe.skipIf(!browserAvailable)("on the dashboard", () => {
	test("an auditor signs the review of a month, after a new proof of identity, and the ledger has it", { timeout: 120_000 }, async () => {
		// As the server makes it by itself once a month with lines is over.
		const [from, to] = ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"];
		await store.database.statement(
			`INSERT INTO audit_reviews (id, from_at, to_at, due_at) VALUES ('2026-01', '${from}', '${to}', now() + interval '5 days')`,
		);
		const page = await at("auditor", "/audit?tab=reviews");
		await page.getByRole("button", { name: "Sign" }).waitFor();
		await look(page, "reviews");
		await lookAtDialog(page, "sign", "Sign", "Sign 2026-01");
		await letProofsLapse();
		await page.getByRole("button", { name: "Sign" }).click();
		const dialog = page.getByRole("dialog", { name: "Sign 2026-01" });
		await dialog.getByLabel("Remarks").fill("nothing unusual");
		await dialog.getByRole("button", { name: "Sign" }).click();
		await confirm(page, "auditor");
		await page.getByRole("cell", { name: "signed", exact: true }).waitFor();
		expect(await page.getByRole("button", { name: "Sign" }).count(), "once").toBe(0);
		await page.getByRole("link", { name: /^Ledger entry/ }).click();
		await page.locator("[data-testid=inclusion][data-result=good]").waitFor();
		expect(await page.locator("main").textContent()).toContain("audit.reviewed");
	});

	test("an export of the audit log is proposed, approved by somebody else, and downloaded as it was sealed", { timeout: 180_000 }, async () => {
		const day = (offset: number) => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
		const proposer = await at("audit-administrator", "/audit?tab=exports");
		await proposer.getByLabel("From").fill(day(-1));
		await proposer.getByLabel("To").fill(day(0));
		await proposer.getByLabel("Reason").fill("the yearly inspection asks for it");
		// Today is exported until some seconds ago.
		await waitFor("lines that are old enough", () => Date.now() > startedAt + 6000);
		await proposer.getByRole("button", { name: "Propose an export" }).click();
		await proposer.locator("text=Another person decides").waitFor();
		await look(proposer, "export-proposed");
		expect(await proposer.getByRole("link", { name: "Download" }).count(), "not by one person").toBe(0);
		await approve("auditor");

		await proposer.reload();
		const download = proposer.getByRole("link", { name: "Download" });
		await download.waitFor();
		await look(proposer, "exports");
		const [file] = await Promise.all([proposer.waitForEvent("download"), download.click()]);
		const bytes = await readFile(await file.path());
		const row = proposer.locator("section[aria-label=Exports] tbody tr");
		expect(createHash("sha256").update(bytes).digest("hex")).toBe((await row.locator("td.secret").textContent())?.trim());
		const lines = bytes.toString().trimEnd().split("\n");
		expect(String(lines.length)).toBe(await row.locator("td.number").textContent());
		expect(lines.length).toBeGreaterThan(0);
		for (const line of lines) expect(JSON.parse(line)).toHaveProperty("operation");
	});

	test("the access of an administrator is reset by one person after another has approved it, once", { timeout: 240_000 }, async () => {
		const administrator = await at("system-administrator", "/users");
		await administrator.locator('[data-testid=user-row][data-user="audit-administrator"] a').click();
		await administrator.getByRole("button", { name: "Reset access" }).click();
		await administrator.locator("text=The account may do what you may not").waitFor();
		await administrator.getByRole("button", { name: "Propose to reset the account" }).click();
		const proposal = administrator.locator("[data-testid=propose-reset]");
		await look(administrator, "propose-reset");
		await proposal.getByLabel("Reason").fill("has lost the telephone with the app");
		await proposal.getByRole("button", { name: "Propose", exact: true }).click();
		await administrator.locator("text=Once another person has approved it").waitFor();
		await look(administrator, "reset-proposed");
		const approver = await approve("facility-manager");
		expect(await approver.locator("[data-testid=change-details]").textContent()).toContain("audit-administrator");

		const reset = administrator.getByRole("button", { name: "Reset access" });
		await reset.click();
		await confirm(administrator, "system-administrator");
		const link = (await administrator.locator("[data-testid=set-up-address]").textContent())?.trim() ?? "";
		await look(administrator, "reset-link");
		await administrator.reload();
		await reset.click();
		await administrator.locator("text=The account may do what you may not").waitFor();

		// Whoever was signed in isn't any more; whoever has the link begins anew, second factor included.
		const old = people.tab("audit-administrator");
		await old?.locator("[data-testid=log-in]").waitFor();
		const anew = await browser.page();
		await anew.goto(link);
		await anew.locator("[data-testid=set-up]").waitFor();
		await look(anew, "set-up");
		await anew.getByLabel("New password").fill("four tidy racks by the window");
		await anew.getByRole("button", { name: "Go on" }).click();
		await anew.locator("[data-testid=secret]").waitFor();
		await look(anew, "first-second-factor");
		await anew.locator("[data-testid=second-factor]").getByRole("textbox", { name: "Code" }).fill("000000");
		await anew.getByRole("button", { name: "Turn on" }).click();
		await anew.locator("[data-testid=second-factor] [role=alert]").waitFor();
		await look(anew, "wrong-code");
		await anew.goto(link);
		await anew.locator("[role=alert]").waitFor();
		await look(anew, "set-up-used");
	});

	test("axe finds nothing on any dialog of people and evidence in either theme", { timeout: 240_000 }, async () => {
		let page = await at("system-administrator", "/users");
		await lookAtDialog(page, "create-account", "Create account");
		page = await at("system-administrator", "/account");
		await lookAtDialog(page, "password", "Change password");
		await lookAtDialog(page, "second-factor", "Set up second factor");
		await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
		await page.getByRole("dialog").waitFor();
		await look(page, "shortcuts");
		await page.keyboard.press("Escape");
		await letProofsLapse();
		await page.getByLabel("What it is for").fill("wall display");
		await page.getByRole("button", { name: "Create token" }).click();
		await confirm(page, "system-administrator");
		await page.locator("[data-testid=new-token]").waitFor();
		await look(page, "token");
		page = await at("security-administrator", "/users");
		await page.locator('[data-testid=user-row][data-user="operator"] a').click();
		await lookAtDialog(page, "propose-role", "Propose a role");
		await lookAtDialog(page, "renewal", "Renew");
		await lookAtDialog(page, "take-away", "Take away");
		await lookAtDialog(page, "closure", "Close account");
		page = await at("system-administrator", "/changes");
		await lookAtDialog(page, "retention", "Change: audit log");
		page = await at("auditor", "/audit");
		await page.locator("[data-testid=audit-row] [data-row]").first().click();
		await page.locator("section[aria-label='Audit line']").waitFor();
		await look(page, "audit-line");
	});

	test("after log-out the title tells nothing of the site any more", { timeout: 120_000 }, async () => {
		const page = await at("facility-manager", "/");
		await page.locator("[data-testid=link-state][data-phase=live]").waitFor();
		await page.waitForFunction(() => /^\(\d+\) /.test(document.title));
		await page.locator("button[aria-label='Log out']").click();
		await page.locator("[data-testid=log-in]").waitFor();
		await expect.poll(() => page.title(), { timeout: 10_000 }).toBe("Watchroom");
	});
});
