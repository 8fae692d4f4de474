/** A device that nobody configured comes into the running site by two people, over the API alone (EDG-8). */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Alarm, Point } from "../../../contracts/api.ts";
import { type ChangeView, changeSchema } from "../../../contracts/changes.ts";
import { addedDeviceSchema, type SeenDeviceView, seenDeviceDetailsSchema } from "../../../contracts/onboarding.ts";
import { type LiveClient, liveClient } from "../../helpers/live-client.ts";
import { type PlainDevice, plainDevice } from "../../helpers/plain-device.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const POINT = "wall:inlet";
let running: System;
let live: LiveClient;
let probe: PlainDevice;
beforeAll(async () => {
	running = await system({ site: fixture("system.yaml") });
	await running.startServer();
	await running.startAgent();
	live = await liveClient(running, "system");
	probe = await plainDevice(running.devicePort, "probe");
}, 120_000);
afterAll(async () => {
	await probe?.stop();
	live?.stop();
	await running.stop();
}, 60_000);

const said = (value: number) => probe.say("temperature", { value });

test("a native device that isn't configured is seen, and in force with the second person: live values, kept, with an alarm", {
	timeout: 120_000,
}, async () => {
	await said(21.5);
	const { id } = await waitFor("the device to be seen", async () => (await running.items<SeenDeviceView>("/api/v1/seen-devices"))[0]);
	await waitFor("a notice of it", () => live.notices.some(({ kind, text }) => kind === "device-seen" && text.includes("probe")));
	const { agent, profile, address, proposal } = seenDeviceDetailsSchema.parse(await running.get(`/api/v1/seen-devices/${id}`));
	expect({ agent, profile, address }).toEqual({ agent: "agent-1", profile: "native", address: "probe" });
	expect(proposal).toMatchObject({ kind: "temperature-sensor", points: [{ id: "temperature", kind: "temperature", unit: "°C" }] });

	// As a person fills it in: ids of its own, the rules for what it measures.
	const [point] = proposal.points;
	const rules = proposal.rules.map((rule) => ({ ...rule, on: { device: "wall", ...("point" in (rule.on as object) && { point: "inlet" }) } }));
	const { states: _states, ...given } = { ...point, id: "inlet", interval: "10min" };
	const device = { id: "wall", name: "At the wall", kind: proposal.kind, agent, profile, address, points: [given] };
	const definition = { place: { room: "hall" }, device, rules };
	const body = { kind: "device", device: "wall", reason: "the hall has none at this wall", change: { act: "set", definition } };
	const propose = (changed: object) => running.post("/api/v1/changes", { ...body, ...changed }, "shift-lead");
	expect(await propose({ change: { act: "set", definition: { ...definition, place: { room: "attic" } } } })).toMatchObject({
		status: 400,
		body: { errors: [{ field: "change.definition.place.room" }] },
	});
	expect((await running.post("/api/v1/changes", body, "operator")).status, "not by an operator").toBe(403);
	const proposed = await propose({});
	expect(proposed.status, JSON.stringify(proposed.body)).toBe(201);
	const change: ChangeView = changeSchema.parse(proposed.body);
	const approve = (role: "shift-lead" | "risk-manager") => running.post(`/api/v1/changes/${change.id}/approve`, {}, role);
	expect((await approve("shift-lead")).status, "not by whoever proposed it").toBe(403);
	expect((await running.ask(`/api/v1/points/${POINT}`)).status, "not before").toBe(404);
	const approved = await approve("risk-manager");
	expect(approved.status, JSON.stringify(approved.body)).toBe(200);

	await waitFor(
		"a live value",
		async () => {
			await said(22);
			return live.readings.some(([name, value]) => name === POINT && value === 22);
		},
		20_000,
		100,
	);
	expect(await running.get<Point>(`/api/v1/points/${POINT}`)).toMatchObject({ value: 22, quality: "good", unit: "°C", room: "hall" });
	expect(await running.items("/api/v1/seen-devices"), "it is configured").toEqual([]);
	await said(40);
	const alarm = await waitFor("its alarm", async () => (await running.items<Alarm>("/api/v1/alarms?rule=probe-ashrae-a2-high"))[0]);
	expect(alarm).toMatchObject({ point: POINT, active: true, value: 40, priority: "critical" });
});

test("it is still there when all processes were killed, with its YAML for the site file", {
	timeout: 120_000,
}, async () => {
	await Promise.all([running.server?.stop("SIGKILL"), running.agent?.stop("SIGKILL")]);
	await running.startServer();
	await running.startAgent();
	await waitFor(
		"a value after the restart",
		async () => {
			await said(23);
			return (await running.get<Point>(`/api/v1/points/${POINT}`)).value === 23;
		},
		30_000,
		100,
	);
	const [added] = (await running.items("/api/v1/added-devices")).map((one) => addedDeviceSchema.parse(one));
	expect(added).toMatchObject({ id: "wall", version: 1, resting: null });
	expect(added?.yaml).toMatch(/^# devices: to the room hall; rules: to those of the site\ndevices:\n {2}- id: wall\n/);
});
