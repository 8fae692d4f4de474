/** Joiners, movers and leavers as ordinary SCIM clients report them, down to the door: whole processes (ACC-5, ACC-6, IAM-5). */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DoorController, doorController } from "../../helpers/door-controller.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const CARD = { format: "H10301", facility: 12, number: 777 };
const LONG = 30_000;
const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

let running: System;
let controller: DoorController;

async function scim(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
	const sent = { ...(body !== undefined && { "content-type": "application/scim+json" }), accept: "application/scim+json", ...headers };
	const init = { method, headers: sent, ...(body !== undefined && { body: JSON.stringify(body) }) };
	const answer = await running.ask(`/scim/v2${path}`, init, "system-administrator");
	const text = await answer.text();
	return { status: answer.status, body: text === "" ? null : JSON.parse(text), headers: answer.headers };
}
const patch = (id: string, ...Operations: unknown[]) => scim("PATCH", `/Users/${id}`, { schemas: [PATCH], Operations });
async function post(path: string, body: unknown) {
	const answer = await running.post<{ id: string }>(`/api/v1${path}`, body);
	expect(answer).toMatchObject({ status: expect.toSatisfy((status: number) => status < 300) });
	return answer.body.id;
}

beforeAll(async () => {
	running = await system({ site: fixture("system.yaml"), env: { WATCHROOM_CONTROLLER_CHECK_SECONDS: "1" } });
	await running.startServer();
	await running.startAgent();
	controller = await doorController(running.devicePort, "door-1", running.directory, () => {});
	await post("/access/holders", { id: "bo", name: "Bo", kind: "employee" });
}, 120_000);
afterAll(async () => {
	await controller?.stop();
	await running?.stop();
});

test("a leaver by Entra ID's patch loses card, grants and account in one act; the clock stops at the controller's confirmation; the badge then alarms", {
	timeout: 120_000,
}, async () => {
	const { username, token } = await running.logIn("operator");
	const created = await scim("POST", "/Users", {
		schemas: [USER],
		externalId: "e-7",
		userName: username,
		name: { givenName: "Cy", familyName: "Ng" },
		title: "engineer",
		active: true,
		emails: [{ primary: true, type: "work", value: "cy@example.org" }],
	});
	expect(created).toMatchObject({ status: 201, body: { userName: username, displayName: "Cy Ng", title: "engineer", active: true } });
	expect(created.headers.get("location")).toBe(`/scim/v2/Users/${created.body.id}`);
	expect(created.headers.get("content-type")).toMatch(/^application\/scim\+json/);
	const { id } = created.body;
	expect(await scim("POST", "/Users", { userName: username.toUpperCase(), displayName: "X" })).toMatchObject({
		status: 409,
		body: { status: "409", scimType: "uniqueness" },
	});
	const credential = await post("/access/credentials", { holder: id, card: CARD });
	await post("/access/grants", { holder: id, zone: "hall", sponsor: "bo", reason: "works there" });
	const guest = await post("/access/holders", { name: "Guest", kind: "contractor", sponsor: id });
	await waitFor("the door to open", () => controller.swipe("main", CARD) === "granted", LONG, 200);

	const left = await patch(id, { op: "Replace", path: "active", value: "False" });
	expect(left).toMatchObject({ status: 200, body: { active: false } });
	const bearer = await fetch(`${running.url}/api/v1/session`, { headers: { authorization: `Bearer ${token}` } });
	expect(bearer.status).toBe(401);
	const [leaver] = await running.items<{ id: string; holder: { id: string } }>("/api/v1/personnel/leavers");
	expect(leaver).toMatchObject({ holder: { id }, grants: 1, credentials: 1, accountClosed: true, cardsOutstanding: 1, sponsorless: 1 });
	const path = `/api/v1/personnel/leavers/${leaver?.id}`;
	const confirmed = await waitFor(
		"the clock to stop",
		async () => {
			const found = await running.get<{ clock: string; confirmedAt: string | null; seconds: number }>(path);
			return found.clock === "confirmed" && found;
		},
		LONG,
		100,
	);
	expect(confirmed).toMatchObject({
		controllers: [{ controller: "door-1", door: "main", credential, confirmedAt: confirmed.confirmedAt }],
		cards: [{ credential, state: "outstanding" }],
		sponsored: [{ type: "holder", id: guest }],
	});

	expect(controller.swipe("main", CARD)).toBe("denied");
	await waitFor("the critical alarm", async () => {
		const [alarm] = await running.items<{ priority: string }>("/api/v1/alarms?rule=access-revoked-badge&limit=1");
		return alarm?.priority === "critical";
	});
	const returned = await running.post(`${path}/cards/${credential}/returned`, {});
	expect(returned).toMatchObject({ status: 200, body: { cardsOutstanding: 0, cards: [{ state: "returned" }] } });

	// Twice is once, and who comes back has nothing of before.
	expect(await scim("DELETE", `/Users/${id}`)).toMatchObject({ status: 204, body: null });
	expect(await running.items("/api/v1/personnel/leavers")).toHaveLength(1);
	expect(await patch(id, { op: "replace", value: { active: true } })).toMatchObject({ status: 200, body: { active: true } });
	expect(await running.items(`/api/v1/access/grants?holder=${id}&status=active`)).toEqual([]);
	expect(await running.items(`/api/v1/access/credentials?holder=${id}&state=active`)).toEqual([]);
	expect((await fetch(`${running.url}/api/v1/session`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
});

test("a mover loses what was given by name in the old post; users are found, paged, replaced and refused as RFC 7644 says", async () => {
	const { body: user } = await scim("POST", "/Users", { schemas: [USER], userName: "dee@example.org", displayName: "Dee", title: "engineer" });
	const grant = await post("/access/grants", { holder: user.id, zone: "hall", sponsor: "bo", reason: "works there" });
	expect(await patch(user.id, { op: "replace", path: "title", value: "clerk" })).toMatchObject({ status: 200, body: { title: "clerk" } });
	const [ended] = await running.items<{ id: string }>(`/api/v1/access/grants?holder=${user.id}`);
	expect(ended).toMatchObject({ id: grant, status: "ended", endReason: "moved" });

	const found = await scim("GET", `/Users?filter=${encodeURIComponent('userName eq "DEE@example.org"')}&attributes=id`);
	expect(found.body).toMatchObject({ totalResults: 1, itemsPerPage: 1, Resources: [{ id: user.id }] });
	expect((await scim("GET", `/Users?filter=${encodeURIComponent('externalId eq "e-7"')}`)).body.totalResults).toBe(1);
	expect((await scim("GET", "/Users?startIndex=2&count=1")).body).toMatchObject({ startIndex: 2, itemsPerPage: 1 });
	expect(await scim("GET", `/Users?filter=${encodeURIComponent('title sw "c"')}`)).toMatchObject({
		status: 400,
		body: { scimType: "invalidFilter" },
	});
	expect(await scim("GET", "/Users/nobody")).toMatchObject({ status: 404, body: { status: "404" } });
	const old = await scim("PUT", `/Users/${user.id}`, { userName: "dee@example.org", displayName: "Old" }, { "if-match": 'W/"1"' });
	expect(old).toMatchObject({ status: 412, body: { status: "412" } });
	const replaced = await scim("PUT", `/Users/${user.id}`, { userName: "dee@example.org", displayName: "Dee Doe", active: true });
	expect(replaced.body).toMatchObject({ displayName: "Dee Doe" });
	expect(replaced.body.title).toBeUndefined();
	const operator = await running.ask("/scim/v2/Users", {}, "facility-manager");
	expect([operator.status, await operator.json()]).toMatchObject([403, { schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"], status: "403" }]);
});

test("nobody is their own manager, and no visitor is one; a wrong manager keeps no leaver in", async () => {
	const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
	await post("/access/holders", { id: "vi", name: "Vi", kind: "visitor" });
	const refused = { status: 400, body: { schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"], status: "400", scimType: "invalidValue" } };
	const visitor = { userName: "eli@example.org", displayName: "Eli", [ENTERPRISE]: { manager: { value: "vi" } } };
	expect(await scim("POST", "/Users", visitor)).toMatchObject(refused);
	const { body: user } = await scim("POST", "/Users", { ...visitor, [ENTERPRISE]: { manager: { value: "bo" } } });
	const manager = (value: string) => ({ op: "replace", path: `${ENTERPRISE}:manager`, value: { value } });
	expect(await patch(user.id, manager(user.id))).toMatchObject(refused);
	expect(await patch(user.id, manager("vi"))).toMatchObject(refused);
	expect((await scim("GET", `/Users/${user.id}`)).body[ENTERPRISE]).toEqual({ manager: { value: "bo" } });
	const left = { userName: "eli@example.org", displayName: "Eli", active: false, [ENTERPRISE]: { manager: { value: user.id } } };
	expect(await scim("PUT", `/Users/${user.id}`, left)).toMatchObject({ status: 200, body: { active: false } });
});

test("a file shows every row's fate, does it once, and never lets a crowd leave by accident", async () => {
	const send = async (query: string, rows: string[]) => {
		const init = { method: "POST", headers: { "content-type": "text/csv" }, body: ["userName,name,active,post", ...rows].join("\n") };
		const answer = await running.ask(`/api/v1/personnel/import${query}`, init, "system-administrator");
		return { status: answer.status, body: await answer.json() };
	};
	const people = Array.from({ length: 6 }, (_, index) => `p${index}@example.org,Person ${index},true,clerk`);
	expect((await send("?dryRun=true", people)).body).toMatchObject({ done: false, counts: { join: 6 } });
	expect((await send("", [...people, "p0@example.org,Again,true,", "x,,maybe,"])).body).toMatchObject({
		done: true,
		counts: { join: 6, refused: 2 },
	});
	expect((await send("", people)).body).toMatchObject({ counts: { unchanged: 6 } });
	expect(await send("?full=true", people.slice(0, 2))).toMatchObject({ status: 409, body: { code: "too-many-leavers" } });
	expect(await send("?full=true&expectLeavers=3", people.slice(0, 2))).toMatchObject({ status: 409 });
	expect(await send("?full=true&expectLeavers=4", people.slice(0, 2))).toMatchObject({ status: 200, body: { counts: { leave: 4, unchanged: 2 } } });
	expect((await send("", ["p5@example.org,Person 5,true,clerk"])).body).toMatchObject({ counts: { rejoin: 1 } });
	expect(await send("", ["a,b"])).toMatchObject({ status: 200, body: { counts: { refused: 1 } } });
});

test("a file in the drop folder is done once and moved aside with its result; a full list that would send a crowd away is refused", async () => {
	const folder = join(running.directory, "personnel");
	const result = async (place: string, name: string) => {
		const found = (await readdir(join(folder, place))).find((file) => file.endsWith(`${name}.result.json`));
		return found ? JSON.parse(await readFile(join(folder, place, found), "utf8")) : null;
	};
	const rows = Array.from({ length: 5 }, (_, index) => `d${index}@example.org,Drop ${index}`);
	await writeFile(join(folder, "inbox", "joiners.csv"), ["userName,name", ...rows].join("\n"));
	expect(await waitFor("the file's result", () => result("done", "joiners.csv"), LONG, 100)).toMatchObject({ done: true, counts: { join: 5 } });
	await waitFor("the file to be moved", async () => (await readdir(join(folder, "inbox"))).length === 0, LONG, 100);
	await writeFile(join(folder, "inbox", "full-list.csv"), ["userName,name", rows[0]].join("\n"));
	expect(await waitFor("the refusal", () => result("refused", "full-list.csv"), LONG, 100)).toMatchObject({ code: "too-many-leavers" });
	const found = await scim("GET", `/Users?filter=${encodeURIComponent('userName eq "d4@example.org"')}`);
	expect(found.body.Resources).toMatchObject([{ active: true }]);
}, 90_000);
