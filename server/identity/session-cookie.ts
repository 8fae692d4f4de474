/** The cookie that a browser's session lives in (RFC 6265bis). */
import type { IncomingHttpHeaders } from "node:http";
import type { CookieOptions } from "express";

/** `__Host-` binds it to this host and to TLS; plain HTTP, on the loopback interface, can't have it. */
export const cookieName = (secure: boolean): string => (secure ? "__Host-watchroom-session" : "watchroom-session");

export const cookieOptions = (secure: boolean): CookieOptions => ({ httpOnly: true, sameSite: "strict", secure, path: "/" });

/** The session's secret in a request; `null` without one. */
export function sessionSecret(headers: IncomingHttpHeaders, secure: boolean): string | null {
	const prefix = `${cookieName(secure)}=`;
	const found = headers.cookie
		?.split(";")
		.map((part) => part.trim())
		.find((part) => part.startsWith(prefix));
	return found === undefined || found.length > prefix.length + 128 ? null : found.slice(prefix.length);
}

/** The token of `Authorization: Bearer` (RFC 6750, 2.1); `null` without one, empty text for another scheme. */
export function bearerToken(headers: IncomingHttpHeaders): string | null {
	if (headers.authorization === undefined) return null;
	return /^Bearer +([A-Za-z0-9._~+/-]{1,256}=*) *$/i.exec(headers.authorization)?.[1] ?? "";
}
