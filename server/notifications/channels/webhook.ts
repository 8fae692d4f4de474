import { createHmac } from "node:crypto";
import { isoOf } from "../../platform/database/instants.ts";
import { AppError } from "../../platform/errors.ts";
import { linkOf, subjectOf, textOf } from "../message.ts";
import { httpResult, type TryResult, unreachable } from "../retry.ts";
import type { NotificationChannel, Outgoing } from "./channel.ts";

/** Standard Webhooks: secrets are `whsec_` and base64 of 24 to 64 bytes. Throws AppError `invalid-config`. */
export function webhookKey(secret: string): Buffer {
	const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
	if (key.length >= 24 && key.length <= 64) return key;
	throw new AppError("invalid-config", 500, "WEBHOOK_SECRET: expected whsec_ and 24 to 64 bytes in base64");
}

/** The signature of Standard Webhooks 1.0: HMAC-SHA256 of `{id}.{timestamp}.{body}`; the time stamp is in seconds. */
export function webhookSignature(key: Buffer, id: string, timestamp: number, body: string): string {
	return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

/** JSON by POST, signed as Standard Webhooks say; `webhook-id` stays the same from one try to the next. */
export class WebhookChannel implements NotificationChannel {
	readonly name = "webhook";
	readonly #url: string;
	readonly #key: Buffer;
	readonly #now: () => number;

	/** `key`: see {@link webhookKey}; `now`: Unix ms. */
	constructor({ url, key, now }: { url: string; key: Buffer; now: () => number }) {
		this.#url = url;
		this.#key = key;
		this.#now = now;
	}

	async send({ id, at, message }: Outgoing, signal: AbortSignal): Promise<TryResult> {
		const { notification, thread, kind, priority, count, site, alarms } = message;
		const body = JSON.stringify({
			type: `alarm.${kind}`,
			timestamp: new Date(at).toISOString(),
			data: {
				notification,
				thread,
				site,
				priority,
				count,
				subject: subjectOf(message),
				text: textOf(message),
				url: linkOf(message),
				alarms: alarms.map((alarm) => ({ ...alarm, raisedAt: isoOf(alarm.raisedAt), clearedAt: isoOf(alarm.clearedAt ?? null) })),
			},
		});
		const timestamp = Math.floor(this.#now() / 1000);
		const headers = {
			"content-type": "application/json",
			"user-agent": "Watchroom",
			"webhook-id": id,
			"webhook-timestamp": String(timestamp),
			"webhook-signature": webhookSignature(this.#key, id, timestamp, body),
		};
		try {
			const answer = await fetch(this.#url, { method: "POST", headers, body, signal, redirect: "manual" });
			await answer.body?.cancel();
			return httpResult(answer.status, answer.headers.get("retry-after"), this.#now());
		} catch (error) {
			return unreachable(error);
		}
	}
}
