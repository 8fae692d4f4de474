/** The demo site as `npm start` runs it: its people are let in by the lists that the register makes, and by nothing else (ACC-4). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const LONG = 60_000;
let running: System;

interface Controller {
	id: string;
	state: string;
	entries: number;
	drift: { repairedAt: string | null } | null;
}
const controllers = () => running.items<Controller>("/api/v1/access/controllers");
const allConfirmed = () =>
	waitFor("every controller to confirm its list", async () => (await controllers()).every(({ state }) => state === "confirmed"), LONG, 200);
/** What the controller says, by the command that people use. */
async function swipe(holder: string, door: string): Promise<string> {
	const child = running.simulate("swipe", "--holder", holder, "--door", door);
	const [, reason = ""] = await child.says(new RegExp(`${holder} at ${door}: (\\S+)`));
	return reason;
}

beforeAll(async () => {
	running = await system({ env: { WATCHROOM_CONTROLLER_CHECK_SECONDS: "2", WATCHROOM_REMOVAL_BOUND_SECONDS: "2" } });
	await running.startServer();
	await running.startAgent();
	await running.simulate("normal", "--refuse", "0.1").says(/simulators ready/, LONG);
}, 120_000);
afterAll(() => running.stop());

test("every controller has its list soon after the start, and people of the site file are let in where they may", { timeout: 120_000 }, async () => {
	await allConfirmed();
	expect((await controllers()).map(({ id, entries }) => [id, entries > 10])).toEqual([1, 2, 3, 4, 5].map((number) => [`controller-${number}`, true]));
	expect(await swipe("li-na", "hall-a-door")).toBe("granted");
	expect(await swipe("li-na", "media-door")).toBe("denied-no-rights");
	// A controller knows those only who may pass one of its doors.
	expect(await swipe("kenji-watanabe", "hall-a-door")).toBe("denied-unknown-credential");
});

test("what is revoked is refused at the next swipe, once confirmed, at both doors of the zone", { timeout: 120_000 }, async () => {
	const [grant] = await running.items<{ id: string }>("/api/v1/access/grants?holder=li-na&zone=halls");
	const { status } = await running.post(`/api/v1/access/grants/${grant?.id}/revoke`, { reason: "moved to the office" });
	expect(status).toBe(200);
	const removals = await waitFor(
		"the confirmation",
		async () => {
			const all = await running.items<{ door: string; confirmedAt: string | null }>("/api/v1/access/removals");
			return all.length > 0 && all.every(({ confirmedAt }) => confirmedAt !== null) && all;
		},
		LONG,
		200,
	);
	// Card and fingerprint at each door with two factors.
	expect(removals.map(({ door }) => door).sort()).toEqual(["hall-a-door", "hall-a-door", "hall-b-door", "hall-b-door"]);
	expect([await swipe("li-na", "hall-a-door"), await swipe("li-na", "control-door")]).toEqual(["denied-unknown-credential", "granted"]);
	const event = await waitFor("the refusal among the events", async () => {
		const [last] = await running.items<{ result: string }>("/api/v1/access/events?holder=li-na&door=hall-a-door&limit=1");
		return last?.result === "denied" && last;
	});
	expect(event).toMatchObject({ reason: "denied-unknown-credential", verdict: "denied-no-rights" });
});

test("the scenario controller-lost-its-list is found, alarmed and repaired", { timeout: 120_000 }, async () => {
	const child = running.simulate("controller-lost-its-list", "--at", "0", "--duration", "1");
	await child.says(/back to normal/, LONG);
	await waitFor("the drift", async () => (await controllers()).some(({ id, drift }) => id === "controller-1" && drift !== null), LONG, 100);
	await waitFor("its repair", async () => (await controllers()).every(({ drift }) => !drift || drift.repairedAt !== null), LONG, 200);
	// The alarm is told of the repair once that is recorded.
	const alarms = await waitFor("the alarm's return", async () => {
		const found = await running.items<{ rule: string; point: string; active: boolean }>("/api/v1/alarms?rule=controller-drift");
		return found.length > 0 && found.every(({ active }) => !active) && found;
	});
	expect(alarms).toMatchObject([{ point: "watchroom:controller-1", active: false, state: "returned-unacknowledged" }]);
	await allConfirmed();
	expect(await swipe("li-na", "front-door")).toBe("granted");
});

test("the scenario controller-offline: what is revoked meanwhile waits, alarms, and is confirmed once it is over", { timeout: 120_000 }, async () => {
	const child = running.simulate("controller-offline", "--at", "0", "--duration", "600");
	await waitFor("the controller to be offline", async () => {
		const device = await running.get<{ status: string }>("/api/v1/devices/controller-1");
		return device.status === "offline";
	});
	const [grant] = await running.items<{ id: string }>("/api/v1/access/grants?holder=kenji-watanabe&zone=common");
	await running.post(`/api/v1/access/grants/${grant?.id}/revoke`, { reason: "the visit is over" });
	expect(await swipe("kenji-watanabe", "front-door")).toBe("granted");
	const open = () => running.items<{ controller: string }>("/api/v1/access/removals?confirmed=false");
	await waitFor("the alarm", async () => (await running.items("/api/v1/alarms?rule=revocation-unconfirmed&active=true")).length === 1, LONG, 100);
	expect((await open()).every(({ controller }) => controller === "controller-1")).toBe(true);
	await child.stop();
	await waitFor("the confirmation", async () => (await open()).length === 0, LONG, 200);
	expect(await swipe("kenji-watanabe", "front-door")).toMatch(/^denied-/);
});
