import { agentClientId, type UplinkAdmission, type UplinkLogin } from "../ingest/uplink-guard.ts";
import { tokenHash } from "./link-secret.ts";

/** What an agent proves itself with. */
export interface LinkCredential {
	id: string;
	agent: string;
	kind: "certificate" | "token";
	/** SHA-256: a certificate's fingerprint as `AB:CD:...`, a token's as hex. */
	digest: string;
	/** Unix ms. */
	createdAt: number;
	expiresAt: number;
	revokedAt: number | null;
}

/** Whether a credential holds now. */
export function isValid(credential: LinkCredential, now: number): boolean {
	return credential.revokedAt === null && credential.expiresAt > now;
}

/**
 * Whether a client of the uplink broker is let in, and as which agent. Of several faults the first counts:
 *
 * | it shows | it must be |
 * |---|---|
 * | a certificate | trusted by TLS, known here, not revoked, not expired |
 * | user name and password | the agent's id and a token of that agent, not revoked, not expired |
 * | nothing | allowed only where none is `required` |
 * | either | come with the client id of its agent |
 */
export function admit(
	login: UplinkLogin,
	of: { required: boolean; byDigest(digest: string): LinkCredential | undefined; now: number },
): UplinkAdmission {
	const { certificate, username, password, clientId } = login;
	if (!certificate && password === undefined) return of.required ? { refused: "no certificate and no token" } : { agent: null, credential: null };
	if (certificate?.problem) return { refused: `certificate not trusted: ${certificate.problem}` };
	const credential = of.byDigest(certificate ? certificate.fingerprint : tokenHash(String(password)));
	if (!credential || credential.kind !== (certificate ? "certificate" : "token"))
		return { refused: certificate ? "certificate not known here" : "wrong token" };
	if (credential.agent !== (certificate ? certificate.commonName : username)) return { refused: "credential of another agent" };
	if (credential.revokedAt !== null) return { refused: `${credential.kind} revoked` };
	if (credential.expiresAt <= of.now) return { refused: `${credential.kind} expired` };
	if (clientId !== agentClientId(credential.agent)) return { refused: `client id is not ${agentClientId(credential.agent)}` };
	return { agent: credential.agent, credential: credential.id };
}
