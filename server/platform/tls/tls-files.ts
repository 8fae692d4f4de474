import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { AppError } from "../errors.ts";
import type { Logger } from "../logger.ts";

/** PEM files of a listener: its certificate (with intermediate ones behind it), its key, and the authority of its clients' certificates. */
export interface TlsPaths {
	cert: string;
	key: string;
	/** Need not exist yet. */
	ca: string | null;
}

export interface TlsFilesOptions {
	paths: TlsPaths;
	logger: Logger;
	/** How often the files are looked at, ms. */
	every?: number;
}

/**
 * The certificate of the server's listeners, followed while it runs: a changed pair is handed to the listeners, whose connections
 * stay. A pair that doesn't fit together, as while only one of the two files has been replaced, changes nothing.
 */
export class TlsFiles {
	readonly #options: TlsFilesOptions;
	readonly #listeners: ((context: SecureContextOptions) => void)[] = [];
	#context: SecureContextOptions;
	#certificate: X509Certificate;
	#seen: string;
	#timer: NodeJS.Timeout | undefined;

	/** Reads the files. Throws AppError `invalid-tls-files` that names the file and what is wrong with it. */
	constructor(options: TlsFilesOptions) {
		this.#options = options;
		this.#seen = stampOf(options.paths);
		({ context: this.#context, certificate: this.#certificate } = readPair(options.paths));
	}

	get context(): SecureContextOptions {
		return this.#context;
	}

	/** When the certificate in use ends, Unix ms. */
	get expiresAt(): number {
		return this.#certificate.validToDate.getTime();
	}

	/** SHA-256 of the certificate in use, as `AB:CD:...`. */
	get fingerprint(): string {
		return this.#certificate.fingerprint256;
	}

	onChange(listener: (context: SecureContextOptions) => void): void {
		this.#listeners.push(listener);
	}

	start(): void {
		this.#timer = setInterval(() => this.#look(), this.#options.every ?? 1_000);
		this.#timer.unref();
	}

	/** Idempotent. */
	stop(): void {
		clearInterval(this.#timer);
	}

	#look(): void {
		const { paths, logger } = this.#options;
		const stamp = stampOf(paths);
		if (stamp === this.#seen) return;
		this.#seen = stamp;
		try {
			const { context, certificate } = readPair(paths);
			for (const listener of this.#listeners) listener(context);
			this.#context = context;
			this.#certificate = certificate;
			logger.info({ certificate: paths.cert, expires: certificate.validToDate.toISOString() }, "certificate taken over");
		} catch (error) {
			logger.error({ reason: error instanceof Error ? error.message : String(error) }, "changed certificate can't be used, the old one stays");
		}
	}
}

/** Changes with any of the files. */
function stampOf({ cert, key, ca }: TlsPaths): string {
	return [cert, key, ...(ca ? [ca] : [])]
		.map((path) => {
			const found = statSync(path, { throwIfNoEntry: false });
			return found ? `${found.ino}/${found.mtimeMs}/${found.size}` : "-";
		})
		.join(" ");
}

function readPair({ cert, key, ca }: TlsPaths): { context: SecureContextOptions; certificate: X509Certificate } {
	const certPem = readPem(cert, "WATCHROOM_TLS_CERT");
	const keyPem = readPem(key, "WATCHROOM_TLS_KEY");
	const certificate = parse(cert, "a certificate in PEM", () => new X509Certificate(certPem));
	const privateKey = parse(key, "a private key in PEM, not encrypted", () => createPrivateKey(keyPem));
	if (!certificate.checkPrivateKey(privateKey)) throw invalidFiles(`${key} is not the key of ${cert}.`);
	const context: SecureContextOptions = { cert: certPem, key: keyPem, minVersion: "TLSv1.2" };
	if (ca !== null && existsSync(ca)) context.ca = readFileSync(ca);
	// What OpenSSL doesn't take must be found here, not when a listener already uses it.
	parse(cert, "a certificate that TLS can use", () => createSecureContext(context));
	return { context, certificate };
}

function readPem(path: string, variable: string): Buffer {
	try {
		return readFileSync(path);
	} catch (cause) {
		throw invalidFiles(`${variable}: ${path} can't be read.`, cause);
	}
}

function parse<T>(path: string, expected: string, read: () => T): T {
	try {
		return read();
	} catch (cause) {
		throw invalidFiles(`${path}: expected ${expected}.`, cause);
	}
}

const invalidFiles = (detail: string, cause?: unknown) => new AppError("invalid-tls-files", 500, detail, { cause });
