/** A test alarm in the running system: by mail and to the open dashboard of who is on duty, confirmed by the link alone (ALM-7, ALM-10). */
import { io, type Socket } from "socket.io-client";
import { afterEach, expect, test } from "vitest";
import type { TestAlarm } from "../../../contracts/notifications.ts";
import { type NotificationEvent, notificationEventSchema } from "../../../contracts/realtime.ts";
import { type SmtpReceiver, smtpReceiver } from "../../helpers/receivers.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const ON_DUTY = ["operator", "facility-manager", "shift-lead"] as const;

let running: System;
let smtp: SmtpReceiver;
let dashboard: Socket | undefined;
afterEach(async () => {
	dashboard?.disconnect();
	await running.stop();
	await smtp.stop();
});

test("everybody on duty is mailed a link; opening it confirms nothing, its button does", async () => {
	smtp = await smtpReceiver();
	running = await system({ site: fixture("notifications.yaml"), env: { SMTP_URL: smtp.url } });
	await running.startServer();
	for (const person of ON_DUTY) {
		const body = JSON.stringify({ email: `${person}@dc.example`, phone: null });
		const headers = { "content-type": "application/json" };
		expect((await running.ask(`/api/v1/roster/contacts/${person}`, { method: "PUT", headers, body }, person)).status).toBe(200);
	}
	const events: NotificationEvent[] = [];
	dashboard = io(running.url, { transports: ["websocket"], auth: { token: (await running.logIn("operator")).token } });
	dashboard.on("notification", (event: unknown) => events.push(notificationEventSchema.parse(event)));
	await dashboard.timeout(10_000).emitWithAck("watch", { site: "notifications" });

	const { status, body: begun } = await running.post<TestAlarm>("/api/v1/notifications/tests", {}, "shift-lead");
	expect([status, begun.state]).toEqual([201, "running"]);
	// Of other alarms they may be told meanwhile, without a link.
	const linksOf = () => smtp.received.flatMap(({ raw }) => /http:\S+\/proofs\/[\w-]+/.exec(raw.replaceAll("=\r\n", ""))?.[0] ?? []);
	await waitFor("a mail for each", () => linksOf().length >= ON_DUTY.length);
	const told = await waitFor("the operator's dashboard is told", () => events.find(({ confirm }) => confirm !== null));
	expect(told).toMatchObject({ subject: "Test alarm: please confirm", confirm: expect.stringMatching(/^\/api\/v1\/notifications\/proofs\//) });

	const links = linksOf();
	expect(links).toHaveLength(ON_DUTY.length);
	const now = async () => (await running.items<TestAlarm>("/api/v1/notifications/tests"))[0];
	for (const link of links) {
		const page = await fetch(link);
		expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
		expect(await page.text()).toContain('<form method="post">');
	}
	expect((await now())?.proofs.filter(({ confirmedAt }) => confirmedAt !== null)).toEqual([]);
	const form = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded", origin: running.url } };
	for (const link of links) expect((await fetch(link, form)).status).toBe(200);
	expect(await now()).toMatchObject({ state: "passed" });
	for (const again of [await fetch(links[0] ?? "", form), await fetch(links[0] ?? "")]) {
		expect(again.status).toBe(200);
		expect(await again.text()).toContain("Confirmed already");
	}
}, 120_000);
