/** The work on media with a phone that has no network: whatever is done there arrives, once and in its order. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { MediumView, StepView } from "../../contracts/media.ts";
import type { Role } from "../../contracts/permissions.ts";
import { totpCode } from "../../server/identity/totp.ts";
import { accessibilityProblems, browserAvailable, startBrowser, type TestBrowser } from "../helpers/browser.ts";
import { cookieOf, screenshot } from "../helpers/dashboard.ts";
import { scan } from "../helpers/scan.ts";
import { type System, system } from "../helpers/system.ts";
import { type TcpProxy, tcpProxy } from "../helpers/tcp-proxy.ts";
import { waitFor } from "../helpers/wait-for.ts";

const MEDIA = 6;
const CUSTODIAN: Role = "media-custodian";

let running: System;
let browser: TestBrowser;
/** What every phone is on: an "offline" that the browser alone pretends lets a request through now and then. */
let network: TcpProxy;
beforeAll(async () => {
	if (!browserAvailable) return;
	running = await system();
	await running.startServer();
	network = await tcpProxy(Number(new URL(running.url).port));
	browser = await startBrowser();
}, 120_000);
afterEach(async () => {
	for (const page of pages.splice(0)) await page.close();
	network?.restore();
});
afterAll(async () => {
	await browser?.stop();
	await network?.stop();
	await running?.stop();
});

const pages: Page[] = [];
// A code of the second factor works once: each role logs in once in this file.
async function made<T>(path: string, body: unknown): Promise<T> {
	const { status, body: answer } = await running.post<T>(`/api/v1/media${path}`, body, CUSTODIAN);
	if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(answer)}`);
	return answer;
}
const accountOf = async (role: Role) => (await running.get<{ user: { id: string } }>("/api/v1/session", role)).user.id;
/** An order of `media` with a shredder and a store. */
async function order(title: string, media: readonly string[], type: string, roles: readonly Role[]): Promise<string> {
	const people = await Promise.all(roles.map(accountOf));
	const [room] = (await running.get<{ items: { rooms: { id: string }[] }[] }>("/api/v1/sites")).items[0]?.rooms ?? [];
	const destination = { kind: "recycling", organisation: "Green Metals" };
	const { id } = await made<{ id: string }>("/batches", { title, place: room?.id, plannedFor: "2026-11-26", people, destination });
	for (const serial of media) await made("", { serial, maker: "Acme", model: "X", type, classification: "low", why: "end of life", batch: id });
	await running.post("/api/v1/media/stores", { id: "cage", name: "Cage", room: room?.id, door: null }, CUSTODIAN);
	return id;
}
async function shredder(): Promise<void> {
	const { id } = await made<{ id: string }>("/equipment", {
		name: "Shredder",
		maker: "Acme",
		model: "S",
		serial: "SH-1",
		kind: "shredder",
		particleMm: 2,
	});
	const [at, validUntil] = [Date.now() - 86_400_000, Date.now() + 86_400_000].map((ms) => new Date(ms).toISOString());
	await made(`/equipment/${id}/records`, { kind: "test", at, validUntil, passed: true, by: "Lab", reference: "R-1" });
}
const address = (path: string) => `http://127.0.0.1:${network.port}${path}`;
async function offline(page: Page): Promise<void> {
	network.cut();
	await page.context().setOffline(true);
}
async function online(page: Page): Promise<void> {
	network.restore();
	await page.context().setOffline(false);
}
async function phone(role: Role): Promise<Page> {
	const page = await browser.page({ phone: true });
	pages.push(page);
	await page.context().addCookies([{ ...(await cookieOf(running, role)), url: address("/"), httpOnly: true, sameSite: "Strict" }]);
	await page.goto(address("/work.html"));
	await page.locator('[data-testid=work-state][data-online=true][data-waiting="0"]').waitFor();
	// The page itself is on the device from now on.
	await page.evaluate(async () => {
		await navigator.serviceWorker.ready;
	});
	return page;
}
const waiting = (page: Page, count: number) => page.locator(`[data-testid=work-state][data-waiting="${count}"]`).waitFor({ timeout: 60_000 });
async function open(page: Page, serial: string): Promise<void> {
	await page.getByLabel("Serial number", { exact: true }).fill(serial);
	await page.keyboard.press("Enter");
	await page.locator("[data-testid=work-medium-state]").waitFor();
}
/** `scanned`: read once by a keyboard scanner, or typed twice. */
async function remove(page: Page, serial: string, seal: string | null, scanned = false): Promise<void> {
	await page.locator("[data-testid=work-remove]").click();
	if (scanned) {
		await scan(page.locator("[name=serial]"), serial);
		await page.locator("[name=again]").waitFor({ state: "detached" });
	} else {
		await page.locator("[name=serial]").fill(serial);
		await page.keyboard.press("Enter");
		await page.keyboard.type(serial);
	}
	if (seal !== null) await page.locator("[name=newSeal]").fill(seal);
	await page.locator("[data-testid=work-keep]").click();
	await page.locator("[data-testid=work-medium-state]").waitFor();
}
/** What is read from the seal; the page doesn't say what it should be. */
async function seen(page: Page, seal: string): Promise<void> {
	expect(await page.locator("[name=sealNumber]").inputValue()).toBe("");
	await page.locator("[name=sealNumber]").fill(seal);
	await page.locator("[name=sealIntact]").selectOption("yes");
}
/** What the device says of steps that were refused. */
const refusals = async (page: Page) =>
	await page.evaluate(async () => {
		const database = await new Promise<IDBDatabase>((resolve, reject) => {
			const opening = indexedDB.open("watchroom-media-work");
			opening.onsuccess = () => resolve(opening.result);
			opening.onerror = () => reject(opening.error);
		});
		const reading = database.transaction("steps").objectStore("steps").getAll();
		return await new Promise((resolve) => {
			reading.onsuccess = () => {
				database.close();
				resolve(reading.result);
			};
		});
	});
const mediaOf = async (batch: string) => await running.items<MediumView>(`/api/v1/media?batch=${batch}`, "operator");
const stepsOf = async ({ id }: MediumView) => await running.items<StepView>(`/api/v1/media/${id}/steps`, "operator");

describe.skipIf(!browserAvailable)("on a phone", () => {
	test("a whole batch is worked on without a network, and all of it arrives once and in order", { timeout: 240_000 }, async () => {
		const serials = Array.from({ length: MEDIA }, (_, place) => `OFF-${place}`);
		const batch = await order("Without a network", serials, "hdd", ["operator", "shift-lead"]);
		const page = await phone("operator");
		await page
			.locator("[data-testid=work-medium]")
			.nth(MEDIA - 1)
			.waitFor();
		await offline(page);
		for (const [place, serial] of serials.entries()) {
			await open(page, serial);
			await remove(page, serial, `S-10${place}`, place % 2 === 0);
			await page.locator('[data-testid=work-medium-state][data-state="sealed"]').waitFor();
			await page.locator("[data-testid=work-store]").click();
			await seen(page, `S-10${place}`);
			if (place === 0) {
				// A photo of what is put away, kept on the device with its step.
				await page.locator("input[type=file]").setInputFiles({ name: "label.png", mimeType: "image/png", buffer: PIXEL });
				await page.locator(".work-photos img").waitFor();
				await screenshot(page, "media-work-store-phone", true);
				expect(await accessibilityProblems(page)).toEqual([]);
			}
			await page.locator("[data-testid=work-keep]").click();
			await page.locator('[data-testid=work-medium-state][data-state="in-custody"]').waitFor();
			if (place === 0) {
				await screenshot(page, "media-work-medium-phone", true);
				expect(await accessibilityProblems(page)).toEqual([]);
			}
			await page.locator("[data-testid=work-back]").click();
		}
		await waiting(page, 2 * MEDIA);
		// The phone is switched off and on again: page and steps are still there.
		await page.goto("about:blank");
		await page.goto(address("/work.html"));
		await waiting(page, 2 * MEDIA);
		await page.locator('[data-testid=work-state][data-online="false"]').waitFor();
		await screenshot(page, "media-work-offline-phone");
		expect(await accessibilityProblems(page)).toEqual([]);
		expect(
			(await mediaOf(batch)).map(({ steps }) => steps),
			"the server knows of nothing",
		).toEqual(serials.map(() => 0));

		// The answer to the first step is lost on its way back, after the server has made it.
		let lost = 0;
		await page.route("**/api/v1/media/*/steps", async (route) => {
			if (lost++ > 0) return await route.fallback();
			await route.fetch();
			await route.abort();
		});
		await online(page);
		await waiting(page, 0);
		expect(lost, "the lost one among them").toBeGreaterThan(1);
		expect(await refusals(page)).toEqual([]);
		for (const medium of await mediaOf(batch)) {
			expect(medium).toMatchObject({ state: "in-custody", custody: { kind: "store", store: "cage" }, incident: null, steps: 2 });
			const steps = await stepsOf(medium);
			expect(steps.map(({ act, number }) => [act, number])).toEqual([
				["remove", 1],
				["store", 2],
			]);
			expect(steps[0]?.detail, "a scanned number is read once").toMatchObject({
				serialAgain: serials.indexOf(medium.serial) % 2 === 0 ? null : medium.serial,
			});
			expect(Date.parse(steps[1]?.at ?? ""), "when it was done, not when it was told").toBeLessThan(Date.parse(steps[1]?.recordedAt ?? ""));
		}
		const [first] = await mediaOf(batch);
		const [, stored] = first ? await stepsOf(first) : [];
		expect(stored?.photos).toHaveLength(1);
		expect((await running.ask(`/api/v1/media/photos/${stored?.photos[0]}`, {}, "operator")).headers.get("content-type")).toBe("image/jpeg");
	});

	test("two people on one phone: each signs what they did with a log-in of their own", { timeout: 240_000 }, async () => {
		const batch = await order("Two people", ["TWO-1"], "ssd", ["shift-lead", "facility-manager"]);
		await shredder();
		const page = await phone("shift-lead");
		await page.locator("[data-serial=TWO-1]").waitFor();
		await offline(page);
		await open(page, "TWO-1");
		await remove(page, "TWO-1", null);
		await page.locator("[data-testid=work-shred]").click();
		await page.locator("[data-testid=work-keep]").click();
		await page.locator('[data-testid=work-medium-state][data-state="deformed"]').waitFor();
		expect(await page.locator("[data-testid=work-verify]").count(), "not by who did it").toBe(0);
		await page.locator("[data-testid=work-done-by]").selectOption({ index: 1 });
		await page.locator("[data-testid=work-verify]").click();
		await page.locator("[name=result]").selectOption("pass");
		await page.locator("[data-testid=work-keep]").click();
		await page.locator('[data-testid=work-medium-state][data-state="destroyed"]').waitFor();
		await online(page);
		await waiting(page, 1);
		expect((await mediaOf(batch))[0]).toMatchObject({ state: "deformed", steps: 2 });
		await screenshot(page, "media-work-two-people-phone");
		await page.locator("[data-testid=work-switch]").click();
		const { username, password, totpSecret } = await running.logIn("facility-manager");
		await page.getByLabel("Username").fill(username);
		await page.locator("input[type=password]").fill(password);
		await page.keyboard.press("Enter");
		await page.locator("input[autocomplete=one-time-code]").fill(totpCode(totpSecret, Date.now()));
		await page.keyboard.press("Enter");
		await waiting(page, 0);
		await waitFor("the verification", async () => (await mediaOf(batch))[0]?.state === "destroyed");
		const [medium] = await mediaOf(batch);
		const steps = medium ? await stepsOf(medium) : [];
		expect(new Set(steps.map(({ by }) => by.id)).size).toBe(2);
	});

	test("a step that the server refuses stays on the device, says why, and holds what waits behind it", { timeout: 240_000 }, async () => {
		const batch = await order("Refused", ["REF-1"], "hdd", ["media-custodian", "operator"]);
		const page = await phone("media-custodian");
		// The page of the medium leads to its steps.
		await page.goto(address(`/media/${(await mediaOf(batch))[0]?.id}`));
		await page.locator("[data-testid=make-step]").click();
		await page.locator("h1", { hasText: "REF-1" }).waitFor();
		await offline(page);
		await remove(page, "REF-1", "S-900");
		await page.locator("[data-testid=work-offer]").click();
		await seen(page, "S-900");
		await page.locator("[data-testid=work-keep]").click();
		await page.locator('[data-testid=work-medium-state][data-state="in-transit"]').waitFor();
		// Meanwhile the order's room is no longer what the phone believes: the step names a room that isn't there.
		await page.evaluate(async () => {
			const database = await new Promise<IDBDatabase>((resolve, reject) => {
				const opening = indexedDB.open("watchroom-media-work");
				opening.onsuccess = () => resolve(opening.result);
				opening.onerror = () => reject(opening.error);
			});
			const steps = database.transaction("steps", "readwrite").objectStore("steps");
			const all = await new Promise<{ input: { place: string } }[]>((resolve) => {
				const reading = steps.getAll();
				reading.onsuccess = () => resolve(reading.result);
			});
			const [first] = all;
			if (first) steps.put({ ...first, input: { ...first.input, place: "nowhere" } });
			database.close();
		});
		await online(page);
		await page.locator('[data-testid=work-state][data-refused="1"]').waitFor({ timeout: 60_000 });
		await page.locator("[data-testid=work-queued][data-refused=true]").waitFor();
		await screenshot(page, "media-work-refused-phone", true);
		expect(await accessibilityProblems(page)).toEqual([]);
		expect((await mediaOf(batch))[0]).toMatchObject({ state: "installed", steps: 0 });
		await page.locator("[data-testid=work-give-up]").click();
		await page.locator('[data-testid=work-medium-state][data-state="installed"]').waitFor();
		await waiting(page, 0);
	});
});

/** A PNG of one pixel. */
const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
