/** Each scenario of the doors, from the MQTT payload of a simulated controller to the alarm at the API. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { findingViewSchema } from "../../../contracts/access.ts";
import { alarmSchema, deviceSchema } from "../../../contracts/api.ts";
import { findScenario } from "../../../simulators/scenarios/registry.ts";
import type { Child } from "../../helpers/child-process.ts";
import { type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let running: System;
let played: Child | null = null;
beforeAll(async () => {
	running = await system();
	await running.startServer();
	await running.startAgent();
	// The agent refuses devices that it doesn't know yet: its list comes from the server.
	const everyday = running.simulate("normal");
	await waitFor(
		"every controller to be heard",
		async () =>
			z
				.array(deviceSchema)
				.parse(await running.items("/api/v1/devices?limit=500"))
				.every(({ kind, status }) => kind !== "door-controller" || status === "online"),
		60_000,
	);
	await everyday.stop();
}, 180_000);
afterEach(async () => {
	await played?.stop();
	played = null;
});
afterAll(() => running.stop(), 60_000);

const alarms = async () => z.array(alarmSchema).parse(await running.items("/api/v1/alarms?limit=500"));
const findings = async (kind: string) => z.array(findingViewSchema).parse(await running.items(`/api/v1/access/findings?kind=${kind}`));

test.each([
	["forced-door", "forced"],
	["held-door", "held"],
	["tailgating", "tailgating"],
	["stolen-badge", "guessing"],
	["badge-guessing", "guessing"],
	["duress", "duress"],
	["passback", "passback"],
] as const)("%s: the finding %s and every alarm that the scenario announces", { timeout: 150_000 }, async (name, kind) => {
	const rules = findScenario(name)?.expects.rules ?? [];
	expect(rules.length).toBeGreaterThan(0);
	const from = Date.now();
	played = running.simulate(name, "--at", "2", "--duration", "120");
	for (const rule of rules) {
		const alarm = await waitFor(
			`${rule} of ${name}`,
			async () => (await alarms()).find((one) => one.rule === rule && Date.parse(one.raisedAt) >= from - 5_000),
			90_000,
		);
		expect(alarm?.acknowledged).toBe(false);
	}
	await waitFor(`the finding ${kind}`, async () => (await findings(kind)).some(({ at, late }) => !late && Date.parse(at) >= from - 5_000), 60_000);
});
