/** Somebody new joins: account, set-up link, second factor, a role by two persons, each of them at a browser of their own. */
import { existsSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Role } from "../../contracts/permissions.ts";
import { browserAvailable, startBrowser, type TestBrowser } from "../helpers/browser.ts";
import { screenshot } from "../helpers/dashboard.ts";
import { type TestDatabase, testDatabase } from "../helpers/postgres.ts";
import { authenticator, navigationOf, typeCode, typePassword } from "../helpers/sign-in.ts";
import { type System, system } from "../helpers/system.ts";

const PASSWORD = "rails and a quiet Sunday";

let store: TestDatabase;
let running: System;
let browser: TestBrowser;
const codeOf = authenticator();

async function signedIn(role: Role): Promise<Page> {
	const { username, password, totpSecret } = await running.logIn(role);
	const page = await browser.page();
	await page.goto(running.url);
	await typePassword(page, username, password);
	await typeCode(page, await codeOf(totpSecret));
	await page.locator("[data-testid=user]").waitFor();
	return page;
}

/** Proves again who one is, in the dialog that asks for it. */
async function confirm(page: Page, { password, totpSecret }: { password: string; totpSecret: string }): Promise<void> {
	const dialog = page.locator("[data-testid=confirm]");
	await dialog.waitFor();
	await dialog.getByLabel("Password").fill(password);
	await dialog.getByLabel("Code").fill(await codeOf(totpSecret));
	await dialog.locator("button[type=submit]").click();
	await dialog.waitFor({ state: "detached" });
}

beforeAll(async () => {
	if (!browserAvailable) return;
	if (!existsSync("dashboard/dist/index.html"))
		throw new Error("The dashboard is not built: node_modules/.bin/vite build dashboard (npm test does it)");
	store = await testDatabase();
	running = await system({ env: { DATABASE_URL: store.url } });
	browser = await startBrowser();
	await running.startServer();
}, 120_000);
afterAll(async () => {
	await browser?.stop();
	await running?.stop();
});

describe.skipIf(!browserAvailable)("on the dashboard", () => {
	test("a new account is set up by its link, gets a role by two persons, and its pages change without a new log-in", {
		timeout: 240_000,
	}, async () => {
		// The system administrator creates the account, which has no right.
		const administrator = await signedIn("system-administrator");
		await administrator.getByRole("button", { name: "Create account" }).click();
		const dialog = administrator.getByRole("dialog");
		await dialog.getByLabel("Username").fill("kim");
		await dialog.getByLabel(/^Name/).fill("Kim Newcomer");
		await dialog.getByRole("button", { name: "Create account" }).click();
		const link = (await administrator.locator("[data-testid=set-up-address]").textContent())?.trim() ?? "";
		expect(link).toContain("/set-up/");

		// Whoever holds the link sets a password.
		const kim = await browser.page();
		await kim.goto(link);
		await kim.getByLabel("New password").fill(PASSWORD);
		await kim.getByRole("button", { name: "Go on" }).click();
		await kim.locator("[data-testid=user]").waitFor();
		expect(await kim.locator(".nav .nav-link").count(), "nothing is offered without a role").toBe(0);
		await kim.goto(`${running.url}/account`);

		// The second factor, by the secret in the QR code.
		await kim.getByRole("button", { name: "Set up second factor" }).click();
		await kim.locator("[data-testid=second-factor] svg.qr path").waitFor();
		const secret = (await kim.locator("[data-testid=secret]").textContent())?.trim() ?? "";
		await kim
			.locator("[data-testid=second-factor]")
			.getByRole("textbox", { name: "Code" })
			.fill(await codeOf(secret));
		await kim.getByRole("button", { name: "Turn on" }).click();
		await kim.locator("[data-testid=recovery-codes] li").last().waitFor();
		const codes = await kim.locator("[data-testid=recovery-codes] li").allTextContents();
		expect(codes).toHaveLength(10);
		await screenshot(kim, "recovery-codes");
		expect(await kim.getByRole("button", { name: "Go on" }).isDisabled(), "not before they are kept").toBe(true);
		await kim.getByLabel("I have kept them").check();
		await kim.getByRole("button", { name: "Go on" }).click();
		await kim.locator("text=Second factor: on").waitFor();
		expect(await kim.locator("[data-testid=recovery-codes]").count()).toBe(0);

		// The link is used up.
		const late = await browser.page();
		await late.goto(link);
		await late.locator("[role=alert]").waitFor();
		expect(await late.locator("[data-testid=set-up]").count()).toBe(0);

		// The security administrator proposes a role and can't approve it.
		const proposer = await signedIn("security-administrator");
		await proposer.goto(`${running.url}/users`);
		await proposer.locator('[data-testid=user-row][data-user="kim"] a').click();
		await proposer.getByRole("button", { name: "Propose a role" }).click();
		const proposal = proposer.locator("[data-testid=propose-role]");
		await proposal.getByLabel("Role").selectOption("operator");
		await proposal.getByLabel("Reason").fill("joins the night shift");
		await proposal.getByRole("button", { name: "Propose", exact: true }).click();
		await proposer.locator("text=Another person decides").waitFor();
		await proposer.goto(`${running.url}/changes?tab=mine`);
		await proposer.locator("[data-testid=change-row] [data-row]").first().click();
		const own = proposer.locator("[data-testid=change-details][data-state=pending]");
		await own.getByRole("button", { name: "Withdraw" }).waitFor();
		expect(await own.getByRole("button", { name: "Approve" }).count(), "not one's own").toBe(0);
		const change = new URL(proposer.url()).searchParams.get("change");
		const forced = await proposer.evaluate(
			async (id) =>
				(await fetch(`/api/v1/changes/${id}/approve`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" })).status,
			change,
		);
		expect(forced, "nor by asking the server").toBe(403);

		// The facility manager approves, and proves again who he is, as his log-in is a while ago.
		const approver = await signedIn("facility-manager");
		await store.database.statement("UPDATE sessions SET confirmed_at = confirmed_at - interval '6 minutes'");
		await approver.goto(`${running.url}/changes`);
		await approver.locator("[data-testid=change-row][data-state=pending] [data-row]").first().click();
		await approver.getByRole("button", { name: "Approve" }).click();
		await confirm(approver, await running.logIn("facility-manager"));
		await approver.locator("[data-testid=change-details][data-state=applied]").waitFor();
		await screenshot(approver, "change-applied");

		// The new one's pages change by themselves.
		await kim.locator(".nav .nav-link >> text=Alarms").waitFor({ timeout: 40_000 });
		expect(await navigationOf(kim)).toBe(
			"Overview, Alarms, Points, Devices | Alarm quality, Alarm rules, Duty roster, Notifications | Doors & events, Who is inside, People, Cards & fingerprints, Grants, Visitors, Leavers, Controllers | Work orders, Incidents, Machines, Stores, Policy",
		);

		// A token for a program: shown once, good until it is revoked.
		const tokens = kim.locator("section[aria-label='Tokens for programs']");
		await tokens.getByLabel("What it is for").fill("wall display");
		await tokens.getByRole("button", { name: "Create token" }).click();
		await confirm(kim, { password: PASSWORD, totpSecret: secret });
		const token = (await kim.locator("[data-testid=new-token]").textContent())?.trim() ?? "";
		const asked = async () => (await fetch(`${running.url}/api/v1/alarms`, { headers: { authorization: `Bearer ${token}` } })).status;
		expect(await asked()).toBe(200);
		await tokens.getByRole("button", { name: "Revoke" }).click();
		await tokens.locator("text=No tokens").waitFor();
		expect(await asked()).toBe(401);

		// Without the app, a recovery code lets in once.
		await kim.locator("button[aria-label='Log out']").click();
		await kim.locator("[data-testid=log-in]").waitFor();
		const recovery = codes[0] ?? "";
		for (const works of [true, false]) {
			await kim.goto(running.url);
			await typePassword(kim, "kim", PASSWORD);
			await kim.getByRole("button", { name: "Use a recovery code" }).click();
			await typeCode(kim, recovery);
			if (!works) {
				await kim.locator("[data-testid=log-in] [role=alert]").waitFor();
				expect(await kim.locator("[data-testid=user]").count()).toBe(0);
				continue;
			}
			await kim.locator("[data-testid=user]").waitFor();
			await kim.locator("button[aria-label='Log out']").click();
			await kim.locator("[data-testid=log-in]").waitFor();
		}
	});
});
