/** Second factor: time-based codes (RFC 6238) and recovery codes. */
import { randomInt } from "node:crypto";
import { generateSecret, generateSync, generateURI, verifySync } from "otplib";
import { secretHash } from "./random-secret.ts";

const PERIOD_S = 30;

/** 160 bits, base32 (RFC 4226, 4: R6). */
export const newTotpSecret = (): string => generateSecret();

/** What authenticator apps read from the QR code. */
export const totpUri = (secret: string, username: string): string => generateURI({ issuer: "Watchroom", label: username, secret });

/** The code at a time (Unix ms); for the demo's log-ins and tests. */
export const totpCode = (secret: string, at: number): string => generateSync({ secret, epoch: Math.floor(at / 1000) });

/**
 * The time step that a code of six digits belongs to, one step of tolerance around `now` (RFC 6238, 5.2); `null` for a wrong one and
 * for one of a step up to `lastStep`, which was used already. Whoever accepts it MUST store the step in the same statement that
 * checks that it is newer.
 */
export function totpStep(secret: string, code: string, now: number, lastStep: number | null): number | null {
	if (!/^\d{6}$/.test(code)) return null;
	const epoch = Math.floor(now / 1000);
	const current = Math.floor(epoch / PERIOD_S);
	if (lastStep !== null && lastStep >= current + 1) return null;
	const result = verifySync({ secret, token: code, epoch, epochTolerance: PERIOD_S, ...(lastStep !== null && { afterTimeStep: lastStep }) });
	return result.valid && "timeStep" in result ? result.timeStep : null;
}

/** Without 0, 1, i, l, o, which are read wrong. */
const ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz";
const CODES = 10;

/** Ten codes of 16 characters (79 bits) in groups, each for one log-in without the authenticator. */
export function newRecoveryCodes(): string[] {
	const group = () => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
	return Array.from({ length: CODES }, () => [group(), group(), group(), group()].join("-"));
}

/** What is kept of a recovery code; however it was typed. */
export const recoveryHash = (code: string): string => secretHash(code.toLowerCase().replace(/[^a-z0-9]/g, ""));
