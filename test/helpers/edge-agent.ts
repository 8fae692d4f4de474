import { NODE_FLAGS } from "../../scripts/node-flags.mjs";
import { type Child, NODE, startChild } from "./child-process.ts";

/** Starts the edge agent as a process of its own. */
export function startEdgeAgent(options: { data: string; devicePort: number; uplinkUrl: string; env?: Record<string, string> }): Child {
	return startChild(NODE, [...NODE_FLAGS.agent, "edge-agent/main.ts"], {
		cwd: new URL("../..", import.meta.url).pathname,
		env: {
			WATCHROOM_DATA: options.data,
			WATCHROOM_DEVICE_PORT: String(options.devicePort),
			UPLINK_URL: options.uplinkUrl,
			...options.env,
		},
	});
}
