/** A review in the browser, from the first key to the evidence pack: decided, signed off, gone from the controller (REV-1 to REV-6). */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Role } from "../../contracts/permissions.ts";
import type { ReviewItem, ReviewView } from "../../contracts/reviews.ts";
import { expectAccessible } from "../helpers/accessible.ts";
import { accessibilityProblems, browserAvailable } from "../helpers/browser.ts";
import { NODE, startChild } from "../helpers/child-process.ts";
import { type Demo, listening, screenshot, startDemo, stopDemo } from "../helpers/dashboard.ts";
import { type TestDatabase, testDatabase } from "../helpers/postgres.ts";
import { waitFor } from "../helpers/wait-for.ts";

let store: TestDatabase;
let demo: Demo;
let review: string;
beforeAll(async () => {
	if (!browserAvailable) return;
	store = await testDatabase();
	demo = await startDemo({ env: { DATABASE_URL: store.url } });
	review = await waitFor("the month's review", async () => (await reviews()).find(({ subject }) => subject === "access")?.id, 30_000);
}, 120_000);
afterEach(() => demo?.closeTabs());
afterAll(async () => {
	await stopDemo(demo);
	await store?.drop();
});

const reviews = () => demo.items<ReviewView>("/api/v1/reviews");
const items = () => demo.items<ReviewItem>(`/api/v1/reviews/${review}/items?limit=500`);
const itemNow = async (id: string) => (await items()).find((item) => item.id === id);
const rows = (page: Page) => page.locator("[data-testid=item-row]");
const current = (page: Page) => page.locator("[data-testid=item-panel]");

async function openItems(role: Role, search = "", phone = false): Promise<Page> {
	const page = await demo.open(`/reviews/${review}${search}`, { role, phone });
	await rows(page).first().waitFor();
	await listening(page);
	return page;
}
const swipe = async (said: RegExp) => {
	const child = demo.simulate("swipe", "--holder", "luo-yan", "--door", "hall-a-door");
	await child.says(said);
	await child.stop();
};
/** Decides what is still open on the list: some by keys alone, the many alike in one request. */
async function keepTheRest(page: Page, role: Role, reason: string): Promise<void> {
	await listening(page);
	for (let press = 0; press < 5 && (await rows(page).count()) > 0; press++) {
		const item = await current(page).getAttribute("data-item");
		await page.keyboard.press("1");
		const form = page.locator("[data-testid=decision-form]");
		const gone = page.locator(`[data-testid=item-panel]:not([data-item="${item}"]), .review-items .state-empty`).first();
		await form.or(gone).first().waitFor();
		if ((await form.count()) > 0) {
			await page.keyboard.type(reason);
			await page.keyboard.press("Enter");
		}
		await gone.waitFor();
	}
	await allSent(page);
	const open = (await items()).filter(({ decision }) => decision === null);
	const decisions = open.map(({ id: item, version }) => ({ item, decision: "keep", reason, version }));
	// Those of other reviewers are refused, one by one.
	expect(await demo.post(`/api/v1/reviews/${review}/decisions`, { decisions }, role)).toMatchObject({ status: 200 });
	await page.reload();
	await page.locator(".review-items .state-empty").waitFor();
}
/** The list is read before the decisions are sent, and answered once they have arrived: the slowest of networks. */
async function answerListLate(page: Page, arrived: () => Promise<boolean>): Promise<void> {
	let read = false;
	await page.route(/\/items\?/, async (route) => {
		if (read) return await route.continue();
		const answer = await route.fetch();
		read = true;
		await waitFor("the decisions at the server", arrived, 20_000);
		// The page may have given it up by then.
		await route.fulfill({ response: answer }).catch(() => {});
	});
	await page.route(/\/decisions$/, async (route) => {
		await waitFor("the list to be read", () => read, 20_000);
		await route.continue();
	});
}
const allSent = (page: Page) => page.locator("[data-testid=unsent][data-count='0']").waitFor({ timeout: 20_000, state: "attached" });
async function submit(page: Page): Promise<void> {
	await allSent(page);
	await page.locator(".review-submit").click();
	await page.locator("[data-testid=submit-dialog]").getByRole("button", { name: "Submit" }).click();
	await page.locator("[data-testid=submit-dialog]").waitFor({ state: "detached" });
}

describe.skipIf(!browserAvailable)("a review on the dashboard", () => {
	for (const device of ["desktop", "phone"] as const)
		test(`axe finds nothing on the list, the workbench and the overview in either theme, and none scrolls sideways (${device})`, {
			timeout: 120_000,
		}, async () => {
			const page = await openItems("facility-manager", "?whose=all", device === "phone");
			const look = (name: string) => expectAccessible(page, `${name} ${device}`);
			await look("review-items");
			await page.goto(`${demo.url}/reviews/${review}?tab=overview`);
			await page.locator("[data-testid=sign-off]").waitFor();
			await look("review-overview");
			await page.goto(`${demo.url}/reviews`);
			await page.locator("[data-testid=review-row]").first().waitFor();
			await look("reviews");
		});

	test("2,000 items: a few dozen are drawn, keys decide, and what is unchanged and of low risk is kept as a block", {
		timeout: 240_000,
	}, async () => {
		// A site of that size, at its second review: the demo's items over and over, unchanged.
		await store.database.statement(
			`INSERT INTO review_items (id, review, number, frozen, holder, grant_id, zone, role_grant, excluded, risk, assignee)
			SELECT gen_random_uuid(), review, number + 1000 * copy, replace(replace(frozen, '"risk":"changed"', '"risk":"low"'), '"number":' || number || ',', '"number":' || number + 1000 * copy || ','),
				holder, grant_id, zone, role_grant, excluded, 'low', assignee
			FROM review_items, generate_series(1, 12) AS copy WHERE review = '${review}' AND risk = 'changed'`,
		);
		const all = (await items()).length;
		expect(all).toBeGreaterThanOrEqual(2000);
		const page = await openItems("reviewer", "?whose=mine&sort=risk");
		const drawn = async () => await rows(page).count();
		expect(await drawn()).toBeLessThan(60);
		await page.locator("[data-testid=review-list]").focus();
		await page.keyboard.press("End");
		const last = rows(page).last();
		await waitFor("the end of the list", async () => Number(await last.getAttribute("data-number")) > 12_000, 30_000, 50);
		expect(await drawn()).toBeLessThan(60);
		const before = (await items()).filter(({ decision }) => decision !== null).length;
		for (let press = 0; press < 40; press++) {
			await page.keyboard.press("k");
			await page.keyboard.press("1");
			await page.keyboard.press("k");
		}
		await allSent(page);
		const decided = (await items()).filter(({ decision }) => decision !== null).length - before;
		expect(decided).toBeGreaterThan(10);
		await screenshot(page, "review-2000");
		const low = page.getByRole("button", { name: /of low risk shown here/ });
		const count = Number(/\d+/.exec((await low.textContent()) ?? "")?.[0]);
		await low.click();
		await page.getByRole("button", { name: `Keep ${count} as a block` }).click();
		await page.locator("[data-testid=said]").getByText(`${count} kept as a block`).waitFor({ timeout: 20_000 });
		await waitFor("the block", async () => (await items()).filter(({ block }) => block).length === count, 30_000, 200);
		await page.goto(`${demo.url}/reviews/${review}?group=hint&sort=used`);
		await page.locator(".review-group").first().waitFor();
		await screenshot(page, "review-grouped");
		expect(await accessibilityProblems(page)).toEqual([]);
		await store.database.statement(`DELETE FROM review_items WHERE review = '${review}' AND number > 1000`);
	});

	test("more revocations than the share take a second person, and an item can go to another reviewer", { timeout: 120_000 }, async () => {
		const rights = (await reviews()).find(({ subject }) => subject === "rights");
		const page = await demo.open(`/reviews/${rights?.id}?decision=none`);
		await rows(page).first().waitFor();
		await listening(page);
		const given = await rows(page).first().getAttribute("data-number");
		await page.getByRole("button", { name: "Reassign" }).click();
		const dialog = page.locator("[data-testid=reassign-dialog]");
		await dialog.waitFor();
		expect(await accessibilityProblems(page)).toEqual([]);
		await screenshot(page, "review-reassign");
		await dialog.locator("select").selectOption({ label: "Demo reviewer (reviewer)" });
		await dialog.locator("textarea").fill("knows the people");
		await dialog.locator("button[type=submit]").click();
		await dialog.waitFor({ state: "detached" });
		// It leaves the list of one's own items: keys that come before would decide on what is somebody else's by now.
		await page.locator(`[data-testid=item-row][data-number="${given}"]`).waitFor({ state: "detached" });
		for (let item = 0; item <= (rights?.revocationsAllowed ?? 0); item++) {
			await page.keyboard.press("2");
			await page.locator("[data-testid=decision-form]").waitFor();
			await page.keyboard.type("not needed any more");
			await page.keyboard.press("Enter");
			await page.locator("[data-testid=decision-form]").waitFor({ state: "detached" });
		}
		await allSent(page);
		const revoked = await demo.items<ReviewItem>(`/api/v1/reviews/${rights?.id}/items?decision=revoke&limit=500`);
		expect(revoked.length).toBeGreaterThan(rights?.revocationsAllowed ?? 0);
		await page.locator(".review-submit").click();
		const submitting = page.locator("[data-testid=submit-dialog]");
		await submitting.getByRole("button", { name: "Submit" }).click();
		await submitting.getByRole("button", { name: "Propose" }).click();
		const proposal = page.locator("[data-testid=propose-revocations]");
		await proposal.locator("textarea").fill("the team was dissolved");
		expect(await accessibilityProblems(page)).toEqual([]);
		await screenshot(page, "review-proposal");
		await proposal.locator("button[type=submit]").click();
		await page.locator("[data-testid=said]").getByText("Proposed").waitFor();
		const changes = await demo.items<{ kind: string; state: string }>("/api/v1/changes");
		expect(changes).toContainEqual(expect.objectContaining({ kind: "review-revocations", state: "pending" }));
	});

	test("what is decided without a connection is plainly unsent, survives the tab, and arrives; undo takes it back", {
		timeout: 180_000,
	}, async () => {
		const page = await openItems("reviewer", "?decision=none");
		const first = (await current(page).getAttribute("data-item")) ?? "";
		await page.context().setOffline(true);
		// An "offline" that the browser alone pretends lets a request through now and then.
		await page.route(/\/decisions$/, (route) => route.abort("internetdisconnected"));
		await page.keyboard.press("2");
		await page.keyboard.type("left the project");
		await page.keyboard.press("Enter");
		await page.locator("[data-testid=unsent][data-broken=true][data-count='1']").waitFor({ state: "attached" });
		const second = (await current(page).getAttribute("data-item")) ?? "";
		expect(second).not.toBe(first);
		await screenshot(page, "review-offline");
		expect(await itemNow(first)).toMatchObject({ decision: null });
		// The tab dies without a word; the browser, its storage and the session stay.
		const context = page.context();
		await page.close();
		await context.setOffline(false);
		const next = await context.newPage();
		await answerListLate(next, async () => (await itemNow(first))?.decision === "revoke");
		await next.goto(`${demo.url}/reviews/${review}?whose=mine`);
		await waitFor("the decision at the server", async () => (await itemNow(first))?.decision === "revoke", 30_000, 200);
		expect(await itemNow(first)).toMatchObject({ reason: "left the project", submitted: false });
		const row = next.locator(`[data-item="${first}"][data-testid=item-row]`);
		await next.locator(`[data-testid=item-row][data-item="${first}"][data-saved=saved]`).waitFor();
		await row.click();
		await next.keyboard.press("x");
		await waitFor("the draft to be taken back", async () => (await itemNow(first))?.decision === null, 30_000, 100);
		await next.keyboard.press("u");
		await waitFor("the taking back to be undone", async () => (await itemNow(first))?.decision === "revoke", 30_000, 100);
		await next.keyboard.press("u");
		await next.keyboard.press("x");
		await waitFor("the draft to be gone", async () => (await itemNow(first))?.decision === null, 30_000, 100);
		await next.close();
	});

	test("two tabs never overwrite each other: who comes second sees what the first decided, and says what shall stand", {
		timeout: 120_000,
	}, async () => {
		const [one, other] = [await openItems("reviewer"), await openItems("reviewer")];
		const item = (await current(one).getAttribute("data-item")) ?? "";
		await one.keyboard.press("3");
		await one.locator("input[type=date]").fill("2099-12-31");
		await one.locator("[data-testid=decision-form] textarea").fill("until the project ends");
		await one.keyboard.press("Enter");
		await waitFor("the change at the server", async () => (await itemNow(item))?.decision === "change", 30_000, 100);
		await other.keyboard.press("2");
		await other.keyboard.type("not needed any more");
		await other.keyboard.press("Enter");
		await other.locator("[data-testid=refused-notice]").waitFor();
		expect(await itemNow(item)).toMatchObject({ decision: "change", reason: "until the project ends" });
		await other.locator("[data-testid=refused-notice] button").click();
		const refused = other.locator("[data-testid=refused][data-code=changed-meanwhile]");
		await refused.waitFor();
		expect(await refused.textContent()).toContain("until the project ends");
		expect(await accessibilityProblems(other)).toEqual([]);
		await screenshot(other, "review-conflict");
		await refused.getByRole("button", { name: "Let that stand" }).click();
		await other.locator("[data-testid=refused-notice]").waitFor({ state: "detached" });
		await one.keyboard.press("k");
		await one.keyboard.press("x");
		await waitFor("the draft to be gone", async () => (await itemNow(item))?.decision === null, 30_000, 100);
	});

	test("from a reviewer's keys to the denied swipe, the closed review, its report, and a pack that verifies offline", {
		timeout: 240_000,
	}, async () => {
		await waitFor(
			"every controller to hold its list",
			async () => (await demo.items<{ state: string }>("/api/v1/access/controllers")).every(({ state }) => state === "confirmed"),
			60_000,
		);
		await swipe(/granted/);
		const reviewer = await openItems("reviewer", "?search=Luo%20Yan&zone=halls");
		const revoked = (await current(reviewer).getAttribute("data-item")) ?? "";
		await reviewer.keyboard.press("2");
		await reviewer.keyboard.type("has changed teams");
		await reviewer.keyboard.press("Enter");
		await reviewer.goto(`${demo.url}/reviews/${review}?decision=none`);
		await rows(reviewer).first().waitFor();
		await keepTheRest(reviewer, "reviewer", "needed every day");
		await submit(reviewer);
		await screenshot(reviewer, "review-submitted");
		expect(await itemNow(revoked)).toMatchObject({ decision: "revoke", submitted: true });

		const manager = await openItems("facility-manager", "?decision=none");
		await keepTheRest(manager, "facility-manager", "reviewed with the team");
		await submit(manager);
		await manager.goto(`${demo.url}/reviews/${review}?tab=overview`);
		await manager.locator("[data-testid=sign-off]").getByRole("button", { name: "Sign off" }).click();
		await manager.locator("[data-testid=sign-off][data-signed=true]").waitFor();
		await manager.locator("[data-testid=review][data-state=closed]").waitFor({ timeout: 30_000 });
		await manager.reload();
		await manager.locator(`[data-testid=removal-row][data-item="${revoked}"][data-confirmed=true]`).waitFor();
		await screenshot(manager, "review-closed");

		const download = async (testId: string) => {
			const [file] = await Promise.all([manager.waitForEvent("download"), manager.locator(`[data-testid=${testId}]`).click()]);
			const path = join(demo.directory, file.suggestedFilename());
			await file.saveAs(path);
			return path;
		};
		const report = await readFile(await download("report-json"));
		const hash = createHash("sha256").update(report).digest("hex");
		expect(await manager.locator("[data-testid=report-hash]").textContent()).toBe(hash);
		expect((await readFile(await download("report-pdf"))).subarray(0, 5).toString()).toBe("%PDF-");
		expect(report.toString()).toContain("has changed teams");
		const pack = await download("evidence");
		await screenshot(manager, "review-overview-closed");
		expect(Buffer.from(JSON.parse(await readFile(pack, "utf8")).entry.leaf, "base64").toString()).toContain(hash);

		await swipe(/denied/);
		await manager.goto(`${demo.url}/reviews/${review}?tab=overview`);
		await waitFor("the item to be opened again", async () => (await itemNow(revoked))?.reopenedAt !== null, 30_000, 200);
		await manager.reload();
		const row = manager.locator(`[data-testid=removal-row][data-item="${revoked}"][data-reopened=true]`);
		await row.getByRole("button", { name: "Resolve" }).click();
		await manager.locator("[data-testid=resolve-dialog] textarea").fill("tried at the door by its holder; card collected");
		expect(await accessibilityProblems(manager)).toEqual([]);
		await manager.locator("[data-testid=resolve-dialog] button[type=submit]").click();
		await manager.locator("[data-testid=review][data-state=closed]").waitFor({ timeout: 30_000 });

		// With nothing running any more.
		await demo.server?.stop();
		const verify = startChild(NODE, ["server/cli.ts", "verify", pack]);
		await new Promise((resolve) => verify.process.once("close", resolve));
		expect(verify.output()).toContain("SELF-CONSISTENT");
		expect(verify.process.exitCode).toBe(0);
	});
});
