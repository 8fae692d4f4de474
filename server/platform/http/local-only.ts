/** Who may talk to a server that has no log-in yet: pages that it served itself, and programs on this machine. */
import type { IncomingHttpHeaders } from "node:http";
import type { RequestHandler } from "express";
import { AppError } from "../errors.ts";

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

/** Refuses foreign hosts always, and foreign origins where the request could change something. */
export function refuseForeign(hosts: readonly string[] = LOCAL_HOSTS): RequestHandler {
	return (request, _response, next) => {
		if (!isKnownHost(request.headers, hosts)) throw new AppError("host-not-allowed", 403, `This server answers to ${hosts.join(", ")} only.`);
		if (!SAFE_METHODS.has(request.method) && !isSameOrigin(request.headers))
			throw new AppError("cross-origin", 403, "A page of another origin can't change anything here.");
		next();
	};
}
