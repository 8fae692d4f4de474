/** What the environment may say to an edge agent; the reference page is made from these descriptions. */
import { z } from "zod";
import { idSchema } from "../contracts/identifiers.ts";

const port = z.coerce.number().int().min(1).max(65_535);
const brokerUrl = z.url({ protocol: /^mqtts?$/, error: "expected mqtt://host:port or mqtts://host:port" });

export const agentEnvironmentSchema = z.object({
	WATCHROOM_DATA: z.string().min(1).default("./data").describe("Everything written lives below it; this agent's part is agent-<id>/."),
	WATCHROOM_AGENT_ID: idSchema.default("agent-1").describe("The agent's name, as the site file has it."),
	WATCHROOM_DEVICE_PORT: port.default(1884).describe("Port of the embedded device broker."),
	WATCHROOM_DEVICE_BIND: z
		.union([z.ipv4(), z.ipv6(), z.literal("localhost")], { error: "expected an IP address to listen on, such as 0.0.0.0" })
		.default("127.0.0.1")
		.describe("Address that the embedded device broker listens on; beyond this machine only with TLS."),
	WATCHROOM_DEVICE_TLS_CERT: z.string().optional().describe("Certificate of the embedded device broker, a PEM file; followed while the agent runs."),
	WATCHROOM_DEVICE_TLS_KEY: z.string().optional().describe("Its private key, a PEM file."),
	WATCHROOM_DEVICE_AUTH: z
		.enum(["required", "optional"])
		.optional()
		.describe(
			"Whether devices must log in: `required`, or `optional` for those alone that have a password. Unset: `optional` on this machine, `required` beyond.",
		),
	WATCHROOM_INSECURE: z
		.enum(["true", "false"])
		.default("false")
		.describe("`true`: plain text also beyond this machine. Everybody on the way reads passwords and card numbers."),
	WATCHROOM_UPLINK_PORT: port.default(1883).describe("Port of the server's broker on this machine, used when UPLINK_URL is not set."),
	UPLINK_URL: brokerUrl.optional().describe("The server's broker; mqtt://127.0.0.1:<WATCHROOM_UPLINK_PORT> when it is not set."),
	UPLINK_CA: z
		.string()
		.optional()
		.describe("For `mqtts://`: PEM file of the authority that the server's certificate is of; the public ones when it is not set."),
	UPLINK_CERT: z.string().optional().describe("The agent's certificate, a PEM file, as `watchroom agent enrol` makes it."),
	UPLINK_KEY: z.string().optional().describe("Its private key, a PEM file."),
	UPLINK_TOKEN: z.string().min(20).optional().describe("The agent's token, in place of a certificate."),
	DEVICE_BROKER_CA: z
		.string()
		.optional()
		.describe("For `mqtts://` in DEVICE_BROKER_URL: PEM file of the authority that the broker's certificate is of."),
	DEVICE_BROKER_URL: brokerUrl.optional().describe("A broker of your own that the devices talk to; the embedded one when it is not set."),
	WATCHROOM_WITNESS_WEBHOOK_URL: z
		.url({ protocol: /^https?$/, error: "expected http://... or https://..." })
		.optional()
		.describe("Gets a POST with the evidence when the server shows a rewritten ledger."),
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
	deviceBind: string;
	/** PEM files of the embedded broker; `null`: plain text. */
	deviceTls: { cert: string; key: string } | null;
	deviceAuth: "required" | "optional";
	insecure: boolean;
	/** Paths of PEM files, and the token. */
	uplinkCredentials: { ca: string | null; cert: string | null; key: string | null; token: string | null };
	deviceBrokerCa: string | null;
	/** `null`: the embedded broker. */
	deviceBrokerUrl: string | null;
	uplinkUrl: string;
	/** `null`: none. */
	witnessWebhookUrl: string | null;
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
	const uplinkUrl = env.UPLINK_URL ?? `mqtt://127.0.0.1:${env.WATCHROOM_UPLINK_PORT}`;
	const wrong = linkProblems(env, uplinkUrl);
	if (wrong.length > 0) throw new Error(`The environment is not as expected:\n${wrong.map((line) => `  ${line}`).join("\n")}`);
	const { WATCHROOM_DEVICE_TLS_CERT: cert, WATCHROOM_DEVICE_TLS_KEY: key } = env;
	return {
		agent: env.WATCHROOM_AGENT_ID,
		data: `${env.WATCHROOM_DATA}/agent-${env.WATCHROOM_AGENT_ID}`,
		devicePort: env.WATCHROOM_DEVICE_PORT,
		deviceBind: env.WATCHROOM_DEVICE_BIND,
		deviceTls: cert && key ? { cert, key } : null,
		deviceAuth: env.WATCHROOM_DEVICE_AUTH ?? (isLoopback(env.WATCHROOM_DEVICE_BIND) ? "optional" : "required"),
		insecure: env.WATCHROOM_INSECURE === "true",
		uplinkCredentials: { ca: env.UPLINK_CA ?? null, cert: env.UPLINK_CERT ?? null, key: env.UPLINK_KEY ?? null, token: env.UPLINK_TOKEN ?? null },
		deviceBrokerCa: env.DEVICE_BROKER_CA ?? null,
		deviceBrokerUrl: env.DEVICE_BROKER_URL ?? null,
		uplinkUrl,
		witnessWebhookUrl: env.WATCHROOM_WITNESS_WEBHOOK_URL ?? null,
		outboxBytes: env.WATCHROOM_OUTBOX_BYTES,
		logLevel: env.WATCHROOM_LOG_LEVEL,
	};
}

/** What doesn't go together; plain text stays on this machine unless WATCHROOM_INSECURE says otherwise. */
function linkProblems(env: z.output<typeof agentEnvironmentSchema>, uplinkUrl: string): string[] {
	const wrong: string[] = [];
	const insecure = env.WATCHROOM_INSECURE === "true";
	for (const [cert, key] of [
		["WATCHROOM_DEVICE_TLS_CERT", "WATCHROOM_DEVICE_TLS_KEY"],
		["UPLINK_CERT", "UPLINK_KEY"],
	] as const)
		if (!env[cert] !== !env[key]) wrong.push(`${env[cert] ? key : cert}: expected, certificate and key come together`);
	if (!insecure && !env.DEVICE_BROKER_URL && !env.WATCHROOM_DEVICE_TLS_CERT && !isLoopback(env.WATCHROOM_DEVICE_BIND))
		wrong.push(
			"WATCHROOM_DEVICE_BIND: listening beyond this machine takes WATCHROOM_DEVICE_TLS_CERT and WATCHROOM_DEVICE_TLS_KEY (WATCHROOM_INSECURE=true does without, in plain text)",
		);
	const { protocol, hostname } = new URL(uplinkUrl);
	if (protocol === "mqtt:" && env.UPLINK_CERT) wrong.push("UPLINK_CERT: a certificate takes mqtts:// in UPLINK_URL");
	if (!insecure && protocol === "mqtt:" && env.UPLINK_TOKEN && !isLoopback(hostname))
		wrong.push("UPLINK_TOKEN: expected mqtts:// in UPLINK_URL, a token is not sent to another machine in plain text (WATCHROOM_INSECURE=true does)");
	return wrong;
}

function isLoopback(address: string): boolean {
	return /^127(\.\d{1,3}){3}$/.test(address) || ["::1", "[::1]", "localhost"].includes(address.toLowerCase());
}

/** The reference page as Markdown: one row a variable. */
export function agentReference(): string {
	const defaults: Record<string, string | number | boolean | undefined> = agentEnvironmentSchema.parse({});
	const rows = Object.entries(agentEnvironmentSchema.shape).map(
		([name, schema]) => `| \`${name}\` | ${defaults[name] === undefined ? "unset" : `\`${String(defaults[name])}\``} | ${schema.description ?? ""} |`,
	);
	return [
		"# Configuration of an edge agent",
		"",
		"An agent reads these environment variables. It reports everything that is wrong with them at once and does not start.",
		"",
		"| variable | default | |",
		"|---|---|---|",
		...rows,
		"",
	].join("\n");
}
