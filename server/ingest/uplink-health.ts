import type { HealthCheck } from "../platform/health.ts";
import type { UplinkTransport } from "./uplink-transport.ts";

/** The way to the agents, for /readyz. */
export function uplinkHealth(transport: Pick<UplinkTransport, "state">): HealthCheck {
	return {
		name: "uplink",
		check() {
			const { connected, detail } = transport.state();
			return { status: connected ? "ok" : "down", detail };
		},
	};
}
