import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Config } from "../platform/config.ts";
import type { Logger } from "../platform/logger.ts";
import type { TlsFiles } from "../platform/tls/tls-files.ts";
import { ExternalUplink } from "./external-uplink.ts";
import { UplinkBroker } from "./uplink-broker.ts";
import type { UplinkGuard } from "./uplink-guard.ts";
import type { UplinkTransport } from "./uplink-transport.ts";

/** The way to the agents: the broker of `UPLINK_URL`, else one of the server's own. Throws when a file of `UPLINK_CA` and so on can't be read. */
export function configuredUplink(config: Config, given: { tls: TlsFiles | null; guard: UplinkGuard; logger: Logger }): UplinkTransport {
	if (config.uplinkUrl === null) return new UplinkBroker({ port: config.uplinkPort, host: config.bind, ...given });
	const { ca, cert, key } = config.uplinkTls;
	return new ExternalUplink({
		url: config.uplinkUrl,
		tls: {
			...(ca !== null && { ca: readFileSync(ca) }),
			...(cert !== null && { cert: readFileSync(cert) }),
			...(key !== null && { key: readFileSync(key) }),
		},
		clientId: `watchroom-server-${hostname()}-${config.httpPort}`,
		logger: given.logger,
	});
}
