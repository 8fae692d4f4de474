/** A visit from the request to the badge handed back, by the people of each step, down to the door: whole processes (ACC-8). */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Role } from "../../../contracts/permissions.ts";
import type { VisitView } from "../../../contracts/visitors.ts";
import { type DoorController, doorController } from "../../helpers/door-controller.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const LONG = 30_000;
const card = (number: number) => ({ format: "H10301", facility: 90, number });
const document = { type: "passport", lastFour: "12AB" };

let running: System;
let controller: DoorController;

const post = (path: string, body: unknown, role?: Role) =>
	running.post<VisitView & { code?: string; errors?: unknown }>(`/api/v1${path}`, body, role);
async function request(role: Role, more: object = {}): Promise<string> {
	const now = Date.now();
	const times = { from: new Date(now).toISOString(), until: new Date(now + 3_600_000).toISOString() };
	const asked = { visitor: "Vi Sitor", company: "Acme", purpose: "Repair of the UPS", host: "bo", escort: "esc", zones: ["hall"], ...times, ...more };
	const { status, body } = await post("/visitors", asked, role);
	expect({ status, body }).toMatchObject({ status: 201, body: { state: "requested" } });
	return body.id;
}
async function escorted(): Promise<string> {
	const id = await request("operator");
	await post(`/visitors/${id}/approve`, {}, "shift-lead");
	await post(`/visitors/${id}/check-in`, { document }, "security-guard");
	expect((await post(`/visitors/${id}/accept-escort`, {}, "reviewer")).body.state).toBe("escorted");
	return id;
}

beforeAll(async () => {
	running = await system({ site: fixture("system.yaml"), env: { WATCHROOM_CONTROLLER_CHECK_SECONDS: "1" } });
	await running.startServer();
	await running.startAgent();
	controller = await doorController(running.devicePort, "door-1", running.directory, () => {});
	const users = await running.items<{ id: string; username: string }>("/api/v1/users");
	const { username } = await running.logIn("reviewer");
	const account = users.find((user) => user.username === username)?.id;
	expect((await post("/access/holders", { id: "bo", name: "Bo", kind: "employee" })).status).toBe(201);
	expect((await post("/access/holders", { id: "esc", name: "Esc Ort", kind: "employee", account })).status).toBe(201);
	for (const number of [1, 2]) expect((await post("/visitor-badges", { id: `V${number}`, card: card(number) })).status).toBe(201);
}, 120_000);
afterAll(async () => {
	await controller?.stop();
	await running?.stop();
});

test("request, approval, document, escort, badge, doors, check-out, badge back: each by who may, in this order, once", {
	timeout: 120_000,
}, async () => {
	const id = await request("operator");
	const at = `/visitors/${id}`;
	expect(await post(`${at}/check-in`, { document }, "security-guard")).toMatchObject({ status: 409, body: { code: "visit-state" } });
	const approvals = await Promise.all([post(`${at}/approve`, {}, "shift-lead"), post(`${at}/approve`, {}, "facility-manager")]);
	expect(approvals.map(({ status }) => status).sort((one, other) => one - other)).toEqual([200, 409]);

	const whole = await post(`${at}/check-in`, { document: { type: "passport", lastFour: "C01X0012AB" } }, "security-guard");
	expect(whole).toMatchObject({ status: 400, body: { errors: [{ field: "document.lastFour" }] } });
	const scan = await post(`${at}/check-in`, { document: { ...document, number: "C01X0012AB" } }, "security-guard");
	expect(scan).toMatchObject({ status: 400, body: { errors: [{ field: "document.number" }] } });
	expect((await post(`${at}/check-in`, { document }, "security-guard")).body).toMatchObject({ state: "checked-in", document });
	expect(await post(`${at}/badge`, { badge: "V1" }, "security-guard")).toMatchObject({ status: 409 });
	expect(await post(`${at}/accept-escort`, {}, "operator")).toMatchObject({ status: 403, body: { code: "not-the-escort" } });
	expect((await post(`${at}/accept-escort`, {}, "reviewer")).body.state).toBe("escorted");

	expect(controller.swipe("main", card(1))).toBe("denied");
	const desks = await Promise.all([post(`${at}/badge`, { badge: "V1" }, "security-guard"), post(`${at}/badge`, { badge: "V1" }, "shift-lead")]);
	expect(desks.map(({ status }) => status).sort((one, other) => one - other)).toEqual([200, 409]);
	await waitFor("the badge to open the zone's door", () => controller.swipe("main", card(1)) === "granted", LONG, 200);
	expect(await running.items("/api/v1/visitor-badges")).toMatchObject([
		{ id: "V1", visit: id },
		{ id: "V2", visit: null },
	]);

	const other = await escorted();
	expect(await post(`/visitors/${other}/badge`, { badge: "V1" }, "security-guard")).toMatchObject({ status: 409, body: { code: "badge-taken" } });
	expect(await post(`/visitors/${other}/cancel`, { reason: "not needed" }, "security-guard")).toMatchObject({ status: 403 });
	expect((await post(`/visitors/${other}/cancel`, { reason: "not needed" }, "operator")).body.state).toBe("cancelled");

	expect((await post(`${at}/check-out`, {}, "security-guard")).body).toMatchObject({ state: "checked-out", badgeOutstanding: false });
	await waitFor("the badge to open nothing", () => controller.swipe("main", card(1)) === "denied", LONG, 200);
	expect((await post(`${at}/badge-returned`, {}, "security-guard")).body).toMatchObject({ state: "closed" });
	expect(await post(`${at}/badge-returned`, {}, "security-guard")).toMatchObject({ status: 409 });

	const next = await escorted();
	expect((await post(`/visitors/${next}/badge`, { badge: "V1" }, "security-guard")).body).toMatchObject({ state: "on-site", badge: "V1" });
	const grants = await running.items<{ status: string; endReason: string | null }>("/api/v1/access/grants?zone=hall");
	expect(grants.map(({ status, endReason }) => `${status} ${endReason}`).sort()).toEqual(["active null", "ended visit-over"]);
	expect((await post(`/visitors/${next}/badge-returned`, {}, "security-guard")).body.state).toBe("closed");
});

test("nobody approves the visit that they asked for, or that they escort; names are hidden from whom the right is missing", async () => {
	const own = await request("facility-manager");
	expect(await post(`/visitors/${own}/approve`, {}, "facility-manager")).toMatchObject({ status: 403, body: { code: "own-visit" } });
	expect(await post(`/visitors/${own}/reject`, { reason: "no need" }, "shift-lead")).toMatchObject({ status: 200, body: { state: "rejected" } });
	const [shown] = await running.items<VisitView>("/api/v1/visitors", "media-custodian");
	expect(shown).toMatchObject({ visitor: "•••", host: { name: "•••" } });
});

test.each([
	["zones", { zones: ["nowhere"] }],
	["host", { host: "nobody" }],
	["until", { until: "2020-01-01T00:00:00Z" }],
	["until", { until: "2099-01-01T00:00:00Z" }],
	["visitor", { visitor: " " }],
])("a wrong request names its %s", async (field, more) => {
	const now = new Date().toISOString();
	const asked = { visitor: "Vi", purpose: "Repair", host: "bo", escort: "esc", zones: ["hall"], from: now, until: now, ...more };
	const { status, body } = await post("/visitors", asked, "operator");
	expect({ status, body }).toMatchObject({ status: 400, body: { errors: expect.arrayContaining([expect.objectContaining({ field })]) } });
});

test("a visitor who passed a door without the escort's badge, as the first did, is an alarm once the escort's time has run out", async () => {
	const alarms = () => running.items<{ priority: string }>("/api/v1/alarms?rule=access-escort-separated&limit=1");
	expect(await waitFor("the alarm", async () => (await alarms())[0], 100_000, 500)).toMatchObject({ priority: "high" });
	const findings = await running.items("/api/v1/access/findings?kind=escort-separated");
	expect(findings[0]).toMatchObject({ door: "main", holder: { name: "Vi Sitor" } });
}, 120_000);
