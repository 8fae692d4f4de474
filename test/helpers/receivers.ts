/** Receivers of notifications that misbehave as they are told: an HTTP server and an SMTP server, both over real sockets. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";

export interface ReceivedPost {
	path: string;
	headers: IncomingHttpHeaders;
	body: string;
}
/** What an HTTP receiver does with a request: answers with a status, or hangs. */
export type HttpBehaviour = { status: number; headers?: Record<string, string> } | "hang";

export interface HttpReceiver {
	url: string;
	received: ReceivedPost[];
	/** For the requests to come; the last one stays. */
	behave(...behaviour: HttpBehaviour[]): void;
	/** What a receiver that drops repetitions has seen: the requests that it answered well, by `webhook-id`. */
	seen(): Map<string, ReceivedPost>;
	stop(): Promise<void>;
}

export async function httpReceiver(): Promise<HttpReceiver> {
	let behaviour: HttpBehaviour[] = [{ status: 204 }];
	const received: ReceivedPost[] = [];
	const seen = new Map<string, ReceivedPost>();
	const server: Server = createServer((request, response) => {
		void text(request).then((body) => {
			const post = { path: request.url ?? "", headers: request.headers, body };
			received.push(post);
			const next = behaviour.length > 1 ? behaviour.shift() : behaviour[0];
			if (next === undefined || next === "hang") return;
			const id = request.headers["webhook-id"];
			if (next.status < 300 && typeof id === "string" && !seen.has(id)) seen.set(id, post);
			response.writeHead(next.status, next.headers).end();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		received,
		seen: () => seen,
		behave: (...next) => {
			behaviour = next;
		},
		stop: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

export interface ReceivedMail {
	to: string[];
	raw: string;
	messageId: string;
}
/** What an SMTP receiver says to a recipient: 250, 4yz or 5yz. */
export interface SmtpReceiver {
	url: string;
	received: ReceivedMail[];
	/** Replies to recipients to come; the last one stays. */
	reply(...codes: number[]): void;
	stop(): Promise<void>;
}

export async function smtpReceiver(): Promise<SmtpReceiver> {
	let codes = [250];
	const received: ReceivedMail[] = [];
	const server = new SMTPServer({
		authOptional: true,
		disabledCommands: ["STARTTLS", "AUTH"],
		disableReverseLookup: true,
		onRcptTo(_address, _session, done) {
			const code = (codes.length > 1 ? codes.shift() : codes[0]) ?? 250;
			done(code < 400 ? null : Object.assign(new Error(`said by the test: ${code}`), { responseCode: code }));
		},
		onData(stream, session, done) {
			void text(stream).then((raw) => {
				const messageId = /^message-id:\s*(\S+)/im.exec(raw)?.[1] ?? "";
				received.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw, messageId });
				done();
			});
		},
	});
	server.on("error", () => undefined);
	await new Promise<void>((resolve) => {
		server.listen(0, "127.0.0.1", () => resolve());
	});
	return {
		url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
		received,
		reply: (...next) => {
			codes = next;
		},
		stop: () =>
			new Promise<void>((resolve) => {
				server.close(() => resolve());
			}),
	};
}
