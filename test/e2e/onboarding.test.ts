/** Devices that nobody configured come into the site, are changed and leave it, by two people at browsers of their own (EDG-8). */
import { existsSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { browserAvailable, startBrowser, type TestBrowser } from "../helpers/browser.ts";
import { lookAt as look, type PeopleAtBrowsers, peopleAtBrowsers } from "../helpers/people-at-browsers.ts";
import { type TestDatabase, testDatabase } from "../helpers/postgres.ts";
import { type System, system } from "../helpers/system.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../helpers/temporary-directory.ts";
import { waitFor } from "../helpers/wait-for.ts";

let store: TestDatabase;
let folder: TemporaryDirectory;
let siteFile: string;
let running: System;
let browser: TestBrowser;
let people: PeopleAtBrowsers;

beforeAll(async () => {
	if (!browserAvailable) return;
	if (!existsSync("dashboard/dist/index.html"))
		throw new Error("The dashboard is not built: node_modules/.bin/vite build dashboard (npm test does it)");
	store = await testDatabase();
	folder = await temporaryDirectory("site");
	siteFile = join(folder.path, "site.yaml");
	await copyFile("sites/demo.yaml", siteFile);
	running = await system({ site: siteFile, env: { DATABASE_URL: store.url } });
	browser = await startBrowser();
	await running.startServer();
	people = peopleAtBrowsers(running, browser, store);
}, 120_000);
afterAll(async () => {
	await browser?.stop();
	await running?.stop();
	await folder?.remove();
});

describe.skipIf(!browserAvailable)("on the dashboard", () => {
	/** Devices that nobody configured: what they say, and in which rack they are to be. */
	const unconfigured = [
		{
			name: "Shelly",
			address: "shellyhtg3-84fce63ad204",
			id: "A03-air",
			topic: "shellyhtg3-84fce63ad204/events/rpc",
			payload: (value: number) =>
				JSON.stringify({
					src: "shellyhtg3-84fce63ad204",
					dst: "shellyhtg3-84fce63ad204/events",
					method: "NotifyFullStatus",
					params: { ts: Date.now() / 1000, "temperature:0": { id: 0, tC: value, tF: 70 }, "humidity:0": { id: 0, rh: 41.5 } },
				}),
			values: [21.5, 22.5, 40],
			channel: "temperature:0.tC",
			alarm: "Temperature above 35 °C",
		},
		{
			name: "UPS behind Telegraf",
			address: "rack-ups",
			id: "A04-ups",
			topic: "telegraf/host1/upsd",
			payload: (value: number) => `upsd,ups_name=rack-ups load_percent=9.7,battery_charge_percent=${value},status_flags=8i ${Date.now()}000000`,
			values: [98, 97, 20],
			channel: "upsd.battery_charge_percent",
			alarm: "UPS battery charge below 50 %",
		},
	] as const;
	test.each(unconfigured)(
		"an unconfigured $name comes to live points and an alarm by its rule: proposed, approved, no file touched",
		{
			timeout: 240_000,
		},
		async ({ address, id, topic, payload, values: [first, second, abnormal], channel, alarm }) => {
			await running.startAgent();
			const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${running.devicePort}`, { clientId: address });
			const say = (value: number) => device.publishAsync(topic, payload(value), { qos: 1 });
			try {
				await say(first);
				const proposer = await people.at("facility-manager", "/devices");
				await proposer.locator(`[data-testid=seen-row][data-address="${address}"] a`).click();
				await proposer.locator("[data-testid=device-form]").waitFor();
				expect(await proposer.locator("code.payload").textContent()).toContain(String(first));
				expect(await proposer.locator(`[data-channel="${channel}"]`).textContent()).toContain(String(first));
				await look(proposer, `add-${id}`);
				await proposer.setViewportSize({ width: 390, height: 844 });
				await look(proposer, `add-${id}-phone`);
				await proposer.setViewportSize({ width: 1280, height: 800 });
				await proposer.getByLabel(/^Id( \*)?$/).fill(id);
				await proposer.getByLabel(`Name of ${channel}`).fill("Watched");
				await proposer.getByLabel(`Id of ${channel}`).fill("watched");
				await proposer.getByLabel(/^Place/).selectOption({ value: `rack:${id.slice(0, 3)}` });
				await proposer.locator("[data-testid=rules-left-out]").waitFor();
				expect(await proposer.getByLabel("No data").count(), "the site tells of it already").toBe(0);
				await proposer.getByLabel(/^Reason/).fill("the rack had none of its own");
				await proposer.getByRole("button", { name: "Propose", exact: true }).click();
				await proposer.locator("[data-testid=device-proposed]").waitFor();

				const approver = await people.approve("risk-manager");
				expect(await approver.locator("[data-testid=device-words]").textContent()).toContain(id);
				await proposer.goto(`${running.url}/devices/${id}`);
				await proposer.locator("[data-testid=device-facts]", { hasText: "agreement of two people" }).waitFor();
				await waitFor(
					"a live value",
					async () => {
						await say(second);
						return (await proposer.locator(".place-points").textContent())?.includes(String(second));
					},
					60_000,
					500,
				);
				expect(await proposer.locator(`a[href="/points/${encodeURIComponent(`${id}:watched`)}"]`).textContent()).toBe("Watched");
				await look(proposer, `added-${id}`);
				await say(abnormal);
				await proposer.goto(`${running.url}/alarms`);
				await proposer.getByText(alarm).first().waitFor();
				await proposer.goto(`${running.url}/devices`);
				await proposer.locator("[data-testid=seen-devices]", { hasText: "Every device that speaks is configured" }).waitFor();
			} finally {
				await device.endAsync(true);
			}
		},
	);

	test("an added device is changed by the form that it was added with, and taken away: one person proposes, another approves", {
		timeout: 240_000,
	}, async () => {
		const proposer = await people.at("facility-manager", "/devices/A03-air");
		await proposer.getByRole("button", { name: "Propose to change the device" }).click();
		const form = proposer.locator("[data-testid=device-form]");
		await form.waitFor();
		expect(await form.getByLabel(/^Id( \*)?$/).getAttribute("readonly"), "its id stays").not.toBeNull();
		expect(await form.getByLabel("Id of temperature:0.tC").count(), "and those of its points").toBe(0);
		await look(proposer, "change-device");
		await proposer.setViewportSize({ width: 390, height: 844 });
		await look(proposer, "change-device-phone");
		await proposer.setViewportSize({ width: 1280, height: 800 });
		await form.getByLabel(/^Name( \*)?$/).fill("Air of the rack");
		await form.getByLabel(/^Place/).selectOption({ value: "rack:A04" });
		await form.getByLabel("Name of temperature:0.tC").fill("Inlet");
		await form.locator('[data-channel="humidity:0.rh"] input[type=checkbox]').uncheck();
		await form.getByLabel("Temperature above 35 °C").uncheck();
		await form.getByLabel(/^Reason/).fill("it was put into the next rack");
		await form.getByRole("button", { name: "Propose", exact: true }).click();
		await proposer.locator("[data-testid=device-proposed]").waitFor();
		const words = (await people.approve("risk-manager")).locator("[data-testid=device-words]");
		await words.locator("ins").first().waitFor();
		expect(await words.locator("del").allTextContents(), "what was there").toEqual(
			expect.arrayContaining(["A03", expect.stringContaining("humidity:0.rh"), expect.stringContaining("Temperature above 35 °C")]),
		);
		expect(await words.locator("ins").allTextContents()).toEqual(expect.arrayContaining(["A04", expect.stringContaining("Inlet")]));
		await proposer.goto(`${running.url}/devices/A03-air`);
		await proposer.getByRole("heading", { name: "Air of the rack" }).waitFor();
		await proposer.locator(".place-points li", { hasText: "Inlet" }).waitFor();
		expect(await proposer.locator(".place-points li").count()).toBe(1);

		await proposer.goto(`${running.url}/devices/A04-ups`);
		await proposer.getByRole("button", { name: "Propose to remove the device" }).click();
		const removal = proposer.locator("[data-testid=remove-device]");
		await removal.getByLabel(/^Reason/).fill("it goes to another site");
		await removal.getByRole("button", { name: "Propose", exact: true }).click();
		await proposer.locator("[data-testid=device-facts]", { hasText: "Another person decides" }).waitFor();
		await people.approve("risk-manager");
		await waitFor("the device to be gone", async () => {
			await proposer.goto(`${running.url}/devices`);
			await proposer.locator("[data-testid=device-row]").first().waitFor();
			return (await proposer.locator("[data-testid=device-row][data-device=A04-ups]").count()) === 0;
		});
	});

	test("an added device is taken over into the site file by its YAML; the file counts then, and the addition is removed", {
		timeout: 240_000,
	}, async () => {
		const proposer = await people.at("facility-manager", "/devices/A03-air");
		await proposer.locator("[data-testid=site-file-text] summary").click();
		await look(proposer, "site-file-text");
		const { devices, rules } = parse((await proposer.locator("[data-testid=site-file-text] pre").textContent()) ?? "");
		const file = parse(await readFile(siteFile, "utf8"));
		file.racks.find(({ id }: { id: string }) => id === "A04").devices.push(...devices);
		file.rules.push(...rules);
		await writeFile(siteFile, stringify(file));
		const resting = proposer.locator("[data-testid=resting-devices]", { hasText: "A03-air: the site file has a device of this id" });
		await waitFor(
			"the addition to rest",
			async () => {
				await proposer.goto(`${running.url}/devices`);
				await proposer.locator("[data-testid=seen-devices]").waitFor();
				return await resting.waitFor({ timeout: 2000 }).then(
					() => true,
					() => false,
				);
			},
			60_000,
			500,
		);
		await look(proposer, "resting");
		await resting.getByRole("button", { name: "Propose to remove the device" }).click();
		const removal = proposer.locator("[data-testid=remove-device]");
		await removal.getByLabel(/^Reason/).fill("the site file has it now");
		await removal.getByRole("button", { name: "Propose", exact: true }).click();
		await resting.getByText("Another person decides").waitFor();
		await people.approve("risk-manager");
		await proposer.goto(`${running.url}/devices/A03-air`);
		await proposer.locator("[data-testid=device-facts]", { hasText: "site file" }).waitFor();
		expect(await proposer.getByRole("button", { name: "Propose to change the device" }).count()).toBe(0);
		await proposer.locator(".place-points li", { hasText: "Inlet" }).waitFor();
		await proposer.goto(`${running.url}/devices`);
		await proposer.locator("[data-testid=seen-devices]").waitFor();
		expect(await resting.count()).toBe(0);
	});
});
