/** Storage media on the dashboard: an order from its opening to its media, a stopped chain that two persons release, machines, stores, policy. */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { MediumView } from "../../contracts/media.ts";
import type { EquipmentView } from "../../contracts/media-orders.ts";
import { verifyBatchPack, verifyMediaPack } from "../../server/custody/verify-media-pack.ts";
import { expectAccessible } from "../helpers/accessible.ts";
import { browserAvailable } from "../helpers/browser.ts";
import { type Demo, startDemo, stopDemo } from "../helpers/dashboard.ts";
import { scan } from "../helpers/scan.ts";

const LONG = { timeout: 240_000 };
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

let demo: Demo;
let order: string;
beforeAll(async () => {
	if (browserAvailable) demo = await startDemo();
}, 120_000);
afterEach(() => demo?.closeTabs());
afterAll(() => stopDemo(demo));

const look = (page: Page, name: string) => expectAccessible(page, `media ${name}`);

/** Asks the API as whoever is signed in at the page. */
async function post(page: Page, path: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
	return await page.evaluate(
		async ([address, text]) => {
			const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: text });
			return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
		},
		[`/api/v1${path}`, JSON.stringify(body)] as const,
	);
}

/** A step now, as a phone would tell it. */
async function step(page: Page, medium: string, told: Record<string, unknown>, minutesAgo = 0) {
	const { steps } = await demo.get<MediumView>(`/api/v1/media/${medium}`);
	const at = new Date(Date.now() - minutesAgo * 60_000).toISOString();
	const common = { id: randomUUID(), after: steps, at, place: "loading-dock", queued: minutesAgo > 0 };
	return await post(page, `/media/${medium}/steps`, { ...common, ...told });
}
const bySerial = async (serial: string) => {
	const [medium] = await demo.items<MediumView>(`/api/v1/media?serial=${serial}`);
	if (!medium) throw new Error(`no medium ${serial}`);
	return medium;
};

describe.skipIf(!browserAvailable)("on the dashboard", () => {
	test("a custodian opens an order for two people, with the bays of its servers", LONG, async () => {
		const page = await demo.open("/media", { role: "media-custodian" });
		await page.locator("text=There is no work order yet").waitFor();
		await page.getByRole("button", { name: "Open a work order" }).click();
		const form = page.locator("[data-testid=open-order]");
		await form.locator("[name=title]").fill("Hall A refresh");
		await form.locator("[name=place]").selectOption("loading-dock");
		await form.locator("[name=organisation]").fill("Green Metals");
		await form.locator("[name=assets]").fill("srv-a03-1: 0-3\nsrv-a03-2");
		await form.locator("text=Line 2").waitFor();
		await form.locator("[name=assets]").fill("srv-a03-1: 0-3");
		const open = form.locator("button[type=submit]");
		await form.locator("[name=people]").nth(0).check();
		expect(await open.isDisabled(), "one person is not enough").toBe(true);
		for (const place of [1, 2, 3]) await form.locator("[name=people]").nth(place).check();
		await look(page, "open-order");
		await open.click();
		await page.locator("[data-testid=order][data-state=open]").waitFor();
		order = page.url().split("/").at(-1) ?? "";
		await page.locator("[data-testid=bays-open][data-count='4']").waitFor();
	});

	test("a medium is registered with its serial number scanned once or typed twice", LONG, async () => {
		const page = await demo.open(`/media/batches/${order}`, { role: "media-custodian" });
		await page.getByRole("button", { name: "Register a medium" }).click();
		const form = page.locator("[data-testid=register-medium]");
		const serial = form.locator("[name=serial]");
		const submit = form.locator("button[type=submit]");
		for (const [name, value] of [
			["maker", "Western Digital"],
			["model", "Gold 10TB"],
			["asset", "srv-a03-1"],
			["bay", "0"],
			["why", "end of life"],
		] as const)
			await form.locator(`[name=${name}]`).fill(value);
		await scan(serial, "WD-4TB-0001");
		await form.getByText("Scanned", { exact: true }).waitFor();
		expect(await form.locator("[name=again]").count(), "a scanned number is not asked for again").toBe(0);
		await look(page, "register");
		await submit.click();
		await page.locator("[data-testid=registered]", { hasText: "WD-4TB-0001" }).waitFor();

		await form.locator("[name=bay]").fill("1");
		await serial.pressSequentially("WD-4TB-0002", { delay: 80 });
		await serial.press("Enter");
		const again = form.locator("[name=again]");
		await again.fill("WD-4TB-0003");
		await form.locator("text=not the same").waitFor();
		expect(await submit.isDisabled()).toBe(true);
		await again.fill("WD-4TB-0002");
		await submit.click();
		await page.locator("[data-testid=registered]", { hasText: "WD-4TB-0002" }).waitFor();
		await page.keyboard.press("Escape");
		await page.locator("[data-testid=medium-row]").nth(1).waitFor();
		await page.locator("[data-testid=bays-open][data-count='2']").waitFor();
	});

	test("a file is shown row by row before it is imported, and an empty bay is accounted for", LONG, async () => {
		const page = await demo.open(`/media/batches/${order}`, { role: "media-custodian" });
		await page.getByRole("button", { name: "Import a CSV file" }).click();
		const dialog = page.locator("[data-testid=import-media]");
		const choose = async (...rows: string[]) => {
			const text = ["serial,maker,model,type,classification,why,asset,bay", ...rows].join("\n");
			await dialog.locator("input[type=file]").setInputFiles({ name: "media.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
		};
		const good = ["SSD-77,Samsung,PM9A3,ssd,high,end of life,srv-a03-1,2", "TAPE-1,Fuji,LTO-8,tape,low,end of life,,"];
		await choose(...good, "FD-1,Sony,MF2,floppy,low,end of life,,");
		await dialog.locator("[data-testid=import-row][data-fate=refused]", { hasText: "type" }).waitFor();
		const doIt = dialog.getByRole("button", { name: "Import as shown" });
		expect(await doIt.isDisabled(), "refused rows are mended first").toBe(true);
		await look(page, "import");
		await choose(...good);
		await dialog.locator("[data-testid=import-counts]", { hasText: "2 to register, 0 refused" }).waitFor();
		await doIt.click();
		await dialog.locator("[data-testid=import-counts]", { hasText: "2 registered" }).waitFor();
		await page.keyboard.press("Escape");

		await page.locator("[data-testid=bays-open][data-count='1']").waitFor();
		await page.locator("[data-testid=bay-row][data-content=unknown]").getByRole("button", { name: "Found empty" }).click();
		await page.locator("[data-testid=empty-bay] textarea").fill("a blank tray");
		await look(page, "empty-bay");
		await page.locator("[data-testid=empty-bay] button[type=submit]").click();
		await page.locator("[data-testid=bay-row][data-content=empty]", { hasText: "a blank tray" }).waitFor();
		await page.locator("[data-testid=bays-open][data-count='0']").waitFor();
	});

	test("a machine can be used once its tests are entered; until then it says why not", LONG, async () => {
		const page = await demo.open("/media/equipment", { role: "media-custodian" });
		await page.locator("text=No machine is registered").waitFor();
		await page.getByRole("button", { name: "Add a machine" }).click();
		const form = page.locator("[data-testid=add-machine]");
		for (const [name, value] of [
			["name", "Degausser 1"],
			["maker", "Proton"],
			["model", "T-4"],
			["serial", "DG-1"],
			["measure", "18000"],
		] as const)
			await form.locator(`[name=${name}]`).fill(value);
		await look(page, "add-machine");
		await form.locator("button[type=submit]").click();
		const row = (fit: boolean) => page.locator(`[data-testid=machine-row][data-fit=${fit}]`, { hasText: "Degausser 1" });
		await row(false).locator("text=no test record").waitFor();
		for (const kind of ["test", "calibration"]) {
			await page.locator("[data-testid=add-record]").click();
			const record = page.locator("[data-testid=machine-record]");
			await record.locator("[name=kind]").selectOption(kind);
			await record.locator("[name=by]").fill("TÜV");
			await record.locator("[name=reference]").fill(`R-${kind}`);
			if (kind === "test") await look(page, "add-record");
			await record.locator("button[type=submit]").click();
			await record.waitFor({ state: "detached" });
		}
		await row(true).waitFor();
		expect(
			(
				await post(page, "/media/equipment", {
					name: "Shredder 1",
					maker: "HSM",
					model: "Powerline",
					serial: "SH-1",
					kind: "shredder",
					particleMm: 2,
				})
			).status,
		).toBe(201);
		await page.reload();
		await page.locator("[data-testid=machine-row]").nth(1).waitFor();
		await look(page, "equipment");
		await page.locator("[data-testid=retire]").first().click();
		await look(page, "retire");
	});

	test("a stopped chain stands on top, and goes on when one proposes and another approves how", LONG, async () => {
		const operator = await demo.open("/media", { role: "operator" });
		const { id, serial } = await bySerial("WD-4TB-0001");
		const photo = await operator.evaluate(async (text) => {
			const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
			const answer = await fetch("/api/v1/media/photos", { method: "POST", headers: { "content-type": "image/png" }, body: bytes });
			return (await answer.json()) as { digest: string };
		}, PNG);
		expect(photo).toMatchObject({ digest: expect.any(String) });
		const removal = { act: "remove", serial, serialAgain: serial, serialFrom: "drive-label", newSeal: "S-1001", photos: [photo.digest] };
		expect(await step(operator, id, removal, 30)).toMatchObject({ status: 201, body: { state: "sealed" } });
		const seal = { number: "S-1001", intact: true };
		const people = await demo.items<{ id: string; name: string }>("/api/v1/media/people");
		const to = people.find(({ name }) => name === "Demo shift lead")?.id;
		expect(await step(operator, id, { act: "offer", to, seal, place: "media-store" })).toMatchObject({ status: 201 });
		const lead = await demo.open("/media", { role: "shift-lead" });
		expect(await step(lead, id, { act: "accept", seal, place: "media-store" })).toMatchObject({ status: 201 });
		const found = { act: "report", incident: "broken-seal", text: "The seal is torn at one corner." };
		expect((await step(lead, id, found)).body).toMatchObject({ state: "incident" });
		await operator.reload();
		await operator.locator("[data-testid=media-incident]", { hasText: serial }).waitFor();
		await operator.locator("[data-testid=order-progress][data-incidents='1']").waitFor();
		await look(operator, "orders");

		await operator.locator("[data-testid=find-serial] input").pressSequentially(serial);
		await operator.keyboard.press("Enter");
		await operator.locator(`[data-testid=medium-row][data-serial=${serial}][data-state=incident] a`).click();
		await operator.locator("[data-testid=medium][data-state=incident]").waitFor();
		const removed = operator.locator("[data-testid=chain-step][data-act=remove]");
		await removed.locator("text=waited on a device").waitFor();
		await operator.locator("[data-testid=chain-step][data-act=offer]", { hasText: "to Demo shift lead" }).waitFor();
		await operator.locator("[data-testid=chain-step][data-act=accept]", { hasText: "Not seen by the doors: the taker" }).waitFor();
		await removed.locator("img").scrollIntoViewIfNeeded();
		await expect.poll(() => removed.locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth), { timeout: 15_000 }).toBe(1);
		await look(operator, "medium");
		expect(await operator.locator("[data-testid=end-incident]").count(), "an operator proposes nothing").toBe(0);

		const custodian = await demo.open("/media/incidents", { role: "media-custodian" });
		await custodian.locator("[data-testid=end-incident]").click();
		const form = custodian.locator("[data-testid=propose-outcome]");
		await form.locator("[name=seal]").fill("S-1002");
		await form.locator("textarea").fill("Looked at together: sealed anew.");
		await look(custodian, "propose-outcome");
		await form.locator("button[type=submit]").click();
		await custodian.locator("[data-testid=proposed]").waitFor();
		await look(custodian, "incidents");

		const manager = await demo.open("/changes", { role: "facility-manager" });
		await manager.locator("[data-testid=change-row][data-state=pending] [data-row]").click();
		await manager.getByRole("button", { name: "Approve" }).click();
		await manager.locator("[data-testid=change-details][data-state=applied]").waitFor();
		await custodian.reload();
		await custodian.locator("[data-testid=media-incident][data-open=false]", { hasText: "The chain goes on" }).waitFor();
		await custodian.locator("text=No incident is open").waitFor();
	});

	test("an order that doesn't reconcile stays open, with an incident that names the serials", LONG, async () => {
		const page = await demo.open(`/media/batches/${order}`, { role: "media-custodian" });
		await page.locator("[data-testid=difference-notRemoved]", { hasText: "TAPE-1" }).waitFor();
		await page.getByRole("button", { name: "Close the order" }).click();
		const dialog = page.locator("[data-testid=close-order]");
		await dialog.locator("text=closing now opens an incident").waitFor();
		await look(page, "close-order");
		await dialog.getByRole("button", { name: "Close the order" }).click();
		await dialog.locator("[role=alert]", { hasText: "the order stays open" }).waitFor();
		await page.keyboard.press("Escape");
		await page.locator("[data-testid=media-incident][data-kind=not-reconciled]", { hasText: "TAPE-1" }).waitFor();
		await look(page, "order");
	});

	test("an order whose media are all destroyed is closed, and its certificates are downloaded", LONG, async () => {
		const custodian = await demo.open("/media", { role: "media-custodian" });
		const [operator, lead] = [await demo.open("/media", { role: "operator" }), await demo.open("/media", { role: "shift-lead" })];
		const people = (await demo.items<{ id: string; name: string }>("/api/v1/media/people")).map(({ id }) => id).slice(0, 2);
		const destination = { kind: "recycling", organisation: "绿色金属回收" };
		const opened = { title: "To its end", place: "loading-dock", plannedFor: "2026-11-26", people, destination };
		const batch = String((await post(custodian, "/media/batches", opened)).body.id);
		const medium = { serial: "END-1", maker: "Samsung", model: "PM9A3", type: "ssd", classification: "low", why: "end of life", batch };
		const id = String((await post(custodian, "/media", medium)).body.id);
		const { id: shredder = "" } = (await demo.items<EquipmentView>("/api/v1/media/equipment")).find(({ kind }) => kind === "shredder") ?? {};
		const [at, validUntil] = [Date.now() - 86_400_000, Date.now() + 86_400_000].map((ms) => new Date(ms).toISOString());
		const record = { kind: "test", at, validUntil, passed: true, by: "TÜV", reference: "R-9" };
		expect(await post(custodian, `/media/equipment/${shredder}/records`, record)).toMatchObject({ status: 201 });
		const removal = { act: "remove", serial: "END-1", serialAgain: "END-1", serialFrom: "drive-label", newSeal: null };
		expect(await step(operator, id, removal)).toMatchObject({ status: 201 });
		expect(await step(operator, id, { act: "shred", equipment: shredder })).toMatchObject({ status: 201 });
		expect(await step(lead, id, { act: "verify", result: "pass", how: "visual" })).toMatchObject({ body: { state: "destroyed" } });

		await custodian.goto(`${demo.url}/media/batches/${batch}`);
		await custodian.locator("[data-testid=reconciliation][data-balanced=true]").waitFor();
		await custodian.getByRole("button", { name: "Close the order" }).click();
		// The order plans another day, and none of the three people who were there.
		const close = custodian.locator("[data-testid=close-order]");
		await close.locator("[data-testid=deviations]", { hasText: "on another day than the order's" }).waitFor();
		const doClose = close.getByRole("button", { name: "Close the order" });
		expect(await doClose.isDisabled(), "not without a reason").toBe(true);
		await close.locator("[name=because]").fill("The recycler came a day later.");
		await look(custodian, "close-deviations");
		await doClose.click();
		await custodian.locator("[data-testid=order-deviations]").waitFor();
		await custodian.locator("[data-testid=deviations]", { hasText: "The recycler came a day later." }).waitFor();
		await custodian.locator("[data-testid=order][data-state=closed]").waitFor();
		await custodian.locator("text=the order is closed").waitFor();
		await look(custodian, "order-closed");
		const download = async (page: Page, kind: string) => {
			const [file] = await Promise.all([page.waitForEvent("download"), page.locator("[data-testid=certificate] a", { hasText: kind }).click()]);
			return await readFile(await file.path());
		};
		expect((await download(custodian, "PDF")).subarray(0, 5).toString()).toBe("%PDF-");
		const guard = await demo.open(`/media/batches/${batch}`, { role: "security-guard" });
		await guard.locator("[data-testid=certificate] a", { hasText: "PDF" }).waitFor();
		expect(await guard.locator("[data-testid=certificate] a", { hasText: "JSON" }).count(), "who may not hand it out isn't sent there").toBe(0);
		// An auditor, and whoever worked on it, takes the evidence along and checks it without the server.
		const auditor = await demo.open("/media", { role: "auditor" });
		for (const [page, path, format, verify] of [
			[auditor, `/media/batches/${batch}`, "watchroom-media-batch/1", verifyBatchPack],
			[auditor, `/media/${id}`, "watchroom-media/1", verifyMediaPack],
			[custodian, `/media/${id}`, "watchroom-media/1", verifyMediaPack],
		] as const) {
			await page.goto(demo.url + path);
			const pack: unknown = JSON.parse((await download(page, "JSON")).toString());
			expect(pack).toMatchObject({ format });
			expect(verify(pack, (await (await demo.ask("/api/v1/ledger/key")).text()).trim())).toMatchObject({ ok: true });
		}
	});

	test("a store is counted with a scanner, and what is not as recorded is named", LONG, async () => {
		const page = await demo.open("/media/stores", { role: "media-custodian" });
		await page.locator("text=There is no store yet").waitFor();
		await page.getByRole("button", { name: "Set up a store" }).click();
		const form = page.locator("[data-testid=add-store]");
		await form.locator("[name=id]").fill("safe-1");
		await form.locator("[name=name]").fill("Safe 1");
		await form.locator("[name=room]").selectOption("media-store");
		await look(page, "add-store");
		await form.locator("button[type=submit]").click();
		await page.locator("[data-testid=count]").click();
		const count = page.locator("[data-testid=count-store]");
		await count.locator("textarea").pressSequentially("WD-4TB-0002\nNOBODYS-1\nNOBODYS-1\n");
		await count.locator("text=2 serial numbers").waitFor();
		await look(page, "count");
		await count.locator("button[type=submit]").click();
		const result = page.locator("[data-testid=count-result]");
		await result.locator("[data-testid=count-misplaced]", { hasText: "WD-4TB-0002" }).waitFor();
		await result.locator("[data-testid=count-unknown]", { hasText: "NOBODYS-1" }).waitFor();
		await look(page, "count-result");
		await result.getByRole("button", { name: "Close" }).click();
		await page.locator("[data-testid=store-row] a").click();
		await page.locator("[data-testid=store-count]").waitFor();
		await look(page, "stores");
	});

	test("another policy is written cell by cell, proposed, approved, and compared with the one before", LONG, async () => {
		const page = await demo.open("/media/policy", { role: "media-custodian" });
		await page.locator("[data-testid=policy]").waitFor();
		await look(page, "policy");
		await page.getByRole("button", { name: "Propose another policy" }).click();
		const propose = page.getByRole("button", { name: "Propose", exact: true });
		expect(await propose.isDisabled(), "nothing is changed").toBe(true);
		const cell = page.locator("textarea[name='ssd/low']");
		await cell.fill("shred 6\nmelt");
		await page.locator("text=Line 2: expected one of").waitFor();
		await cell.fill("degauss > shred 6");
		await page.locator("text=expected no degauss").waitFor();
		expect(await propose.isDisabled(), "no site may have such a policy").toBe(true);
		await look(page, "policy-editor");
		await cell.fill("shred 6");
		await page.locator("[name=photo-accept]").selectOption("seal");
		await propose.click();
		const form = page.locator("[data-testid=propose-policy]");
		await form.locator("textarea").fill("smaller pieces");
		await look(page, "propose-policy");
		await form.locator("button[type=submit]").click();
		await page.locator("[data-testid=policy]").waitFor();

		const manager = await demo.open("/changes", { role: "facility-manager" });
		await manager.locator("[data-testid=change-row][data-state=pending] [data-row]").click();
		await manager.getByRole("button", { name: "Approve" }).click();
		await manager.locator("[data-testid=change-details][data-state=applied]").waitFor();
		await page.reload();
		await page.locator("[data-testid=policy] [data-changed=true]", { hasText: "shred to 6 mm" }).waitFor();
		await page.locator("[data-testid=policy-rules] .is-changed", { hasText: "required with a seal" }).waitFor();
		await look(page, "policy-changed");
	});

	test("on a phone every page fits, and who has no right to media is told so", LONG, async () => {
		const phone = await demo.open("/media", { role: "operator", phone: true });
		const { id } = await bySerial("WD-4TB-0001");
		for (const [name, path, shows] of [
			["orders", "/media", "[data-testid=order-row]"],
			["order", `/media/batches/${order}`, "[data-testid=medium-row]"],
			["medium", `/media/${id}`, "[data-testid=chain-step]"],
			["incidents", "/media/incidents", "[data-testid=media-incident]"],
			["equipment", "/media/equipment", "[data-testid=machine-row]"],
			["stores", "/media/stores?store=safe-1", "[data-testid=store-count]"],
			["policy", "/media/policy", "[data-testid=policy]"],
		] as const) {
			await phone.goto(demo.url + path);
			await phone.locator(shows).first().waitFor();
			await look(phone, `${name}-phone`);
		}
		const reviewer = await demo.open("/media/incidents", { role: "reviewer" });
		await reviewer.locator("[data-testid=forbidden][data-permission='media.read']").waitFor();
	});
});
