import { randomUUID } from "node:crypto";
import { deviceResultSchema, type RelayRefusal, uplinkTopic } from "../../contracts/uplink.ts";
import type { Agents } from "../site/agents.ts";
import type { WorldSource } from "../site/world-source.ts";
import type { UplinkTransport } from "./uplink-transport.ts";

/**
 * What became of a command. `device-refused`: the device's own error. `agent-offline`: nobody to carry it. The others are the
 * agent's word, or `no-answer` where not even the agent answered in time.
 */
export type CommandOutcome =
	| { ok: true; body: Record<string, unknown> }
	| { ok: false; reason: RelayRefusal | "agent-offline" | "device-refused"; detail: string };

/** Asks devices to do something. Never throws, and resolves within its time-out. */
export interface Commands {
	send(device: string, op: string, body: Record<string, unknown>): Promise<CommandOutcome>;
}

export interface DeviceCommandsOptions {
	world: WorldSource;
	agents: Pick<Agents, "statusOf">;
	transport: Pick<UplinkTransport, "publish">;
	/** ms until `no-answer`: longer than an agent gives its device. */
	timeout?: number;
	/** ms after which an unanswered command is sent again, under the same id. */
	repeatEvery?: number;
	/** Commands that may wait at once. */
	limit?: number;
}

interface Waiting {
	agent: string;
	device: string;
	answered: (outcome: CommandOutcome) => void;
}

const STOPPED: CommandOutcome = { ok: false, reason: "no-answer", detail: "the server stops" };

/** Commands to devices, carried by their agents over the uplink. */
export class DeviceCommands implements Commands {
	readonly #options: DeviceCommandsOptions;
	readonly #waiting = new Map<string, Waiting>();
	#stopped = false;

	constructor(options: DeviceCommandsOptions) {
		this.#options = options;
	}

	async send(device: string, op: string, body: Record<string, unknown>): Promise<CommandOutcome> {
		const { world, agents, transport, timeout = 12_000, repeatEvery = 4_000, limit = 500 } = this.#options;
		const agent = world.current().devices.get(device)?.agent;
		if (agent === undefined) return { ok: false, reason: "unknown-device", detail: "not a device of the site" };
		if (agents.statusOf(agent) === "offline") return { ok: false, reason: "agent-offline", detail: `edge agent ${agent} is offline` };
		if (this.#stopped) return STOPPED;
		if (this.#waiting.size >= limit) return { ok: false, reason: "busy", detail: "too many commands wait for an answer" };
		const id = randomUUID();
		const payload = JSON.stringify({ device, command: { id, op, body } });
		const publish = () => transport.publish(uplinkTopic(agent, "command"), payload, { retain: false });
		const { promise, resolve } = Promise.withResolvers<CommandOutcome>();
		this.#waiting.set(id, { agent, device, answered: resolve });
		const repeat = setInterval(publish, repeatEvery);
		const end = setTimeout(() => resolve({ ok: false, reason: "no-answer", detail: `edge agent ${agent} did not answer in time` }), timeout);
		publish();
		try {
			return await promise;
		} finally {
			clearInterval(repeat);
			clearTimeout(end);
			this.#waiting.delete(id);
		}
	}

	/**
	 * Takes an agent's answer. One that nobody waits for (any more) is passed over. Throws when it can't be read, or when an agent
	 * answers for what was asked of another device or agent.
	 */
	result(agent: string, payload: Buffer): void {
		const { device, result, refused } = deviceResultSchema.parse(JSON.parse(payload.toString("utf8")));
		const waiting = this.#waiting.get(result.id);
		if (!waiting) return;
		if (waiting.agent !== agent || waiting.device !== device) throw new Error(`answer for ${device}, which agent ${agent} was not asked for`);
		if (result.ok) waiting.answered({ ok: true, body: result.body });
		else waiting.answered({ ok: false, reason: refused ?? "device-refused", detail: (result.error ?? "no reason given").slice(0, 500) });
	}

	/** Gives up what waits, and sends nothing any more. Idempotent. */
	stop(): void {
		this.#stopped = true;
		for (const { answered } of this.#waiting.values()) answered(STOPPED);
	}
}
