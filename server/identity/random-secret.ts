import { createHash, randomBytes } from "node:crypto";

/** 256 random bits as text: ids of sessions, API tokens, set-up links (OWASP ASVS 7.2: at least 128). */
export const randomSecret = (): string => randomBytes(32).toString("base64url");

/** What is kept of a random secret. Nothing slower is needed: it can't be guessed, unlike a password. */
export const secretHash = (secret: string): string => createHash("sha256").update(secret).digest("hex");
