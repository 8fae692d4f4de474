import { existsSync, readFileSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { temporaryDirectory } from "./temporary-directory.ts";

const PROGRAM = "/usr/bin/chromium";

/** Whether a browser can run here; with `CI=true` always true, so that its absence is a failure. */
export const browserAvailable = process.env.CI === "true" || existsSync(PROGRAM);

/** What playwright switches off; the browser takes one such list alone. */
const UNUSED_FEATURES = [
	"AvoidUnnecessaryBeforeUnloadCheckSync",
	"DestroyProfileOnBrowserClose",
	"HttpsUpgrades",
	"HttpsFirstBalancedModeAutoEnable",
	"LensOverlay",
	"MediaRouter",
	"PaintHolding",
	"ThirdPartyStoragePartitioning",
	"AvoidCorsURLLoaderRestartOnRedirect",
	"OptimizationHints",
	"NetworkTimeServiceQuerying",
	"PreconnectToSearch",
];
/** Two pages of the browser's own behind the address bar, which nobody sees here: they take most of what a new window costs. */
const OMNIBOX = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup"];

/** `phone`: a 390 x 844 touch screen. `timeZone`: of a machine that is set to another one. */
export interface Screen {
	phone?: boolean;
	timeZone?: string | undefined;
}
export interface TestBrowser {
	/** Somebody's browser: tabs in it share log-in, storage and cache. It takes a second to come up. */
	person(screen?: Screen): Promise<BrowserContext>;
	/** A tab in a browser of its own. */
	page(screen?: Screen): Promise<Page>;
	stop(): Promise<void>;
}

/** Debian's Chromium, headless, with a fresh user directory. */
export async function startBrowser(): Promise<TestBrowser> {
	const home = await temporaryDirectory("chromium");
	const browser: Browser = await chromium.launch({
		executablePath: PROGRAM,
		args: [
			"--no-sandbox",
			"--disable-quic",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
			"--disable-gpu",
			// Pages are looked at for seconds: compiling them well takes longer than they run.
			"--js-flags=--no-opt --no-maglev",
			`--disable-features=${[...UNUSED_FEATURES, ...OMNIBOX].join(",")}`,
		],
		env: { ...process.env, HOME: home.path },
	});
	const contexts: BrowserContext[] = [];
	const person = async ({ phone = false, timeZone }: Screen = {}) => {
		const context = await browser.newContext({
			// axe is put into the page, which the dashboard's content security policy rightly forbids
			bypassCSP: true,
			reducedMotion: "reduce",
			...(timeZone !== undefined && { timezoneId: timeZone }),
			...(phone ? { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } : { viewport: { width: 1440, height: 900 } }),
		});
		contexts.push(context);
		return context;
	};
	return {
		person,
		page: async (screen) => await (await person(screen)).newPage(),
		async stop() {
			for (const context of contexts) await context.close();
			await browser.close();
			await home.remove();
		},
	};
}

const axeSource = readFileSync("node_modules/axe-core/axe.min.js", "utf8");

const AXE_RULES = {
	/** WCAG 2.2 A and AA. */
	all: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] },
	/** Those of them that look at colours (axe's category `cat.color`). */
	colours: { type: "rule", values: ["color-contrast", "link-in-text-block"] },
};

/** What axe finds on the page by WCAG 2.2 A and AA, one line each. */
export async function accessibilityProblems(page: Page, rules: keyof typeof AXE_RULES = "all"): Promise<string[]> {
	if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeSource);
	return await page.evaluate(async (runOnly) => {
		const { axe } = globalThis as unknown as {
			axe: {
				run(context: Document, options: unknown): Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] }>;
			};
		};
		const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"] });
		return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary}`));
	}, AXE_RULES[rules]);
}
