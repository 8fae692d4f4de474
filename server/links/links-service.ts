import { randomUUID } from "node:crypto";
import type { LinksView } from "../../contracts/links.ts";
import type { DeviceAccount, QuarantineEntry } from "../../contracts/uplink.ts";
import type { Audit } from "../audit/audit.ts";
import type { UplinkAdmission, UplinkGuard, UplinkLogin, UplinkRefusal } from "../ingest/uplink-guard.ts";
import type { Json, LedgerAppender } from "../ledger/ledger-entry.ts";
import { type Actor, SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import { notFound } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import type { AuthorityFiles } from "./authority-files.ts";
import { CERTIFICATE_LIFE, type IssuedCertificate, issueAgentCertificate } from "./certificate-authority.ts";
import { admit, isValid, type LinkCredential } from "./link-credential.ts";
import { newPassword, newToken, passwordHash, tokenHash } from "./link-secret.ts";
import { LinksStore, type LinkTransaction, type StoredAccount } from "./links-store.ts";

const DAY_MS = 86_400_000;
/** A certificate with less than this left is shown as ending soon, and alarmed, ms. */
export const EXPIRES_SOON = 30 * DAY_MS;
/** How soon a change of another process, such as a command's, is seen, ms. */
const POLL = 500;
/** Refusals of the agents' device side that the audit log has: what they are called there and for /metrics. */
const DEVICE_REFUSALS: Readonly<Partial<Record<QuarantineEntry["reason"], { operation: string; counted: string }>>> = {
	"login-refused": { operation: "device.connect", counted: "device-connect" },
	"topic-refused": { operation: "device.topic", counted: "device-publish" },
	"biometric-data": { operation: "device.biometric-data", counted: "device-biometric-data" },
};

export interface LinksOptions {
	database: Database;
	audit: Audit;
	ledger: LedgerAppender;
	clock: Clock;
	logger: Logger;
	files: AuthorityFiles;
	/** Agents must prove who they are even while none is enrolled. */
	required: boolean;
	/** Whether the site knows an agent or a device. */
	knows: { agent(id: string): boolean; device(id: string): boolean };
	/** The certificate of the server's listeners; `null` without TLS. */
	server?: { readonly expiresAt: number } | null;
}

/** An end of a certificate that is in use. */
export interface Expiry {
	of: "server" | "authority" | "agent";
	name: string;
	/** Unix ms. */
	expiresAt: number;
}

/**
 * What agents and devices prove themselves with (EDG-10): enrolment, tokens, revocation, passwords. Decisions about connections are
 * taken from memory, which follows the database: revoking cuts the live connection at once here, and within {@link POLL} when another
 * process did it.
 */
export class LinksService implements UplinkGuard {
	readonly #options: LinksOptions;
	readonly #store: LinksStore;
	readonly #onCredentials: ((isGood: (credential: string | null) => boolean) => void)[] = [];
	readonly #onAccounts: (() => void)[] = [];
	#credentials = new Map<string, LinkCredential>();
	#digests = new Map<string, LinkCredential>();
	#accounts: StoredAccount[] = [];
	#authorityExpiresAt: number | null = null;
	#number = -1;
	#timer: NodeJS.Timeout | undefined;
	#refreshing: Promise<void> = Promise.resolve();
	#refused = new Map<string, number>();

	constructor(options: LinksOptions) {
		this.#options = options;
		this.#store = new LinksStore(options.database);
	}

	/** After the migrations, before the uplink. */
	async start(): Promise<void> {
		await this.#refresh();
		this.#timer = setInterval(() => {
			this.#refresh().catch((error: unknown) => this.#options.logger.warn({ err: error }, "credentials of agents could not be read anew"));
		}, POLL);
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.#refreshing.catch(() => undefined);
	}

	/** Whether an agent must prove who it is: once any has been enrolled, or where others can reach the broker. */
	get required(): boolean {
		return this.#options.required || this.#credentials.size > 0;
	}

	admit(login: UplinkLogin): UplinkAdmission {
		return admit(login, { required: this.required, byDigest: (digest) => this.#digests.get(digest), now: this.#options.clock.now() });
	}

	refused({ operation, agent, clientId, address, reason }: UplinkRefusal): void {
		this.#count(`uplink-${operation}`);
		const known = agent !== null && this.#options.knows.agent(agent);
		this.#note(
			`uplink.${operation}`,
			known ? agentActor(agent, address) : { address, typedName: agent ?? clientId },
			{ type: "agent", id: agent ?? "" },
			{
				clientId,
				reason,
			},
		);
	}

	onChange(listener: (isGood: (credential: string | null) => boolean) => void): void {
		this.#onCredentials.push(listener);
	}

	/** Refused log-ins, topics and biometric data on the agents' device brokers, as their heartbeats tell them. */
	readonly deviceRefusals = (agent: string, entries: readonly QuarantineEntry[]): void => {
		for (const { device, topic, reason, detail, receivedAt, address = null } of entries) {
			const known = DEVICE_REFUSALS[reason];
			if (!known) continue;
			this.#count(known.counted);
			const what = { agent, topic, reason: detail, at: new Date(receivedAt).toISOString() };
			// The agent tells it, so it is the actor; the address is that of the client that it turned away.
			this.#note(known.operation, agentActor(agent, address), { type: "device", id: device }, what);
		}
	};

	/** Refusals since the start, by kind, for /metrics. */
	get refusals(): ReadonlyMap<string, number> {
		return this.#refused;
	}

	/** Accounts for the device lists. */
	readonly accounts = {
		current: (): readonly DeviceAccount[] => this.#accounts.map(({ name, salt, hash, devices }) => ({ name, salt, hash, devices })),
		onChange: (listener: () => void): void => void this.#onAccounts.push(listener),
	};

	/**
	 * Makes key and certificate of an agent, and the authority where there is none yet. Certificates that it has already stay good until
	 * they end or are revoked, so that it can change over. Throws AppError 404 for an agent that the site doesn't name.
	 */
	async enrol(actor: Actor, agent: string): Promise<IssuedCertificate & { ca: string }> {
		this.#mustKnow(agent);
		const now = this.#options.clock.now();
		const authority = await this.#options.files.authority(now);
		const issued = await issueAgentCertificate(authority, agent, now);
		const { fingerprint, expiresAt } = issued;
		await this.#add(actor, { id: randomUUID(), agent, kind: "certificate", digest: fingerprint, createdAt: now, expiresAt, revokedAt: null });
		return { ...issued, ca: authority.cert };
	}

	/** Makes a token for an agent; it is kept as a hash only. Throws AppError 404 for an agent that the site doesn't name. */
	async issueToken(actor: Actor, agent: string): Promise<{ token: string; expiresAt: number }> {
		this.#mustKnow(agent);
		const now = this.#options.clock.now();
		const [token, expiresAt] = [newToken(), now + CERTIFICATE_LIFE];
		await this.#add(actor, { id: randomUUID(), agent, kind: "token", digest: tokenHash(token), createdAt: now, expiresAt, revokedAt: null });
		return { token, expiresAt };
	}

	/** Ends every certificate and token of an agent, and its connection. Resolves to how many there were. */
	async revoke(actor: Actor, agent: string): Promise<number> {
		const now = this.#options.clock.now();
		const ids = await this.#store.transaction(async (tables) => {
			const revoked = await this.#store.revoke(tables, agent, now, actor.id);
			if (revoked.length === 0) throw notFound("valid certificate or token of agent", agent);
			await this.#record(tables, actor, "agent.revoke", "agent.revoked", { type: "agent", id: agent }, { credentials: revoked }, now);
			return revoked;
		});
		await this.#refresh();
		return ids.length;
	}

	/**
	 * Gives a device, or a gateway that speaks for several, a new random password; its connection with the old one ends. `devices`: those
	 * it speaks for, itself where none are given. Throws AppError 404 for a device that the site doesn't have.
	 */
	async setPassword(actor: Actor, name: string, devices: readonly string[] = [name]): Promise<{ password: string; devices: string[] }> {
		for (const device of devices) if (device !== "*" && !this.#options.knows.device(device)) throw notFound("device", device);
		const now = this.#options.clock.now();
		const password = newPassword();
		const account = { name, ...passwordHash(password), devices: [...new Set(devices)] };
		await this.#store.transaction(async (tables) => {
			await this.#store.setAccount(tables, account, now, actor.id);
			await this.#record(
				tables,
				actor,
				"device.password-set",
				"device.password-set",
				{ type: "device", id: name },
				{ devices: account.devices },
				now,
			);
		});
		await this.#refresh();
		return { password, devices: account.devices };
	}

	/** Takes a device's password away. Throws AppError 404 when it has none. */
	async removePassword(actor: Actor, name: string): Promise<void> {
		const now = this.#options.clock.now();
		await this.#store.transaction(async (tables) => {
			if (!(await this.#store.removeAccount(tables, name))) throw notFound("device account", name);
			await this.#record(tables, actor, "device.password-remove", "device.password-removed", { type: "device", id: name }, {}, now);
		});
		await this.#refresh();
	}

	/** Writes down that the server's listeners got a certificate. */
	async certificateIssued(actor: Actor, hosts: readonly string[], { fingerprint, expiresAt }: IssuedCertificate): Promise<void> {
		const now = this.#options.clock.now();
		const detail = { hosts: [...hosts], fingerprint, expiresAt: new Date(expiresAt).toISOString() };
		await this.#store.transaction((tables) =>
			this.#record(tables, actor, "server.certificate", "server.certificate", { type: "server", id: hosts[0] ?? "" }, detail, now),
		);
	}

	/** Ends of the certificates in use: of an agent's the one that lasts longest. */
	expiries(): Expiry[] {
		const now = this.#options.clock.now();
		const agents = new Map<string, number>();
		for (const credential of this.#credentials.values())
			if (credential.revokedAt === null) agents.set(credential.agent, Math.max(agents.get(credential.agent) ?? 0, credential.expiresAt));
		return [
			...(this.#options.server ? [{ of: "server" as const, name: "server", expiresAt: this.#options.server.expiresAt }] : []),
			...(this.#authorityExpiresAt === null ? [] : [{ of: "authority" as const, name: "private authority", expiresAt: this.#authorityExpiresAt }]),
			...Array.from(agents, ([name, expiresAt]) => ({ of: "agent" as const, name, expiresAt })),
		].sort((a, b) => a.expiresAt - now - (b.expiresAt - now));
	}

	view(): LinksView {
		const now = this.#options.clock.now();
		const agents = Map.groupBy(this.#credentials.values(), ({ agent }) => agent);
		return {
			required: this.required,
			agents: Array.from(agents, ([agent, credentials]) => ({
				agent,
				credentials: credentials.map((credential) => ({
					id: credential.id,
					kind: credential.kind,
					createdAt: iso(credential.createdAt),
					expiresAt: iso(credential.expiresAt),
					revokedAt: credential.revokedAt === null ? null : iso(credential.revokedAt),
					state: stateOf(credential, now),
				})),
			})),
			certificates: this.expiries().map(({ expiresAt, ...rest }) => ({
				...rest,
				expiresAt: iso(expiresAt),
				daysLeft: Math.floor((expiresAt - now) / DAY_MS),
			})),
			deviceAccounts: this.#accounts.map(({ name, devices, setAt }) => ({ name, devices, setAt: iso(setAt) })),
		};
	}

	#mustKnow(agent: string): void {
		if (!this.#options.knows.agent(agent)) throw notFound("agent", agent);
	}

	async #add(actor: Actor, credential: LinkCredential): Promise<void> {
		const { agent, kind, createdAt } = credential;
		await this.#store.transaction(async (tables) => {
			await this.#store.addCredential(tables, credential, actor.id);
			const detail = { credential: credential.id, kind, expiresAt: iso(credential.expiresAt) };
			await this.#record(tables, actor, "agent.enrol", "agent.enrolled", { type: "agent", id: agent }, detail, createdAt);
		});
		await this.#refresh();
	}

	/** Audit line and ledger entry of an act, in its transaction; the ledger last. */
	async #record(
		tables: LinkTransaction,
		actor: Actor,
		operation: string,
		type: string,
		object: { type: string; id: string },
		detail: { readonly [key: string]: Json },
		at: number,
	): Promise<void> {
		await this.#options.audit.record(tables, { tag: "change", operation, actor, object, result: "ok", detail });
		await this.#options.ledger.append(tables, { type, version: 1, at, data: { [object.type]: object.id, by: actor.id, ...detail } });
	}

	#note(
		operation: string,
		actor: Parameters<Audit["note"]>[0]["actor"],
		object: { type: string; id: string },
		detail: Record<string, unknown>,
	): void {
		this.#options.audit.note({ tag: "authorisation", operation, actor, object, result: "refused", detail }).catch((error: unknown) => {
			this.#options.logger.error({ err: error, operation }, "a refusal could not be noted in the audit log");
		});
	}

	#count(kind: string): void {
		this.#refused.set(kind, (this.#refused.get(kind) ?? 0) + 1);
	}

	/** One after another, so that an older state never replaces a newer one. */
	#refresh(): Promise<void> {
		this.#refreshing = this.#refreshing.catch(() => undefined).then(() => this.#read());
		return this.#refreshing;
	}

	async #read(): Promise<void> {
		if ((await this.#store.changeNumber()) !== this.#number) {
			const { number, credentials, accounts } = await this.#store.all();
			this.#number = number;
			this.#credentials = new Map(credentials.map((credential) => [credential.id, credential]));
			this.#digests = new Map(credentials.map((credential) => [credential.digest, credential]));
			const before = JSON.stringify(this.#accounts);
			this.#accounts = accounts;
			this.#authorityExpiresAt = await this.#options.files.expiresAt();
			if (JSON.stringify(accounts) !== before) for (const listener of this.#onAccounts) listener();
		}
		// At every turn: a credential may also have come to its end.
		const now = this.#options.clock.now();
		const isGood = (id: string | null) => {
			const credential = id === null ? undefined : this.#credentials.get(id);
			return id === null ? !this.required : credential !== undefined && isValid(credential, now);
		};
		for (const listener of this.#onCredentials) listener(isGood);
	}
}

const iso = (ms: number) => new Date(ms).toISOString();

function stateOf(credential: LinkCredential, now: number): "valid" | "expires-soon" | "expired" | "revoked" {
	if (credential.revokedAt !== null) return "revoked";
	if (credential.expiresAt <= now) return "expired";
	return credential.expiresAt - now < EXPIRES_SOON ? "expires-soon" : "valid";
}

/** An agent in the audit log: not a person, but known by its name. */
function agentActor(agent: string, address: string | null): Actor {
	return { ...SYSTEM, id: `agent:${agent}`, username: agent, name: `Agent ${agent}`, address };
}
