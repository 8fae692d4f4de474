/** Everybody at the door of the dashboard: who comes in, where they begin, what they are offered, and what they are told otherwise. */
import { existsSync } from "node:fs";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PERMISSIONS, type Permission, type Role } from "../../contracts/permissions.ts";
import { expectAccessible } from "../helpers/accessible.ts";
import { browserAvailable, startBrowser, type TestBrowser } from "../helpers/browser.ts";
import { goWithin } from "../helpers/dashboard.ts";
import { authenticator, navigationOf, typeCode, typePassword } from "../helpers/sign-in.ts";
import { type System, system } from "../helpers/system.ts";

interface Expected {
	start: string;
	navigation: string;
	/** An address that is not theirs, and the permission that they lack for it. */
	forbidden: [address: string, lacks: Permission] | null;
}
const WATCH = "Overview, Alarms, Points, Devices";
const ALARMING = "Alarm quality, Alarm rules, Duty roster, Notifications";
const ACCESS = "Doors & events, Who is inside, People, Cards & fingerprints, Grants, Visitors, Leavers, Controllers";
const ACCESS_AND_REVIEWS = "Doors & events, Who is inside, People, Cards & fingerprints, Grants, Visitors, Reviews, Leavers, Controllers";
const MEDIA = "Work orders, Incidents, Machines, Stores, Policy";
/** Written out, not derived: what a role is offered is decided here, not in the dashboard. Groups are set apart by a stroke. */
const EXPECTED: Readonly<Record<Role, Expected>> = {
	operator: { start: "/", navigation: `${WATCH} | ${ALARMING} | ${ACCESS} | ${MEDIA}`, forbidden: ["/audit", "audit.read"] },
	"shift-lead": { start: "/", navigation: `${WATCH} | ${ALARMING} | ${ACCESS} | ${MEDIA} | Changes`, forbidden: ["/users", "users.read"] },
	"facility-manager": {
		start: "/",
		navigation: `${WATCH} | ${ALARMING} | ${ACCESS_AND_REVIEWS}, Import | ${MEDIA} | Accounts, Changes, Ledger`,
		forbidden: ["/audit", "audit.read"],
	},
	"security-guard": { start: "/", navigation: `${WATCH} | ${ALARMING} | ${ACCESS} | ${MEDIA}`, forbidden: ["/ledger/0", "ledger.read"] },
	"media-custodian": {
		start: "/",
		navigation: `Overview, Points, Devices | Visitors | ${MEDIA} | Changes, Ledger`,
		forbidden: ["/access/holders/li-na", "access.read"],
	},
	reviewer: {
		start: "/",
		navigation: `Overview, Points, Devices | ${ACCESS_AND_REVIEWS} | Accounts, Changes, Ledger`,
		forbidden: ["/alarms", "alarms.read"],
	},
	"risk-manager": {
		start: "/",
		navigation: `${WATCH} | Alarm quality, Alarm rules, Notifications | Reviews | ${MEDIA} | Changes, Ledger`,
		forbidden: ["/users", "users.read"],
	},
	auditor: {
		start: "/audit",
		navigation: `${WATCH} | ${ALARMING} | ${ACCESS_AND_REVIEWS} | ${MEDIA} | Accounts, Changes, Audit, Ledger`,
		forbidden: ["/access/import", "holders.manage"],
	},
	"system-administrator": { start: "/users", navigation: `${WATCH} | ${ALARMING} | Accounts, Changes, Ledger`, forbidden: ["/audit", "audit.read"] },
	"security-administrator": {
		start: "/changes",
		navigation: "Overview, Points, Devices | Reviews | Accounts, Changes, Ledger",
		forbidden: ["/alarms", "alarms.read"],
	},
	"audit-administrator": { start: "/audit", navigation: "Accounts, Changes, Audit, Ledger", forbidden: ["/points", "site.read"] },
};
/** Pages of people and evidence: who looks at it, and what is there once it has loaded. */
const PAGES: readonly [name: string, address: string, role: Role, shows: string][] = [
	["account", "/account", "system-administrator", "[data-testid=session-row]"],
	["users", "/users", "system-administrator", "[data-testid=user-row]"],
	["roles", "/roles", "system-administrator", ".role-table"],
	["changes", "/changes", "system-administrator", "[data-testid=retention] td"],
	["ledger", "/ledger", "auditor", "[data-testid=ledger-row]"],
	["ledger entry", "/ledger/0", "auditor", "[data-testid=inclusion][data-result=good]"],
	["audit", "/audit", "auditor", "[data-testid=audit-row]"],
	["audit reviews", "/audit?tab=reviews", "auditor", "section[aria-label=Reviews] > *"],
	["audit exports", "/audit?tab=exports", "audit-administrator", "form"],
	["forbidden", "/points", "audit-administrator", "[data-testid=forbidden]"],
];

let running: System;
let browser: TestBrowser;
const codeOf = authenticator();
const contexts = new Map<Role, BrowserContext>();

/** A tab of a role; the first one logs in as its person does. */
async function open(role: Role, address = "/"): Promise<Page> {
	const known = contexts.get(role);
	if (known) {
		const page = await known.newPage();
		await page.goto(running.url + address);
		return page;
	}
	const { username, password, totpSecret } = await running.logIn(role);
	const page = await browser.page();
	await page.goto(running.url + address);
	await typePassword(page, username, password);
	await typeCode(page, await codeOf(totpSecret));
	await page.locator("[data-testid=user]").waitFor();
	contexts.set(role, page.context());
	return page;
}

beforeAll(async () => {
	if (!browserAvailable) return;
	if (!existsSync("dashboard/dist/index.html"))
		throw new Error("The dashboard is not built: node_modules/.bin/vite build dashboard (npm test does it)");
	running = await system();
	browser = await startBrowser();
	await running.startServer();
}, 120_000);
afterAll(async () => {
	await browser?.stop();
	await running?.stop();
});

describe.skipIf(!browserAvailable)("on the dashboard", () => {
	for (const [role, { start, navigation, forbidden }] of Object.entries(EXPECTED) as [Role, Expected][])
		test(`${role}: logs in with the second factor, begins at ${start}, is offered what the role may see and nothing else`, {
			timeout: 120_000,
		}, async () => {
			const page = await open(role);
			await page.waitForURL(running.url + start);
			expect(await navigationOf(page)).toEqual(navigation);
			expect(await page.locator("text=You may not see this").count(), "no panel that only refuses").toBe(0);
			if (forbidden) {
				const [address, lacks] = forbidden;
				await page.goto(running.url + address);
				const refusal = page.locator(`[data-testid=forbidden][data-permission="${lacks}"]`);
				await refusal.waitFor();
				expect(await refusal.textContent()).toContain(PERMISSIONS[lacks]);
				expect(await navigationOf(page), "the way on is still there").toEqual(navigation);
			}
			await page.close();
		});

	test("a wrong password and a wrong code get a clear message, alike for who doesn't exist, and let nobody in", { timeout: 120_000 }, async () => {
		const { username, password } = await running.logIn("shift-lead");
		const page = await browser.page();
		await page.goto(running.url);
		const said = page.locator("[data-testid=log-in] [role=alert]");
		for (const [name, secret] of [
			[username, "not the password of it"],
			["nobody-of-this-name", password],
		] as const) {
			await typePassword(page, name, secret);
			await said.waitFor();
			expect(await said.textContent()).toBe("The username, the password or the code is wrong.");
			await expect
				.poll(() => said.evaluate((element) => element === document.activeElement), { message: "it has the focus", timeout: 10_000 })
				.toBe(true);
			await page.reload();
		}
		await typePassword(page, username, password);
		await typeCode(page, "000000");
		await said.waitFor();
		expect(await said.textContent()).toBe("The username, the password or the code is wrong.");
		expect(await page.locator("[data-testid=user]").count()).toBe(0);
		expect((await page.context().request.get(`${running.url}/api/v1/session`)).status()).toBe(401);
	});

	test("log-out ends the session and its live link, for every tab and for whoever kept the cookie", { timeout: 120_000 }, async () => {
		const tab = await open("security-guard");
		await tab.locator("[data-testid=link-state][data-phase=live]").waitFor();
		const cookies = await tab.context().cookies();
		const closed = new Promise<void>((resolve) => {
			tab.on("websocket", (socket) => socket.on("close", () => resolve()));
		});
		await tab.reload();
		await tab.locator("[data-testid=link-state][data-phase=live]").waitFor();
		const leaving = await open("security-guard");
		await leaving.locator("button[aria-label='Log out']").click();
		await leaving.locator("[data-testid=log-in]").waitFor();
		await closed;
		await tab.locator("text=Your session has ended").waitFor();
		const thief = await browser.page();
		await thief.context().addCookies(cookies);
		await thief.goto(running.url);
		await thief.locator("[data-testid=log-in]").waitFor();
		expect((await thief.context().request.get(`${running.url}/api/v1/alarms`)).status()).toBe(401);
		contexts.delete("security-guard");
	});

	for (const device of ["desktop", "phone"] as const)
		test(`axe finds nothing on any page of people and evidence in either theme, and none scrolls sideways (${device})`, {
			timeout: 300_000,
		}, async () => {
			const look = (page: Page, name: string) => expectAccessible(page, `${name} ${device}`);
			const visitor = await browser.page({ phone: device === "phone" });
			await visitor.goto(running.url);
			await visitor.locator("[data-testid=log-in]").waitFor();
			await look(visitor, "log-in");
			for (const role of ["system-administrator", "auditor", "audit-administrator"] as const) {
				const signedIn = await open(role);
				const page = await browser.page({ phone: device === "phone" });
				await page.context().addCookies(await signedIn.context().cookies());
				await signedIn.close();
				await page.goto(running.url);
				await page.locator("[data-testid=user]").waitFor({ state: "attached" });
				for (const [name, address, of, shows] of PAGES) {
					if (of !== role) continue;
					await goWithin(page, address, shows);
					await look(page, name);
				}
				if (role !== "system-administrator") continue;
				await goWithin(page, "/users", "[data-testid=user-row]");
				await page.locator('[data-testid=user-row][data-user="reviewer"] a').click();
				await page.locator("section[aria-label=Roles] td").first().waitFor();
				await look(page, "user");
			}
		});
});
