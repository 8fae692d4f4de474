import { stat } from "node:fs/promises";
import { join } from "node:path";
import express, { type RequestHandler, Router } from "express";

/** First segments of paths that are never the dashboard's. */
const NOT_PAGES = /^\/(api|scim|socket\.io|assets)(\/|$)/;
const COMPRESSED = [
	["br", ".br"],
	["gzip", ".gz"],
] as const;

const MISSING = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Watchroom</title>
<style>body{font:16px/1.5 system-ui;margin:4rem auto;max-width:40rem;padding:0 1rem}</style>
<h1>The dashboard is not built</h1><p>The server runs and its API answers, but there are no pages yet.
<code>npm start</code> builds them; <code>npx vite build dashboard</code> builds them alone.</p></html>`;

/**
 * The built dashboard: files with a hash in their name (`/assets/`) are kept for good by browsers, everything else is asked for
 * anew; a `.br` or `.gz` beside a file is sent in its place; every other address that a browser opens is the dashboard's own
 * and gets `index.html`. Says so when there is nothing built.
 */
export function dashboardFiles(directory: string): Router {
	const router = Router();
	router.use("/assets", preferCompressed(join(directory, "assets")));
	router.use("/assets", express.static(join(directory, "assets"), { immutable: true, maxAge: "1y", index: false }));
	router.use(express.static(directory, { index: false, redirect: false, setHeaders: (response) => response.setHeader("Cache-Control", "no-cache") }));
	router.use(async (request, response, next) => {
		if (!["GET", "HEAD"].includes(request.method) || NOT_PAGES.test(request.path) || !request.accepts("html")) return next();
		const built = await stat(join(directory, "index.html")).catch(() => null);
		response.set("Cache-Control", "no-cache");
		if (built) response.sendFile("index.html", { root: directory, cacheControl: false });
		else response.status(503).type("html").send(MISSING);
	});
	return router;
}

/** Points the request to the compressed file where there is one that the client takes. */
function preferCompressed(directory: string): RequestHandler {
	return async (request, response, next) => {
		const file = /^\/([\w.-]+\.(js|css|svg|json|woff2))$/.exec(request.path);
		if (!file?.[1]) return next();
		for (const [encoding, ending] of COMPRESSED) {
			if (!request.acceptsEncodings(encoding)) continue;
			const found = await stat(join(directory, file[1] + ending)).catch(() => null);
			if (!found?.isFile()) continue;
			response.type(file[2] ?? "").set({ "Content-Encoding": encoding, Vary: "Accept-Encoding" });
			request.url = `/${file[1]}${ending}`;
			break;
		}
		next();
	};
}
