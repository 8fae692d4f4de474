import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { Logger } from "pino";

/** How often the files are looked at, ms. */
const EVERY = 1_000;

/**
 * Certificate and key of the device broker, followed while the agent runs: new connections get the new pair, those there are stay. A
 * pair that doesn't fit together, as while only one of the files has been replaced, changes nothing.
 */
export class TlsFiles {
	readonly #paths: { cert: string; key: string };
	readonly #logger: Logger;
	readonly #listeners: ((context: SecureContextOptions) => void)[] = [];
	#context: SecureContextOptions;
	#seen: string;
	#timer: NodeJS.Timeout | undefined;

	/** Reads the files. Throws an Error that names what is wrong with them. */
	constructor(paths: { cert: string; key: string }, logger: Logger) {
		this.#paths = paths;
		this.#logger = logger;
		this.#seen = this.#stamp();
		this.#context = readPair(paths);
	}

	get context(): SecureContextOptions {
		return this.#context;
	}

	onChange(listener: (context: SecureContextOptions) => void): void {
		this.#listeners.push(listener);
	}

	start(): void {
		this.#timer = setInterval(() => this.#look(), EVERY);
		this.#timer.unref();
	}

	/** Idempotent. */
	stop(): void {
		clearInterval(this.#timer);
	}

	#stamp(): string {
		const { cert, key } = this.#paths;
		return [cert, key]
			.map((path) => {
				const found = statSync(path, { throwIfNoEntry: false });
				return found ? `${found.ino}/${found.mtimeMs}/${found.size}` : "-";
			})
			.join(" ");
	}

	#look(): void {
		const stamp = this.#stamp();
		if (stamp === this.#seen) return;
		this.#seen = stamp;
		try {
			this.#context = readPair(this.#paths);
			for (const listener of this.#listeners) listener(this.#context);
			this.#logger.info({ certificate: this.#paths.cert }, "certificate taken over");
		} catch (error) {
			this.#logger.error({ reason: error instanceof Error ? error.message : String(error) }, "changed certificate can't be used, the old one stays");
		}
	}
}

function readPair({ cert, key }: { cert: string; key: string }): SecureContextOptions {
	const [certPem, keyPem] = [readFileSync(cert), readFileSync(key)];
	if (!new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem))) throw new Error(`${key} is not the key of ${cert}`);
	const context: SecureContextOptions = { cert: certPem, key: keyPem, minVersion: "TLSv1.2" };
	// What OpenSSL doesn't take must be found here, not when the broker already uses it.
	createSecureContext(context);
	return context;
}
