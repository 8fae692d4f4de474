/** What the environment may say to the simulators. */
import { z } from "zod";

export const simulatorEnvironmentSchema = z.object({
	WATCHROOM_DATA: z.string().min(1).default("./data").describe("Everything written lives below it; the simulators' part is simulators/."),
	WATCHROOM_SITE: z.string().min(1).default("sites/demo.yaml").describe("The site file whose devices are simulated."),
	WATCHROOM_TOKEN: z
		.string()
		.min(1)
		.optional()
		.describe("Token for the server's API, for `check`; that of the demo's facility manager when it is not set."),
	WATCHROOM_DEVICE_PORT: z.coerce.number().int().min(1).max(65_535).default(1884).describe("Port of the agent's device broker on this machine."),
	DEVICE_BROKER_URL: z
		.url({ protocol: /^mqtts?$/, error: "expected mqtt://host:port or mqtts://host:port" })
		.optional()
		.describe("The device broker; mqtt://127.0.0.1:<WATCHROOM_DEVICE_PORT> when it is not set."),
});

export interface SimulatorConfig {
	/** The simulators' own folder. */
	data: string;
	site: string;
	brokerUrl: string;
	/** `null` where none is given. */
	token: string | null;
	/** Where the demo site keeps its log-ins. */
	demoLogIns: string;
}

/** Reads the environment. Throws an Error that names every wrong variable. An empty variable counts as not set. */
export function readConfig(environment: Record<string, string | undefined>): SimulatorConfig {
	const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""));
	const parsed = simulatorEnvironmentSchema.safeParse(given);
	if (!parsed.success)
		throw new Error(`The environment is wrong:\n${parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`).join("\n")}`);
	const env = parsed.data;
	return {
		data: `${env.WATCHROOM_DATA}/simulators`,
		token: env.WATCHROOM_TOKEN ?? null,
		demoLogIns: `${env.WATCHROOM_DATA}/demo-credentials.json`,
		site: env.WATCHROOM_SITE,
		brokerUrl: env.DEVICE_BROKER_URL ?? `mqtt://127.0.0.1:${env.WATCHROOM_DEVICE_PORT}`,
	};
}
