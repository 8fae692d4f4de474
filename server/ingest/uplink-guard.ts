import { parseUplinkTopic, type UplinkTopic } from "../../contracts/uplink.ts";

/** What a client of the uplink broker shows of itself when it connects. */
export interface UplinkLogin {
	clientId: string;
	username: string | undefined;
	password: Buffer | undefined;
	/** Its client certificate; `null` when it brought none. `problem`: why TLS doesn't trust it. */
	certificate: { fingerprint: string; commonName: string; problem: string | null } | null;
	address: string | null;
}
/** `agent`: whose topics are open to it; `null`: those of the first agent that it names. `credential`: what it proved itself with. */
export type UplinkAdmission = { agent: string | null; credential: string | null } | { refused: string };

export interface UplinkRefusal {
	operation: "connect" | "publish" | "subscribe";
	/** `null` while nobody knows. */
	agent: string | null;
	clientId: string;
	address: string | null;
	/** Names no secret. */
	reason: string;
}

/** Who may connect to the uplink broker. */
export interface UplinkGuard {
	/** Decides at once, from memory. */
	admit(login: UplinkLogin): UplinkAdmission;
	/** Hears of everything that was refused; MUST bound what it makes of it. */
	refused(refusal: UplinkRefusal): void;
	/** Calls back when credentials may have ended; `isGood` tells whether one still holds. */
	onChange(listener: (isGood: (credential: string | null) => boolean) => void): void;
}

/** Without any credentials, on the loopback interface: everybody, each with the topics of one agent. */
export const OPEN_UPLINK: UplinkGuard = { admit: () => ({ agent: null, credential: null }), refused: () => {}, onChange: () => {} };

/** What agents may publish; the rest is the server's. */
export const FROM_AGENTS: readonly UplinkTopic[] = ["envelope", "snapshot", "heartbeat", "status", "witness", "result"];

/** The client id that an agent's credential allows. */
export const agentClientId = (agent: string): string => `watchroom-agent-${agent}`;

/** The agent whose topic this is, when an agent may publish there; `null` for everything else. */
export function publishingAgent(topic: string): string | null {
	const parsed = parseUplinkTopic(topic);
	return parsed && FROM_AGENTS.includes(parsed.topic) ? parsed.agent : null;
}

/** The agent below whose topics the filter lies altogether; `null` when it reaches further (MQTT 3.1.1, 4.7). */
export function subscribingAgent(filter: string): string | null {
	return /^watchroom-uplink\/([A-Za-z0-9._-]{1,64})\/[^/]+$/.exec(filter)?.[1] ?? null;
}
