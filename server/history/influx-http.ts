import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { InfluxEndpoint } from "./influx-url.ts";

/** What became of a write. `retry`: the store is down, slow or full; `rejected`: these lines will never be taken. */
export type WriteOutcome = { kind: "written"; expired: number } | { kind: "retry" | "rejected" | "too-large" | "no-database"; reason: string };

/**
 * Writes line protocol to `/write` of the InfluxDB 1.x API over kept-alive connections. The `influx` client takes point objects
 * only, which cost more than the write itself; everything but writes goes through the client.
 */
export class InfluxHttp {
	private readonly endpoint: InfluxEndpoint;
	private readonly agent: HttpAgent;
	private readonly timeoutMs: number;

	constructor(endpoint: InfluxEndpoint, options: { connections: number; timeoutMs: number }) {
		this.endpoint = endpoint;
		const agentOptions = { keepAlive: true, maxSockets: options.connections };
		this.agent = endpoint.protocol === "https" ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
		this.timeoutMs = options.timeoutMs;
	}

	/** Never throws. `policy` null: the database's default one. */
	async write(policy: string | null, lines: Buffer): Promise<WriteOutcome> {
		const rp = policy === null ? "" : `&rp=${encodeURIComponent(policy)}`;
		const path = `${this.endpoint.path}/write?db=${encodeURIComponent(this.endpoint.database)}${rp}&precision=ms`;
		try {
			const { status, text } = await this.post(path, lines);
			return outcomeOf(status, text);
		} catch (error) {
			return { kind: "retry", reason: error instanceof Error ? error.message : String(error) };
		}
	}

	close(): void {
		this.agent.destroy();
	}

	private post(path: string, body: Buffer, again = true): Promise<{ status: number; text: string }> {
		const { host, port, protocol, username, password } = this.endpoint;
		return new Promise((resolve, reject) => {
			const send = protocol === "https" ? httpsRequest : httpRequest;
			const request = send(
				{
					method: "POST",
					host,
					port,
					path,
					agent: this.agent,
					headers: {
						"content-type": "text/plain; charset=utf-8",
						"content-length": body.length,
						...(username === "" ? {} : { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` }),
					},
				},
				(response) => {
					let text = "";
					response.setEncoding("utf8");
					response.on("data", (part: string) => {
						if (text.length < 4096) text += part;
					});
					response.on("end", () => finish(() => resolve({ status: response.statusCode ?? 0, text })));
					response.on("error", (error) => finish(() => reject(error)));
				},
			);
			const timer = setTimeout(() => request.destroy(new Error(`no answer within ${this.timeoutMs} ms`)), this.timeoutMs);
			const finish = (act: () => void) => {
				clearTimeout(timer);
				act();
			};
			request.on("error", (error: NodeJS.ErrnoException) =>
				finish(() => {
					// A kept-alive connection that the server had closed meanwhile says nothing about the server.
					if (again && request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE"))
						this.post(path, body, false).then(resolve, reject);
					else reject(error);
				}),
			);
			request.end(body);
		});
	}
}

function outcomeOf(status: number, text: string): WriteOutcome {
	if (status >= 200 && status < 300) return { kind: "written", expired: 0 };
	const reason = `${status} ${text.trim().slice(0, 500)}`;
	if (status === 413) return { kind: "too-large", reason };
	if (status === 404 || /database not found|retention policy not found/.test(text)) return { kind: "no-database", reason };
	if (status === 400) {
		const expired = /points beyond retention policy dropped=(\d+)/.exec(text);
		return expired ? { kind: "written", expired: Number(expired[1]) } : { kind: "rejected", reason };
	}
	if (status === 422) return { kind: "rejected", reason };
	return { kind: "retry", reason };
}
