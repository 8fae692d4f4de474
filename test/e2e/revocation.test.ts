/** From "revoke" in the browser to the denied swipe where the controller doesn't play along: one that is offline, one that loses its list (ACC-4, REV-5). */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Role } from "../../contracts/permissions.ts";
import type { ReviewItem, ReviewView } from "../../contracts/reviews.ts";
import { accessibilityProblems, browserAvailable } from "../helpers/browser.ts";
import { NODE, startChild } from "../helpers/child-process.ts";
import { type Demo, listening, screenshot, startDemo, stopDemo } from "../helpers/dashboard.ts";
import { type TestDatabase, testDatabase } from "../helpers/postgres.ts";
import { waitFor } from "../helpers/wait-for.ts";

/** The one of the front door, which the scenarios take. */
const CONTROLLER = "controller-1";
const LONG = 45_000;
const reportSchema = z.object({ items: z.array(z.object({ id: z.string(), confirmedAt: z.iso.datetime().nullable() })) });

let store: TestDatabase;
let demo: Demo;
let review: string;
beforeAll(async () => {
	if (!browserAvailable) return;
	store = await testDatabase();
	demo = await startDemo({ env: { DATABASE_URL: store.url, WATCHROOM_CONTROLLER_CHECK_SECONDS: "2" } });
	review = await waitFor("the month's review", async () => (await reviews()).find(({ subject }) => subject === "access")?.id, 30_000);
	await waitFor(
		"every controller to hold its list",
		async () => (await demo.items<{ state: string }>("/api/v1/access/controllers")).every(({ state }) => state === "confirmed"),
		60_000,
	);
}, 120_000);
afterEach(() => demo?.closeTabs());
afterAll(async () => {
	await stopDemo(demo);
	await store?.drop();
});

const reviews = () => demo.items<ReviewView>("/api/v1/reviews");
const items = (query = "") => demo.items<ReviewItem>(`/api/v1/reviews/${review}/items?limit=500${query}`);
const itemNow = async (id: string) => (await items()).find((item) => item.id === id);
const controller = () => demo.get<{ drift: { repairedAt: string | null } | null }>(`/api/v1/access/controllers/${CONTROLLER}`);
const deviceIs = (status: string) =>
	waitFor(
		`the controller to be ${status}`,
		async () => (await demo.get<{ status: string }>(`/api/v1/devices/${CONTROLLER}`)).status === status,
		LONG,
		100,
	);
const removalRow = (page: Page, item: string, confirmed: boolean): Locator =>
	page.locator(`[data-testid=removal-row][data-item="${item}"][data-confirmed=${confirmed}]`);
const openOverview = (role: Role) => demo.open(`/reviews/${review}?tab=overview`, { role });

async function swipe(holder: string, said: RegExp): Promise<void> {
	const child = demo.simulate("swipe", "--holder", holder, "--door", "front-door");
	await child.says(said, LONG);
	await child.stop();
}
/** A reviewer takes somebody's access to lobby and corridor away, by keys, and submits; returns the item. */
async function revokeInBrowser(name: string, why: string): Promise<string> {
	const page = await demo.open(`/reviews/${review}?search=${encodeURIComponent(name)}&zone=common`, { role: "reviewer" });
	const panel = page.locator("[data-testid=item-panel]");
	const item = (await panel.getAttribute("data-item")) ?? "";
	await listening(page);
	await page.keyboard.press("2");
	await page.locator("[data-testid=decision-form]").waitFor();
	await page.keyboard.type(why);
	await page.keyboard.press("Enter");
	await waitFor("the draft at the server", async () => (await itemNow(item))?.decision === "revoke", LONG, 100);
	await page.locator("[data-testid=unsent][data-count='0']").waitFor({ timeout: LONG, state: "attached" });
	await page.locator(".review-submit").click();
	await page.locator("[data-testid=submit-dialog]").getByRole("button", { name: "Submit" }).click();
	await page.locator("[data-testid=submit-dialog]").waitFor({ state: "detached" });
	return item;
}
/** The other items of the review, whose ways through the browser are tested elsewhere. */
async function keepTheRest(): Promise<void> {
	for (const role of ["reviewer", "facility-manager"] as const) {
		const mine = (await demo.items<ReviewItem>(`/api/v1/reviews/${review}/items?limit=500&decision=none&mine=true`, role)).map(({ id, version }) => ({
			item: id,
			version,
			decision: "keep",
			reason: "needed every day",
		}));
		const decided = await demo.post<{ items: { ok: boolean }[] }>(`/api/v1/reviews/${review}/decisions`, { decisions: mine }, role);
		expect(decided.body.items.filter(({ ok }) => !ok)).toEqual([]);
		expect(await demo.post(`/api/v1/reviews/${review}/submit`, {}, role)).toMatchObject({ status: 200 });
	}
}
/** The swipe that was denied has opened the item again: somebody looked into it. */
async function settle(item: string): Promise<void> {
	await waitFor("the item to be opened again", async () => (await itemNow(item))?.reopenedAt, LONG, 100);
	const { status } = await demo.post(`/api/v1/reviews/${review}/items/${item}/resolve`, { reason: "tried at the door; badge collected" });
	expect(status).toBe(200);
}
async function download(page: Page, testId: string): Promise<string> {
	const [file] = await Promise.all([page.waitForEvent("download"), page.locator(`[data-testid=${testId}]`).click()]);
	const path = join(demo.directory, file.suggestedFilename());
	await file.saveAs(path);
	return path;
}

describe.skipIf(!browserAvailable)("a revocation at a controller that doesn't play along", () => {
	let atLost = "";
	test("one that loses its list: that is seen and put right, without the revoked badge", { timeout: 300_000 }, async () => {
		await swipe("sanne-bakker", /granted/);
		atLost = await revokeInBrowser("Sanne Bakker", "the cleaning was given to somebody else");
		const lost = demo.simulate("controller-lost-its-list", "--at", "0", "--duration", "600");
		await waitFor("the lost list to be seen and put right", async () => (await controller()).drift?.repairedAt, LONG, 100);
		await waitFor("the confirmation", async () => (await itemNow(atLost))?.confirmedAt, LONG, 100);
		const manager = await openOverview("facility-manager");
		await removalRow(manager, atLost, true).waitFor();
		await manager.goto(`${demo.url}/access/controllers/${CONTROLLER}`);
		const missing = manager.locator("[data-testid=drift-row][data-kind=missing]");
		await missing.getByText("Tom de Vries").first().waitFor();
		expect(await missing.getByText("Sanne Bakker").count()).toBe(0);
		await screenshot(manager, "revocation-lost-list");
		expect(await accessibilityProblems(manager)).toEqual([]);
		// The others are let in again: the list was put back, not only emptied.
		await swipe("tom-de-vries", /granted/);
		await swipe("sanne-bakker", /denied/);
		await lost.stop();
	});

	test("one that is offline: plainly unconfirmed until it is back, then confirmed, in the report, and the swipe denied", {
		timeout: 300_000,
	}, async () => {
		const offline = demo.simulate("controller-offline", "--at", "0", "--duration", "600");
		await deviceIs("offline");
		const item = await revokeInBrowser("Tom de Vries", "works elsewhere now");
		await keepTheRest();
		const manager = await openOverview("facility-manager");
		await manager.locator("[data-testid=sign-off]").getByRole("button", { name: "Sign off" }).click();
		await manager.locator("[data-testid=sign-off][data-signed=true]").waitFor();
		await manager.reload();
		const waiting = removalRow(manager, item, false);
		await waiting.waitFor();
		expect(await waiting.textContent()).toContain("Waits for controllers");
		await manager.locator("[data-testid=review][data-state=remediating]").waitFor();
		await screenshot(manager, "revocation-unconfirmed");
		expect(await accessibilityProblems(manager)).toEqual([]);

		const back = Date.now();
		await offline.stop();
		await deviceIs("online");
		await waitFor("the confirmation", async () => (await itemNow(item))?.confirmedAt, LONG, 100);
		await manager.getByRole("button", { name: "Read anew" }).click();
		const confirmed = removalRow(manager, item, true);
		await confirmed.waitFor();
		expect(await confirmed.locator("time").count()).toBe(1);
		await settle(atLost);
		await manager.locator("[data-testid=review][data-state=closed]").waitFor({ timeout: LONG });
		await manager.reload();
		await confirmed.waitFor();
		await screenshot(manager, "revocation-confirmed");

		const report = await readFile(await download(manager, "report-json"), "utf8");
		const told = reportSchema.parse(JSON.parse(report)).items;
		expect(Date.parse(told.find(({ id }) => id === item)?.confirmedAt ?? "")).toBeGreaterThanOrEqual(back);
		expect(told.find(({ id }) => id === atLost)?.confirmedAt).not.toBeNull();
		const pack = await download(manager, "evidence");
		const leaf = Buffer.from(JSON.parse(await readFile(pack, "utf8")).entry.leaf, "base64").toString();
		expect(leaf).toContain(createHash("sha256").update(report).digest("hex"));
		await swipe("tom-de-vries", /denied/);
		await swipe("sanne-bakker", /denied/);

		// With nothing running any more.
		await demo.server?.stop();
		const verify = startChild(NODE, ["server/cli.ts", "verify", pack]);
		await verify.says(/SELF-CONSISTENT/);
		await new Promise((resolve) => (verify.process.exitCode === null ? verify.process.once("close", resolve) : resolve(null)));
		expect(verify.process.exitCode).toBe(0);
	});
});
