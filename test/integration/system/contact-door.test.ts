/** A door that only a contact stands for is held open by the site file's time, from the sensor's MQTT message to the alarm (ACC-2). */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import type { FindingView } from "../../../contracts/access.ts";
import type { Alarm, DoorEventView, DoorView } from "../../../contracts/api.ts";
import { type PlainDevice, plainDevice } from "../../helpers/plain-device.ts";
import { smallSite } from "../../helpers/small-world.ts";
import { type System, system } from "../../helpers/system.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const base = smallSite();
const [room] = base.rooms;
const site = {
	...base,
	agents: [{ id: "agent-1", name: "A", dialects: [{ profile: "zigbee2mqtt", base: "zigbee2mqtt" }] }],
	rooms: [{ ...room, devices: [{ id: "c1", kind: "door-controller", profile: "zigbee2mqtt", address: "store door" }] }],
	doors: [{ id: "main", name: "Main", from: "outside", to: "hall", plan: { x: 0, y: 2 }, controller: "c1", source: "contact", heldOpenAfter: "3s" }],
	rules: [{ id: "door-held", name: "Door held open", kind: "state", on: { pointKind: "door-state" }, states: ["held"], priority: "high" }],
};

let directory: TemporaryDirectory;
let running: System;
let sensor: PlainDevice;
beforeAll(async () => {
	directory = await temporaryDirectory("contact-door");
	const file = join(directory.path, "site.yaml");
	await writeFile(file, stringify(site));
	running = await system({ site: file });
	await running.startServer();
	await running.startAgent();
	sensor = await plainDevice(running.devicePort, "sensor");
}, 120_000);
afterAll(async () => {
	await sensor?.stop();
	await running?.stop();
	await directory?.remove();
}, 60_000);

const says = (contact: boolean) => sensor.client.publishAsync("zigbee2mqtt/store door", JSON.stringify({ contact, battery: 97 }), { qos: 1 });
const state = async () => (await running.items<DoorView>("/api/v1/access/doors"))[0]?.state;
const alarms = () => running.items<Alarm>("/api/v1/alarms?rule=door-held");
const held = () => running.items<FindingView>("/api/v1/access/findings?kind=held");
const becomes = (wanted: DoorView["state"]) => waitFor(`the door to be ${wanted}`, async () => (await state()) === wanted, 30_000, 100);

test("its state, finding and alarm are as of a controller that says so; once, also across a restart; closed ends it", {
	timeout: 180_000,
}, async () => {
	// The agent refuses what it doesn't know yet: its list comes from the server.
	await waitFor(
		"the closed door",
		async () => {
			await says(true);
			return (await state()) === "closed";
		},
		30_000,
		500,
	);
	await says(false);
	await becomes("open");
	await becomes("held");
	const [alarm] = await waitFor("the alarm", async () => (await alarms()).length > 0 && (await alarms()));
	expect(alarm).toMatchObject({ point: "c1:main", active: true });
	const events = await running.items<DoorEventView>("/api/v1/access/door-events");
	const [at, opened] = (["held", "open"] as const).map((wanted) => Date.parse(events.find((event) => event.state === wanted)?.ts ?? ""));
	expect((at ?? 0) - (opened ?? 0)).toBe(3000);

	await says(false);
	await running.server?.stop();
	await running.startServer();
	await waitFor("the agent to be heard", async () => (await running.items<DoorView>("/api/v1/access/doors"))[0]?.stale === false, 60_000, 200);
	await says(false);
	await waitFor(
		"what it says again",
		async () => (await running.items<DoorEventView>("/api/v1/access/door-events")).length >= events.length + 2,
		30_000,
		100,
	);
	expect([await state(), (await held()).length, (await alarms()).map(({ id, active }) => [id, active])]).toEqual(["held", 1, [[alarm?.id, true]]]);

	await says(true);
	await becomes("closed");
	await waitFor("the alarm's return", async () => (await alarms()).every(({ active }) => !active));
});
