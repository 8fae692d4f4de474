import { createTransport } from "nodemailer";
import { z } from "zod";
import { htmlOf, subjectOf, textOf } from "../message.ts";
import { TRY_LIMIT, type TryResult } from "../retry.ts";
import type { NotificationChannel, Outgoing } from "./channel.ts";

const failureSchema = z.object({
	responseCode: z.number().optional(),
	code: z.string().optional(),
	message: z.string(),
	response: z.string().optional(),
});

/** Mail by SMTP, as text and HTML. `Message-ID` stays the same from one try to the next, so that mail programs drop what comes twice. */
export class EmailChannel implements NotificationChannel {
	readonly name = "email";
	readonly #from: string;
	readonly #transport: ReturnType<typeof createTransport>;

	/** `url`: `smtp://` or `smtps://`, with user and password where the server wants them. */
	constructor({ url, from }: { url: string; from: string }) {
		this.#from = from;
		const timeouts = { connectionTimeout: TRY_LIMIT, greetingTimeout: TRY_LIMIT, socketTimeout: TRY_LIMIT, dnsTimeout: TRY_LIMIT };
		this.#transport = createTransport({ url, ...timeouts, disableFileAccess: true, disableUrlAccess: true });
	}

	async send({ id, at, address, message }: Outgoing, signal: AbortSignal): Promise<TryResult> {
		const domain = this.#from.replace(/^.*@|>.*$/g, "");
		const urgent = message.kind !== "resolved" && (message.priority === "critical" || message.priority === "high");
		const sending = this.#transport.sendMail({
			from: this.#from,
			to: address,
			subject: subjectOf(message),
			text: textOf(message),
			html: htmlOf(message),
			messageId: `<${id}@${domain}>`,
			// RFC 5322, 3.6.4: mail programs show together what refers to the same message, also where they have never seen it.
			references: `<${message.thread}.thread@${domain}>`,
			date: new Date(at),
			// RFC 3834: no answering machine answers.
			headers: { "Auto-Submitted": "auto-generated", "X-Priority": urgent ? "1" : "3" },
		});
		try {
			const { response } = await withSignal(sending, signal);
			return { result: "delivered", detail: response };
		} catch (error) {
			return smtpResult(error);
		}
	}

	stop(): void {
		this.#transport.close();
	}
}

/** What a failure of SMTP says (RFC 5321, 4.2.1): 5yz never goes better, 4yz and everything without a reply may. */
export function smtpResult(error: unknown): TryResult {
	const { responseCode, code, message, response } = failureSchema.catch({ message: String(error) }).parse(error);
	const reason = (response ?? `${code ?? "error"}: ${message}`).replace(/\s+/g, " ").slice(0, 300);
	const refused = responseCode !== undefined && responseCode >= 500;
	// A log-in that is refused is the operator's to put right; the mail goes out then.
	return refused && code !== "EAUTH" ? { result: "permanent", reason } : { result: "temporary", reason };
}

async function withSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
	const aborted = new Promise<never>((_, reject) => {
		signal.addEventListener("abort", () => reject(new Error(`no answer within ${TRY_LIMIT / 1000} s`)), { once: true });
	});
	return await Promise.race([work, aborted]);
}
