import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import express, { type Express, type Request, type RequestHandler } from "express";
import { AppError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { TlsFiles } from "../tls/tls-files.ts";
import { dashboardFiles } from "./dashboard-files.ts";
import { Gate, type GateOptions } from "./gate.ts";
import { LOCAL_HOSTS, refuseForeign } from "./local-only.ts";
import { mountRoutes } from "./mount-routes.ts";
import { openApiRoute } from "./openapi.ts";
import { answerProblems, nameRequest } from "./problem.ts";
import type { Route } from "./route.ts";
import { securityHeaders } from "./security-headers.ts";
import { TrustedProxies } from "./trusted-proxies.ts";

export interface HttpServerOptions extends GateOptions {
	/** 0 takes a free one. */
	port: number;
	routes: readonly Route[];
	/** Folder of the built dashboard; without it there are no pages. */
	dashboard?: string;
	/** Check every answer against its schema (tests): what doesn't fit is a 500. */
	validateResponses?: boolean;
	/** Address to listen on; 127.0.0.1 where it isn't given. */
	bind?: string;
	/** Speak HTTPS; plain HTTP where it isn't given. */
	tls?: Pick<TlsFiles, "context" | "onChange"> | null;
	/** Names that the server answers to; those of the loopback interface where it isn't given. */
	hosts?: readonly string[];
	/** Who may say in `X-Forwarded-For` where a request came from; nobody where it isn't given. */
	proxies?: TrustedProxies;
}

/** How long `stop` lets running requests finish, ms. */
const DRAIN_LIMIT_MS = 5_000;

/**
 * REST, the OpenAPI document and the dashboard, over HTTP or HTTPS. `server` exists from the start, so that Socket.IO can be attached
 * to it before it listens.
 */
export class HttpServer {
	readonly server: Server;
	readonly #port: number;
	readonly #bind: string;
	readonly #logger: Logger;
	readonly #sockets = new Set<Socket>();

	constructor(options: HttpServerOptions) {
		this.#port = options.port;
		this.#bind = options.bind ?? "127.0.0.1";
		this.#logger = options.logger;
		// Node's own type of a listener may not return the promise that Express's doesn't either.
		const app = createApp(options);
		this.server = options.tls
			? createTlsServer({ ...options.tls.context, requestCert: false }, (request, response) => void app(request, response))
			: createServer((request, response) => void app(request, response));
		options.tls?.onChange((context) => (this.server as TlsServer).setSecureContext(context));
		this.server.on("connection", (socket) => {
			this.#sockets.add(socket);
			socket.once("close", () => this.#sockets.delete(socket));
		});
	}

	/** Resolves to the port. Throws AppError `port-in-use`. */
	async start(): Promise<number> {
		try {
			this.server.listen(this.#port, this.#bind);
			await once(this.server, "listening");
		} catch (cause) {
			throw new AppError("port-in-use", 503, `Port ${this.#port} on ${this.#bind} can't be used; set WATCHROOM_HTTP_PORT or WATCHROOM_BIND.`, {
				cause,
			});
		}
		this.#logger.info({ port: this.port }, "listening");
		return this.port;
	}

	/** The port it listens on, 0 while it doesn't. */
	get port(): number {
		const address = this.server.address();
		return address !== null && typeof address === "object" ? address.port : 0;
	}

	/** Idempotent. Takes no new request, lets the running ones finish for five seconds. */
	async stop(): Promise<void> {
		if (!this.server.listening) return;
		const closed = once(this.server, "close");
		this.server.close();
		this.server.closeIdleConnections();
		// Upgraded connections (WebSockets) too, which closeAllConnections leaves open.
		const cut = setTimeout(() => {
			for (const socket of this.#sockets) socket.destroy();
		}, DRAIN_LIMIT_MS);
		await closed;
		clearTimeout(cut);
	}
}

/** The Express app behind {@link HttpServer}. */
export function createApp(options: Omit<HttpServerOptions, "port">): Express {
	const app = express();
	app.disable("etag");
	app.disable("x-powered-by");
	app.set("query parser", "simple");
	const proxies = options.proxies ?? new TrustedProxies();
	// In place of Express's, which takes any text in the header for an address; Socket.IO asks the same.
	Object.defineProperty(app.request, "ip", {
		get(this: Request) {
			return proxies.clientOf(this);
		},
	});
	const gate = new Gate(options);
	app.use(
		nameRequest(),
		logAccess(options.logger),
		securityHeaders({ tls: Boolean(options.tls) }),
		refuseForeign(options.hosts ?? LOCAL_HOSTS, gate),
	);
	const routes = [...options.routes, openApiRoute(options.routes)];
	mountRoutes(app, routes, { gate, validateResponses: options.validateResponses ?? false, site: options.site });
	if (options.dashboard !== undefined) app.use(dashboardFiles(options.dashboard));
	app.use((request) => {
		throw new AppError("not-found", 404, `There is nothing at ${request.path}.`);
	});
	app.use(answerProblems(options.logger));
	return app;
}

function logAccess(logger: Logger): RequestHandler {
	return (request, response, next) => {
		if (!logger.isLevelEnabled("debug")) return next();
		const start = performance.now();
		const { method, path } = request;
		response.once("close", () => {
			const fields = { id: response.getHeader("x-request-id"), method, path, status: response.statusCode };
			logger.debug({ ...fields, ms: Math.round(performance.now() - start), aborted: !response.writableFinished }, "request");
		});
		next();
	};
}
