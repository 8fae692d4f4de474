/** People of the demo site, each signed in at a browser of their own. */
import type { Page } from "playwright-core";
import type { Role } from "../../contracts/permissions.ts";
import { expectAccessible } from "./accessible.ts";
import type { TestBrowser } from "./browser.ts";
import type { TestDatabase } from "./postgres.ts";
import { authenticator, typeCode, typePassword } from "./sign-in.ts";
import type { System } from "./system.ts";

export interface PeopleAtBrowsers {
	/** The page of a role at an address, signed in. */
	at(role: Role, address: string): Promise<Page>;
	/** The page of a role that has been somewhere. */
	tab(role: Role): Page | undefined;
	/** From now on every log-in is too long ago for a harmful act. */
	letProofsLapse(): Promise<void>;
	/** Proves again who one is, in the dialog that asks for it. */
	confirm(page: Page, role: Role): Promise<void>;
	/** Opens the change that waits, and approves it with a new proof of identity. */
	approve(role: Role): Promise<Page>;
}

/** `store`: the database of the running system. */
export function peopleAtBrowsers(running: System, browser: TestBrowser, store: TestDatabase): PeopleAtBrowsers {
	const codeOf = authenticator();
	const tabs = new Map<Role, Page>();
	const self: PeopleAtBrowsers = {
		async at(role, address) {
			let page = tabs.get(role);
			if (!page) {
				const { username, password, totpSecret } = await running.logIn(role);
				page = await browser.page();
				tabs.set(role, page);
				await page.goto(running.url);
				await typePassword(page, username, password);
				await typeCode(page, await codeOf(totpSecret));
				await page.locator("[data-testid=user]").waitFor();
			}
			await page.goto(running.url + address);
			return page;
		},
		tab: (role) => tabs.get(role),
		async letProofsLapse() {
			await store.database.statement("UPDATE sessions SET confirmed_at = confirmed_at - interval '6 minutes'");
		},
		async confirm(page, role) {
			const { password, totpSecret } = await running.logIn(role);
			const dialog = page.locator("[data-testid=confirm]");
			await dialog.waitFor();
			await lookAt(page, "confirm");
			await dialog.getByLabel("Password").fill(password);
			await dialog.getByLabel("Code").fill(await codeOf(totpSecret));
			await dialog.locator("button[type=submit]").click();
			await dialog.waitFor({ state: "detached" });
		},
		async approve(role) {
			const page = await self.at(role, "/changes");
			await self.letProofsLapse();
			await page.locator("[data-testid=change-row][data-state=pending] [data-row]").first().click();
			await lookAt(page, "change");
			await page.getByRole("button", { name: "Approve" }).click();
			await self.confirm(page, role);
			await page.locator("[data-testid=change-details][data-state=applied]").waitFor();
			return page;
		},
	};
	return self;
}

/** What axe says of a dialog, or of a page on which somebody is at work. */
export const lookAt = (page: Page, name: string) => expectAccessible(page, `dialog ${name}`);
