/** Denials at a door that of which the first comes last: from the MQTT payload to the alarm (ACC-2). */
import { afterEach, beforeEach, expect, test } from "vitest";
import { plainDevice } from "../../helpers/plain-device.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let running: System;
beforeEach(async () => {
	running = await system({ site: fixture("system.yaml") });
	await running.startServer();
	await running.startAgent();
});
afterEach(() => running.stop());

test("four denials are none, and the earlier one that comes after them makes them guessing, with its alarm", { timeout: 120_000 }, async () => {
	const device = await plainDevice(running.devicePort, "door-1");
	const from = Date.now() - 20_000;
	const deny = (seq: number, seconds: number) => {
		const event = {
			ts: from + 1000 * seconds,
			seq,
			door: "main",
			direction: "in",
			method: "card",
			card: { format: "H10301", facility: 9, number: 9 },
		};
		return device.say("access", { ...event, fingerprint: null, result: "denied", reason: "denied-unknown-credential" });
	};
	for (const n of [2, 3, 4, 5]) await deny(n, 10 + n);
	await waitFor("four findings", async () => (await running.items("/api/v1/access/findings?kind=denied")).length === 4, 30_000, 100);
	expect(await running.items("/api/v1/access/findings?kind=guessing")).toEqual([]);
	await deny(1, 1);
	const [alarm] = await waitFor(
		"the alarm",
		async () => {
			const alarms = await running.items<{ message: string; active: boolean }>("/api/v1/alarms?rule=access-guessing");
			return alarms.length > 0 && alarms;
		},
		30_000,
		100,
	);
	expect(alarm).toMatchObject({ point: "watchroom:main" });
	expect(await running.items("/api/v1/access/findings?kind=guessing")).toMatchObject([{ at: new Date(from + 15_000).toISOString() }]);
	await device.stop();
});
