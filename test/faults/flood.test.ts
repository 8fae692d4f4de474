/** A hall loses its cooling and an agent dies: 500 alarms within a minute are two causes, each told of once, and a flood in the figures (ALM-6, ALM-7, ALM-11). */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import type { AlarmQuality } from "../../contracts/alarm-quality.ts";
import type { Alarm } from "../../contracts/api.ts";
import type { Child } from "../helpers/child-process.ts";
import { startEdgeAgent } from "../helpers/edge-agent.ts";
import { freePort } from "../helpers/free-port.ts";
import { type PlainDevice, plainDevice } from "../helpers/plain-device.ts";
import { type HttpReceiver, httpReceiver, type SmtpReceiver, smtpReceiver } from "../helpers/receivers.ts";
import { type System, system } from "../helpers/system.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../helpers/temporary-directory.ts";
import { waitFor } from "../helpers/wait-for.ts";

const HOT = 300;
/** Those that are hot before the cooling unit says that it has stopped. */
const EARLY = 20;
const SILENT = 200;
const MINUTE = 60_000;
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const names = (count: number) => Array.from({ length: count }, (_, at) => `p${at}`);
const room = (id: string, x: number, devices: object[]) => ({ id, name: id, kind: "data-hall", plan: { x, y: 0, width: 10, depth: 10 }, devices });
const round = (place: string, person: string) => ({ id: place, shift: "round", place, people: [person], startsOn: "2026-01-05" });
const site = {
	id: "flood",
	name: "Flood",
	timeZone: "UTC",
	agents: [
		{ id: "agent-1", name: "Near" },
		{ id: "agent-2", name: "Far" },
	],
	rooms: [
		room("hall", 0, [
			{ id: "crac", kind: "hvac-unit", points: [{ id: "state", kind: "unit-state", type: "state", states: ["running", "off"], interval: "10min" }] },
			{ id: "racks", kind: "temperature-sensor", points: names(HOT).map((id) => ({ id, kind: "temperature", interval: "10min" })) },
		]),
		room("annex", 10, [
			{ id: "far", kind: "humidity-sensor", agent: "agent-2", points: names(SILENT).map((id) => ({ id, kind: "humidity", interval: "10min" })) },
		]),
	],
	rules: [
		{
			id: "cooling-stopped",
			name: "Cooling stopped",
			kind: "state",
			on: { device: "crac" },
			states: ["off"],
			priority: "high",
			explains: [{ rules: "hot", where: "room" }],
		},
		{ id: "hot", name: "Hot", kind: "limit", level: "high", limit: 40, on: { device: "racks" }, priority: "high" },
		{ id: "silent", name: "Silent", kind: "no-data", after: "25s", on: { device: "far" }, priority: "high" },
	],
	roster: {
		shifts: [{ id: "round", name: "Round the clock", from: "00:00", to: "00:00" }],
		rotations: [round("first", "operator"), round("second", "facility-manager"), round("shift-lead", "shift-lead")],
	},
	notifications: { groupWait: "5s", groupInterval: "5s" },
};
const postSchema = z.object({ type: z.string(), data: z.object({ count: z.number(), alarms: z.array(z.object({ rule: z.string() })) }) });

let folder: TemporaryDirectory;
let running: System;
let far: Child;
let http: HttpReceiver;
let smtp: SmtpReceiver;
let near: PlainDevice;
let distant: PlainDevice;

beforeAll(async () => {
	folder = await temporaryDirectory("flood");
	const file = join(folder.path, "site.yaml");
	await writeFile(file, stringify(site));
	[http, smtp] = [await httpReceiver(), await smtpReceiver()];
	running = await system({ site: file, env: { WEBHOOK_URL: http.url, WEBHOOK_SECRET: SECRET, SMTP_URL: smtp.url } });
	await running.startServer();
	await running.startAgent();
	const devicePort = await freePort();
	far = startEdgeAgent({
		data: running.directory,
		devicePort,
		uplinkUrl: `mqtt://127.0.0.1:${running.uplinkPort}`,
		env: { WATCHROOM_AGENT_ID: "agent-2" },
	});
	await far.says(/edge agent ready/);
	[near, distant] = [await plainDevice(running.devicePort, "near"), await plainDevice(devicePort, "distant")];
	const contact = {
		method: "PUT",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ email: "operator@dc.example", phone: null }),
	};
	expect((await running.ask("/api/v1/roster/contacts/operator", contact, "operator")).status).toBe(200);
}, 120_000);
afterAll(async () => {
	for (const device of [near, distant]) await device?.stop();
	await far?.stop();
	await running?.stop();
	for (const receiver of [http, smtp]) await receiver?.stop();
	await folder?.remove();
});

/** Says all of it at once to the agent of a device. */
async function say(place: "near" | "far", device: string, values: Record<string, unknown>) {
	const client = (place === "near" ? near : distant).client;
	await Promise.all(
		Object.entries(values).map(([point, value]) => client.publishAsync(`watchroom/${device}/${point}`, JSON.stringify({ value }), { qos: 1 })),
	);
}
const all = (points: readonly string[], value: number) => Object.fromEntries(points.map((point) => [point, value]));
const open = async () => (await running.items<Alarm>("/api/v1/alarms")).filter(({ state }) => state !== "normal");
const posts = () => [...http.seen().values()].map(({ body }) => postSchema.parse(JSON.parse(body)));
/** What the webhook was told: what, and of which rules. */
const told = () => posts().map(({ type, data }) => `${type} ${data.alarms.map(({ rule }) => rule).join(" ")}`);

test("500 alarms in a minute are two causes with their symptoms folded, one message each for every receiver, and one flood", async () => {
	const from = Date.now();
	await say("near", "crac", { state: "running" });
	await say("near", "racks", all(names(HOT), 25));
	await say("far", "far", all(names(SILENT), 45));
	const known = async (of: (point: { device: string; value: unknown }) => boolean) =>
		(await running.items<{ device: string; value: unknown }>("/api/v1/points")).every(of);
	await waitFor("every point known", () => known(({ value }) => value !== null), 30_000, 200);
	await say("far", "far", all(names(SILENT), 46));
	await waitFor(
		"what is said last, so that the silence begins now",
		() => known(({ device, value }) => device !== "far" || value === 46),
		30_000,
		200,
	);

	await far.stop("SIGKILL");
	await waitFor("the agent offline", async () => (await open()).some(({ rule }) => rule === "agent-offline"), 30_000, 200);
	await say("near", "racks", all(names(EARLY), 45));
	await say("near", "crac", { state: "off" });
	await say("near", "racks", all(names(HOT), 45));
	const found = await waitFor(
		"the flood",
		async () => {
			// The list comes in pages: while alarms are still raised, a cause on the first may have fewer symptoms than the last ones show.
			const alarms = await open();
			const symptoms = (rule: string) => alarms.find((alarm) => alarm.rule === rule)?.symptoms ?? 0;
			const whole = alarms.length >= HOT + SILENT + 2 && symptoms("cooling-stopped") >= HOT && symptoms("agent-offline") >= SILENT;
			return whole ? alarms : null;
		},
		60_000,
		500,
	);

	const of = (rule: string) => found.filter((alarm) => alarm.rule === rule);
	const [cooling] = of("cooling-stopped");
	const [offline] = of("agent-offline");
	expect([cooling?.symptoms, offline?.symptoms]).toEqual([HOT, SILENT]);
	expect(of("hot").filter(({ causeId }) => causeId === cooling?.id)).toHaveLength(HOT);
	expect(of("silent").filter(({ causeId }) => causeId === offline?.id)).toHaveLength(SILENT);
	expect(
		found
			.filter(({ causeId }) => causeId === null)
			.map(({ rule }) => rule)
			.sort(),
		"in front",
	).toEqual(["agent-offline", "cooling-stopped"]);
	const raised = found.map(({ raisedAt }) => Date.parse(raisedAt));
	expect(Math.max(...raised) - Math.min(...raised), "within a minute").toBeLessThan(MINUTE);

	await waitFor("both causes told of", () => told().length >= 2 && smtp.received.length >= 2, 30_000);
	await waitFor(
		"nothing more to be told",
		async () =>
			(await running.items<{ channel: string }>("/api/v1/notifications?state=pending")).every(({ channel }) => channel === "dashboard") &&
			(await running.items<{ state: string }>("/api/v1/notifications/pages")).every(({ state }) => state === "held" || state === "paged"),
		30_000,
		200,
	);
	expect(told().sort(), "the webhook").toEqual(["alarm.raised agent-offline", "alarm.raised cooling-stopped"]);
	expect(
		smtp.received.map(({ to }) => to),
		"the operator",
	).toEqual([["operator@dc.example"], ["operator@dc.example"]]);

	const quality = await running.get<AlarmQuality>(`/api/v1/alarms/quality?from=${from}&to=${Date.now() + MINUTE}`);
	expect(quality.floods).toEqual([expect.objectContaining({ alarms: HOT + SILENT + 2, to: null })]);
	expect(quality).toMatchObject({ raised: HOT + SILENT + 2, aside: 0 });
	// Those that came before their cause were shown for a moment, unless all came together.
	expect(quality.alarms).toBeGreaterThanOrEqual(2);
	expect(quality.alarms).toBeLessThanOrEqual(2 + EARLY);
	expect(quality.folded).toBe(HOT + SILENT + 2 - quality.alarms);

	await say("near", "crac", { state: "running" });
	await say("near", "racks", all(names(HOT), 25));
	await waitFor("the end told of", () => told().length >= 3 && smtp.received.length >= 3, 30_000);
	expect(told().sort()).toEqual(["alarm.raised agent-offline", "alarm.raised cooling-stopped", "alarm.resolved cooling-stopped"]);
	expect(smtp.received.at(-1)?.raw).toContain("[RESOLVED]");
}, 240_000);
