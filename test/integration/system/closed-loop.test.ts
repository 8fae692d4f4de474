/** From the decision over the API to the next swipe at a simulated controller: whole processes, real brokers (ACC-4). */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { NativeCommand } from "../../../contracts/native-dialect.ts";
import { type DoorController, doorController } from "../../helpers/door-controller.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

interface Removal {
	id: string;
	controller: string;
	door: string;
	credential: string;
	decidedAt: string;
	confirmedAt: string | null;
	seconds: number;
}
const ADA = { format: "H10301", facility: 12, number: 3456 };
const LONG = 30_000;

let running: System;
let controller: DoorController;
let obeys: (command: NativeCommand) => void;

const swipe = () => controller.swipe("main", ADA);
const removals = () => running.items<Removal>("/api/v1/access/removals");
const alarm = async (rule: string) => (await running.items<{ active: boolean; state: string }>(`/api/v1/alarms?rule=${rule}&limit=1`))[0];
async function letIn(): Promise<string> {
	const grant = { holder: "ada", zone: "hall", sponsor: "bo", reason: "works there" };
	const { status, body } = await running.post<{ id: string }>("/api/v1/access/grants", grant);
	expect({ status, body }).toMatchObject({ status: 201 });
	await waitFor("the door to open", () => swipe() === "granted", LONG, 200);
	return body.id;
}
async function revoke(grant: string): Promise<string> {
	const { status, body } = await running.post<{ endedAt: string }>(`/api/v1/access/grants/${grant}/revoke`, { reason: "no longer works there" });
	expect({ status, body }).toMatchObject({ status: 200 });
	return body.endedAt;
}
const confirmation = async () =>
	await waitFor(
		"the confirmation",
		async () => {
			const [removal] = await removals();
			return removal?.confirmedAt && removal;
		},
		LONG,
		100,
	);

beforeEach(async () => {
	obeys = () => {};
	running = await system({
		site: fixture("system.yaml"),
		env: { WATCHROOM_CONTROLLER_CHECK_SECONDS: "1", WATCHROOM_REMOVAL_BOUND_SECONDS: "1" },
	});
	await running.startServer();
	await running.startAgent();
	controller = await doorController(running.devicePort, "door-1", running.directory, (command) => obeys(command));
	const { status } = await running.post("/api/v1/access/holders", { id: "bo", name: "Bo", kind: "employee" });
	expect(status).toBe(201);
});
afterEach(async () => {
	await controller.stop();
	await running.stop();
});

test("a grant opens the door; after its revocation the next swipe is denied, and the confirmation is on record, provably", async () => {
	expect(swipe()).toBe("denied");
	const grant = await letIn();
	const endedAt = await revoke(grant);
	const removal = await confirmation();
	expect(swipe()).toBe("denied");
	expect(removal).toMatchObject({ controller: "door-1", door: "main", decidedAt: endedAt });
	expect(removal.seconds).toBeGreaterThanOrEqual(0);
	expect(await removals()).toHaveLength(1);
	expect(await running.get("/api/v1/access/controllers/door-1")).toMatchObject({
		state: "confirmed",
		entries: 0,
		unconfirmedRemovals: 0,
		drift: null,
	});
	const events = await waitFor("the denied swipe", async () => {
		const [last] = await running.items<{ result: string; reason: string; holder: { id: string } }>("/api/v1/access/events?door=main");
		return last?.result === "denied" && last;
	});
	expect(events).toMatchObject({ reason: "denied-unknown-credential", holder: { id: "ada" } });
	const entry = await waitFor("the ledger's entry", async () => {
		const { size } = await running.get<{ size: number }>("/api/v1/ledger", "auditor").catch(() => ({ size: 0 }));
		for (let index = size - 1; index >= 0; index--) {
			const found = await running.get<{ type: string; leaf: string }>(`/api/v1/ledger/entries/${index}`, "auditor");
			if (found.type === "removal.confirmed") return found;
		}
		return null;
	});
	const leaf = Buffer.from(entry.leaf, "base64").toString("utf8");
	expect(leaf).toContain(removal.credential);
	expect(leaf).not.toMatch(/ada|3456/i);
	expect(await (await fetch(`${running.url}/metrics`)).text()).toMatch(/watchroom_removals_confirmed_total 1\n/);
});

test("a controller that is offline at the revocation goes on opening, which alarms, and confirms once it is back", async () => {
	const grant = await letIn();
	controller.cut(true);
	await waitFor("the server to know", async () => (await running.get<{ status: string }>("/api/v1/devices/door-1")).status === "offline", LONG, 100);
	await revoke(grant);
	expect(swipe()).toBe("granted");
	await waitFor("the alarm", async () => (await alarm("revocation-unconfirmed"))?.active, LONG, 100);
	// A look that was under way when the controller went has to run out of time first.
	const atDoor = () => running.get<{ state: string }>("/api/v1/access/controllers/door-1");
	await waitFor("the look at the controller to fail", async () => (await atDoor()).state === "failing", LONG, 100);
	expect(await atDoor()).toMatchObject({ state: "failing", online: false, unconfirmedRemovals: 1 });
	expect(await running.items("/api/v1/access/removals?confirmed=false")).toHaveLength(1);
	controller.cut(false);
	const removal = await confirmation();
	expect(removal.seconds).toBeGreaterThan(1);
	// What its door did meanwhile comes as well, against the records.
	await waitFor("the swipe from before", async () => {
		const events = await running.items<{ result: string; verdict: string }>("/api/v1/access/events?door=main");
		return events.some(({ result, verdict }) => result === "granted" && verdict === "denied-no-rights");
	});
	expect(swipe()).toBe("denied");
	await waitFor("the alarm's return", async () => (await alarm("revocation-unconfirmed"))?.active === false, LONG, 100);
});

test("a controller that lost its list is found, alarms, and has it again", async () => {
	await letIn();
	await waitFor("the confirmation", async () => (await running.get<{ state: string }>("/api/v1/access/controllers/door-1")).state === "confirmed");
	controller.lose();
	expect(swipe()).toBe("denied");
	await waitFor("the door to open again", () => swipe() === "granted", LONG, 200);
	const drifted = await waitFor("the alarm", () => alarm("controller-drift"), LONG, 100);
	expect(drifted).toMatchObject({ state: expect.stringMatching(/unacknowledged/) });
	await waitFor("the alarm's return", async () => (await alarm("controller-drift"))?.active === false, LONG, 100);
	const known = await running.get<{ drift: { repairedAt: string }; driftEntries: object[] }>("/api/v1/access/controllers/door-1");
	expect(known.drift).toMatchObject({ missing: 1, extra: 0, different: 0, detail: expect.stringContaining("has no list") });
	expect(known.drift.repairedAt).not.toBeNull();
	expect(known.driftEntries).toMatchObject([{ kind: "missing", door: "main", holder: { id: "ada" }, card: "H10301 12-3456", held: null }]);
	expect(await running.get("/api/v1/access/controllers/door-1", "shift-lead")).toMatchObject({ driftEntries: [{ card: "H10301 12-**56" }] });
});

test("a server killed while it takes something away goes on with that after its start, by the time of the decision", async () => {
	const grant = await letIn();
	const killed = new Promise<void>((resolve) => {
		obeys = ({ op }) => {
			if (op !== "access-list.put") return;
			obeys = () => {};
			running.server?.process.kill("SIGKILL");
			resolve();
		};
	});
	const endedAt = await revoke(grant);
	await killed;
	await running.server?.stop("SIGKILL");
	await running.startServer();
	expect(await confirmation()).toMatchObject({ decidedAt: endedAt });
	expect(swipe()).toBe("denied");
	expect(await removals()).toHaveLength(1);
	expect(await alarm("controller-drift")).toBeUndefined();
});
