import { existsSync, readFileSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { temporaryDirectory } from "./temporary-directory.ts";

const PROGRAM = "/usr/bin/chromium";

/** Whether a browser can run here; with `CI=true` always true, so that its absence is a failure. */
export const browserAvailable = process.env.CI === "true" || existsSync(PROGRAM);

export interface TestBrowser {
	/** A new tab; `phone` for a 390 x 844 touch screen, `timeZone` for a machine that is set to another one. */
	page(options?: { phone?: boolean; timeZone?: string | undefined }): Promise<Page>;
	stop(): Promise<void>;
}

/** Debian's Chromium, headless, with a fresh user directory. */
export async function startBrowser(): Promise<TestBrowser> {
	const home = await temporaryDirectory("chromium");
	const browser: Browser = await chromium.launch({
		executablePath: PROGRAM,
		args: ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu"],
		env: { ...process.env, HOME: home.path },
	});
	const contexts: BrowserContext[] = [];
	return {
		async page({ phone = false, timeZone } = {}) {
			const context = await browser.newContext({
				// axe is put into the page, which the dashboard's content security policy rightly forbids
				bypassCSP: true,
				reducedMotion: "reduce",
				...(timeZone !== undefined && { timezoneId: timeZone }),
				...(phone ? { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } : { viewport: { width: 1440, height: 900 } }),
			});
			contexts.push(context);
			return await context.newPage();
		},
		async stop() {
			for (const context of contexts) await context.close();
			await browser.close();
			await home.remove();
		},
	};
}

const axeSource = readFileSync("node_modules/axe-core/axe.min.js", "utf8");

/** What axe finds on the page by WCAG 2.2 A and AA, one line each. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
	await page.evaluate(axeSource);
	return await page.evaluate(async () => {
		const { axe } = globalThis as unknown as {
			axe: {
				run(context: Document, options: unknown): Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] }>;
			};
		};
		const { violations } = await axe.run(document, {
			runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
			resultTypes: ["violations"],
		});
		return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary}`));
	});
}
