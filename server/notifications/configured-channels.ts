import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../platform/clock.ts";
import type { Config } from "../platform/config.ts";
import type { PersonalRealtime } from "../platform/realtime-port.ts";
import type { NotificationChannel } from "./channels/channel.ts";
import { DashboardChannel } from "./channels/dashboard.ts";
import { EmailChannel } from "./channels/email.ts";
import { SmsChannel } from "./channels/sms.ts";
import { WebhookChannel, webhookKey } from "./channels/webhook.ts";

/** The channels that are set; the dashboard always is. Throws AppError `invalid-config` for a webhook secret that is none. */
export function configuredChannels(
	{ data, smtpUrl, smtpFrom, webhookUrl, webhookSecret, smsGateway }: Config,
	{ realtime, clock }: { realtime: PersonalRealtime; clock: Clock },
): NotificationChannel[] {
	const now = () => clock.now();
	const channels: NotificationChannel[] = [new DashboardChannel(realtime)];
	if (smtpUrl !== null) channels.push(new EmailChannel({ url: smtpUrl, from: smtpFrom }));
	if (smsGateway !== null) channels.push(new SmsChannel(smsGateway, now));
	if (webhookUrl !== null) {
		const secret = webhookSecret ?? secretIn(join(data, "keys", "webhook-secret"));
		channels.push(new WebhookChannel({ url: webhookUrl, key: webhookKey(secret), now }));
	}
	return channels;
}

/** The secret in a file that only its owner can read; made where there is none. */
function secretIn(path: string): string {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	try {
		writeFileSync(path, `whsec_${randomBytes(32).toString("base64")}\n`, { mode: 0o600, flag: "wx", flush: true });
	} catch (error) {
		if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
	}
	return readFileSync(path, "utf8").trim();
}
