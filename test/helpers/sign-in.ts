import type { Page } from "playwright-core";
import { totpCode } from "../../server/identity/totp.ts";
import { waitFor } from "./wait-for.ts";

const STEP_MS = 30_000;

/**
 * An authenticator app whose clock may be a time step ahead, as the server tolerates it: a code works once, so who is asked again gets the
 * one of the next step, and waits only where that was given out as well.
 */
export function authenticator(): (secret: string) => Promise<string> {
	const given = new Map<string, number>();
	const now = () => Math.floor(Date.now() / STEP_MS);
	return async (secret) => {
		const last = given.get(secret) ?? -1;
		await waitFor("a new time step", () => now() >= last, STEP_MS + 5000, 100);
		const step = Math.max(now(), last + 1);
		given.set(secret, step);
		return totpCode(secret, step * STEP_MS);
	};
}

/** Types username and password; ends at whatever the dashboard says to that. */
export async function typePassword(page: Page, username: string, password: string): Promise<void> {
	await page.locator("[data-testid=log-in] input[name=username]").fill(username);
	await page.locator("[data-testid=log-in] input[name=password]").fill(password);
	await page.locator("[data-testid=log-in] button[type=submit]").click();
}

/** Types the code that is asked for after the password. */
export async function typeCode(page: Page, code: string): Promise<void> {
	await page.locator("[data-testid=log-in] input[name=totp]").fill(code);
	await page.locator("[data-testid=log-in] button[type=submit]").click();
}

/** What the main navigation offers, in its order, without counts: pages by comma, groups set apart by a stroke. */
export async function navigationOf(page: Page): Promise<string> {
	await page.locator(".nav .nav-link").first().waitFor();
	const groups = await page
		.locator(".nav-group")
		.evaluateAll((all) => all.map((group) => [...group.querySelectorAll(".nav-link")].map((link) => link.firstChild?.textContent ?? "")));
	return groups.map((names) => names.join(", ")).join(" | ");
}

/** The theme by the switch in the header, also from behind an open dialog, where no pointer reaches it. */
export async function setTheme(page: Page, theme: "dark" | "light"): Promise<void> {
	if ((await page.locator("html").getAttribute("data-mantine-color-scheme")) !== theme)
		await page.locator(`button[aria-label="Theme: ${theme === "dark" ? "Dark" : "Light"}"]`).dispatchEvent("click");
}
