import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Child, startChild } from "./child-process.ts";
import { freePort } from "./free-port.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { waitFor } from "./wait-for.ts";

const PROGRAM = "/usr/bin/influxd";

/** Whether a real InfluxDB can run here; with `CI=true` always true, so that its absence is a failure. */
export const influxAvailable = process.env.CI === "true" || existsSync(PROGRAM);

/** A real InfluxDB 1.x server of its own: free ports, data in a temporary directory. */
export interface InfluxServer {
	port: number;
	/** `http://127.0.0.1:{port}/{database}` */
	url(database: string): string;
	pid(): number;
	/** SIGTERM, the data stays. */
	stop(): Promise<void>;
	/** SIGKILL, the data stays. */
	kill(): Promise<void>;
	/** Starts it again on the same port and data, and waits until it answers. */
	restart(): Promise<void>;
	/** Stops it and removes its data. */
	remove(): Promise<void>;
}

/** Starts InfluxDB and waits until it answers. `config` is added to the configuration file. */
export async function startInflux(config = ""): Promise<InfluxServer> {
	const directory = await temporaryDirectory("influx");
	const [port, rpc] = [await freePort(), await freePort()];
	const file = join(directory.path, "influxdb.conf");
	const path = (name: string) => JSON.stringify(join(directory.path, name));
	await writeFile(
		file,
		`reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
dir = ${path("meta")}
[data]
dir = ${path("data")}
wal-dir = ${path("wal")}
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:${port}"
log-enabled = false
[continuous_queries]
enabled = false
${config}
`,
	);
	let child: Child | null = null;
	const start = async () => {
		const started = startChild(PROGRAM, ["-config", file]);
		child = started;
		await waitFor(
			"InfluxDB to answer",
			async () => {
				if (started.process.exitCode !== null) throw new Error(`influxd ended: ${started.output()}`);
				return (await fetch(`http://127.0.0.1:${port}/ping`)).status === 204;
			},
			30_000,
		);
	};
	const end = async (signal: NodeJS.Signals) => {
		await child?.stop(signal);
		child = null;
	};
	try {
		await start();
	} catch (error) {
		await end("SIGKILL");
		await directory.remove();
		throw error;
	}
	return {
		port,
		url: (database) => `http://127.0.0.1:${port}/${database}`,
		pid: () => child?.pid ?? -1,
		stop: () => end("SIGTERM"),
		kill: () => end("SIGKILL"),
		async restart() {
			await end("SIGTERM");
			await start();
		},
		async remove() {
			await end("SIGKILL");
			await directory.remove();
		},
	};
}
