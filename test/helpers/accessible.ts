import type { Page } from "playwright-core";
import { expect } from "vitest";
import { accessibilityProblems } from "./browser.ts";
import { screenshot } from "./dashboard.ts";
import { setTheme } from "./sign-in.ts";

/**
 * Expects of the page as it is that axe finds nothing in either theme, and that it doesn't scroll sideways; the test goes on if not. The
 * themes differ in nothing but colours: all rules are asked in the one that the page has, those of colours in the other.
 */
export async function expectAccessible(page: Page, name: string): Promise<void> {
	const first = (await page.locator("html").getAttribute("data-mantine-color-scheme")) === "light" ? "light" : "dark";
	for (const theme of [first, first === "light" ? "dark" : "light"] as const) {
		await setTheme(page, theme);
		await screenshot(page, `${name.replaceAll(" ", "-")}-${theme}`);
		expect.soft(await accessibilityProblems(page, theme === first ? "all" : "colours"), `${name}, ${theme}`).toEqual([]);
	}
	const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
	expect.soft(overflow, `${name}: pixels too wide`).toBeLessThanOrEqual(0);
}
