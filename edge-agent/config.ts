/** What the environment may say to an edge agent; the reference page is made from these descriptions. */
import { z } from "zod";
import { idSchema } from "../contracts/identifiers.ts";

const port = z.coerce.number().int().min(1).max(65_535);
const brokerUrl = z.url({ protocol: /^mqtts?$/, error: "expected mqtt://host:port or mqtts://host:port" });

export const agentEnvironmentSchema = z.object({
	WATCHROOM_DATA: z.string().min(1).default("./data").describe("Everything written lives below it; this agent's part is agent-<id>/."),
	WATCHROOM_AGENT_ID: idSchema.default("agent-1").describe("The agent's name, as the site file has it."),
	WATCHROOM_DEVICE_PORT: port.default(1884).describe("Port of the embedded device broker, on 127.0.0.1."),
	WATCHROOM_UPLINK_PORT: port.default(1883).describe("Port of the server's broker on this machine, used when UPLINK_URL is not set."),
	UPLINK_URL: brokerUrl.optional().describe("The server's broker; mqtt://127.0.0.1:<WATCHROOM_UPLINK_PORT> when it is not set."),
	DEVICE_BROKER_URL: brokerUrl.optional().describe("A broker of your own that the devices talk to; the embedded one when it is not set."),
	WATCHROOM_OUTBOX_BYTES: z.coerce
		.number()
		.int()
		.min(1_000_000)
		.default(2 * 1024 ** 3)
		.describe("Most bytes of accepted data kept on disk for the server. When they are used up the oldest readings go first; events never go."),
	WATCHROOM_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info").describe("Least level that is logged."),
});

export interface AgentConfig {
	agent: string;
	/** The agent's own folder. */
	data: string;
	devicePort: number;
	/** `null`: the embedded broker. */
	deviceBrokerUrl: string | null;
	uplinkUrl: string;
	outboxBytes: number;
	logLevel: string;
}

/** Reads the environment. Throws an Error whose message names every wrong variable and what was expected. An empty variable counts as not set. */
export function readConfig(environment: Record<string, string | undefined>): AgentConfig {
	const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""));
	const parsed = agentEnvironmentSchema.safeParse(given);
	if (!parsed.success) {
		const lines = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
		throw new Error(`The environment has ${lines.length} wrong variable${lines.length === 1 ? "" : "s"}:\n${lines.join("\n")}`);
	}
	const env = parsed.data;
	return {
		agent: env.WATCHROOM_AGENT_ID,
		data: `${env.WATCHROOM_DATA}/agent-${env.WATCHROOM_AGENT_ID}`,
		devicePort: env.WATCHROOM_DEVICE_PORT,
		deviceBrokerUrl: env.DEVICE_BROKER_URL ?? null,
		uplinkUrl: env.UPLINK_URL ?? `mqtt://127.0.0.1:${env.WATCHROOM_UPLINK_PORT}`,
		outboxBytes: env.WATCHROOM_OUTBOX_BYTES,
		logLevel: env.WATCHROOM_LOG_LEVEL,
	};
}
