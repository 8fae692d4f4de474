import { shortTextOf } from "../message.ts";
import { httpResult, type TryResult, unreachable } from "../retry.ts";
import type { NotificationChannel, Outgoing } from "./channel.ts";

export interface SmsGateway {
	/** `{to}`, `{text}` and `{id}` in it are put in, escaped as a URL's. */
	url: string;
	/** Body of the POST, with the same names: escaped as JSON's text where it is JSON, else as a form's. */
	body: string;
	/** `Authorization` header. */
	authorization: string | null;
}

/** Text messages by a gateway's HTTP interface. */
export class SmsChannel implements NotificationChannel {
	readonly name = "sms";
	readonly #gateway: SmsGateway;
	readonly #now: () => number;

	/** `now`: Unix ms. */
	constructor(gateway: SmsGateway, now: () => number) {
		this.#gateway = gateway;
		this.#now = now;
	}

	async send({ id, address, message }: Outgoing, signal: AbortSignal): Promise<TryResult> {
		const { url, body, authorization } = this.#gateway;
		const values = { to: address, text: shortTextOf(message), id };
		const json = body.trimStart().startsWith("{");
		try {
			const answer = await fetch(filled(url, values, encodeURIComponent), {
				method: "POST",
				headers: {
					"content-type": json ? "application/json" : "application/x-www-form-urlencoded",
					"idempotency-key": id,
					...(authorization !== null && { authorization }),
				},
				body: filled(body, values, json ? (text) => JSON.stringify(text).slice(1, -1) : encodeURIComponent),
				signal,
				redirect: "manual",
			});
			await answer.body?.cancel();
			return httpResult(answer.status, answer.headers.get("retry-after"), this.#now());
		} catch (error) {
			return unreachable(error);
		}
	}
}

/** Puts values in for the names in a template. */
function filled(template: string, values: Readonly<Record<string, string>>, escaped: (text: string) => string): string {
	return template.replace(/\{(to|text|id)\}/g, (_, name: string) => escaped(values[name] ?? ""));
}
