/** Which pages and names may talk to the server: against DNS rebinding and forged requests (CSRF). */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import { AppError } from "../errors.ts";
import type { Gate } from "./gate.ts";

export const LOCAL_HOSTS: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

type Headers = Pick<IncomingHttpHeaders, "host" | "origin"> & { "sec-fetch-site"?: string | string[] | undefined };

/** False for another name in the `Host` header: a foreign page whose name was made to point here (DNS rebinding). */
export function isKnownHost(headers: Headers, hosts: readonly string[] = LOCAL_HOSTS): boolean {
	const name = /^(\[[0-9a-fA-F:]+\]|[^:]+)(?::\d+)?$/.exec(headers.host ?? "")?.[1];
	return name !== undefined && hosts.includes(name.toLowerCase());
}

/**
 * False when a browser says that a page of another origin sent the request (Fetch Metadata's Sec-Fetch-Site, RFC 6454's Origin).
 * Programs send neither header and pass.
 */
export function isSameOrigin(headers: Headers): boolean {
	const site = headers["sec-fetch-site"];
	if (site !== undefined && site !== "same-origin" && site !== "none") return false;
	if (headers.origin === undefined) return true;
	return headers.origin === `http://${headers.host}` || headers.origin === `https://${headers.host}`;
}

/**
 * Refuses foreign hosts always, and where the request could change something: foreign origins, and with a cookie a body that a form of
 * another page could send: anything but JSON, CSV and images, which take a preflight (Fetch, CORS-safelisted request headers; OWASP: CSRF
 * prevention). The cookie is SameSite=Strict besides.
 */
export function refuseForeign(hosts: readonly string[], gate: Gate): RequestHandler {
	return async (request, _response, next) => {
		const refusal = foreign(request, hosts);
		if (!refusal) return next();
		const actor = await gate.identify(request).catch(() => null);
		await gate.noteRefusal(refusal.code, request, actor, refusal);
		throw refusal;
	};
}

/** Types of bodies that no form of another page can send. */
const PREFLIGHTED = /^(application\/([\w.+-]+\+)?json|text\/csv|image\/(jpeg|png|webp))\s*(;|$)/i;

function foreign({ headers, method }: Pick<IncomingMessage, "headers" | "method">, hosts: readonly string[]): AppError | null {
	if (!isKnownHost(headers, hosts)) return new AppError("host-not-allowed", 403, `This server answers to ${hosts.join(", ")} only.`);
	if (SAFE_METHODS.has(method ?? "")) return null;
	if (!isSameOrigin(headers)) return new AppError("cross-origin", 403, "A page of another origin can't change anything here.");
	const type = headers["content-type"];
	// The page behind a test alarm's link has a form with nothing in it; that it is our own page is what the browser says.
	const ownButton = headers["content-length"] === "0" && headers["sec-fetch-site"] === "same-origin";
	if (headers.cookie !== undefined && type !== undefined && !PREFLIGHTED.test(type) && !ownButton)
		return new AppError("unsupported-media-type", 415, "Send the body as application/json, or as the file that is taken: text/csv or an image.");
	return null;
}
