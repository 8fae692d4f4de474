/** Done when 5 (EDG-5): what is wrong is refused with its reason, counted and shown, and good devices don't notice. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Agent, Device, Quarantined } from "../../../contracts/api.ts";
import { auditPageSchema } from "../../../contracts/audit.ts";
import { type PlainDevice, plainDevice } from "../../helpers/plain-device.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let running: System;
const devices: PlainDevice[] = [];
const connect = async (device: string) => {
	const connected = await plainDevice(running.devicePort, device);
	devices.push(connected);
	return connected;
};
beforeAll(async () => {
	running = await system({ site: fixture("system.yaml") });
	await running.startServer();
	await running.startAgent();
});
afterAll(async () => {
	for (const device of devices) await device.stop();
	await running.stop();
});

const now = Date.now();
/** A record of minutiae in base64. */
const TEMPLATE = `Rk1SACAyMAAA${"AbCd".repeat(8)}`;
const badge = { ts: now, seq: 1, door: "main", direction: "in", method: "card", card: null, result: "granted", reason: "granted" };
/** At most ten of a device and second are kept, so the table is spread over devices. */
const WRONG: [what: string, device: string, name: string, payload: unknown, reason: Quarantined["reason"], detail: RegExp][] = [
	["malformed JSON", "thermo", "temperature", '{"value":', "not-json", /JSON/],
	["NaN", "thermo", "temperature", '{"value":NaN}', "not-finite", /NaN/],
	["Infinity", "thermo", "temperature", '{"value":-Infinity}', "not-finite", /Infinity/],
	["1e999", "thermo", "temperature", '{"value":1e999}', "not-finite", /finite/],
	["a text for a number", "thermo", "temperature", { value: "21.5" }, "wrong-type", /expected a number, got a string/],
	["no value", "thermo", "temperature", { ts: now }, "wrong-shape", /value/],
	["an unknown point", "thermo", "humidity", { value: 40 }, "unknown-point", /humidity/],
	["a time in 1970", "broken", "temperature", { ts: 5000, value: 20 }, "time-too-old", /ts/],
	["a time in 2100", "broken", "temperature", { ts: Date.UTC(2100, 0), value: 20 }, "time-in-future", /ts/],
	["a megabyte", "broken", "temperature", Buffer.alloc(1024 * 1024, "x"), "too-large", /65536/],
	[
		"one wrong reading among good ones",
		"broken",
		"temperature",
		[
			{ ts: now, value: 1 },
			{ ts: now + 1, value: null },
		],
		"wrong-type",
		/^\[1\]/,
	],
	["a state for a boolean", "panel", "recording", { value: "on" }, "wrong-type", /boolean/],
	["an undeclared state", "panel", "state", { value: "exploded" }, "unknown-state", /running, standby, fault/],
	["an unknown door", "door-1", "door", { ts: now, seq: 1, door: "cellar", state: "open" }, "unknown-door", /cellar/],
	["a fingerprint's template", "door-1", "access", { ...badge, template: "Rk1SACAyMAAA" }, "biometric-data", /template/],
];

test("everything wrong is refused with its reason, counted and listed", { timeout: 180_000 }, async () => {
	for (const [, device, name, payload] of WRONG)
		await (devices.find(({ client }) => client.options.clientId?.startsWith(`plain-${device}-`)) ?? (await connect(device))).say(name, payload);
	for (const device of new Set(WRONG.map(([, id]) => id))) {
		const expected = WRONG.filter(([, id]) => id === device);
		const listed = await waitFor(
			`the quarantine of ${device}`,
			async () => {
				const found = await running.items<Quarantined>(`/api/v1/devices/${device}/quarantine`);
				return found.length >= expected.length ? found.reverse() : null;
			},
			30_000,
		);
		expect(listed.map(({ reason }) => reason)).toEqual(expected.map(([, , , , reason]) => reason));
		for (const [index, [what, , name, payload, , detail]] of expected.entries()) {
			const entry = listed[index];
			expect(entry?.detail, what).toMatch(detail);
			expect(entry).toMatchObject({ device, topic: `watchroom/${device}/${name}` });
			if (Buffer.isBuffer(payload)) expect(entry).toMatchObject({ size: payload.length, payload: "x".repeat(1024) });
		}
		expect(await running.get<Device>(`/api/v1/devices/${device}`)).toMatchObject({ rejected: expected.length, accepted: 0, status: "unknown" });
	}
	for (const id of ["thermo:temperature", "broken:temperature"])
		expect(await running.get(`/api/v1/points/${id}`), "no part of a refused message is taken").toMatchObject({ value: null, quality: "stale" });
});

test("a fingerprint template is refused over MQTT and over the API, audited, and nothing of it is kept (ACC-1)", { timeout: 90_000 }, async () => {
	const reader = await connect("door-1");
	await reader.say("access", { ...badge, seq: 2, fingerprint: TEMPLATE });
	await waitFor(
		"the refusal in the quarantine",
		async () =>
			(await running.items<Quarantined>("/api/v1/devices/door-1/quarantine")).find(
				({ reason, detail }) => reason === "biometric-data" && detail.startsWith("fingerprint"),
			),
		30_000,
	);
	const person = { name: "Ann", kind: "employee", photo: "x" };
	const asked = await Promise.all([
		running.post("/api/v1/access/holders", person, "facility-manager"),
		running.post("/api/v1/access/credentials", { holder: "ada", fingerprint: TEMPLATE }, "facility-manager"),
	]);
	expect(asked).toMatchObject([
		{ status: 400, body: { code: "biometric-data", errors: [{ field: "photo" }] } },
		{ status: 400, body: { code: "biometric-data", errors: [{ field: "fingerprint" }] } },
	]);
	const lines = async (query: string) => auditPageSchema.parse(await running.get(`/api/v1/audit?result=refused&${query}`, "auditor")).items;
	const [device] = await waitFor("the device's line", async () => {
		const found = await lines("operation=device.biometric-data");
		return found.length > 0 && found;
	});
	expect(device).toMatchObject({ object: { type: "device", id: "door-1" }, detail: { agent: "agent-1" } });
	for (const operation of ["access.holders.post", "access.credentials.post"])
		expect(await lines(`operation=${operation}`), operation).toMatchObject([{ detail: { code: "biometric-data" } }]);
	const kept = [await running.items("/api/v1/devices/door-1/quarantine"), await lines("limit=100"), asked];
	expect(JSON.stringify(kept)).not.toContain(TEMPLATE.slice(0, 12));
});

test("payloads of devices that nobody knows are listed at their agent", { timeout: 90_000 }, async () => {
	const stranger = await connect("stranger");
	await stranger.say("temperature", { value: 20 });
	const entry = await waitFor(
		"the stranger's payload in the agent's quarantine",
		async () => (await running.items<Quarantined>("/api/v1/agents/agent-1/quarantine")).find(({ device }) => device === "stranger"),
		30_000,
	);
	expect(entry).toMatchObject({ reason: "unknown-device", payload: '{"value":20}' });
	expect((await running.get<Agent>("/api/v1/agents/agent-1")).rejectedUnknown).toBe(1);
	expect((await running.ask("/api/v1/devices/stranger/quarantine")).status).toBe(404);
});

test("10,000 bad messages of one device hold up no good one", { timeout: 180_000 }, async () => {
	const [noisy, good] = [await connect("noisy"), await connect("quiet")];
	const FLOOD = 10_000;
	const before = running.agent?.pid;
	const begun = Date.now();
	let bad = 0;
	const flood = Promise.all(
		Array.from({ length: FLOOD }, (_, index) =>
			noisy.say("temperature", index % 2 ? `{"value":NaN,"n":${index}}` : `not JSON ${index}`).then(() => {
				bad++;
			}),
		),
	);
	const from = Date.now();
	let sent = 0;
	while (bad < FLOOD || sent < 200) await good.say("temperature", { ts: from + sent++, value: sent % 40 });
	await flood;
	const noise = await waitFor(
		"the count of what was refused",
		async () => {
			const device = await running.get<Device>("/api/v1/devices/noisy");
			return device.rejected === FLOOD ? device : null;
		},
		60_000,
	);
	expect(noise.accepted).toBe(0);
	const kept = await waitFor("some of it kept to be looked at", async () => {
		const found = await running.items<Quarantined>("/api/v1/devices/noisy/quarantine");
		return found.length > 0 && found;
	});
	const seconds = Math.ceil((Date.now() - begun) / 1000) + 1;
	expect(kept.length, "a bounded part of it").toBeLessThanOrEqual(Math.min(10 * seconds, 200));
	const query = `from=${from}&to=${from + sent + 1000}&step=raw&limit=50000`;
	const rows = await waitFor(
		"every good reading stored",
		async () => {
			const answer = await running.get<{ rows: unknown[] }>(`/api/v1/points/quiet:temperature/history?${query}`);
			return answer.rows.length >= sent ? answer.rows : null;
		},
		60_000,
	);
	expect(rows).toHaveLength(sent);
	expect(running.agent?.pid).toBe(before);
	expect(running.agent?.process.exitCode, "the agent runs").toBeNull();
	await waitFor("the agent online", async () => (await running.get<Agent>("/api/v1/agents/agent-1")).status === "online");
	await waitFor("readiness", async () => (await running.get<{ status: string }>("/readyz")).status === "ok");
});
