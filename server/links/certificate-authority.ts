import "reflect-metadata";
import { createPrivateKey, randomBytes } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

const DAY_MS = 86_400_000;
/** Lifetimes, ms. */
const AUTHORITY_LIFE = 10 * 365 * DAY_MS;
export const CERTIFICATE_LIFE = 365 * DAY_MS;
/** Clocks of agents may be a little behind ours. */
const CLOCK_LEEWAY = 3_600_000;
/** NIST P-256 with SHA-256: small, fast to verify, known to every TLS library. */
const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** A certificate with its key, PEM. */
export interface CertificatePair {
	cert: string;
	key: string;
}
export interface IssuedCertificate extends CertificatePair {
	/** SHA-256 as `AB:CD:...`. */
	fingerprint: string;
	/** Unix ms. */
	expiresAt: number;
}

/** A private authority (RFC 5280): self-signed, for the links of one installation, signing end certificates only. `now`: Unix ms. */
export async function createAuthority(name: string, now: number): Promise<CertificatePair> {
	const keys = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
	const certificate = await x509.X509CertificateGenerator.createSelfSigned({
		serialNumber: serialNumber(),
		name: [{ CN: [name] }],
		notBefore: new Date(now - CLOCK_LEEWAY),
		notAfter: new Date(now + AUTHORITY_LIFE),
		signingAlgorithm: SIGNATURE,
		keys,
		extensions: [
			new x509.BasicConstraintsExtension(true, 0, true),
			new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
		],
	});
	return { cert: pemText(certificate.toString("pem")), key: await keyText(keys.privateKey) };
}

/** The certificate that an agent shows to the server (RFC 5280, 4.2.1.12: clientAuth); its common name is the agent's id. */
export function issueAgentCertificate(authority: CertificatePair, agent: string, now: number): Promise<IssuedCertificate> {
	return issue(authority, agent, [x509.ExtendedKeyUsage.clientAuth], [], now);
}

/**
 * The certificate of a listener for these names and addresses (serverAuth, RFC 6125: the names stand in subjectAltName); also good as a
 * client's, for the server at a broker of somebody else's. As an agent's it counts for nothing: the database doesn't know it.
 */
export function issueServerCertificate(authority: CertificatePair, hosts: readonly string[], now: number): Promise<IssuedCertificate> {
	const names = hosts.map((host) => {
		const value = host.replace(/^\[|\]$/g, "");
		return { type: isIP(value) ? ("ip" as const) : ("dns" as const), value };
	});
	return issue(
		authority,
		hosts[0] ?? "watchroom",
		[x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth],
		[new x509.SubjectAlternativeNameExtension(names)],
		now,
	);
}

async function issue(
	authority: CertificatePair,
	commonName: string,
	usages: x509.ExtendedKeyUsage[],
	more: x509.Extension[],
	now: number,
): Promise<IssuedCertificate> {
	const issuer = new x509.X509Certificate(authority.cert);
	const keys = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
	const certificate = await x509.X509CertificateGenerator.create({
		serialNumber: serialNumber(),
		subject: [{ CN: [commonName] }],
		issuer: issuer.subjectName,
		notBefore: new Date(now - CLOCK_LEEWAY),
		// Nothing outlives who vouches for it.
		notAfter: new Date(Math.min(now + CERTIFICATE_LIFE, issuer.notAfter.getTime())),
		signingAlgorithm: SIGNATURE,
		signingKey: await signingKey(authority.key),
		publicKey: keys.publicKey,
		extensions: [
			new x509.BasicConstraintsExtension(false, undefined, true),
			new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
			new x509.ExtendedKeyUsageExtension(usages),
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
			await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
			...more,
		],
	});
	const digest = Buffer.from(await certificate.getThumbprint("SHA-256"))
		.toString("hex")
		.toUpperCase();
	return {
		cert: pemText(certificate.toString("pem")),
		key: await keyText(keys.privateKey),
		fingerprint: (digest.match(/../g) ?? []).join(":"),
		expiresAt: certificate.notAfter.getTime(),
	};
}

/** 127 random bits, positive (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
	const bytes = randomBytes(16);
	bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
	return bytes.toString("hex");
}

function signingKey(pem: string): Promise<CryptoKey> {
	const der = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
	return crypto.subtle.importKey("pkcs8", new Uint8Array(der), KEY, false, ["sign"]);
}

async function keyText(key: CryptoKey): Promise<string> {
	return pemText(x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY"));
}

const pemText = (pem: string) => `${pem.trim()}\n`;
