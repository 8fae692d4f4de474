/** The server is killed again and again while alarms are raised and delivered: each is told once to a receiver that drops repetitions (ALM-7). */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { plainDevice } from "../helpers/plain-device.ts";
import { httpReceiver, smtpReceiver } from "../helpers/receivers.ts";
import { fixture, type System, system } from "../helpers/system.ts";
import { waitFor } from "../helpers/wait-for.ts";

const KILLS = 3;
const POINTS = 10;
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const toldSchema = z.object({ data: z.object({ alarms: z.array(z.object({ id: z.string(), occurrence: z.number(), rule: z.string() })) }) });

let running: System;
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
	await running.stop();
});

test("every alarm is told once by each channel, whenever the server is killed", async () => {
	const [http, smtp] = [await httpReceiver(), await smtpReceiver()];
	cleanUps.push(
		() => http.stop(),
		() => smtp.stop(),
	);
	// Slow and moody receivers, so that kills fall into tries.
	http.behave({ status: 500 }, { status: 204 }, { status: 204 }, { status: 429, headers: { "retry-after": "1" } }, { status: 204 });
	const env = { WEBHOOK_URL: http.url, WEBHOOK_SECRET: SECRET, SMTP_URL: smtp.url };
	running = await system({ site: fixture("notifications.yaml"), env });
	await running.startServer();
	await running.startAgent();
	const contact = {
		method: "PUT",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ email: "operator@dc.example", phone: null }),
	};
	expect((await running.ask("/api/v1/roster/contacts/operator", contact, "operator")).status).toBe(200);
	const bench = await plainDevice(running.devicePort, "bench");
	cleanUps.push(() => bench.stop());

	for (let point = 0; point < POINTS; point++) {
		await bench.say(`p${point}`, { value: 60 });
		if (point % 2 === 1 && point / 2 < KILLS) {
			await sleep(200 + ((point * 397) % 1500)); // into the wait of the group, the making of deliveries, a try
			await running.server?.stop("SIGKILL");
			await running.startServer();
		}
	}

	const alarms = await waitFor(
		"every alarm raised",
		async () => {
			const found = await running.items<{ id: string; rule: string }>("/api/v1/alarms?rule=too-hot");
			return found.length === POINTS ? found : null;
		},
		30_000,
	);
	const toldOf = (bodies: string[]) =>
		bodies.flatMap((body) =>
			toldSchema.parse(JSON.parse(body)).data.alarms.flatMap(({ id, occurrence, rule }) => (rule === "too-hot" ? `${id} ${occurrence}` : [])),
		);
	const wanted = alarms.map(({ id }) => `${id} 1`).toSorted();
	const raisedBodies = () => [...http.seen().values()].map(({ body }) => body).filter((body) => body.includes('"alarm.raised"'));
	await waitFor("every alarm at the webhook", () => toldOf(raisedBodies()).length >= POINTS, 60_000);
	await waitFor(
		"every delivery ended",
		async () => (await running.items<{ channel: string }>("/api/v1/notifications?state=pending")).every(({ channel }) => channel === "dashboard"),
		60_000,
	);
	expect(toldOf(raisedBodies()).toSorted(), "the webhook").toEqual(wanted);
	const mails = new Map(smtp.received.map(({ messageId, raw }) => [messageId, raw]));
	const log = await running.items<{ id: string; channel: string; state: string; alarms: string[]; kind: string; person: string }>(
		"/api/v1/notifications?channel=email",
	);
	const toOperator = log.filter(({ person, kind }) => person === "operator" && kind === "raised");
	expect(toOperator.flatMap(({ alarms: told }) => told.filter((id) => alarms.some((alarm) => alarm.id === id))).toSorted(), "the log").toEqual(
		alarms.map(({ id }) => id).toSorted(),
	);
	for (const { id, state } of toOperator) expect([state, mails.has(`<${id}@localhost>`)], "each mail is there").toEqual(["delivered", true]);
}, 240_000);
