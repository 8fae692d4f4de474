import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import express, { type Express, type RequestHandler } from "express";
import { AppError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { dashboardFiles } from "./dashboard-files.ts";
import { LOCAL_HOSTS, refuseForeign } from "./local-only.ts";
import { mountRoutes } from "./mount-routes.ts";
import { openApiRoute } from "./openapi.ts";
import { answerProblems, nameRequest } from "./problem.ts";
import type { Route } from "./route.ts";
import { securityHeaders } from "./security-headers.ts";

export interface HttpServerOptions {
	/** 0 takes a free one. */
	port: number;
	logger: Logger;
	routes: readonly Route[];
	/** Folder of the built dashboard; without it there are no pages. */
	dashboard?: string;
	/** Check every answer against its schema (tests): what doesn't fit is a 500. */
	validateResponses?: boolean;
	/** Names that the server answers to; those of the loopback interface where it isn't given. */
	hosts?: readonly string[];
}

/** Largest request body. */
const BODY_LIMIT = 256 * 1024;
/** How long `stop` lets running requests finish, ms. */
const DRAIN_LIMIT_MS = 5_000;

/**
 * REST, the OpenAPI document and the dashboard on 127.0.0.1. `server` exists from the start, so that Socket.IO can be attached
 * to it before it listens.
 */
export class HttpServer {
	readonly server: Server;
	readonly #port: number;
	readonly #logger: Logger;
	readonly #sockets = new Set<Socket>();

	constructor(options: HttpServerOptions) {
		this.#port = options.port;
		this.#logger = options.logger;
		// Node's own type of a listener may not return the promise that Express's doesn't either.
		const app = createApp(options);
		this.server = createServer((request, response) => void app(request, response));
		this.server.on("connection", (socket) => {
			this.#sockets.add(socket);
			socket.once("close", () => this.#sockets.delete(socket));
		});
	}

	/** Resolves to the port. Throws AppError `port-in-use`. */
	async start(): Promise<number> {
		try {
			this.server.listen(this.#port, "127.0.0.1");
			await once(this.server, "listening");
		} catch (cause) {
			throw new AppError("port-in-use", 503, `Port ${this.#port} on 127.0.0.1 can't be used; set WATCHROOM_HTTP_PORT.`, { cause });
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
	app.use(nameRequest(), logAccess(options.logger), securityHeaders(), refuseForeign(options.hosts ?? LOCAL_HOSTS));
	app.use(express.json({ limit: BODY_LIMIT, type: ["json", "+json"], strict: false }));
	const routes = [...options.routes, openApiRoute(options.routes)];
	mountRoutes(app, routes, { validateResponses: options.validateResponses ?? false });
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
