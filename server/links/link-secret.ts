import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Tokens of agents and passwords of devices are never chosen by people: 256 and 128 random bits. Nobody can guess those, so one
 * SHA-256 guards them as well as argon2 would, and a thousand devices that reconnect at once don't hold up the broker.
 */
export const newToken = (): string => `wra_${randomBytes(32).toString("base64url")}`;
export const newPassword = (): string => randomBytes(16).toString("base64url");

/** Hex SHA-256 of a token. */
export const tokenHash = (token: string): string => createHash("sha256").update(token).digest("hex");

/** Salt and hash as a device list carries them (contracts/uplink.ts). */
export function passwordHash(password: string): { salt: string; hash: string } {
	const salt = randomBytes(16).toString("hex");
	return { salt, hash: createHash("sha256").update(`${salt}:${password}`).digest("hex") };
}

/** In constant time. */
export function sameHash(a: string, b: string): boolean {
	return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
