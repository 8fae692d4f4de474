import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type CertificatePair, createAuthority, type IssuedCertificate, issueServerCertificate } from "./certificate-authority.ts";

/** A certificate of the server's own is made anew when it has less than this left, ms. */
const RENEW_BEFORE = 30 * 86_400_000;

/** The private authority in `WATCHROOM_DATA/ca`: `ca.pem`, `ca.key`, and the server's `server.pem`, `server.key`. Keys have mode 0600. */
export class AuthorityFiles {
	readonly directory: string;

	constructor(dataDirectory: string) {
		this.directory = join(dataDirectory, "ca");
	}

	get paths(): { ca: string; cert: string; key: string } {
		return { ca: join(this.directory, "ca.pem"), cert: join(this.directory, "server.pem"), key: join(this.directory, "server.key") };
	}

	/** The authority, made at the first call; of two that make it at once one wins, for both. `now`: Unix ms. */
	async authority(now: number): Promise<CertificatePair> {
		await mkdir(this.directory, { recursive: true, mode: 0o700 });
		await chmod(this.directory, 0o700);
		const both = join(this.directory, "authority.pem");
		if (!existsSync(both)) {
			const made = await createAuthority("Watchroom private authority", now);
			// Key and certificate in one file that appears at once: a crash leaves both or none.
			const fresh = `${both}.${process.pid}`;
			await writeSafely(fresh, made.key + made.cert);
			await link(fresh, both).catch((error: NodeJS.ErrnoException) => {
				if (error.code !== "EEXIST") throw error;
			});
			await rm(fresh);
		}
		const text = await readFile(both, "utf8");
		const start = text.indexOf("-----BEGIN CERTIFICATE-----");
		const authority = { key: text.slice(0, start), cert: text.slice(start) };
		if (!existsSync(this.paths.ca)) await writeSafely(this.paths.ca, authority.cert, 0o644);
		return authority;
	}

	/** When the authority's own certificate ends, Unix ms; `null` when there is none. */
	async expiresAt(): Promise<number | null> {
		if (!existsSync(this.paths.ca)) return null;
		return new X509Certificate(await readFile(this.paths.ca)).validToDate.getTime();
	}

	/** Writes a new certificate for the server's listeners, which take it over while they run. */
	async renewServerCertificate(hosts: readonly string[], now: number): Promise<IssuedCertificate> {
		const issued = await issueServerCertificate(await this.authority(now), hosts, now);
		await writeSafely(this.paths.key, issued.key);
		await writeSafely(this.paths.cert, issued.cert, 0o644);
		return issued;
	}

	/** Makes the server's certificate where there is none, where it ends soon, or where it lacks one of the names. True when it did. */
	async ensureServerCertificate(hosts: readonly string[], now: number): Promise<boolean> {
		const { cert, key } = this.paths;
		if (existsSync(cert) && existsSync(key)) {
			const found = new X509Certificate(await readFile(cert));
			const names = hosts.map((host) => host.replace(/^\[|\]$/g, ""));
			const covers = names.every((name) => found.checkHost(name) !== undefined || found.checkIP(name) !== undefined);
			if (covers && found.validToDate.getTime() - now > RENEW_BEFORE) return false;
		}
		await this.renewServerCertificate(hosts, now);
		return true;
	}
}

/** Whole or not at all, on disk when it resolves. */
export async function writeSafely(path: string, text: string, mode = 0o600): Promise<void> {
	const temporary = `${path}.new`;
	await rm(temporary, { force: true });
	const file = await open(temporary, "wx", mode);
	try {
		await file.writeFile(text);
		await file.sync();
	} finally {
		await file.close();
	}
	await rename(temporary, path);
}
