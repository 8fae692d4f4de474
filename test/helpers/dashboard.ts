import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, Locator, Page } from "playwright-core";
import type { Role } from "../../contracts/permissions.ts";
import { totpCode } from "../../server/identity/totp.ts";
import { startBrowser, type TestBrowser } from "./browser.ts";
import type { Child } from "./child-process.ts";
import { type System, system } from "./system.ts";
import { waitFor } from "./wait-for.ts";

/** A running site with its simulators, and a browser to look at it. */
export interface Demo extends System {
	simulators: Child;
	browser: TestBrowser;
	/** Opens the dashboard in a new tab and waits until its link is live. */
	open(path?: string, options?: OpenOptions): Promise<Page>;
	/** Closes every tab, which would go on drawing otherwise. */
	closeTabs(): Promise<void>;
	/** Starts the simulators anew after {@link Child.stop}. */
	startSimulators(): Promise<void>;
}

interface OpenOptions {
	phone?: boolean;
	theme?: "dark" | "light";
	role?: Role;
	/** Of the machine that the browser runs on. */
	timeZone?: string;
}

/**
 * Starts server, agent, simulators and browser, as `npm start` does but for the browser; without simulators where the test speaks for
 * the devices itself. Throws when the dashboard is not built.
 */
export async function startDemo(options: { site?: string; env?: Record<string, string>; simulators?: boolean } = {}): Promise<Demo> {
	if (!existsSync("dashboard/dist/index.html"))
		throw new Error("The dashboard is not built: node_modules/.bin/vite build dashboard (npm test does it)");
	const running = await system(options);
	const browser = await startBrowser();
	const session = oneSessionPerRole();
	const browsers = new Map<string, Promise<BrowserContext>>();
	const demo: Demo = Object.assign(running, {
		browser,
		simulators: undefined as unknown as Child,
		async open(path = "/", { phone = false, theme = "dark", role, timeZone }: OpenOptions = {}) {
			const kind = JSON.stringify([phone, timeZone, role, theme]);
			const opened = browsers.get(kind) ?? browser.person({ phone, timeZone });
			browsers.set(kind, opened);
			const context = await opened;
			const isFirst = context.pages().length === 0;
			const page = await context.newPage();
			if (isFirst) await forget(page, running.url);
			await context.addCookies([{ ...(await session(running, role)), url: running.url, httpOnly: true, sameSite: "Strict" }]);
			await page.addInitScript((wanted) => {
				const key = "watchroom.preferences";
				if (!localStorage.getItem(key)) localStorage.setItem(key, JSON.stringify({ theme: wanted, language: "en" }));
			}, theme);
			await page.goto(running.url + path);
			await phaseOf(page, "live");
			return page;
		},
		async closeTabs() {
			for (const context of browsers.values()) for (const page of (await context).pages()) await page.close();
		},
		async startSimulators() {
			demo.simulators = running.simulate("normal");
			await demo.simulators.says(/simulators ready/);
		},
	});
	try {
		await running.startServer();
		await running.startAgent();
		if (options.simulators === false) return demo;
		await demo.startSimulators();
		await waitFor(
			"an inlet temperature of every rack",
			async () => {
				const inlets = await running.items<{ rack: string | null; value: unknown }>("/api/v1/points?kind=temperature");
				return inlets.length > 0 && inlets.every(({ rack, value }) => rack === null || value !== null);
			},
			60_000,
			200,
		);
	} catch (error) {
		await stopDemo(demo);
		throw error;
	}
	return demo;
}

/** What an earlier test has left in a browser that it shares: nothing but what is cached of the dashboard. */
async function forget(page: Page, origin: string): Promise<void> {
	await page.context().setOffline(false);
	await page.context().unrouteAll();
	const developer = await page.context().newCDPSession(page);
	await developer.send("Storage.clearDataForOrigin", { origin, storageTypes: "cookies,local_storage,indexeddb,service_workers,cache_storage" });
	await developer.detach();
}

/** A code of the second factor works once, so all tabs of a role share the session of the first. */
function oneSessionPerRole() {
	const sessions = new Map<Role, Promise<{ name: string; value: string }>>();
	return (running: System, role: Role = "facility-manager") => {
		const known = sessions.get(role) ?? cookieOf(running, role);
		sessions.set(role, known);
		return known;
	};
}

/** Logs in over the API with password and second factor; resolves to the session's cookie. */
export async function cookieOf(running: Pick<System, "ask" | "logIn">, role: Role): Promise<{ name: string; value: string }> {
	const { username, password, totpSecret } = await running.logIn(role);
	const body = JSON.stringify({ username, password, totp: totpCode(totpSecret, Date.now()) });
	const answer = await running.ask("/api/v1/session", { method: "POST", headers: { "content-type": "application/json" }, body }, null);
	const [pair = ""] = answer.headers.getSetCookie()[0]?.split(";") ?? [];
	const [name, value] = pair.split("=");
	if (!answer.ok || !name || !value) throw new Error(`log-in of ${username}: ${answer.status} ${await answer.text()}`);
	return { name, value };
}

export async function stopDemo(demo: Demo | undefined): Promise<void> {
	await demo?.browser.stop();
	await demo?.stop();
}

/** Goes to another page of the dashboard as its links do, without loading all of it anew, and waits until that shows what is looked for. */
export async function goWithin(page: Page, path: string, shows: string): Promise<void> {
	const go = (to: string) => page.evaluate((address) => history.pushState(null, "", address), to);
	// By way of a page that shows nothing of the kind: what is found is not that of the page before.
	await go("/no/such/page");
	await page.locator("text=This page does not exist").waitFor({ timeout: 20_000 });
	await go(path);
	await page.locator(shows).first().waitFor({ timeout: 20_000 });
}

/** A turn of the page: it listens to its keys only after what is seen was drawn. */
export async function listening(page: Page): Promise<void> {
	await page.evaluate(() => new Promise<void>((done) => setTimeout(() => setTimeout(done))));
}

/** Waits for the state of the link that the header shows. */
export async function phaseOf(page: Page, phase: "connecting" | "live" | "lost", timeout = 30_000): Promise<void> {
	await page.locator(`[data-testid=link-state][data-phase=${phase}]`).waitFor({ timeout });
}

/** Rows of the alarm list, by their properties. */
export function alarmRows(page: Page, wanted: { rule?: string; point?: string; state?: string; priority?: string }): Locator {
	const properties = Object.entries(wanted).map(([name, value]) => `[data-${name}="${value}"]`);
	return page.locator(`[data-testid=alarm-row]${properties.join("")}`);
}

/** Rows that are far from the window are not drawn: has a window in which all of them are. */
export async function inTallWindow(page: Page, work: () => Promise<unknown>): Promise<void> {
	const size = page.viewportSize();
	if (size) await page.setViewportSize({ ...size, height: 10_000 });
	await work();
	if (size) await page.setViewportSize(size);
}
/** Waits until there is an alarm of each rule on the page, in front or under its cause, which it unfolds. */
export async function unfoldTo(page: Page, rules: readonly string[], state?: string, patience = 45_000): Promise<void> {
	const folded = page.locator("[data-testid=alarm-fold][aria-expanded=false]");
	await inTallWindow(page, async () => {
		for (const rule of rules)
			await waitFor(
				`an alarm of ${rule}`,
				async () => {
					if (await alarmRows(page, { rule, ...(state && { state }) }).count()) return true;
					// Without the pointer or the focus: the list holds still while somebody is in it.
					if (await folded.count()) await folded.first().dispatchEvent("click", {}, { timeout: 2000 });
					return false;
				},
				patience,
				200,
			);
	});
}

/** Saves a picture of the page to the folder `WATCHROOM_SCREENSHOTS`, when that is set. */
export async function screenshot(page: Page, name: string, fullPage = false): Promise<void> {
	const folder = process.env.WATCHROOM_SCREENSHOTS;
	if (!folder) return;
	await mkdir(folder, { recursive: true });
	await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}
